// ColumnIntake: the short way in for rows of columns.
//
// Most rows become facts without an Event in between. They are read column by
// column, a block of rows at a time, so that what a column is (codes of a
// dictionary, text, integers) is asked once per block. A text of a dictionary
// is looked up once: for ever where the engine was given the dictionary, for
// the call where it lies beside the codes. Of other text the latest ones of
// each column are remembered.
//
// Reviews, surveys and forecasts, and rows in which anything is wrong, are left
// to ColumnReader.

#ifndef CCKPI_SRC_ENGINE_COLUMN_INTAKE_H_
#define CCKPI_SRC_ENGINE_COLUMN_INTAKE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/event_columns.h"
#include "src/base/text_key.h"
#include "src/engine/column_reader.h"
#include "src/engine/pending_queue.h"
#include "src/timeline/fact.h"

namespace cckpi {

// A column of texts and how the text of a row is found.
class TextSource {
 public:
  TextSource() = default;
  // Of a column that is given.
  TextSource(const TextColumn& column, const ColumnDictionaries& dictionaries)
      : column_(&column),
        integers_(column.codes.empty() && !column.integers.empty()) {
    if (column.codes.empty()) return;
    if (column.texts == nullptr) {
      own_ = dictionaries.Find(column.dictionary);
      codes_ = own_ == nullptr ? 0 : own_->ids.size();
    } else {
      codes_ = TextsIn(*column.texts);
    }
  }

  bool given() const { return column_ != nullptr; }
  const TextColumn& column() const { return *column_; }
  bool has_codes() const { return !column_->codes.empty(); }
  bool has_integers() const { return integers_; }
  // Does the column reach over `rows` rows, with a dictionary that is known?
  bool IsWhole(size_t rows) const {
    if (has_codes()) {
      return column_->codes.size() >= rows &&
             (column_->texts != nullptr || own_ != nullptr);
    }
    return integers_ ? column_->integers.size() >= rows
                     : TextsIn(*column_) >= rows;
  }
  // The dictionary of the engine that it has codes of; else nullptr.
  ColumnDictionary* own() const { return own_; }
  // Of codes: how many texts there are.
  size_t codes() const { return codes_; }

  enum class Found : uint8_t {
    kText,
    kNone,   // the dictionary has no text for the code
    kWrong,  // not in the bytes, or not in the dictionary
  };
  Found OfCode(size_t code, std::string_view* text) const;
  // The text of a row that has one, but for integers.
  Found Of(size_t row, std::string_view* text) const;

 private:
  static size_t TextsIn(const TextColumn& column) {
    const size_t offsets = column.offsets32.empty() ? column.offsets64.size()
                                                    : column.offsets32.size();
    return offsets == 0 ? 0 : offsets - 1;
  }

  const TextColumn* column_ = nullptr;
  ColumnDictionary* own_ = nullptr;
  size_t codes_ = 0;
  bool integers_ = false;
};

// One of them serves an engine for all calls, and keeps its room.
class ColumnIntake {
 public:
  // All must outlive the intake. `states` are the known agent states.
  ColumnIntake(ColumnDictionaries& dictionaries, Names& names,
               const std::vector<TextId>& states);
  ColumnIntake(const ColumnIntake&) = delete;
  ColumnIntake& operator=(const ColumnIntake&) = delete;

  // Begins with a batch, which must live until the next one. False when every
  // row has to go the long way; then no block is read.
  bool Open(const EventColumns& columns);

  // Rows are read in blocks that begin at multiples of this.
  static constexpr size_t kBlock = 128;
  void ReadBlock(size_t begin);

  // The instant of a row of the block; kNoTime when the row has to go the long
  // way.
  int64_t at_us(size_t row) const { return rows_[row - begin_].fact.at_us; }
  // A new event for `queue`, with a reference to each of its keys. Once for
  // each row of the block that is not kNoTime. Lives until the next block.
  PendingEvent& Take(size_t row, PendingQueue& queue) {
    const size_t i = row - begin_;
    // By the time it comes to that row what knows its key has come from memory.
    constexpr size_t kAhead = 16;
    if (far_ && i + kAhead < count_) {
      names_.interactions.PrefetchNumbered(
          interaction_.column().integers[row + kAhead]);
    }
    PendingEvent& event = rows_[i];
    event.fact.interaction = static_cast<InteractionId>(
        Acquire(interaction_, row, interactions_, names_.interactions));
    if (customer_.given()) {
      event.fact.customer = static_cast<CustomerId>(
          Acquire(customer_, row, customers_, names_.customers));
    }
    if (has_extras_) TakeExtra(row, queue, event);
    return event;
  }

