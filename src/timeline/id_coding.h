// Ids in snapshots.
//
// In memory texts, combinations, groups, schedules, interactions and customers
// are numbers that depend on history. In a snapshot each is its place in a
// sorted table of those that the snapshot needs, so equal states give equal
// bytes. A codec is therefore a template over the sink that it says things to:
// an IdMarker first, which notes what is needed and counts the bytes, then an
// IdWriter, which writes. An IdReader gives back numbers of the engine that
// reads.

#ifndef CCKPI_SRC_TIMELINE_ID_CODING_H_
#define CCKPI_SRC_TIMELINE_ID_CODING_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/base/byte_coding.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/fact.h"

namespace cckpi {

// By kind of id and number: T is a mark, or the place in the snapshot's table.
template <typename T>
struct IdLists {
  std::vector<T> texts;
  std::vector<T> combinations;
  std::vector<T> groups;
  std::vector<T> schedules;
  std::vector<T> interactions;
  std::vector<T> customers;
};

// By kind of id and place in the snapshot's table: the engine's number.
struct IdTables {
  std::vector<TextId> texts;
  std::vector<DimensionsId> combinations;
  std::vector<GroupId> groups;
  std::vector<uint16_t> schedules;
  std::vector<InteractionId> interactions;
  std::vector<CustomerId> customers;
};

class IdMarker {
 public:
  explicit IdMarker(IdLists<char>* marks) : marks_(*marks) {}

  void U8(uint8_t) { size_ += 1; }
  void U16(uint16_t) { size_ += 2; }
  void U32(uint32_t) { size_ += 4; }
  void U64(uint64_t) { size_ += 8; }
  void I32(int32_t) { size_ += 4; }
  void I64(int64_t) { size_ += 8; }
  void I128(absl::int128) { size_ += 16; }
  void Text(std::string_view text) { size_ += 4 + text.size(); }
  void Raw(std::string_view bytes) { size_ += bytes.size(); }

  void Id(TextId id) { Mark(marks_.texts, id, 4); }
  void Id(DimensionsId id) { Mark(marks_.combinations, id, 4); }
  void Id(GroupId id) { Mark(marks_.groups, id, 4); }
  void Id(InteractionId id) { Mark(marks_.interactions, id, 4); }
  void Id(CustomerId id) { Mark(marks_.customers, id, 4); }
  void Schedule(uint16_t id) { Mark(marks_.schedules, id, 2); }

  // How many bytes an IdWriter writes that is told the same.
  size_t size() const { return size_; }

 private:
  template <typename T>
  void Mark(std::vector<char>& marks, T id, size_t size) {
    size_ += size;
    const size_t index = static_cast<size_t>(id);
    if (index >= marks.size()) marks.resize(index + index / 2 + 1, 0);
    marks[index] = 1;
  }

  IdLists<char>& marks_;
  size_t size_ = 0;
};

class IdWriter : public ByteWriter {
 public:
  explicit IdWriter(const IdLists<uint32_t>* places) : places_(*places) {}

  void Id(TextId id) { U32(places_.texts[id]); }
  void Id(DimensionsId id) { U32(places_.combinations[Index(id)]); }
  void Id(GroupId id) { U32(places_.groups[Index(id)]); }
  void Id(InteractionId id) { U32(places_.interactions[Index(id)]); }
  void Id(CustomerId id) { U32(places_.customers[Index(id)]); }
  void Schedule(uint16_t id) {
    U16(static_cast<uint16_t>(places_.schedules[id]));
  }
  const IdLists<uint32_t>& places() const { return places_; }

 private:
  template <typename T>
  static size_t Index(T id) {
    return static_cast<size_t>(id);
  }

  const IdLists<uint32_t>& places_;
};

class IdReader : public ByteReader {
 public:
  IdReader(std::string_view bytes, const IdTables* tables)
      : ByteReader(bytes), tables_(*tables) {}

  TextId TextValue() { return At(tables_.texts, U32()); }
  DimensionsId Dimensions() { return At(tables_.combinations, U32()); }
  GroupId Group() { return At(tables_.groups, U32()); }
  InteractionId Interaction() { return At(tables_.interactions, U32()); }
  CustomerId Customer() { return At(tables_.customers, U32()); }
  uint16_t Schedule() { return At(tables_.schedules, U16()); }
  const IdTables& tables() const { return tables_; }

 private:
  template <typename T>
  T At(const std::vector<T>& table, size_t place) {
    if (place < table.size()) return table[place];
    Fail("names an entry that its table does not have");
    return T{};
  }

  const IdTables& tables_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_ID_CODING_H_
