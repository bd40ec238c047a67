#include "src/io/render_label.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/time.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

const Figure* Find(const std::vector<Figure>& figures, std::string_view name) {
  for (const Figure& figure : figures) {
    if (figure.name == name) return &figure;
  }
  return nullptr;
}

std::string_view TextOf(const Figure* figure) {
  if (figure == nullptr) return {};
  const std::string* text = std::get_if<std::string>(&figure->value);
  return text == nullptr ? std::string_view() : *text;
}

// An integer figure; nullopt when there is none of that name.
std::optional<int64_t> IntegerOf(const std::vector<Figure>& figures,
                                 std::string_view name) {
  const Figure* figure = Find(figures, name);
  if (figure == nullptr) return std::nullopt;
  const int64_t* value = std::get_if<int64_t>(&figure->value);
  return value == nullptr ? std::nullopt : std::optional<int64_t>(*value);
}

std::optional<double> DoubleOf(const std::vector<Figure>& figures,
                               std::string_view name) {
  const Figure* figure = Find(figures, name);
  if (figure == nullptr) return std::nullopt;
  const double* value = std::get_if<double>(&figure->value);
  return value == nullptr ? std::nullopt : std::optional<double>(*value);
}

std::string Blanks(std::string_view name) {
  return absl::StrReplaceAll(std::string(name), {{"_", " "}});
}

// A statistic that its KPI has by default, and that its title says already.
bool IsSilentStatistic(std::string_view statistic) {
  return statistic == "ratio" || statistic == "count" || statistic == "sum" ||
         statistic == "accuracy";
}

std::string StageLabel(std::string_view stage) {
  if (stage == "resolution") return "resolution";
  return absl::StrCat(std::string(stage), " response");
}

// What a definition entry that is not the default says.
std::string EntryLabel(const Figure& entry) {
  const std::string_view name = entry.name;
  const std::string text = PrintableText(TextOf(&entry));
  if (name == "clock") return text + " clock";
  if (name == "attribution") return text == "sliced" ? text : "by " + text;
  if (name == "stage") return StageLabel(text);
  if (name == "response") return "response " + Blanks(text);
  if (name == "exclude") {
    return "without " + absl::StrReplaceAll(Blanks(text), {{",", ", "}});
  }
  if (name == "pooling" || name == "rule" || name == "cases" ||
      name == "counts" || name == "side" || name == "state") {
    return Blanks(text);
  }
  if (text == "true") return Blanks(name);
  return absl::StrCat(Blanks(name), " ", Blanks(text));
}

