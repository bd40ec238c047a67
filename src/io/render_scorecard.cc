#include "cckpi/io/render_scorecard.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/calendar/window.h"
#include "cckpi/io/render_text.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/render_label.h"
#include "src/io/scorecard_text.h"

namespace cckpi {
namespace {

using Align = TextTable::Align;
using Scope = std::map<std::string, std::string>;

constexpr int kNarrowest = 14;  // a whole number of steps below the longest
constexpr int kStep = 5;
constexpr int kLongestCard = 44;
constexpr int kLongestTarget = 34;
constexpr int kLongestScope = 24;

std::string ShareOrDash(std::optional<int64_t> micro) {
  return micro ? PercentText(static_cast<double>(*micro) / 1e6) : "-";
}

std::string ScopeText(const Scope& scope) {
  std::string text;
  for (const auto& [name, value] : scope) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", PrintableText(name), " ",
                    PrintableText(value));
  }
  return text;
}

// What all cards have in common.
Scope CommonScope(const std::vector<ScoreLineResult>& lines) {
  std::optional<Scope> common;
  for (const ScoreLineResult& line : lines) {
    if (!line.member.empty()) continue;
    if (!common) {
      common = line.scope;
      continue;
    }
    std::erase_if(*common, [&](const auto& entry) {
      auto found = line.scope.find(entry.first);
      return found == line.scope.end() || found->second != entry.second;
    });
  }
  return common.value_or(Scope());
}

std::string CardText(const ScoreLineResult& line, const Scope& common) {
  if (!line.member.empty()) {
    std::string text = PrintableText(line.member);
    for (const auto& [name, value] : line.member_group) {
      absl::StrAppend(&text, " ", PrintableText(value));
    }
    return text;
  }
  const ReportRow row = RowOf(line);
  std::string text = PrintableText(KpiTitle(row));
  std::string variant = VariantLabel(row);
  if (!variant.empty()) absl::StrAppend(&text, ", ", variant);
  Scope own = line.scope;
  std::erase_if(
      own, [&](const auto& entry) { return common.count(entry.first) != 0; });
  if (!own.empty()) absl::StrAppend(&text, " (", ScopeText(own), ")");
  return text;
}

std::string WholeTargetText(const ScoreLineResult& line) {
  if (line.target) return FormatThreshold(*line.target, ThresholdUnit(line));
  std::string text;
  for (const ScoreZone& zone : line.zones) {
    absl::StrAppend(
        &text, text.empty() ? "" : ", ",
        FormatThreshold(zone.when, ThresholdUnit(line)), " ",
        DecimalText(static_cast<double>(zone.points_permille) / 10, 1));
  }
  return text.empty() ? "-" : text;
}

std::string ActualText(const ScoreLineResult& line) {
  if (!line.member.empty()) return ShareOrDash(line.attainment_micro);
  if (!line.value) return "-";
  if (!ThresholdUnit(line)) return DecimalText(*line.value, 3);
  return ValueText(RowOf(line));
}

// Why a line has no attainment.
std::string Remark(const ScoreLineResult& line) {
  switch (line.state) {
    case CardState::kScored:
      return "";
    case CardState::kNoData:
      return "no data";
    case CardState::kTooFew:
      return absl::StrCat("fewer than ", line.min_n);
    case CardState::kNoBenchmark:
      return "no benchmark yet";
  }
  return "";
}

bool HasNoScore(const ScorecardResult& result) {
  return std::all_of(result.lines.begin(), result.lines.end(),
                     [](const ScoreLineResult& line) {
                       return line.state != CardState::kScored;
                     });
}

bool HasNoData(const ScorecardResult& result) {
  return std::all_of(result.lines.begin(), result.lines.end(),
                     [](const ScoreLineResult& line) {
                       return line.state == CardState::kNoData;
                     });
}

std::string_view PluralOf(Frequency every) {
  switch (every) {
    case Frequency::kHourly:
      return "hours";
    case Frequency::kDaily:
      return "days";
    case Frequency::kMonthly:
      return "months";
    default:
      return "weeks";
  }
}

