// A section per grouping; its rows are (window, group) pairs, its columns
// KPIs, and the layout the first of these that fits:
//
//   one pair           KPIs below each other, with sample and details
//   one KPI            pairs below each other, details as columns
//   few KPIs           pairs below each other, KPIs as columns
//   few pairs          KPIs below each other, pairs as columns
//   otherwise          pairs below each other, KPIs as columns, in several
//                      tables

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/time.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/render.h"
#include "cckpi/io/render_text.h"
#include "src/io/render_label.h"
#include "src/io/render_sections.h"

namespace cckpi {
namespace {

using Align = TextTable::Align;
using Column = TextTable::Column;

constexpr int kLongestTitle = 34;
constexpr int kLongestVariant = 40;
constexpr int kLongestGroup = 28;
constexpr int kHeaderWrap = 14;
constexpr int kNarrowestDetails = 20;
constexpr size_t kRefusalsShown = 10;

bool HasValue(const Series& series) {
  return std::any_of(
      series.rows.begin(), series.rows.end(),
      [](const auto& entry) { return entry.second->value.has_value(); });
}

class TableRenderer {
 public:
  TableRenderer(const Report& report, const TableOptions& options)
      : report_(report),
        options_(options),
        sections_(MakeSections(report, options.max_groups)) {
    bool all = !report.rows.empty();
    std::optional<Window> first;
    for (const ReportRow& row : report.rows) {
      all = all && row.provisional;
      any_provisional_ = any_provisional_ || row.provisional;
      const Window window = {row.begin_us, row.end_us};
      if (!first.has_value()) first = window;
      if (window != *first) several_windows_ = true;
    }
    all_provisional_ = all;
  }

  std::string Render() {
    std::string out = Heading();
    if (report_.rows.empty() && report_.now_us != kNoTime)
      out += "\nNo data.\n";
    for (const ReportSection& section : sections_) {
      out += "\n";
      out += RenderSection(section);
    }
    out += "\n";
    out += Footer();
    return out;
  }

 private:
  std::string Style(std::string_view text, TextStyle style) const {
    return options_.color == TextTable::Color::kOn ? Styled(text, style)
                                                   : std::string(text);
  }

  TextTable::Layout Layout() const {
    return {kTableIndent, kTableGap, options_.color};
  }

  bool Fits(const TextTable& table) const {
    return table.Width(kTableGap) + kTableIndent <= options_.width;
  }

  std::string Heading() const {
    if (report_.now_us == kNoTime) return "No events.\n";
    std::string heading =
        absl::StrCat("As of ", LocalTimeText(report_.now_us, options_.zone),
                     " ", options_.zone.name());
    if (!report_.rows.empty() && !several_windows_) {
      const ReportRow& row = report_.rows.front();
      const Window window = {row.begin_us, row.end_us};
      const std::string label = WindowLabel(window, options_.zone);
      if (label == "all") {
        heading += ", everything so far";
      } else if (window.end_us == report_.now_us &&
                 label.find(" to ") != std::string::npos) {
        absl::StrAppend(&heading, ", since ",
                        LocalTimeText(window.begin_us, options_.zone));
      } else {
        absl::StrAppend(&heading, ", ", label);
      }
    }
    if (all_provisional_) heading += " (provisional)";
    return Style(heading, TextStyle::kBold) + "\n";
  }

  std::string Value(const ReportRow& row) const {
    const bool mark =
        row.provisional && !all_provisional_ && row.value.has_value();
    return absl::StrCat(mark ? "~" : "", ValueText(row));
  }

  const ReportRow* Find(const Series& series, const Key& key) const {
    const auto at = series.rows.find(key);
    return at == series.rows.end() ? nullptr : at->second;
  }

  // The columns that name a pair, and their cells. The window is only said
  // where it differs from that of the row `before`.
  std::vector<Column> KeyColumns(const ReportSection& section) const {
    std::vector<Column> columns;
    if (several_windows_) {
      columns.push_back({.header = "window"});
    }
    for (const std::string& dimension : section.dimensions) {
      columns.push_back(
          {.header = PrintableText(dimension), .max_width = kLongestGroup});
    }
    return columns;
  }

