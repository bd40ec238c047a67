#include "src/engine/column_intake.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include "src/event/event_rules.h"

namespace cckpi {
namespace {

// Stand for codes that are not translated yet, for texts that are wrong, and
// for rows without a text.
constexpr uint32_t kNewText = ColumnDictionary::kNewText;
constexpr uint32_t kBadText = ColumnDictionary::kBadText;
constexpr uint32_t kNoText = 0xFFFFFFFD;

// With so many interactions they are no longer in the caches.
constexpr size_t kFar = 32'768;

// A decimal text and the room for it.
struct Digits {
  explicit Digits(int64_t number)
      : end(std::to_chars(bytes, bytes + sizeof(bytes), number).ptr) {}
  Digits(const Digits&) = delete;
  Digits& operator=(const Digits&) = delete;

  std::string_view text() const {
    return {bytes, static_cast<size_t>(end - bytes)};
  }

  char bytes[24];
  const char* end;
};

// The integer of a row where the column has them, else 0.
int64_t NumberIn(const TextSource& source, size_t row) {
  return source.given() && source.has_integers() ? source.column().integers[row]
                                                 : 0;
}

// The text of a row with offsets; false where the offsets are wrong.
bool Cut(const TextColumn& column, size_t row, std::string_view* text) {
  auto cut = [&](auto offsets) {
    auto from = offsets[row];
    auto to = offsets[row + 1];
    if (from < 0 || to < from ||
        static_cast<uint64_t>(to) > column.bytes.size()) {
      return false;
    }
    *text = {column.bytes.data() + from, static_cast<size_t>(to - from)};
    return true;
  };
  return column.offsets32.empty() ? cut(column.offsets64)
                                  : cut(column.offsets32);
}

}  // namespace

TextSource::Found TextSource::OfCode(size_t code,
                                     std::string_view* text) const {
  if (own_ != nullptr) {
    *text = own_->texts[code];
    return Found::kText;
  }
  const TextColumn& texts = *column_->texts;
  if (!texts.valid[code]) return Found::kNone;
  return Cut(texts, code, text) ? Found::kText : Found::kWrong;
}

TextSource::Found TextSource::Of(size_t row, std::string_view* text) const {
  if (!has_codes()) {
    return Cut(*column_, row, text) ? Found::kText : Found::kWrong;
  }
  const size_t code = column_->codes[row];
  return code < codes_ ? OfCode(code, text) : Found::kWrong;
}

ColumnIntake::ColumnIntake(ColumnDictionaries& dictionaries, Names& names,
                           const std::vector<TextId>& states)
    : dictionaries_(dictionaries), names_(names), states_(states) {}

bool ColumnIntake::Open(const EventColumns& columns) {
  columns_ = &columns;
  dimension_count_ = 0;
  tag_count_ = 0;
  auto whole = [&](const auto& column) {
    return !column.given() || column.values.size() >= columns.rows;
  };
  // Either numbers or names; and every column as long as the batch.
  plain_ = columns.at_us.given() && whole(columns.at_us) &&
           whole(columns.received_at_us) && whole(columns.kind) &&
           columns.kind.given() != columns.kind_name.given() &&
           whole(columns.by) &&
           !(columns.by.given() && columns.by_name.given()) &&
           whole(columns.flags) &&
           !(columns.flags.given() && columns.flag_names.given()) &&
           whole(columns.score_micro) && whole(columns.scale_micro) &&
           whole(columns.volume_micro) && whole(columns.interval_s);
  has_figures_ = columns.score_micro.given() || columns.scale_micro.given() ||
                 columns.volume_micro.given() || columns.interval_s.given() ||
                 !columns.errors.empty();
  for (const ErrorColumn& error : columns.errors) plain_ &= whole(error.counts);
  if (!plain_) return false;
  OpenField(columns.kind_name, Meaning::kKind, &kind_);
  OpenField(columns.by_name, Meaning::kActor, &by_);
  OpenField(columns.flag_names, Meaning::kFlags, &flags_);
  OpenDimension(columns.channel, Meaning::kName, &Fact::channel);
  OpenDimension(columns.source, Meaning::kName, &Fact::source);
  OpenDimension(columns.team, Meaning::kName, &Fact::team);
  OpenDimension(columns.agent, Meaning::kName, &Fact::agent);
  OpenDimension(columns.priority, Meaning::kName, &Fact::priority);
  OpenDimension(columns.state, Meaning::kName, &Fact::state);
  OpenDimension(columns.reason, Meaning::kNothing, nullptr);
  if (!columns.tags.empty()) OpenTags();
  OpenText(columns.interaction, &interaction_);
  OpenText(columns.customer, &customer_);
  OpenText(columns.id, &id_);
  OpenText(columns.message, &message_);
  has_extras_ = id_.given() || message_.given() || tag_count_ > 0 ||
                columns.received_at_us.given();
  return plain_;
}

void ColumnIntake::OpenGiven(const TextColumn& column, Meaning meaning,
                             Field* field) {
  field->source = TextSource(column, dictionaries_);
  field->meaning = meaning;
  field->numbers = nullptr;
  field->remembers = false;
  plain_ &= field->source.IsWhole(columns_->rows);
  ColumnDictionary* own = field->source.own();
  if (own != nullptr && meaning == Meaning::kName) {
    field->numbers = &own->ids;
  } else if (plain_) {
    OpenTable(field);
  }
}

// What texts stand for, for this batch.
void ColumnIntake::OpenTable(Field* field) {
  const TextSource& source = field->source;
  if (source.has_codes() && source.codes() <= 4 * columns_->rows + 64) {
    field->table.assign(source.codes(), kNewText);
    field->numbers = &field->table;
    return;
  }
  if (columns_->rows < kKnown) return;
  field->remembers = true;
  field->known.assign(kKnown, Known());
}

void ColumnIntake::OpenTags() {
  std::vector<const TagColumn*>& tags = given_tags_;
  tags.clear();
  for (const TagColumn& tag : columns_->tags) {
    if (tag.values.given()) tags.push_back(&tag);
  }
  std::sort(
      tags.begin(), tags.end(),
      [](const TagColumn* a, const TagColumn* b) { return a->name < b->name; });
  for (size_t t = 0; t < tags.size(); ++t) {
    const std::string_view name = tags[t]->name;
    plain_ &= !name.empty() && TextFault(name).empty() &&
              (t == 0 || tags[t - 1]->name != name);
  }
  if (!plain_) return;
  if (tags_.size() < tags.size()) tags_.resize(tags.size());
  for (const TagColumn* tag : tags) {
    TagField& field = tags_[tag_count_++];
    field.name = names_.texts.Intern(tag->name);
    OpenField(tag->values, Meaning::kName, &field.values);
  }
}

uint32_t ColumnIntake::Translate(Meaning meaning, std::string_view text) {
  switch (meaning) {
    case Meaning::kName:
      if (text.empty()) return 0;
      return TextFault(text).empty() ? names_.texts.Intern(text) : kBadText;
    case Meaning::kNothing:
      return TextFault(text).empty() ? 0 : kBadText;
    case Meaning::kKind: {
      const std::optional<EventKind> kind = ParseEventKind(text);
      return kind ? static_cast<uint32_t>(*kind) : kBadText;
    }
    case Meaning::kActor: {
      if (text.empty()) return 0;
      const std::optional<Actor> actor = ParseActor(text);
      return actor ? static_cast<uint32_t>(*actor) : kBadText;
    }
    case Meaning::kFlags:
      break;
  }
  uint32_t flags = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty()) continue;
    const uint8_t flag = ParseMessageFlag(name);
    if (flag == 0) return kBadText;
    flags |= flag;
  }
  return flags;
}

