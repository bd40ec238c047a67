#include "capi/src/scaling_tables.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/src/answer_tables.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/event/event.h"
#include "cckpi/kpi/threshold.h"

namespace cckpi::capi {
namespace {

// rule, by, and a column per dimension of any row, by first appearance.
class RuleHead {
 public:
  template <typename Row>
  RuleHead(std::span<const Row> rows, TableBuilder& builder)
      : rule_(builder.AddColumn("rule", CCKPI_TYPE_TEXT)),
        by_(builder.AddColumn("by", CCKPI_TYPE_TEXT)) {
    for (const Row& row : rows) {
      for (const auto& entry : row.group) {
        if (Find(entry.first) != names_.size()) continue;
        names_.push_back(entry.first);
        columns_.push_back(builder.AddColumn(entry.first, CCKPI_TYPE_TEXT));
      }
    }
  }

  template <typename Row>
  void Set(const Row& row, TableBuilder& builder) const {
    builder.Text(rule_, row.rule);
    std::string by;
    for (const auto& [name, text] : row.group) {
      if (!by.empty()) by.push_back(' ');
      by += name;
      if (text.has_value()) builder.Text(columns_[Find(name)], *text);
    }
    builder.Text(by_, by);
  }

 private:
  size_t Find(const std::string& name) const {
    return static_cast<size_t>(std::find(names_.begin(), names_.end(), name) -
                               names_.begin());
  }

  size_t rule_;
  size_t by_;
  std::vector<std::string> names_;
  std::vector<size_t> columns_;
};

// value, and the exact fraction behind it.
class ValueColumns {
 public:
  explicit ValueColumns(TableBuilder& builder)
      : value_(builder.AddColumn("value", CCKPI_TYPE_FLOAT64)),
        micro_(builder.AddColumn("value_micro", CCKPI_TYPE_INT64)),
        denominator_(builder.AddColumn("value_denominator", CCKPI_TYPE_INT64)) {
  }

  void Set(const std::optional<ExactValue>& value,
           TableBuilder& builder) const {
    if (!value.has_value()) return;
    builder.Number(value_, value->value());
    builder.Integer(micro_, value->numerator_micro);
    builder.Integer(denominator_, value->denominator);
  }

 private:
  size_t value_;
  size_t micro_;
  size_t denominator_;
};

void SetText(TableBuilder& builder, size_t column, const std::string& text) {
  if (!text.empty()) builder.Text(column, text);
}

void SetTime(TableBuilder& builder, size_t column, int64_t at_us) {
  if (at_us != kNoTime) builder.Integer(column, at_us);
}

void SetPeak(TableBuilder& builder, size_t column,
             const std::optional<ExactValue>& peak) {
  if (peak.has_value()) builder.Number(column, peak->value());
}

// "<=120", in the KPI's unit.
std::string TargetText(const Threshold& target) {
  static constexpr const char* kComparators[] = {"<", "<=", ">", ">="};
  return absl::StrCat(kComparators[static_cast<size_t>(target.comparator)],
                      FormatMicro(target.value_micro));
}

// What a table of alerts is written from, line by line.
template <typename Row>
class AlertLines : public LineSource {
 public:
  using Write = std::string (AlertWriter::*)(const Row&) const;

  AlertLines(std::span<const Row> rows,
             std::shared_ptr<const AlertWriter> writer, Write write)
      : rows_(rows.begin(), rows.end()),
        writer_(std::move(writer)),
        write_(write) {}

  std::string Lines() const override {
    std::string lines;
    for (const Row& row : rows_) lines += (*writer_.*write_)(row);
    return lines;
  }

