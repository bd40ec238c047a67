// Events out of foreign logs, by a mapping.

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/base/dictionary.h"
#include "cckpi/base/status_macros.h"
#include "src/io/mapping_plan.h"
#include "src/io/readers.h"
#include "src/io/row_source.h"
#include "src/io/stream_reader.h"

namespace cckpi {
namespace {

// Who wrote the first row of each interaction.
class RoleTable {
 public:
  std::string_view Role(std::string_view interaction, std::string_view actor) {
    if (interaction.empty() || actor.empty()) return {};
    uint32_t key = interactions_.Intern(interaction);
    uint32_t who = actors_.Intern(actor);
    if (key >= first_.size()) first_.resize(key + 1, 0);
    if (first_[key] == 0) first_[key] = who;
    return first_[key] == who ? "first" : "other";
  }

 private:
  Dictionary interactions_;
  Dictionary actors_;
  std::vector<uint32_t> first_;  // by interaction; 0 is nobody yet
};

// Which thread a row belongs to, from ids and parent ids. The thread bears
// the id of the row of it that came first in the log, and rows may come
// before or after the ones that they answer.
class ThreadTable {
 public:
  std::string_view Thread(std::string_view id, std::string_view parent) {
    if (id.empty()) return {};
    uint32_t row = ids_.Intern(id);
    uint32_t above = ids_.Intern(parent);  // 0 for none
    size_t needed = std::max(row, above) + size_t{1};
    if (threads_.size() < needed) threads_.resize(needed, 0);
    uint32_t thread = threads_[row];
    if (thread == 0) thread = threads_[above];
    if (thread == 0) thread = row;
    threads_[row] = thread;
    if (above != 0 && threads_[above] == 0) threads_[above] = thread;
    return ids_.Text(thread);
  }

 private:
  Dictionary ids_;
  std::vector<uint32_t> threads_;  // by id; threads_[0] stays 0
};

class MappedReader : public StreamReader {
 public:
  MappedReader(std::unique_ptr<InputBuffer> input, std::string name,
               std::shared_ptr<const Mapping> mapping)
      : StreamReader(std::move(input), std::move(name)),
        mapping_(std::move(mapping)),
        plan_(mapping_->plan()),
        values_(plan_.columns.size()) {}

  absl::Status Open(EventFormat format, char delimiter,
                    size_t max_record_bytes) {
    if (format != EventFormat::kCsv) {
      rows_ = MakeJsonRows(input(), max_record_bytes, plan_);
      return absl::OkStatus();
    }
    if (plan_.delimiter != '\0') delimiter = plan_.delimiter;
    auto rows = MakeCsvRows(input(), delimiter, max_record_bytes, plan_);
    if (!rows.ok()) {
      return absl::Status(rows.status().code(),
                          absl::StrCat(this->name(), ": line 1: ",
                                       std::string(rows.status().message())));
    }
    rows_ = *std::move(rows);
    return absl::OkStatus();
  }

 private:
  bool ReadRecord(EventBatch* batch) override;
  int64_t line() const override { return rows_->line(); }

  void SetPseudoColumns();
  bool Holds(const Condition& condition) const;
  bool AllHold(const std::vector<Condition>& conditions) const {
    return std::all_of(conditions.begin(), conditions.end(),
                       [this](const Condition& c) { return Holds(c); });
  }
  std::string_view Value(const ValueSpec& spec);
  bool SetTime(const FieldSpec& spec, std::string_view text);
  bool SetFields(const EventSpec& spec);
  void Emit(const EventSpec& spec, EventBatch* batch);