uint32_t ColumnIntake::Remembered(Field& field, std::string_view text) {
  if (!field.remembers || text.empty() || text.size() > kMaxTextBytes) {
    return Translate(field.meaning, text);
  }
  const TextKey key(text);
  Known& known = field.known[key.Place<kKnown>()];
  if (known.key == key &&
      (text.size() <= TextKey::kWhole ||
       std::memcmp(known.data, text.data(), text.size()) == 0)) {
    return known.number;
  }
  const uint32_t number = Translate(field.meaning, text);
  known = {key, number, text.data()};
  return number;
}

uint32_t ColumnIntake::Resolve(Field& field, size_t row) {
  const TextSource& source = field.source;
  if (source.has_integers()) {
    return Translate(field.meaning,
                     Digits(source.column().integers[row]).text());
  }
  std::string_view text;
  switch (source.Of(row, &text)) {
    case TextSource::Found::kText:
      return Remembered(field, text);
    case TextSource::Found::kNone:
      return kNoText;
    case TextSource::Found::kWrong:
      break;
  }
  return kBadText;
}

uint32_t ColumnIntake::ResolveCode(Field& field, size_t code) {
  std::vector<uint32_t>& numbers = *field.numbers;
  if (code >= numbers.size()) return kBadText;
  if (numbers[code] != kNewText) return numbers[code];
  uint32_t number = kBadText;
  std::string_view text;
  switch (field.source.OfCode(code, &text)) {
    case TextSource::Found::kText:
      number = Translate(field.meaning, text);
      break;
    case TextSource::Found::kNone:
      number = kNoText;
      break;
    case TextSource::Found::kWrong:
      break;
  }
  numbers[code] = number;
  return number;
}