  std::vector<std::string> KeyCells(const ReportSection& section, size_t key,
                                    std::optional<size_t> before) const {
    std::vector<std::string> cells;
    const Key& here = section.keys[key];
    if (several_windows_) {
      const bool repeated =
          before.has_value() && section.keys[*before].window == here.window;
      cells.push_back(repeated ? "" : WindowLabel(here.window, options_.zone));
    }
    for (const auto& value : here.group) {
      cells.push_back(GroupValueText(value));
    }
    return cells;
  }

  // "facebook, first-level" and, where there are several, the window.
  std::string KeyTitle(const Key& key, std::string_view separator) const {
    std::string title;
    if (several_windows_) title = WindowLabel(key.window, options_.zone);
    for (const auto& value : key.group) {
      if (!title.empty()) title += separator;
      title += FitText(GroupValueText(value), kLongestGroup);
    }
    return title;
  }

  std::string RenderSection(const ReportSection& section) const {
    std::string title = "Total";
    if (!section.dimensions.empty()) {
      title = "By ";
      for (size_t i = 0; i < section.dimensions.size(); ++i) {
        absl::StrAppend(&title, i > 0 ? ", " : "",
                        PrintableText(section.dimensions[i]));
      }
    }
    std::string body;
    if (section.series.size() == 1) {
      const Series& only = section.series.front();
      absl::StrAppend(&title, ": ", only.title);
      if (!only.variant.empty()) absl::StrAppend(&title, ", ", only.variant);
      body = RenderOneSeries(section);
    } else if (section.keys.size() == 1) {
      const std::string key = KeyTitle(section.keys.front(), ", ");
      if (!key.empty()) absl::StrAppend(&title, ": ", key);
      body = RenderOneKey(section);
    } else {
      body = RenderMatrix(section);
    }
    if (section.groups_left_out > 0) {
      absl::StrAppend(&body, "  ... and ", section.groups_left_out,
                      section.groups_left_out == 1 ? " group" : " groups",
                      " with fewer observations\n");
    }
    return Style(title, TextStyle::kBold) + "\n" + body;
  }

  std::string RenderOneKey(const ReportSection& section) const {
    bool has_sample = false;
    for (const Series& series : section.series) {
      const ReportRow* row = Find(series, section.keys.front());
      has_sample = has_sample || (row != nullptr && !SampleText(*row).empty());
    }
    const auto make = [&](int details_width) {
      TextTable table(
          {{.header = "KPI", .max_width = kLongestTitle},
           {.header = "",
            .style = TextStyle::kDim,
            .max_width = kLongestVariant},
           {.header = "value", .align = Align::kRight},
           {.header = has_sample ? "n" : "", .align = Align::kRight},
           {.header = "",
            .style = TextStyle::kDim,
            .max_width = details_width}});
      for (const Series& series : section.series) {
        const ReportRow* row = Find(series, section.keys.front());
        if (row == nullptr) continue;
        std::string details;
        if (details_width > 0) {
          for (const Detail& detail : DetailsOf(*row)) {
            // The least of many is seldom worth a line.
            if (detail.text.empty() || detail.label == "min") continue;
            // One word to the wrapping: a no-break space inside, two blanks
            // between.
            absl::StrAppend(&details, details.empty() ? "" : "  ",
                            NoBreak(detail.label), "\xC2\xA0",
                            NoBreak(detail.text));
          }
        }
        table.AddRow({series.title, series.variant, Value(*row),
                      SampleText(*row), std::move(details)});
      }
      return table;
    };
    const int rest = options_.width - kTableIndent - make(0).Width(kTableGap);
    std::string out = make(std::max(rest, kNarrowestDetails)).Render(Layout());
    size_t at = 0;
    while ((at = out.find("\xC2\xA0", at)) != std::string::npos) {
      out.replace(at, 2, " ");
    }
    return out;
  }

  static std::string NoBreak(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == ' ') {
        out += "\xC2\xA0";
      } else {
        out.push_back(c);
      }
    }
    return out;
  }

