#include "src/io/render_sections.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "src/base/text.h"
#include "src/io/render_label.h"

namespace cckpi {
namespace {

// "agent-2" before "agent-10": runs of digits compare as numbers, then equal
// ones as text.
bool NaturalLess(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (IsDigit(a[i]) && IsDigit(b[j])) {
      const auto run = [](std::string_view text, size_t* at) {
        while (*at < text.size() && text[*at] == '0') ++*at;
        const size_t begin = *at;
        while (*at < text.size() && IsDigit(text[*at])) ++*at;
        return text.substr(begin, *at - begin);
      };
      const std::string_view x = run(a, &i);
      const std::string_view y = run(b, &j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[j]) {
        return static_cast<unsigned char>(a[i]) <
               static_cast<unsigned char>(b[j]);
      }
      ++i;
      ++j;
    }
  }
  if (i < a.size() || j < b.size()) return j < b.size();
  return a < b;
}

// Keeps the groups with most observations: samples of ratios and durations,
// and values of counts.
void KeepLargestGroups(size_t max_groups, ReportSection* section) {
  std::map<GroupValues, double, GroupLess> weights;
  for (const Series& series : section->series) {
    for (const auto& [key, row] : series.rows) {
      double weight = 0;
      if (const std::optional<int64_t> sample = SampleOf(*row)) {
        weight = static_cast<double>(*sample);
      } else if (row->unit == Unit::kCount) {
        weight = row->value.value_or(0);
      }
      weights[key.group] += weight;
    }
  }
  if (weights.size() <= max_groups) return;
  std::vector<std::pair<GroupValues, double>> by_weight(weights.begin(),
                                                        weights.end());
  std::stable_sort(
      by_weight.begin(), by_weight.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  section->groups_left_out = by_weight.size() - max_groups;
  for (size_t i = max_groups; i < by_weight.size(); ++i) {
    weights.erase(by_weight[i].first);
  }
  for (Series& series : section->series) {
    std::erase_if(series.rows, [&](const auto& entry) {
      return !weights.contains(entry.first.group);
    });
  }
  std::erase_if(section->series,
                [](const Series& series) { return series.rows.empty(); });
}

}  // namespace

std::string SeriesIdentity(const ReportRow& row) {
  std::string identity = row.kpi.str() + "\n" + row.id.str();
  for (const Figure& entry : row.definition) {
    absl::StrAppend(&identity, "\n", entry.name, "=");
    if (const auto* text = std::get_if<std::string>(&entry.value)) {
      identity += *text;
    } else if (const auto* span = std::get_if<int64_t>(&entry.value)) {
      absl::StrAppend(&identity, *span);
    }
  }
  return identity;
}

bool GroupLess::operator()(const GroupValues& a, const GroupValues& b) const {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        if (x.has_value() != y.has_value()) return x.has_value();
        return x.has_value() && NaturalLess(*x, *y);
      });
}

std::vector<ReportSection> MakeSections(const Report& report,
                                        size_t max_groups) {
  std::vector<ReportSection> sections;
  std::map<std::vector<std::string>, size_t> section_index;
  std::vector<std::map<std::string, size_t>> series_index;
  for (const ReportRow& row : report.rows) {
    std::vector<std::string> dimensions;
    Key key = {{row.begin_us, row.end_us}, {}};
    for (const auto& [dimension, value] : row.group) {
      dimensions.push_back(dimension);
      key.group.push_back(value);
    }
    const auto [at, is_new] =
        section_index.try_emplace(dimensions, sections.size());
    if (is_new) {
      sections.push_back({std::move(dimensions), {}, {}, 0});
      series_index.emplace_back();
    }
    ReportSection& section = sections[at->second];
    const auto [series_at, is_new_series] =
        series_index[at->second].try_emplace(SeriesIdentity(row),
                                             section.series.size());
    if (is_new_series) {
      section.series.push_back(
          {CatalogueOrder(row), KpiTitle(row), VariantLabel(row), {}});
    }
    section.series[series_at->second].rows.try_emplace(std::move(key), &row);
  }
  for (ReportSection& section : sections) {
    if (max_groups > 0) KeepLargestGroups(max_groups, &section);
    std::stable_sort(
        section.series.begin(), section.series.end(),
        [](const Series& a, const Series& b) { return a.order < b.order; });
    for (const Series& series : section.series) {
      for (const auto& entry : series.rows) {
        section.keys.push_back(entry.first);
      }
    }
    std::sort(section.keys.begin(), section.keys.end());
    const auto same = [](const Key& a, const Key& b) {
      return !(a < b) && !(b < a);
    };
    section.keys.erase(
        std::unique(section.keys.begin(), section.keys.end(), same),
        section.keys.end());
  }
  // A grouping that knows no value at all repeats the total.
  const auto repeats_total = [](const ReportSection& section) {
    return !section.dimensions.empty() &&
           std::all_of(
               section.keys.begin(), section.keys.end(), [](const Key& key) {
                 return std::none_of(
                     key.group.begin(), key.group.end(),
                     [](const auto& value) { return value.has_value(); });
               });
  };
  const bool has_total =
      std::any_of(sections.begin(), sections.end(),
                  [](const ReportSection& s) { return s.dimensions.empty(); });
  if (has_total) std::erase_if(sections, repeats_total);
  std::stable_sort(sections.begin(), sections.end(),
                   [](const ReportSection& a, const ReportSection& b) {
                     if (a.dimensions.size() != b.dimensions.size()) {
                       return a.dimensions.size() < b.dimensions.size();
                     }
                     return a.keys.size() + a.groups_left_out <
                            b.keys.size() + b.groups_left_out;
                   });
  return sections;
}

}  // namespace cckpi