 private:
  std::vector<Row> rows_;
  std::shared_ptr<const AlertWriter> writer_;
  Write write_;
};

template <typename Row>
absl::StatusOr<TableData> Lined(TableBuilder builder, const AlertStyle& style,
                                std::span<const Row> rows,
                                typename AlertLines<Row>::Write write) {
  CCKPI_ASSIGN_OR_RETURN(TableData data,
                         Finished(std::move(builder), style.zone));
  data.lines =
      std::make_shared<const AlertLines<Row>>(rows, style.writer, write);
  return data;
}

}  // namespace

absl::StatusOr<TableData> TransitionTable(
    std::span<const Transition> transitions, const AlertStyle& style) {
  TableBuilder builder;
  const auto add = [&builder](const char* name, cckpi_type type) {
    return builder.AddColumn(name, type);
  };
  const size_t at = add("at", CCKPI_TYPE_TIME);
  const RuleHead head(transitions, builder);
  const size_t from = add("from", CCKPI_TYPE_TEXT);
  const size_t from_level = add("from_level", CCKPI_TYPE_TEXT);
  const size_t to = add("to", CCKPI_TYPE_TEXT);
  const size_t to_level = add("to_level", CCKPI_TYPE_TEXT);
  const ValueColumns value(builder);
  const size_t n = add("n", CCKPI_TYPE_INT64);
  const size_t incident = add("incident", CCKPI_TYPE_TEXT);
  const size_t silence = add("silence", CCKPI_TYPE_TEXT);
  for (const Transition& row : transitions) {
    builder.Integer(at, row.at_us);
    head.Set(row, builder);
    builder.Text(from, AlertStateName(row.from));
    SetText(builder, from_level, row.from_level);
    builder.Text(to, AlertStateName(row.to));
    SetText(builder, to_level, row.to_level);
    value.Set(row.value, builder);
    builder.Integer(n, row.n);
    SetText(builder, incident, row.incident);
    builder.Text(silence, SilenceName(row.silence));
    builder.EndRow();
  }
  return Lined(std::move(builder), style, transitions,
               &AlertWriter::TransitionLine);
}

absl::StatusOr<TableData> NotificationTable(
    std::span<const Notification> notifications, const AlertStyle& style) {
  TableBuilder builder;
  const auto add = [&builder](const char* name, cckpi_type type) {
    return builder.AddColumn(name, type);
  };
  const size_t at = add("at", CCKPI_TYPE_TIME);
  const RuleHead head(notifications, builder);
  const size_t kind = add("kind", CCKPI_TYPE_TEXT);
  const size_t incident = add("incident", CCKPI_TYPE_TEXT);
  const size_t sequence = add("sequence", CCKPI_TYPE_INT64);
  const size_t kpi = add("kpi", CCKPI_TYPE_TEXT);
  const size_t level = add("level", CCKPI_TYPE_TEXT);
  const size_t previous = add("previous_level", CCKPI_TYPE_TEXT);
  const ValueColumns value(builder);
  const size_t n = add("n", CCKPI_TYPE_INT64);
  const size_t target = add("target", CCKPI_TYPE_TEXT);
  const size_t target_micro = add("target_micro", CCKPI_TYPE_INT64);
  const size_t over = add("over_micro", CCKPI_TYPE_INT64);
  const size_t factor = add("factor_permille", CCKPI_TYPE_INT64);
  const size_t since = add("since", CCKPI_TYPE_TIME);
  const size_t opened = add("opened", CCKPI_TYPE_TIME);
  const size_t peak = add("peak", CCKPI_TYPE_FLOAT64);
  const size_t peak_at = add("peak_at", CCKPI_TYPE_TIME);
  const size_t step = add("ladder_step", CCKPI_TYPE_INT64);
  const size_t acknowledged = add("acknowledged_by", CCKPI_TYPE_TEXT);
  const size_t actions = add("actions", CCKPI_TYPE_TEXT_LIST);
  const size_t recipients = add("recipients", CCKPI_TYPE_TEXT_LIST);
  const size_t contributors = add("contributors", CCKPI_TYPE_TEXT_LIST);
  const size_t values = add("contributor_values", CCKPI_TYPE_INT64_LIST);
  const size_t outcomes = add("contributor_outcomes", CCKPI_TYPE_TEXT_LIST);
  for (const Notification& row : notifications) {
    builder.Integer(at, row.at_us);
    head.Set(row, builder);
    builder.Text(kind, NotificationKindName(row.kind));
    builder.Text(incident, row.incident);
    builder.Integer(sequence, row.sequence);
    builder.Text(kpi, row.kpi);
    builder.Text(level, row.level);
    SetText(builder, previous, row.previous_level);
    value.Set(row.value, builder);
    builder.Integer(n, row.n);
    builder.Text(target, TargetText(row.target));
    builder.Integer(target_micro, row.target.value_micro);
    if (row.factor_permille.has_value()) {
      builder.Integer(factor, *row.factor_permille);
    } else {
      builder.Integer(over, row.over_micro);
    }
    SetTime(builder, since, row.since_us);
    SetTime(builder, opened, row.opened_us);
    SetPeak(builder, peak, row.peak);
    SetTime(builder, peak_at, row.peak_us);
    builder.Integer(step, row.ladder_step);
    SetText(builder, acknowledged, row.acknowledged_by);
    builder.TextList(actions, row.actions);
    builder.TextList(recipients, row.recipients);
    std::vector<std::string> interactions;
    std::vector<int64_t> contributed;
    std::vector<std::string> ends;
    for (const Contributor& contributor : row.contributors) {
      interactions.push_back(contributor.interaction);
      contributed.push_back(contributor.value);
      ends.push_back(contributor.outcome);
    }
    builder.TextList(contributors, interactions);
    builder.IntegerList(values, contributed);
    builder.TextList(outcomes, ends);
    builder.EndRow();
  }
  return Lined(std::move(builder), style, notifications,
               &AlertWriter::NotificationLine);
}

absl::StatusOr<TableData> AlertTable(std::span<const Alert> alerts,
                                     const AlertStyle& style) {
  TableBuilder builder;
  const auto add = [&builder](const char* name, cckpi_type type) {
    return builder.AddColumn(name, type);
  };
  const RuleHead head(alerts, builder);
  const size_t state = add("state", CCKPI_TYPE_TEXT);
  const size_t level = add("level", CCKPI_TYPE_TEXT);
  const size_t entered = add("entered", CCKPI_TYPE_TIME);
  const size_t last = add("last", CCKPI_TYPE_TIME);
  const ValueColumns value(builder);
  const size_t n = add("n", CCKPI_TYPE_INT64);
  const size_t peak = add("peak", CCKPI_TYPE_FLOAT64);
  const size_t peak_at = add("peak_at", CCKPI_TYPE_TIME);
  const size_t incident = add("incident", CCKPI_TYPE_TEXT);
  const size_t since = add("since", CCKPI_TYPE_TIME);
  const size_t opened = add("opened", CCKPI_TYPE_TIME);
  const size_t sequence = add("sequence", CCKPI_TYPE_INT64);
  const size_t acknowledged = add("acknowledged_by", CCKPI_TYPE_TEXT);
  const size_t acknowledged_at = add("acknowledged_at", CCKPI_TYPE_TIME);
  const size_t step = add("ladder_step", CCKPI_TYPE_INT64);
  for (const Alert& row : alerts) {
    head.Set(row, builder);
    builder.Text(state, AlertStateName(row.state.state));
    SetText(builder, level, row.level);
    SetTime(builder, entered, row.state.entered_us);
    SetTime(builder, last, row.state.last_us);
    value.Set(row.state.value, builder);
    builder.Integer(n, row.state.n);
    SetPeak(builder, peak, row.state.peak);
    SetTime(builder, peak_at, row.state.peak_us);
    if (const auto& open = row.state.incident; open.has_value()) {
      builder.Text(incident, open->id);
      SetTime(builder, since, open->since_us);
      SetTime(builder, opened, open->opened_us);
      builder.Integer(sequence, open->sequence);
      SetText(builder, acknowledged, open->acknowledged_by);
      SetTime(builder, acknowledged_at, open->acknowledged_us);
      builder.Integer(step, open->step);
    }
    builder.EndRow();
  }
  return Lined(std::move(builder), style, alerts, &AlertWriter::AlertLine);
}

}  // namespace cckpi::capi
