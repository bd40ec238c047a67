#include "capi/src/answer_tables.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"

namespace cckpi::capi {
namespace {

void OptionalTime(TableBuilder& builder, size_t column,
                  const std::optional<int64_t>& at_us) {
  if (at_us.has_value()) builder.Integer(column, *at_us);
}

// A column per dimension; every row has the same ones.
template <typename Row>
std::vector<size_t> GroupColumns(TableBuilder& builder,
                                 std::span<const Row> rows) {
  std::vector<size_t> columns;
  if (rows.empty()) return columns;
  for (const auto& entry : rows.front().group) {
    columns.push_back(builder.AddColumn(entry.first, CCKPI_TYPE_TEXT));
  }
  return columns;
}

}  // namespace

absl::StatusOr<TableData> Finished(TableBuilder builder, const Zone& zone) {
  if (!builder.fits()) {
    return absl::ResourceExhaustedError(
        "the answer holds more than 2 GiB of text in one column; ask for less "
        "at once");
  }
  TableData data = std::move(builder).Build();
  data.zone = zone;
  return data;
}

absl::StatusOr<TableData> ExplanationTable(
    std::span<const Explanation> explanations, const Zone& zone) {
  TableBuilder builder;
  const size_t interaction = builder.AddColumn("interaction", CCKPI_TYPE_TEXT);
  const size_t episode = builder.AddColumn("episode", CCKPI_TYPE_INT64);
  const size_t start = builder.AddColumn("start", CCKPI_TYPE_TIME);
  const size_t end = builder.AddColumn("end", CCKPI_TYPE_TIME);
  const size_t booked = builder.AddColumn("booked", CCKPI_TYPE_TIME);
  const size_t value = builder.AddColumn("value", CCKPI_TYPE_INT64);
  const size_t outcome = builder.AddColumn("outcome", CCKPI_TYPE_TEXT);
  const std::vector<size_t> group = GroupColumns(builder, explanations);
  for (const Explanation& item : explanations) {
    builder.Text(interaction, item.interaction);
    builder.Integer(episode, item.episode);
    OptionalTime(builder, start, item.start_us);
    OptionalTime(builder, end, item.end_us);
    builder.Integer(booked, item.booked_us);
    builder.Integer(value, item.value);
    builder.Text(outcome, item.outcome);
    for (size_t d = 0; d < group.size(); ++d) {
      const std::optional<std::string>& text = item.group[d].second;
      if (text.has_value()) builder.Text(group[d], *text);
    }
    builder.EndRow();
  }
  return Finished(std::move(builder), zone);
}

absl::StatusOr<TableData> WaitTable(std::span<const OpenWait> waits,
                                    const Zone& zone) {
  TableBuilder builder;
  const size_t interaction = builder.AddColumn("interaction", CCKPI_TYPE_TEXT);
  const size_t since = builder.AddColumn("since", CCKPI_TYPE_TIME);
  for (const OpenWait& wait : waits) {
    builder.Text(interaction, wait.interaction);
    builder.Integer(since, wait.since_us);
    builder.EndRow();
  }
  return Finished(std::move(builder), zone);
}

absl::StatusOr<TableData> RefusalTable(std::span<const Refusal> refusals,
                                       const Zone& zone) {
  TableBuilder builder;
  const size_t source = builder.AddColumn("source", CCKPI_TYPE_TEXT);
  const size_t row = builder.AddColumn("row", CCKPI_TYPE_INT64);
  const size_t reason = builder.AddColumn("reason", CCKPI_TYPE_TEXT);
  const size_t event = builder.AddColumn("event", CCKPI_TYPE_TEXT);
  for (const Refusal& refusal : refusals) {
    builder.Text(source, refusal.source);
    builder.Integer(row, refusal.row);
    builder.Text(reason, refusal.reason);
    builder.Text(event, refusal.event);
    builder.EndRow();
  }
  return Finished(std::move(builder), zone);
}

absl::StatusOr<TableData> ProblemTable(std::string_view message) {
  TableBuilder builder;
  const size_t path = builder.AddColumn("path", CCKPI_TYPE_TEXT);
  const size_t problem = builder.AddColumn("problem", CCKPI_TYPE_TEXT);
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(message.size(), line.size() + 1));
    const size_t end = line.find(": ");
    if (end == line.npos) {
      builder.Text(problem, line);
    } else {
      builder.Text(path, line.substr(0, end));
      builder.Text(problem, line.substr(end + 2));
    }
    builder.EndRow();
  }
  return Finished(std::move(builder), Zone());
}

absl::StatusOr<TableData> KpiTable() {
  TableBuilder builder;
  const auto add = [&builder](std::string_view name) {
    return builder.AddColumn(name, CCKPI_TYPE_TEXT);
  };
  const size_t name = add("name");
  const size_t title = add("title");
  const size_t unit = add("unit");
  const size_t summary = add("summary");
  const size_t starts = add("starts");
  const size_t ends = add("ends");
  const size_t population = add("population");
  const size_t credited_to = add("credited_to");
  const size_t attribution = add("attribution");
  const size_t statistic = add("statistic");
  const size_t statistics = add("statistics");
  for (const KpiDefinition& kpi : Catalogue()) {
    builder.Text(name, kpi.name);
    builder.Text(title, kpi.title);
    builder.Text(unit, UnitName(kpi.unit));
    builder.Text(summary, kpi.summary);
    builder.Text(starts, kpi.starts);
    builder.Text(ends, kpi.ends);
    builder.Text(population, kpi.population);
    builder.Text(credited_to, kpi.credited_to);
    builder.Text(attribution, AttributionName(kpi.attribution));
    builder.Text(statistic, StatisticName(DefaultSpec(kpi.kpi)));
    const KpiOption* option = FindOption(kpi.kpi, "statistic");
    if (option != nullptr) builder.Text(statistics, option->values);
    builder.EndRow();
  }
  return Finished(std::move(builder), Zone());
}

absl::StatusOr<TableData> OptionTable() {
  TableBuilder builder;
  const size_t kpi = builder.AddColumn("kpi", CCKPI_TYPE_TEXT);
  const size_t name = builder.AddColumn("option", CCKPI_TYPE_TEXT);
  const size_t values = builder.AddColumn("values", CCKPI_TYPE_TEXT);
  const size_t fallback = builder.AddColumn("default", CCKPI_TYPE_TEXT);
  const size_t summary = builder.AddColumn("summary", CCKPI_TYPE_TEXT);
  for (const KpiDefinition& definition : Catalogue()) {
    for (const KpiOption& option : definition.options) {
      builder.Text(kpi, definition.name);
      builder.Text(name, option.name);
      builder.Text(values, option.values);
      builder.Text(fallback, option.fallback);
      builder.Text(summary, option.summary);
      builder.EndRow();
    }
  }
  return Finished(std::move(builder), Zone());
}

}  // namespace cckpi::capi