template <typename Set>
void ColumnIntake::ForBlock(Field& field, uint32_t absent, Set set) {
  const TextColumn& column = field.source.column();
  const Validity valid = column.valid;
  const auto settle = [&](size_t i, uint32_t number) {
    if (number == kBadText) {
      Drop(i);
    } else {
      set(i, number == kNoText ? absent : number);
    }
  };
  if (field.numbers == nullptr) {
    for (size_t i = 0; i < count_; ++i) {
      settle(i, valid[begin_ + i] ? Resolve(field, begin_ + i) : kNoText);
    }
    return;
  }
  const uint32_t* codes = column.codes.data() + begin_;
  const uint32_t* numbers = field.numbers->data();
  const size_t size = field.numbers->size();
  for (size_t i = 0; i < count_; ++i) {
    if (valid.bits != nullptr && !valid[begin_ + i]) {
      settle(i, kNoText);
      continue;
    }
    const size_t code = codes[i];
    if (code < size && numbers[code] < kNoText) {
      set(i, numbers[code]);
    } else {
      settle(i, ResolveCode(field, code));
    }
  }
}

// ForBlock for what most columns are.
void ColumnIntake::ReadCodes(Field& field, TextId Fact::*to) {
  const TextColumn& column = field.source.column();
  if (column.valid.bits != nullptr) {
    ForBlock(field, 0, [this, to](size_t i, uint32_t number) {
      rows_[i].fact.*to = number;
    });
    return;
  }
  const uint32_t* const codes = column.codes.data() + begin_;
  const uint32_t* const numbers = field.numbers->data();
  const size_t size = field.numbers->size();
  const size_t count = count_;
  PendingEvent* const rows = rows_.data();
  for (size_t i = 0; i < count; ++i) {
    uint32_t number = kBadText;
    if (codes[i] < size) number = numbers[codes[i]];
    if (number >= kNoText) {
      number = ResolveCode(field, codes[i]);
      if (number == kBadText) Drop(i);
      if (number >= kNoText) number = 0;
    }
    rows[i].fact.*to = number;
  }
}