// The results of one scorecard.
class CardTable {
 public:
  CardTable(std::span<const ScorecardResult> results,
            const TableOptions& options)
      : results_(results),
        options_(options),
        common_(CommonScope(results.front().lines)) {}

  std::string Render() {
    // Where the lines are too long, names of cards give way, then targets.
    int card_width = kLongestCard;
    int target_width = kLongestTarget;
    TextTable table = Table(card_width, target_width);
    for (int* width : {&card_width, &target_width}) {
      while (table.Width(kTableGap) + kTableIndent > options_.width &&
             *width > kNarrowest) {
        *width -= kStep;
        table = Table(card_width, target_width);
      }
    }
    return Title() + table.Render({.indent = kTableIndent,
                                   .gap = kTableGap,
                                   .color = options_.color});
  }

 private:
  TextTable Table(int card_width, int target_width) const {
    std::vector<TextTable::Column> columns = {{.header = "window"}};
    for (const auto& entry : results_.front().group) {
      columns.push_back(
          {.header = PrintableText(entry.first), .max_width = kLongestScope});
    }
    columns.push_back({.header = "card", .max_width = card_width});
    columns.push_back({.header = "target", .max_width = target_width});
    for (const char* header : {"actual", "n", "attained", "weight", "points"}) {
      columns.push_back({.header = header, .align = Align::kRight});
    }
    columns.push_back({.header = "", .style = TextStyle::kDim});
    TextTable table(std::move(columns));
    for (size_t r = 0; r < results_.size();) {
      const size_t empty = EmptyFrom(r);
      // One window with a reason per card says more than "too little".
      if (empty > 1 || (empty == 1 && HasNoData(results_[r]))) {
        AddEmpty(r, empty, table);
        r += empty;
      } else {
        AddResult(results_[r], table);
        ++r;
      }
    }
    return table;
  }

  std::string Title() const {
    const ScorecardResult& first = results_.front();
    std::string title = PrintableText(first.id);
    const bool has_cards = std::any_of(
        first.lines.begin(), first.lines.end(),
        [](const ScoreLineResult& line) { return line.member.empty(); });
    absl::StrAppend(
        &title, ": ",
        has_cards ? std::string(AttainmentName(first.attainment)) : "roll-up",
        ", every ", std::string(FrequencyName(first.every)));
    if (!common_.empty()) absl::StrAppend(&title, ", ", ScopeText(common_));
    if (first.no_data == ScoreNoData::kZero) title += ", no data counts as 0";
    if (options_.color == TextTable::Color::kOn) {
      title = Styled(title, TextStyle::kBold);
    }
    return title + "\n";
  }

  std::string WindowOf(const ScorecardResult& result) const {
    return WindowLabel({result.begin_us, result.end_us}, options_.zone);
  }

  // How many results from `r` on have nothing to score; whole windows only,
  // where each has several groups.
  size_t EmptyFrom(size_t r) const {
    if (r > 0 && results_[r - 1].begin_us == results_[r].begin_us) return 0;
    size_t whole = r;
    for (size_t i = r; i < results_.size() && HasNoScore(results_[i]); ++i) {
      const bool last_of_window =
          i + 1 == results_.size() ||
          results_[i + 1].begin_us != results_[i].begin_us;
      if (last_of_window) whole = i + 1;
    }
    return whole - r;
  }

  void AddEmpty(size_t r, size_t count, TextTable& table) const {
    Separate(table);
    size_t windows = 1;
    bool provisional = results_[r].provisional;
    bool no_data = HasNoData(results_[r]);
    for (size_t i = r + 1; i < r + count; ++i) {
      no_data &= HasNoData(results_[i]);
      if (results_[i].begin_us != results_[i - 1].begin_us) ++windows;
      provisional |= results_[i].provisional;
    }
    std::vector<std::string> cells = {WindowOf(results_[r])};
    cells.resize(results_.front().group.size() + 1);
    std::string text = no_data ? "no data" : "no data, or too little,";
    if (windows > 1) {
      absl::StrAppend(&text, " in ", windows, " ",
                      std::string(PluralOf(results_[r].every)));
    }
    cells.push_back(std::move(text));
    cells.resize(cells.size() + 4);
    AddScore(results_[r], provisional, cells);
    table.AddRow(std::move(cells));
  }

