// ColumnReader: the rows of EventColumns as events.

#ifndef CCKPI_SRC_ENGINE_COLUMN_READER_H_
#define CCKPI_SRC_ENGINE_COLUMN_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/event_columns.h"
#include "cckpi/event/event.h"

namespace cckpi {

// A dictionary that an engine was given.
struct ColumnDictionary {
  std::deque<std::string> texts;  // by code
  // What the engine calls them, as far as it was asked for. As many as texts.
  static constexpr uint32_t kNewText = 0xFFFFFFFF;  // not asked for yet
  static constexpr uint32_t kBadText = 0xFFFFFFFE;  // may not be in an event
  std::vector<uint32_t> ids;
};

class ColumnDictionaries {
 public:
  DictionaryId Add(std::span<const std::string_view> texts);
  // False for a dictionary that was not added.
  bool Extend(DictionaryId dictionary, std::span<const std::string_view> texts);

  // Nullptr for a dictionary that was not added.
  ColumnDictionary* Find(DictionaryId dictionary) const {
    const size_t index = static_cast<size_t>(dictionary);
    return index == 0 || index > dictionaries_.size()
               ? nullptr
               : dictionaries_[index - 1].get();
  }

 private:
  std::vector<std::unique_ptr<ColumnDictionary>> dictionaries_;
};

// One of them serves an engine for all calls, and keeps its room.
class ColumnReader {
 public:
  // Must outlive the reader.
  explicit ColumnReader(const ColumnDictionaries& dictionaries)
      : dictionaries_(dictionaries) {}

  // Begins with a batch, which must live until the next one.
  void Open(const EventColumns& columns) { columns_ = &columns; }

  // The event of a row; it lives until the next call. What is wrong with the
  // columns themselves goes into `*fault`, which is empty otherwise.
  const Event& Read(size_t row, std::string* fault);

 private:
  // The text of a row, in `*text`; false where there is none, or a fault.
  bool ReadText(const TextColumn& column, std::string_view name, size_t row,
                std::string_view* text);
  bool ReadUtf8(const TextColumn& column, std::string_view name, size_t row,
                std::string_view* text);
  template <typename T>
  bool ReadNumber(const NumberColumn<T>& column, std::string_view name,
                  size_t row, T* value);
  void Fail(std::string_view name, std::string_view reason);

  const EventColumns* columns_ = nullptr;
  const ColumnDictionaries& dictionaries_;
  Event event_;
  std::vector<Tag> tags_;
  std::vector<ErrorCount> errors_;
  std::deque<std::string> integer_texts_;  // of this row
  size_t integers_used_ = 0;
  std::string* fault_ = nullptr;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_COLUMN_READER_H_