void ColumnIntake::ReadBlock(size_t begin) {
  begin_ = begin;
  count_ = std::min(kBlock, columns_->rows - begin);
  far_ = interaction_.given() && interaction_.has_integers() &&
         names_.interactions.bound() > kFar;
  if (far_) {
    for (size_t i = 0; i < count_; ++i) {
      names_.interactions.PrefetchNumber(
          interaction_.column().integers[begin_ + i]);
    }
  }
  ReadNumbers();
  for (size_t d = 0; d < dimension_count_; ++d) {
    Field& field = dimensions_[d];
    if (TextId Fact::*to = field.to; to != nullptr) {
      if (field.numbers != nullptr) {
        ReadCodes(field, to);
        continue;
      }
      ForBlock(field, 0, [this, to](size_t i, uint32_t number) {
        rows_[i].fact.*to = number;
      });
    } else {
      ForBlock(field, 0, [](size_t, uint32_t) {});
    }
  }
  for (size_t t = 0; t < tag_count_; ++t) {
    TagField& tag = tags_[t];
    tag.block.assign(count_, kNoText);
    ForBlock(tag.values, kNoText,
             [&tag](size_t i, uint32_t number) { tag.block[i] = number; });
  }
  if (interaction_.given()) ReadTexts(interaction_, &interactions_);
  if (customer_.given()) ReadTexts(customer_, &customers_);
  if (id_.given()) ReadTexts(id_, &ids_);
  if (message_.given()) ReadTexts(message_, &messages_);
  if (has_figures_) CheckFigures();
  if (columns_->received_at_us.given()) CheckReceived();
  CheckNames();
}

// Calls `f(index in the block)` for the rows that have a value.
template <typename F>
void ColumnIntake::ForGiven(const Validity& valid, F f) const {
  const size_t count = count_;
  if (valid.bits == nullptr) {
    for (size_t i = 0; i < count; ++i) f(i);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    if (valid[begin_ + i]) f(i);
  }
}

// A row is dropped by taking its instant away, so that comes first.
void ColumnIntake::ReadNumbers() {
  std::fill_n(rows_.begin(), count_, PendingEvent());
  const int64_t* at_us = columns_->at_us.values.data() + begin_;
  ForGiven(columns_->at_us.valid, [this, at_us](size_t i) {
    rows_[i].fact.at_us = IsAcceptedInstant(at_us[i]) ? at_us[i] : kNoTime;
  });
  const auto numbers = [this](const NumberColumn<uint8_t>& column, auto set) {
    const uint8_t* values = column.values.data() + begin_;
    ForGiven(column.valid, [=](size_t i) { set(i, values[i]); });
  };
  const auto set_kind = [this](size_t i, uint32_t kind) {
    rows_[i].fact.kind = static_cast<EventKind>(kind);
    if (kind > static_cast<uint32_t>(EventKind::kAgentState)) Drop(i);
  };
  const auto set_by = [this](size_t i, uint32_t by) {
    rows_[i].fact.by = static_cast<Actor>(by);
    if (by > static_cast<uint32_t>(Actor::kSystem)) Drop(i);
  };
  const auto set_flags = [this](size_t i, uint32_t flags) {
    rows_[i].fact.flags = static_cast<uint8_t>(flags);
    if ((flags & ~uint32_t{kAllFlags}) != 0) Drop(i);
  };
  if (kind_.source.given()) {
    ForBlock(kind_, kBadText, set_kind);
  } else {
    numbers(columns_->kind, set_kind);
    for (size_t i = 0; columns_->kind.valid.bits != nullptr && i < count_;
         ++i) {
      if (!columns_->kind.valid[begin_ + i]) Drop(i);
    }
  }
  if (by_.source.given()) {
    ForBlock(by_, 0, set_by);
  } else if (columns_->by.given()) {
    numbers(columns_->by, set_by);
  }
  if (flags_.source.given()) {
    ForBlock(flags_, 0, set_flags);
  } else if (columns_->flags.given()) {
    numbers(columns_->flags, set_flags);
  }
}