  // The labels of a series' details, in the order of its figures, without
  // those that say nothing in every row.
  static std::vector<std::string> DetailLabels(const Series& series) {
    std::vector<std::pair<std::string, bool>> labels;
    for (const auto& entry : series.rows) {
      for (const Detail& detail : DetailsOf(*entry.second)) {
        auto at = std::find_if(
            labels.begin(), labels.end(),
            [&](const auto& label) { return label.first == detail.label; });
        if (at == labels.end()) {
          at = labels.insert(at, {detail.label, false});
        }
        at->second = at->second || !detail.text.empty();
      }
    }
    std::vector<std::string> used;
    for (const auto& [label, says_something] : labels) {
      if (says_something) used.push_back(label);
    }
    return used;
  }

  std::string RenderOneSeries(const ReportSection& section) const {
    const Series& series = section.series.front();
    std::vector<std::string> labels = DetailLabels(series);
    while (true) {
      std::vector<Column> columns = KeyColumns(section);
      columns.push_back({.header = "value", .align = Align::kRight});
      bool has_sample = false;
      for (const auto& entry : series.rows) {
        has_sample = has_sample || !SampleText(*entry.second).empty();
      }
      if (has_sample)
        columns.push_back({.header = "n", .align = Align::kRight});
      for (const std::string& label : labels) {
        columns.push_back({.header = Header(label),
                           .align = Align::kRight,
                           .style = TextStyle::kDim});
      }
      TextTable table(std::move(columns));
      std::optional<size_t> before;
      for (size_t key = 0; key < section.keys.size(); ++key) {
        const ReportRow* row = Find(series, section.keys[key]);
        if (row == nullptr) continue;
        std::vector<std::string> cells = KeyCells(section, key, before);
        before = key;
        cells.push_back(Value(*row));
        if (has_sample) cells.push_back(SampleText(*row));
        const std::vector<Detail> details = DetailsOf(*row);
        for (const std::string& label : labels) {
          const auto at = std::find_if(
              details.begin(), details.end(),
              [&](const Detail& detail) { return detail.label == label; });
          cells.push_back(at == details.end() ? "" : at->text);
        }
        table.AddRow(std::move(cells));
      }
      if (labels.empty() || Fits(table)) return table.Render(Layout());
      labels.pop_back();
    }
  }

  // A column header of several short lines.
  static std::string Header(std::string_view text) {
    std::string header;
    for (const std::string& line : WrapText(text, kHeaderWrap)) {
      absl::StrAppend(&header, header.empty() ? "" : "\n", line);
    }
    return header;
  }

  static std::string SeriesHeader(const Series& series) {
    if (series.variant.empty()) return Header(series.title);
    return absl::StrCat(Header(series.title), "\n", Header(series.variant));
  }

  enum class Sample { kLeaveOut, kShow };

  // Pairs below each other, the series [first, last) as columns.
  TextTable ByKey(const ReportSection& section, size_t first, size_t last,
                  Sample sample) const {
    std::vector<Column> columns = KeyColumns(section);
    std::vector<bool> has_sample(last, false);
    for (size_t i = first; i < last; ++i) {
      const Series& series = section.series[i];
      columns.push_back(
          {.header = SeriesHeader(series), .align = Align::kRight});
      if (sample == Sample::kLeaveOut) continue;
      for (const auto& entry : series.rows) {
        if (!SampleText(*entry.second).empty()) has_sample[i] = true;
      }
      if (has_sample[i]) {
        columns.push_back(
            {.header = "n", .align = Align::kRight, .style = TextStyle::kDim});
      }
    }
    TextTable table(std::move(columns));
    std::optional<size_t> before;
    for (size_t key = 0; key < section.keys.size(); ++key) {
      const auto has_value = [&](const Series& series) {
        const ReportRow* row = Find(series, section.keys[key]);
        return row != nullptr && row->value.has_value();
      };
      const auto begin = section.series.begin();
      if (std::none_of(begin + static_cast<std::ptrdiff_t>(first),
                       begin + static_cast<std::ptrdiff_t>(last), has_value)) {
        continue;
      }
      std::vector<std::string> cells = KeyCells(section, key, before);
      before = key;
      for (size_t i = first; i < last; ++i) {
        const ReportRow* row = Find(section.series[i], section.keys[key]);
        cells.push_back(row == nullptr ? "-" : Value(*row));
        if (has_sample[i]) {
          cells.push_back(row == nullptr ? "" : SampleText(*row));
        }
      }
      table.AddRow(std::move(cells));
    }
    return table;
  }

