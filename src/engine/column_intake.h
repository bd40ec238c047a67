// ColumnIntake: the short way in for rows of columns.
//
// Most rows hold nothing but kind, instant, names of interaction and customer
// and dimensions. Those become facts without an Event in between, their codes
// translated once for each dictionary. A row that holds more, or in which
// anything is wrong, is left to ColumnReader.

#ifndef CCKPI_SRC_ENGINE_COLUMN_INTAKE_H_
#define CCKPI_SRC_ENGINE_COLUMN_INTAKE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/event_columns.h"
#include "src/engine/column_reader.h"
#include "src/engine/pending_queue.h"
#include "src/timeline/fact.h"

namespace cckpi {

class ColumnIntake {
 public:
  // All must outlive the intake. `states` are the known agent states.
  ColumnIntake(const EventColumns& columns, ColumnDictionaries& dictionaries,
               Names& names, const std::vector<TextId>& states);

  // Fills a fact that is as good as new, but for its keys; false when the row
  // has to go the long way.
  bool Read(size_t row, Fact* fact);
  // Fills the keys in, with a reference to each; after Read.
  void AcquireKeys(size_t row, Fact* fact);

 private:
  struct Field {
    const TextColumn* column = nullptr;
    const std::deque<std::string>* texts = nullptr;
    std::vector<TextId>* ids = nullptr;  // by code
    TextId Fact::*to = nullptr;
  };
  struct Key {
    const TextColumn* column = nullptr;
    const std::deque<std::string>* texts = nullptr;
    bool by_number = false;
  };

  void AddField(const TextColumn& column, TextId Fact::*to);
  void SetKey(const TextColumn& column, Key* key);
  // kBadText when the row has to go the long way.
  TextId Resolve(const Field& field, size_t row);
  TextId Translate(std::string_view text);
  // False when the row has to go the long way.
  bool ReadKey(const Key& key, size_t row, std::string_view* text) const;

  const EventColumns& columns_;
  ColumnDictionaries& dictionaries_;
  Names& names_;
  const std::vector<TextId>& states_;
  bool plain_ = true;
  std::array<Field, 6> fields_;
  size_t field_count_ = 0;
  Key interaction_;
  Key customer_;
  std::string_view interaction_text_;
  std::string_view customer_text_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_COLUMN_INTAKE_H_