void ColumnIntake::ReadTexts(const TextSource& source,
                             std::vector<std::string_view>* texts) {
  if (source.has_integers()) return;
  texts->assign(count_, {});
  const Validity valid = source.column().valid;
  for (size_t i = 0; i < count_; ++i) {
    if (!valid[begin_ + i]) continue;
    std::string_view& text = (*texts)[i];
    if (source.Of(begin_ + i, &text) == TextSource::Found::kWrong ||
        !TextFault(text).empty()) {
      Drop(i);
    }
  }
}

// Drops the rows that have a value, or have one beside `but`.
void ColumnIntake::DropGiven(const NumberColumn<int64_t>& column,
                             std::optional<int64_t> but) {
  if (!column.given()) return;
  for (size_t i = 0; i < count_; ++i) {
    if (column.valid[begin_ + i] && column.values[begin_ + i] != but) Drop(i);
  }
}

void ColumnIntake::CheckFigures() {
  DropGiven(columns_->score_micro, std::nullopt);
  DropGiven(columns_->scale_micro, std::nullopt);
  DropGiven(columns_->volume_micro, std::nullopt);
  DropGiven(columns_->interval_s, 0);  // an interval of 0 is none
  for (const ErrorColumn& error : columns_->errors) {
    DropGiven(error.counts, std::nullopt);
  }
}

void ColumnIntake::CheckReceived() {
  const NumberColumn<int64_t>& received = columns_->received_at_us;
  for (size_t i = 0; i < count_; ++i) {
    const int64_t at_us = received.values[begin_ + i];
    if (received.valid[begin_ + i] && at_us != kNoTime &&
        !IsAcceptedInstant(at_us)) {
      Drop(i);
    }
  }
}

// What each kind has to name.
void ColumnIntake::CheckNames() {
  const bool given = interaction_.given();
  const bool integers = given && interaction_.has_integers();
  const Validity valid = integers ? interaction_.column().valid : Validity();
  for (size_t i = 0; i < count_; ++i) {
    const Fact& fact = rows_[i].fact;
    if (fact.at_us == kNoTime) continue;
    const KindSet kind = SetOf(fact.kind);
    if ((kind & kOfNoInteraction) != 0) {
      if (fact.agent == 0 || std::find(states_.begin(), states_.end(),
                                       fact.state) == states_.end()) {
        Drop(i);
      }
      continue;
    }
    const bool named =
        integers ? valid[begin_ + i] : given && !interactions_[i].empty();
    if (!named || (kind & kHasFigures) != 0 ||
        (fact.agent == 0 && (kind & kNamesAgent) != 0)) {
      Drop(i);
    }
  }
}

void ColumnIntake::TakeExtra(size_t row, PendingQueue& queue,
                             PendingEvent& event) {
  const size_t i = row - begin_;
  if (id_.given() || message_.given()) {
    const Digits id_digits(NumberIn(id_, row));
    const Digits message_digits(NumberIn(message_, row));
    const auto text = [&](const TextSource& source, const Digits& digits,
                          const std::vector<std::string_view>& texts) {
      if (!source.given()) return std::string_view();
      if (!source.has_integers()) return texts[i];
      return source.column().valid[row] ? digits.text() : std::string_view();
    };
    const std::string_view id = text(id_, id_digits, ids_);
    const std::string_view message = text(message_, message_digits, messages_);
    if (!id.empty() || !message.empty()) {
      queue.Extra(event).SetTexts(id, message);
    }
  }
  if (const auto& received = columns_->received_at_us;
      received.given() && received.valid[row] &&
      received.values[row] != kNoTime) {
    queue.Extra(event).received_at_us = received.values[row];
  }
  for (size_t t = 0; t < tag_count_; ++t) {
    const TagField& tag = tags_[t];
    if (tag.block[i] == kNoText) continue;
    queue.Extra(event).tags.push_back({tag.name, tag.block[i]});
  }
}

}  // namespace cckpi