// Seconds to microseconds, cut to the range.
int64_t SecondsToSpan(double seconds) {
  constexpr double kLimit = 9.0e18;
  return static_cast<int64_t>(
      std::llround(std::clamp(seconds * 1e6, -kLimit, kLimit)));
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

// "p90_us" is called "p90", "forecast_micro" is called "forecast".
std::string FigureLabel(std::string_view name) {
  for (const std::string_view unit : {"_us", "_micro"}) {
    if (EndsWith(name, unit)) name.remove_suffix(unit.size());
  }
  return Blanks(name);
}

// A figure in its unit; empty when it is zero or missing.
std::string FigureText(const ReportRow& row, const Figure& figure) {
  if (const int64_t* value = std::get_if<int64_t>(&figure.value)) {
    if (*value == 0) return "";
    if (EndsWith(figure.name, "_us")) return DurationText(*value);
    if (EndsWith(figure.name, "_micro")) {
      return DecimalText(static_cast<double>(*value) / 1e6, 2);
    }
    return absl::StrCat(*value);
  }
  if (const absl::int128* value = std::get_if<absl::int128>(&figure.value)) {
    if (*value == 0) return "";
    if (EndsWith(figure.name, "_us")) {
      return DurationText(SecondsToSpan(static_cast<double>(*value) / 1e6));
    }
    if (EndsWith(figure.name, "_micro")) {
      return DecimalText(static_cast<double>(*value) / 1e6, 2);
    }
    return Int128Text(*value);
  }
  if (const double* value = std::get_if<double>(&figure.value)) {
    if (*value == 0) return "";
    return row.unit == Unit::kRatio ? PercentText(*value)
                                    : DecimalText(*value, 2);
  }
  return PrintableText(TextOf(&figure));
}

// "30.0–60.0 %"
std::string IntervalText(double low, double high) {
  std::string text = PercentText(low);
  text.erase(text.size() - 2);
  return absl::StrCat(text, "\xE2\x80\x93", PercentText(high));
}

// Figures that stand elsewhere: in the value, the sample, or an interval.
bool IsShownElsewhere(std::string_view name) {
  constexpr std::array<std::string_view, 10> kNames = {
      "count",      "sum_us",      "sum_micro", "numerator", "denominator",
      "wilson_low", "wilson_high", "lower",     "upper",     "counts"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool IsSpread(std::string_view label) {
  return label == "min" || label == "max" || label == "p50" || label == "p90";
}

bool IsMidnight(const absl::CivilSecond& local) {
  return local == absl::CivilSecond(absl::CivilDay(local));
}

std::string DayText(const absl::CivilSecond& local) {
  const std::string month =
      absl::StrCat(local.month() < 10 ? "-0" : "-", local.month());
  return absl::StrCat(local.year(), month, local.day() < 10 ? "-0" : "-",
                      local.day());
}

}  // namespace

std::string KpiTitle(const ReportRow& row) {
  if (!row.id.empty() && row.id != row.kpi) return PrintableText(row.id);
  const KpiDefinition* definition = FindKpi(row.kpi);
  return definition == nullptr ? PrintableText(row.kpi)
                               : std::string(definition->title);
}

std::string VariantLabel(const ReportRow& row) {
  const KpiDefinition* definition = FindKpi(row.kpi);
  std::vector<Figure> defaults;
  if (definition != nullptr) {
    defaults = DescribeSpec(DefaultSpec(definition->kpi));
  }
  std::vector<std::string> parts;
  const std::string_view statistic = TextOf(Find(row.definition, "statistic"));
  const bool is_default = statistic == TextOf(Find(defaults, "statistic"));
  if (!statistic.empty() && statistic != "share_within" &&
      !(is_default && IsSilentStatistic(statistic))) {
    parts.push_back(Blanks(statistic));
  }
  for (const Figure& entry : row.definition) {
    if (entry.name == "statistic") continue;
    if (const int64_t* span = std::get_if<int64_t>(&entry.value)) {
      std::string_view word = FigureLabel(entry.name) == "within" ? "within"
                              : entry.name == "horizon_us"        ? "next"
                                                                  : "";
      if (row.kpi == "beyond_turnaround") word = "after";
      if (row.kpi == "due_within" && word == "within") word = "T";
      parts.push_back(absl::StrCat(
          word.empty() ? FigureLabel(entry.name) : std::string(word), " ",
          FormatSpan(*span)));
      continue;
    }
    const Figure* usual = Find(defaults, entry.name);
    if (usual != nullptr && usual->value == entry.value) continue;
    if (entry.name == "formula") {
      parts.push_back(PrintableText(TextOf(&entry)));
    } else {
      parts.push_back(EntryLabel(entry));
    }
  }
  std::string label;
  for (const std::string& part : parts) {
    absl::StrAppend(&label, label.empty() ? "" : ", ", part);
  }
  return label;
}

std::string ValueText(const ReportRow& row) {
  if (!row.value.has_value() || !std::isfinite(*row.value)) return "-";
  switch (row.unit) {
    case Unit::kSeconds:
      return DurationText(SecondsToSpan(*row.value));
    case Unit::kRatio:
      return PercentText(*row.value);
    case Unit::kPerHour:
      return DecimalText(*row.value, 2) + " /h";
    case Unit::kCount:
    case Unit::kScore:
      break;
  }
  return DecimalText(*row.value, 2);
}

size_t CatalogueOrder(const ReportRow& row) {
  size_t order = 0;
  for (const KpiDefinition& definition : Catalogue()) {
    if (definition.name == row.kpi) break;
    ++order;
  }
  return order;
}

std::optional<int64_t> SampleOf(const ReportRow& row) {
  const bool is_count = TextOf(Find(row.definition, "statistic")) == "count";
  const std::optional<int64_t> count = IntegerOf(row.figures, "count");
  if (count.has_value() && !is_count && row.kpi != "backlog") return count;
  if (row.unit != Unit::kRatio) return std::nullopt;
  const std::optional<int64_t> n = IntegerOf(row.figures, "denominator");
  return n.has_value() ? n : IntegerOf(row.figures, "intervals");
}

std::string SampleText(const ReportRow& row) {
  const std::optional<int64_t> sample = SampleOf(row);
  return sample.has_value() ? absl::StrCat(*sample) : "";
}

std::vector<Detail> DetailsOf(const ReportRow& row) {
  std::vector<Detail> details;
  const std::string statistic =
      Blanks(TextOf(Find(row.definition, "statistic")));
  // Of one observation, least, middle and most are the value itself.
  const bool no_spread = IntegerOf(row.figures, "count").value_or(2) <= 1;
  for (const Figure& figure : row.figures) {
    if (figure.name == "wilson_high") {
      const auto low = DoubleOf(row.figures, "wilson_low");
      const auto high = DoubleOf(row.figures, "wilson_high");
      if (low.has_value() && high.has_value() && row.value.has_value()) {
        details.push_back({"95 % interval", IntervalText(*low, *high)});
      }
      continue;
    }
    if (figure.name == "upper") {
      const auto low = DoubleOf(row.figures, "lower");
      const auto high = DoubleOf(row.figures, "upper");
      if (low.has_value() && high.has_value() && *low != *high) {
        details.push_back({"between", IntervalText(*low, *high)});
      }
      continue;
    }
    if (IsShownElsewhere(figure.name)) continue;
    if (figure.name == "intervals" && row.unit == Unit::kRatio) continue;
    std::string label = FigureLabel(figure.name);
    if (label == statistic) continue;
    std::string text;
    if (!no_spread || !IsSpread(label)) text = FigureText(row, figure);
    details.push_back({std::move(label), std::move(text)});
  }
  return details;
}

std::string WindowLabel(const Window& window, const Zone& zone) {
  if (window.begin_us <= kEarliestTime && window.end_us >= kLatestTime) {
    return "all";
  }
  const absl::CivilSecond begin = zone.Local(window.begin_us);
  const absl::CivilSecond end = zone.Local(window.end_us);
  if (IsMidnight(begin) && IsMidnight(end)) {
    const absl::CivilDay first(begin);
    const absl::CivilDay last(end);
    if (last - first == 1) {
      constexpr std::array<const char*, 7> kDays = {"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};
      const size_t day = static_cast<size_t>(absl::GetWeekday(first));
      return absl::StrCat(kDays[day], " ", DayText(begin));
    }
    if (last - first == 7) return "week " + DayText(begin);
    if (first.day() == 1 && last.day() == 1 &&
        absl::CivilMonth(last) - absl::CivilMonth(first) == 1) {
      return DayText(begin).substr(0, 7);
    }
    return absl::StrCat(DayText(begin), " to ", DayText(end));
  }
  if (window.span_us() <= kHour) return LocalTimeText(window.begin_us, zone);
  return absl::StrCat(LocalTimeText(window.begin_us, zone), " to ",
                      LocalTimeText(window.end_us, zone));
}

std::string GroupValueText(const std::optional<std::string>& value) {
  return value.has_value() ? PrintableText(*value) : "(none)";
}

}  // namespace cckpi