 private:
  // What the texts of a column stand for.
  enum class Meaning : uint8_t {
    kName,     // a TextId
    kNothing,  // is only checked
    kKind,
    kActor,
    kFlags,
  };
  // A text and what it stands for.
  struct Known {
    TextKey key;
    uint32_t number = 0;
    const char* data = nullptr;
  };
  static constexpr size_t kKnown = 64;
  // A column whose texts become numbers.
  struct Field {
    TextSource source;
    Meaning meaning = Meaning::kName;
    TextId Fact::*to = nullptr;
    // By code; nullptr: the dictionary is too large for this batch.
    std::vector<uint32_t>* numbers = nullptr;
    std::vector<uint32_t> table;  // where `numbers` are of this call
    bool remembers = false;
    std::vector<Known> known;  // by a hash of the text, where it remembers
  };
  struct TagField {
    TextId name = 0;
    Field values;
    std::vector<uint32_t> block;  // the number in each row of the block
  };

  void OpenField(const TextColumn& column, Meaning meaning, Field* field) {
    if (column.given()) {
      OpenGiven(column, meaning, field);
    } else {
      field->source = TextSource();
    }
  }
  void OpenGiven(const TextColumn& column, Meaning meaning, Field* field);
  void OpenTable(Field* field);
  void OpenDimension(const TextColumn& column, Meaning meaning,
                     TextId Fact::*to) {
    if (!column.given()) return;
    Field& field = dimensions_[dimension_count_++];
    OpenGiven(column, meaning, &field);
    field.to = to;
  }
  void OpenText(const TextColumn& column, TextSource* source) {
    *source = column.given() ? TextSource(column, dictionaries_) : TextSource();
    plain_ &= !column.given() || source->IsWhole(columns_->rows);
  }
  void OpenTags();

  // What `text` stands for; kBadText when the row has to go the long way.
  uint32_t Translate(Meaning meaning, std::string_view text);
  uint32_t Remembered(Field& field, std::string_view text);
  uint32_t Resolve(Field& field, size_t row);
  uint32_t ResolveCode(Field& field, size_t code);
  // Calls `set(index in the block, number)` for each row, but drops those with
  // a text that is wrong; `absent` stands for rows without a value.
  template <typename Set>
  void ForBlock(Field& field, uint32_t absent, Set set);

  template <typename F>
  void ForGiven(const Validity& valid, F f) const;
  void ReadNumbers();
  void ReadTexts(const TextSource& source,
                 std::vector<std::string_view>* texts);
  void DropGiven(const NumberColumn<int64_t>& column,
                 std::optional<int64_t> but);
  void CheckFigures();
  void CheckReceived();
  void CheckNames();
  uint32_t Acquire(const TextSource& source, size_t row,
                   const std::vector<std::string_view>& texts,
                   KeyDictionary& keys) {
    if (!source.given()) return 0;
    if (!source.has_integers()) return keys.Acquire(texts[row - begin_]);
    if (!source.column().valid[row]) return 0;
    return keys.AcquireNumber(source.column().integers[row]);
  }
  void TakeExtra(size_t row, PendingQueue& queue, PendingEvent& event);
  void Drop(size_t i) { rows_[i].fact.at_us = kNoTime; }
  void ReadCodes(Field& field, TextId Fact::*to);

  ColumnDictionaries& dictionaries_;
  Names& names_;
  const std::vector<TextId>& states_;

  // Of the batch.
  const EventColumns* columns_ = nullptr;
  bool plain_ = false;
  bool has_extras_ = false;  // may have, as the next ones
  bool has_figures_ = false;
  Field kind_;
  Field by_;
  Field flags_;
  std::array<Field, 7> dimensions_;
  size_t dimension_count_ = 0;
  std::vector<TagField> tags_;
  std::vector<const TagColumn*> given_tags_;  // scratch
  size_t tag_count_ = 0;
  TextSource interaction_;
  TextSource customer_;
  TextSource id_;
  TextSource message_;

  // Of the block.
  size_t begin_ = 0;
  size_t count_ = 0;
  bool far_ = false;  // its interactions are numbers that are not at hand
  std::array<PendingEvent, kBlock> rows_;
  std::vector<std::string_view> interactions_;
  std::vector<std::string_view> customers_;
  std::vector<std::string_view> ids_;
  std::vector<std::string_view> messages_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_COLUMN_INTAKE_H_