  std::shared_ptr<const Mapping> mapping_;
  const Mapping::Plan& plan_;
  std::unique_ptr<RowSource> rows_;
  std::vector<std::string_view> values_;  // of the row, by column
  RoleTable roles_;
  ThreadTable threads_;
  TextArena scratch_;  // texts put together, for one row
};

void MappedReader::SetPseudoColumns() {
  char* text = scratch_.Allocate(20);
  auto end = std::to_chars(text, text + 20, rows_->line()).ptr;
  values_[kRowColumn] = {text, static_cast<size_t>(end - text)};
  if (plan_.thread_id.has_value()) {
    values_[kThreadColumn] = threads_.Thread(values_[*plan_.thread_id],
                                             values_[*plan_.thread_parent]);
  }
  if (plan_.role_actor.has_value()) {
    values_[kRoleColumn] = roles_.Role(values_[*plan_.role_interaction],
                                       values_[*plan_.role_actor]);
  }
}

bool MappedReader::Holds(const Condition& condition) const {
  std::string_view text = values_[condition.column];
  bool holds = condition.test == Condition::Test::kEmpty && text.empty();
  for (const std::string& value : condition.values) {
    holds |= condition.test == Condition::Test::kPrefix
                 ? text.starts_with(value)
                 : text == value;
  }
  return holds != condition.negated;
}

std::string_view MappedReader::Value(const ValueSpec& spec) {
  std::string_view text = spec.constant;
  for (size_t column : spec.columns) {
    text = values_[column];
    if (!text.empty()) break;
  }
  if (!spec.values.empty()) {
    if (auto found = spec.values.find(text); found != spec.values.end()) {
      text = found->second;
    } else if (spec.otherwise.has_value()) {
      text = *spec.otherwise;
    }
  } else if (text.empty() && spec.otherwise.has_value()) {
    text = *spec.otherwise;
  }
  if (text.empty() || (spec.prefix.empty() && spec.suffix.empty())) {
    return text;
  }
  size_t size = spec.prefix.size() + text.size() + spec.suffix.size();
  char* joined = scratch_.Allocate(size);
  char* out = joined;
  for (std::string_view part :
       {std::string_view(spec.prefix), text, std::string_view(spec.suffix)}) {
    out = std::copy(part.begin(), part.end(), out);
  }
  return {joined, size};
}

bool MappedReader::SetTime(const FieldSpec& spec, std::string_view text) {
  Event& event = builder()->event();
  int64_t& at_us =
      spec.field == Field::kAt ? event.at_us : event.received_at_us;
  std::optional<int64_t> parsed = spec.time.Parse(text);
  if (!parsed.has_value()) {
    return builder()->Fail(
        spec.field,
        absl::StrCat(QuoteShort(text), " is not ", spec.time.name()));
  }
  if (!spec.plus_column.has_value()) {
    at_us = *parsed;
    return true;
  }
  std::string_view more = values_[*spec.plus_column];
  if (more.empty()) return true;  // no time to add: no such instant
  std::optional<int64_t> micro = ParseMicro(more);
  if (!micro.has_value()) {
    return builder()->Fail(spec.field,
                           absl::StrCat(QuoteShort(more), " is not a number"));
  }
  absl::int128 sum = absl::int128(*micro) * spec.plus_unit_us / kSecond;
  sum += *parsed;
  if (sum < kEarliestTime || sum >= kLatestTime) {
    return builder()->Fail(
        spec.field, absl::StrCat(QuoteShort(more), " leads to no usable time"));
  }
  at_us = static_cast<int64_t>(sum);
  return true;
}

// `at` comes first in a plan, so an event without a time is known at once.
bool MappedReader::SetFields(const EventSpec& spec) {
  for (const FieldSpec& field : spec.fields) {
    std::string_view text = Value(field.value);
    bool is_time =
        field.field == Field::kAt || field.field == Field::kReceivedAt;
    if (!is_time) {
      if (!builder()->Set(field.field, text, field.name)) return false;
      continue;
    }
    if (!text.empty() && !SetTime(field, text)) return false;
    if (field.field == Field::kAt && spec.needs_time &&
        builder()->event().at_us == kNoTime) {
      return true;
    }
  }
  return true;
}

void MappedReader::Emit(const EventSpec& spec, EventBatch* batch) {
  builder()->Start();
  builder()->AddFlags(spec.flags);
  if (spec.fixed_kind) builder()->SetKind(spec.kind);
  if (!SetFields(spec)) {
    builder()->Refuse(rows_->line(), batch);
    return;
  }
  if (spec.needs_time && builder()->event().at_us == kNoTime) return;
  builder()->Commit(rows_->line(), batch);
}

bool MappedReader::ReadRecord(EventBatch* batch) {
  builder()->Start();
  std::string reason;
  switch (rows_->Next(values_, &reason)) {
    case RowSource::Outcome::kEnd:
      return false;
    case RowSource::Outcome::kNoMemory:
      return BreakForMemory();
    case RowSource::Outcome::kBlank:
      return true;
    case RowSource::Outcome::kRefused:
      builder()->Refuse(rows_->line(), std::move(reason), batch);
      return true;
    case RowSource::Outcome::kRow:
      break;
  }
  scratch_.Clear();
  SetPseudoColumns();
  for (const MappingRule& rule : plan_.rules) {
    if (!AllHold(rule.when)) continue;
    for (const EventSpec& event : rule.events) {
      if (AllHold(event.when)) Emit(event, batch);
    }
    return true;
  }
  if (plan_.refuse_unmatched) {
    builder()->Refuse(rows_->line(), "no rule of the mapping fits", batch);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventReader>> MakeMappedReader(
    std::unique_ptr<InputBuffer> input, std::string name, EventFormat format,
    char delimiter, size_t max_record_bytes,
    std::shared_ptr<const Mapping> mapping) {
  auto reader = std::make_unique<MappedReader>(
      std::move(input), std::move(name), std::move(mapping));
  CCKPI_RETURN_IF_ERROR(reader->Open(format, delimiter, max_record_bytes));
  return reader;
}

}  // namespace cckpi
