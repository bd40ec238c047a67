// Entry point that takes events in columns.

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "capi/src/ingest.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/engine/event_columns.h"

namespace cckpi::capi {
namespace {

// EventColumns over the arrays of a host.
class ColumnsArgument {
 public:
  explicit ColumnsArgument(cckpi_engine* engine) : engine_(engine) {}

  absl::Status Read(const cckpi_event_columns* columns);
  const EventColumns& columns() const { return columns_; }

 private:
  absl::Status ReadText(std::string_view name, const cckpi_text_column* given,
                        TextColumn* column);
  // Numbers of which CCKPI_NO_VALUE is none.
  NumberColumn<int64_t> Numbers(const int64_t* values);

  cckpi_engine* engine_;
  EventColumns columns_;
  std::vector<TagColumn> tags_;
  std::vector<ErrorColumn> errors_;
  std::deque<std::vector<uint8_t>> bits_;
};

absl::Status ColumnsArgument::ReadText(std::string_view name,
                                       const cckpi_text_column* given,
                                       TextColumn* column) {
  if (given == nullptr) return absl::OkStatus();
  const std::string place = absl::StrCat("columns.", std::string(name));
  cckpi_text_column own;
  CCKPI_RETURN_IF_ERROR(ReadStruct(place, given, &own, Presence::kRequired));
  const int forms = (own.codes != nullptr) + (own.offsets32 != nullptr) +
                    (own.offsets64 != nullptr) + (own.integers != nullptr);
  if (forms != 1) {
    return Invalid(place, absl::StrCat("has ", forms,
                                       " of codes, offsets32, offsets64 and "
                                       "integers; give one"));
  }
  const size_t rows = columns_.rows;
  column->valid = {own.valid, own.valid_offset};
  if (own.valid != nullptr && own.valid_offset > kMaxSize) {
    return Invalid(place, "has an impossible valid_offset");
  }
  if (own.codes != nullptr) {
    CCKPI_RETURN_IF_ERROR(CheckHandle(absl::StrCat(place, ".dictionary"),
                                      own.dictionary, Mark::kDictionary));
    column->codes = {own.codes, rows};
    column->dictionary = Link(engine_, *own.dictionary);
    return absl::OkStatus();
  }
  if (own.integers != nullptr) {
    column->integers = {own.integers, rows};
    return absl::OkStatus();
  }
  CCKPI_RETURN_IF_ERROR(
      CheckText(absl::StrCat(place, ".bytes"), own.bytes, own.byte_count));
  column->bytes = View(own.bytes, own.byte_count);
  if (rows == 0) return absl::OkStatus();
  if (own.offsets32 != nullptr) column->offsets32 = {own.offsets32, rows + 1};
  if (own.offsets64 != nullptr) column->offsets64 = {own.offsets64, rows + 1};
  return absl::OkStatus();
}

NumberColumn<int64_t> ColumnsArgument::Numbers(const int64_t* values) {
  NumberColumn<int64_t> column;
  if (values == nullptr) return column;
  column.values = {values, columns_.rows};
  std::vector<uint8_t>& bits = bits_.emplace_back(columns_.rows / 8 + 1);
  for (size_t row = 0; row < columns_.rows; ++row) {
    if (values[row] != CCKPI_NO_VALUE) {
      bits[row / 8] = static_cast<uint8_t>(bits[row / 8] | 1u << row % 8);
    }
  }
  column.valid.bits = bits.data();
  return column;
}

absl::Status ColumnsArgument::Read(const cckpi_event_columns* columns) {
  cckpi_event_columns own;
  CCKPI_RETURN_IF_ERROR(
      ReadStruct("columns", columns, &own, Presence::kRequired));
  if (own.row_count > kMaxSize / sizeof(int64_t)) {
    return Invalid("columns.row_count",
                   absl::StrCat("has an impossible size, ", own.row_count));
  }
  const size_t rows = own.row_count;
  columns_.rows = rows;
  if (own.at_us == nullptr) return Missing("columns.at_us");
  if (own.kind == nullptr && own.kind_names == nullptr) {
    return Missing("columns.kind");
  }
  columns_.at_us.values = {own.at_us, rows};
  if (own.kind != nullptr) columns_.kind.values = {own.kind, rows};
  CCKPI_RETURN_IF_ERROR(
      ReadText("kind_names", own.kind_names, &columns_.kind_name));
  if (own.received_at_us != nullptr) {
    columns_.received_at_us.values = {own.received_at_us, rows};
  }
  if (own.by != nullptr) columns_.by.values = {own.by, rows};
  if (own.message_flags != nullptr) {
    columns_.flags.values = {own.message_flags, rows};
  }
  const struct {
    const char* name;
    const cckpi_text_column* given;
    TextColumn* column;
  } texts[] = {
      {"id", own.id, &columns_.id},
      {"interaction", own.interaction, &columns_.interaction},
      {"customer", own.customer, &columns_.customer},
      {"channel", own.channel, &columns_.channel},
      {"source", own.source, &columns_.source},
      {"team", own.team, &columns_.team},
      {"agent", own.agent, &columns_.agent},
      {"priority", own.priority, &columns_.priority},
      {"message", own.message, &columns_.message},
      {"state", own.state, &columns_.state},
      {"reason", own.reason, &columns_.reason},
  };
  for (const auto& text : texts) {
    CCKPI_RETURN_IF_ERROR(ReadText(text.name, text.given, text.column));
  }

  // The items of a list are read by the struct_size of the first one.
  const auto item = [](const auto* items, size_t i) {
    const char* at = reinterpret_cast<const char*>(items);
    return reinterpret_cast<decltype(items)>(at + i * items->struct_size);
  };
  CCKPI_RETURN_IF_ERROR(
      CheckArray("columns.tags", own.tags, own.tag_count, sizeof(*own.tags)));
  tags_.resize(own.tag_count);
  for (size_t t = 0; t < own.tag_count; ++t) {
    cckpi_tag_column tag;
    CCKPI_RETURN_IF_ERROR(ReadStruct("columns.tags", item(own.tags, t), &tag,
                                     Presence::kRequired));
    CCKPI_RETURN_IF_ERROR(CheckText("columns.tags.name", tag.name));
    if (tag.values == nullptr) return Missing("columns.tags.values");
    tags_[t].name = View(tag.name);
    CCKPI_RETURN_IF_ERROR(
        ReadText("tags.values", tag.values, &tags_[t].values));
  }
  columns_.tags = tags_;
  CCKPI_RETURN_IF_ERROR(CheckArray("columns.errors", own.errors,
                                   own.error_count, sizeof(*own.errors)));
  errors_.resize(own.error_count);
  for (size_t e = 0; e < own.error_count; ++e) {
    cckpi_error_column errors;
    CCKPI_RETURN_IF_ERROR(ReadStruct("columns.errors", item(own.errors, e),
                                     &errors, Presence::kRequired));
    CCKPI_RETURN_IF_ERROR(
        CheckText("columns.errors.severity", errors.severity));
    if (errors.counts == nullptr) return Missing("columns.errors.counts");
    errors_[e].severity = View(errors.severity);
    errors_[e].counts = Numbers(errors.counts);
  }
  columns_.errors = errors_;
  columns_.score_micro = Numbers(own.score_micro);
  columns_.scale_micro = Numbers(own.scale_micro);
  columns_.volume_micro = Numbers(own.volume_micro);
  if (own.interval_s != nullptr) {
    columns_.interval_s.values = {own.interval_s, rows};
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_engine_ingest_columns(cckpi_engine* engine,
                                       const cckpi_event_columns* columns,
                                       const cckpi_ingest_options* options,
                                       uint8_t* out_row_status,
                                       cckpi_ingest_result* out_result,
                                       cckpi_table** out_refusals,
                                       cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckEngine(engine));
    ColumnsArgument argument(engine);
    CCKPI_RETURN_IF_ERROR(argument.Read(columns));
    const size_t rows = argument.columns().rows;
    IngestCall call(engine, out_result, out_refusals);
    CCKPI_RETURN_IF_ERROR(call.Begin(options, rows));
    if (rows != 0) {
      call.Take(argument.columns(),
                out_row_status == nullptr
                    ? std::span<uint8_t>()
                    : std::span<uint8_t>(out_row_status, rows));
    }
    return call.End();
  });
}

}  // extern "C"