  void AddResult(const ScorecardResult& result, TextTable& table) const {
    Separate(table);
    std::vector<std::string> first = {WindowOf(result)};
    for (const auto& [name, value] : result.group) {
      first.push_back(PrintableText(value));
    }
    for (const ScoreLineResult& line : result.lines) {
      std::vector<std::string> cells = first;
      std::fill(first.begin(), first.end(), "");
      for (std::string& cell : std::vector<std::string>{
               CardText(line, common_),
               line.member.empty() ? WholeTargetText(line) : "",
               (line.provisional && line.value ? "~" : "") + ActualText(line),
               line.n ? absl::StrCat(*line.n) : "",
               ShareOrDash(line.attainment_micro),
               WeightText(line.weight_permille),
               ShareOrDash(line.contribution_micro), Remark(line)}) {
        cells.push_back(std::move(cell));
      }
      table.AddRow(std::move(cells));
    }
    std::vector<std::string> cells(first.size());
    cells.push_back("score");
    cells.resize(cells.size() + 4);
    AddScore(result, result.provisional, cells);
    table.AddRow(std::move(cells));
  }

  static void AddScore(const ScorecardResult& result, bool provisional,
                       std::vector<std::string>& cells) {
    cells.push_back(
        result.weight_permille > 0 ? WeightText(result.weight_permille) : "");
    cells.push_back((provisional && result.score_micro ? "~" : "") +
                    ShareOrDash(result.score_micro));
    cells.push_back(provisional ? "provisional" : "final");
  }

  // An empty line between windows.
  static void Separate(TextTable& table) {
    if (table.row_count() > 0) table.AddRow({});
  }

  std::span<const ScorecardResult> results_;
  const TableOptions& options_;
  Scope common_;
};

}  // namespace

std::string WeightText(int64_t permille) {
  return DecimalText(static_cast<double>(permille) / 1e3, 3);
}

ReportRow RowOf(const ScoreLineResult& line) {
  ReportRow row;
  row.kpi = line.spec.kpi == Kpi::kFormula
                ? "formula"
                : std::string(Definition(line.spec.kpi).name);
  row.id = line.spec.id;
  row.definition = DescribeSpec(line.spec);
  row.value = line.value;
  row.unit = line.unit;
  return row;
}

std::optional<Unit> ThresholdUnit(const ScoreLineResult& line) {
  if (line.spec.kpi == Kpi::kFormula) return std::nullopt;
  return line.unit;
}

std::string_view AttainmentName(Attainment attainment) {
  switch (attainment) {
    case Attainment::kBinary:
      return "binary";
    case Attainment::kLinear:
      return "linear";
    case Attainment::kZones:
      return "zones";
  }
  return "";
}

std::string_view NoDataName(ScoreNoData no_data) {
  return no_data == ScoreNoData::kZero ? "zero" : "renormalise";
}

std::string RenderScorecardTable(std::span<const ScorecardResult> results,
                                 const TableOptions& options) {
  std::string out;
  bool provisional = false;
  for (size_t begin = 0; begin < results.size();) {
    size_t end = begin;
    while (end < results.size() && results[end].id == results[begin].id) {
      provisional |= results[end].provisional;
      ++end;
    }
    if (!out.empty()) out += "\n";
    out += CardTable(results.subspan(begin, end - begin), options).Render();
    begin = end;
  }
  if (provisional) out += "\n~ provisional: more events may still change it.\n";
  return out;
}

}  // namespace cckpi
