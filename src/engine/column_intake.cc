#include "src/engine/column_intake.h"

#include <algorithm>
#include <charconv>

#include "src/event/text_fault.h"

namespace cckpi {
namespace {

// Stand for codes that are not translated yet, and for texts that are wrong.
constexpr TextId kNewText = ColumnDictionaries::kNewText;
constexpr TextId kBadText = ColumnDictionaries::kBadText;

}  // namespace

ColumnIntake::ColumnIntake(const EventColumns& columns,
                           ColumnDictionaries& dictionaries, Names& names,
                           const std::vector<TextId>& states)
    : columns_(columns),
      dictionaries_(dictionaries),
      names_(names),
      states_(states) {
  auto reaches = [&](size_t size) { return size == 0 || size >= columns.rows; };
  plain_ = columns.at_us.values.size() >= columns.rows &&
           columns.kind.values.size() >= columns.rows &&
           columns.kind.valid.bits == nullptr && !columns.by_name.given() &&
           !columns.flag_names.given() && reaches(columns.by.values.size()) &&
           reaches(columns.flags.values.size()) &&
           !columns.received_at_us.given() && !columns.id.given() &&
           !columns.message.given() && !columns.reason.given() &&
           columns.tags.empty() && columns.errors.empty() &&
           !columns.score_micro.given() && !columns.scale_micro.given() &&
           !columns.volume_micro.given() && !columns.interval_s.given();
  if (!plain_) return;
  AddField(columns.channel, &Fact::channel);
  AddField(columns.source, &Fact::source);
  AddField(columns.team, &Fact::team);
  AddField(columns.agent, &Fact::agent);
  AddField(columns.priority, &Fact::priority);
  AddField(columns.state, &Fact::state);
  SetKey(columns.interaction, &interaction_);
  SetKey(columns.customer, &customer_);
}

void ColumnIntake::AddField(const TextColumn& column, TextId Fact::*to) {
  if (!column.given()) return;
  Field& field = fields_[field_count_++];
  field.column = &column;
  field.to = to;
  if (column.codes.empty()) return;
  // Of a dictionary beside the codes nothing is remembered: the long way.
  if (column.texts != nullptr) {
    plain_ = false;
    return;
  }
  field.texts = dictionaries_.Find(column.dictionary);
  field.ids = dictionaries_.Translation(column.dictionary);
  if (field.texts == nullptr) plain_ = false;
}

void ColumnIntake::SetKey(const TextColumn& column, Key* key) {
  if (!column.given()) return;
  key->column = &column;
  key->by_number = !column.integers.empty() && column.codes.empty();
  if (column.codes.empty()) return;
  key->texts =
      column.texts == nullptr ? dictionaries_.Find(column.dictionary) : nullptr;
  if (key->texts == nullptr) plain_ = false;
}

TextId ColumnIntake::Translate(std::string_view text) {
  if (text.empty()) return 0;
  return TextFault(text).empty() ? names_.texts.Intern(text) : kBadText;
}

namespace {

// The text of a row with offsets; false where the offsets are wrong.
bool Cut(const TextColumn& column, size_t row, std::string_view* text) {
  auto cut = [&](auto offsets) {
    if (row + 1 >= offsets.size()) return false;
    auto from = offsets[row];
    auto to = offsets[row + 1];
    if (from < 0 || to < from ||
        static_cast<uint64_t>(to) > column.bytes.size()) {
      return false;
    }
    *text = column.bytes.substr(static_cast<size_t>(from),
                                static_cast<size_t>(to - from));
    return true;
  };
  return column.offsets32.empty() ? cut(column.offsets64)
                                  : cut(column.offsets32);
}

}  // namespace

TextId ColumnIntake::Resolve(const Field& field, size_t row) {
  const TextColumn& column = *field.column;
  if (!column.valid[row]) return 0;
  if (field.ids != nullptr) {
    if (row >= column.codes.size()) return kBadText;
    size_t code = column.codes[row];
    if (code >= field.texts->size()) return kBadText;
    TextId& id = (*field.ids)[code];
    if (id == kNewText) id = Translate((*field.texts)[code]);
    return id;
  }
  if (!column.integers.empty()) {
    if (row >= column.integers.size()) return kBadText;
    char digits[24];
    char* end =
        std::to_chars(digits, digits + sizeof(digits), column.integers[row])
            .ptr;
    return names_.texts.Intern(
        std::string_view(digits, static_cast<size_t>(end - digits)));
  }
  std::string_view text;
  return Cut(column, row, &text) ? Translate(text) : kBadText;
}

bool ColumnIntake::ReadKey(const Key& key, size_t row,
                           std::string_view* text) const {
  *text = {};
  if (key.column == nullptr || !key.column->valid[row]) return true;
  const TextColumn& column = *key.column;
  if (key.by_number) return row < column.integers.size();
  if (key.texts != nullptr) {
    if (row >= column.codes.size() || column.codes[row] >= key.texts->size()) {
      return false;
    }
    *text = (*key.texts)[column.codes[row]];
  } else if (!Cut(column, row, text)) {
    return false;
  }
  return TextFault(*text).empty();
}

bool ColumnIntake::Read(size_t row, Fact* fact) {
  if (!plain_) return false;
  uint8_t kind = columns_.kind.values[row];
  fact->kind = static_cast<EventKind>(kind);
  if (kind > static_cast<uint8_t>(EventKind::kAgentState) ||
      fact->kind == EventKind::kReviewed ||
      fact->kind == EventKind::kSurveyed || !columns_.at_us.valid[row]) {
    return false;
  }
  fact->at_us = columns_.at_us.values[row];
  if (fact->at_us < kEarliestTime || fact->at_us >= kLatestTime) return false;
  if (columns_.by.given() && columns_.by.valid[row]) {
    fact->by = static_cast<Actor>(columns_.by.values[row]);
    if (fact->by > Actor::kSystem) return false;
  }
  if (columns_.flags.given() && columns_.flags.valid[row]) {
    fact->flags = columns_.flags.values[row];
    if ((fact->flags & ~kAllFlags) != 0) return false;
  }
  for (size_t f = 0; f < field_count_; ++f) {
    TextId id = Resolve(fields_[f], row);
    if (id == kBadText) return false;
    fact->*fields_[f].to = id;
  }
  if (!ReadKey(interaction_, row, &interaction_text_) ||
      !ReadKey(customer_, row, &customer_text_)) {
    return false;
  }
  if (fact->kind == EventKind::kAgentState) {
    return fact->agent != 0 && std::find(states_.begin(), states_.end(),
                                         fact->state) != states_.end();
  }
  bool named = interaction_.column != nullptr &&
               interaction_.column->valid[row] &&
               (interaction_.by_number || !interaction_text_.empty());
  return named && (fact->agent != 0 || !NamesAgent(fact->kind));
}

void ColumnIntake::AcquireKeys(size_t row, Fact* fact) {
  auto acquire = [row](const Key& key, std::string_view text,
                       KeyDictionary& keys) {
    if (key.column == nullptr || !key.column->valid[row]) return uint32_t{0};
    return key.by_number ? keys.AcquireNumber(key.column->integers[row])
                         : keys.Acquire(text);
  };
  fact->interaction = static_cast<InteractionId>(
      acquire(interaction_, interaction_text_, names_.interactions));
  fact->customer = static_cast<CustomerId>(
      acquire(customer_, customer_text_, names_.customers));
}

}  // namespace cckpi