  // KPIs below each other, pairs as columns.
  TextTable BySeries(const ReportSection& section) const {
    std::vector<Column> columns = {
        {.header = "KPI", .max_width = kLongestTitle},
        {.header = "", .style = TextStyle::kDim, .max_width = kLongestVariant}};
    for (const Key& key : section.keys) {
      columns.push_back(
          {.header = KeyTitle(key, "\n"), .align = Align::kRight});
    }
    TextTable table(std::move(columns));
    for (const Series& series : section.series) {
      std::vector<std::string> cells = {series.title, series.variant};
      for (const Key& key : section.keys) {
        const ReportRow* row = Find(series, key);
        cells.push_back(row == nullptr ? "-" : Value(*row));
      }
      table.AddRow(std::move(cells));
    }
    return table;
  }

  std::string RenderMatrix(ReportSection section) const {
    std::erase_if(section.series,
                  [](const Series& series) { return !HasValue(series); });
    if (section.series.empty()) return "  No values.\n";
    const size_t count = section.series.size();
    // Beyond this many columns nothing fits; building them would be waste.
    const size_t most = static_cast<size_t>(std::max(options_.width, 0)) / 4;
    if (count <= most) {
      for (const Sample sample : {Sample::kShow, Sample::kLeaveOut}) {
        const TextTable table = ByKey(section, 0, count, sample);
        if (Fits(table)) return table.Render(Layout());
      }
    }
    if (section.keys.size() <= most) {
      const TextTable table = BySeries(section);
      if (Fits(table)) return table.Render(Layout());
    }
    std::string out;
    size_t first = 0;
    while (first < count) {
      size_t last = first + 1;
      while (last < count &&
             Fits(ByKey(section, first, last + 1, Sample::kLeaveOut))) {
        ++last;
      }
      if (first > 0) out += "\n";
      out += ByKey(section, first, last, Sample::kLeaveOut).Render(Layout());
      first = last;
    }
    return out;
  }

  std::string Footer() const {
    std::string out;
    if (any_provisional_) {
      absl::StrAppend(&out, all_provisional_ ? "Provisional" : "~ provisional",
                      ": more events may still change it.\n");
    }
    const EventCounts& events = report_.events;
    absl::StrAppend(&out, "Events: ", events.applied, " applied");
    const auto add = [&](int64_t count, std::string_view what) {
      if (count != 0)
        absl::StrAppend(&out, ", ", count, " ", std::string(what));
    };
    add(events.duplicate, "duplicate");
    add(events.late, "late");
    add(events.refused, "refused");
    add(events.after_now, "after this instant left out");
    out += "\n";
    const size_t shown = std::min(kRefusalsShown, report_.refusals.size());
    for (size_t i = 0; i < shown; ++i) {
      absl::StrAppend(&out, "  ",
                      Style(PrintableText(RefusalText(report_.refusals[i])),
                            TextStyle::kRed),
                      "\n");
    }
    const int64_t more = events.refused - static_cast<int64_t>(shown);
    if (shown > 0 && more > 0) {
      absl::StrAppend(&out, "  ... and ", more, " more\n");
    }
    return out;
  }

  const Report& report_;
  const TableOptions& options_;
  std::vector<ReportSection> sections_;
  bool several_windows_ = false;
  bool any_provisional_ = false;
  bool all_provisional_ = false;
};

}  // namespace

std::string RenderTable(const Report& report, const TableOptions& options) {
  return TableRenderer(report, options).Render();
}

}  // namespace cckpi
