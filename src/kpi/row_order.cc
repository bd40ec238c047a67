#include "src/kpi/row_order.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "cckpi/base/hash_map.h"
#include "cckpi/base/prefetch.h"

namespace cckpi {
namespace {

using Rows = std::vector<ReportRow>;

// The ranks of the names of groups in rows. Rows of one KPI follow one another
// as those of another one did, so that most names are where they were.
class LabelOrder {
 public:
  using Labels = RowLabels::List;

  explicit LabelOrder(std::shared_ptr<const KeptAnswers::Ranks> known)
      : known_(std::move(known)) {}

  // Notes the names of a row; those of the next one come after it.
  uint32_t Note(const ReportRow& row) {
    const Labels* labels = &row.group.list();
    uint32_t& guess = next_[last_];
    if (guess == 0 || labels_[guess - 1] != labels) {
      const auto [number, anew] =
          numbers_.try_emplace(labels, static_cast<uint32_t>(labels_.size()));
      if (anew) {
        labels_.push_back(labels);
        next_.push_back(0);
      }
      next_[last_] = number->second + 1;
    }
    last_ = next_[last_];
    return last_ - 1;
  }

  // By what Note has given. `known`: all names are those of groups that stay.
  std::vector<uint32_t> Ranks(bool* known) const {
    std::vector<uint32_t> ranks;
    ranks.reserve(labels_.size());
    for (const Labels* labels : labels_) {
      const auto rank = known_->find(labels);
      if (rank == known_->end()) break;
      ranks.push_back(rank->second);
    }
    *known = ranks.size() == labels_.size();
    if (*known) return ranks;
    const auto of_all = RanksOf(labels_);
    ranks.clear();
    for (const Labels* labels : labels_) {
      ranks.push_back(of_all.find(labels)->second);
    }
    return ranks;
  }

 private:
  std::shared_ptr<const KeptAnswers::Ranks> known_;
  HashMap<const Labels*, uint32_t> numbers_;
  std::vector<const Labels*> labels_;  // by number
  std::vector<uint32_t> next_ = {0};   // 1 + number, after 1 + number
  uint32_t last_ = 0;                  // 1 + number
};

struct RowPlace {
  int64_t begin_us;
  uint32_t label;
  uint32_t number;      // as they came
  uint32_t window = 0;  // its number among those there are, in order
};

struct OrderRoom {
  std::vector<uint32_t> begins;  // by what is counted
  std::vector<int64_t> windows;  // where they begin, in order
  std::vector<RowPlace> places;
};

// Puts them in order of key_of(place), which is less than `keys`; those of one
// key stay in theirs.
template <typename F>
void SortByKey(std::span<RowPlace> places, size_t keys, F key_of,
               OrderRoom& room) {
  room.begins.assign(keys + 1, 0);
  for (const RowPlace& place : places) ++room.begins[key_of(place) + 1];
  for (size_t k = 1; k < keys; ++k) room.begins[k + 1] += room.begins[k];
  room.places.assign(places.begin(), places.end());
  for (const RowPlace& place : room.places) {
    places[room.begins[key_of(place)]++] = place;
  }
}

// By begin, label and number; they come in the order of their numbers.
void PutInOrder(std::span<RowPlace> places, OrderRoom& room) {
  std::vector<int64_t>& windows = room.windows;
  windows.clear();
  uint32_t labels = 0;
  for (const RowPlace& place : places) {
    if (windows.empty() || windows.back() != place.begin_us) {
      windows.push_back(place.begin_us);
    }
    labels = std::max(labels, place.label + 1);
  }
  std::sort(windows.begin(), windows.end());
  windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
  if (labels + windows.size() > 4 * places.size()) {
    std::sort(places.begin(), places.end(),
              [](const RowPlace& a, const RowPlace& b) {
                return std::tie(a.begin_us, a.label, a.number) <
                       std::tie(b.begin_us, b.label, b.number);
              });
    return;
  }
  // Many rows of one window follow one another.
  uint32_t window = 0;
  for (RowPlace& place : places) {
    if (windows[window] != place.begin_us) {
      window = static_cast<uint32_t>(
          std::lower_bound(windows.begin(), windows.end(), place.begin_us) -
          windows.begin());
    }
    place.window = window;
  }
  SortByKey(
      places, labels, [](const RowPlace& place) { return place.label; }, room);
  if (windows.size() == 1) return;
  SortByKey(
      places, windows.size(),
      [](const RowPlace& place) { return place.window; }, room);
}

// The numbers of the rows, which came as parts, in order. `*stays`: rows of the
// same names will have the same order.
std::vector<uint32_t> FindOrder(const std::vector<Rows>& parts,
                                const std::vector<ReportRow*>& rows,
                                std::shared_ptr<const KeptAnswers::Ranks> ranks,
                                bool* stays) {
  std::vector<RowPlace> places;
  places.reserve(rows.size());
  LabelOrder labels(std::move(ranks));
  bool one_window = true;
  for (const ReportRow* row : rows) {
    one_window = one_window && row->begin_us == rows.front()->begin_us;
    places.push_back({row->begin_us, labels.Note(*row),
                      static_cast<uint32_t>(places.size())});
  }
  bool known = false;
  const std::vector<uint32_t> rank_of = labels.Ranks(&known);
  *stays = known && one_window;
  for (RowPlace& place : places) place.label = rank_of[place.label];
  OrderRoom room;
  for (size_t part = 0, begin = 0; part < parts.size();) {
    const std::string_view kpi = parts[part].front().kpi;
    size_t end = begin;
    for (; part < parts.size() && parts[part].front().kpi == kpi; ++part) {
      end += parts[part].size();
    }
    PutInOrder(std::span(places).subspan(begin, end - begin), room);
    begin = end;
  }
  std::vector<uint32_t> numbers;
  numbers.reserve(places.size());
  for (const RowPlace& place : places) numbers.push_back(place.number);
  return numbers;
}

// Are these rows of the same KPIs and groups, one after the other, and of one
// window?
bool IsOrderOf(const KeptOrder& kept, const std::vector<Rows>& parts,
               const std::vector<ReportRow*>& rows) {
  if (kept.labels.size() != rows.size() || kept.parts.size() != parts.size()) {
    return false;
  }
  for (size_t p = 0; p < parts.size(); ++p) {
    const ReportRow& row = parts[p].front();
    if (kept.parts[p].size != parts[p].size() || kept.parts[p].kpi != row.kpi) {
      return false;
    }
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    if (kept.labels[r] != &rows[r]->group.list() ||
        rows[r]->begin_us != rows.front()->begin_us) {
      return false;
    }
  }
  return true;
}

void Keep(const std::vector<Rows>& parts, const std::vector<ReportRow*>& rows,
          const std::vector<uint32_t>& numbers, KeptOrder& kept) {
  kept.parts.clear();
  kept.labels.clear();  // fits nothing until the end
  kept.numbers = numbers;
  for (const Rows& part : parts) {
    kept.parts.push_back({part.front().kpi, part.size()});
  }
  std::vector<const RowLabels::List*> labels;
  labels.reserve(rows.size());
  for (const ReportRow* row : rows) labels.push_back(&row->group.list());
  kept.labels = std::move(labels);
}

}  // namespace

std::vector<ReportRow> InOrder(std::vector<std::vector<ReportRow>> parts,
                               KeptAnswers& kept) {
  // More rows are put in order each time.
  constexpr size_t kMostKept = 1 << 16;
  std::erase_if(parts, [](const Rows& rows) { return rows.empty(); });
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Rows& a, const Rows& b) {
                     return std::tie(a.front().kpi, a.front().id) <
                            std::tie(b.front().kpi, b.front().id);
                   });
  std::vector<ReportRow*> rows;
  size_t size = 0;
  for (const Rows& part : parts) size += part.size();
  rows.reserve(size);
  for (Rows& part : parts) {
    for (ReportRow& row : part) rows.push_back(&row);
  }
  KeptOrder& order = kept.Order();
  const Claim claim(order.taken);
  const bool keeps = claim.had() && size > 0 && size <= kMostKept;
  std::vector<uint32_t> found;
  std::span<const uint32_t> numbers;
  if (keeps && IsOrderOf(order, parts, rows)) {
    numbers = order.numbers;
  } else {
    bool stays = false;
    found = FindOrder(parts, rows, kept.LabelRanks(), &stays);
    numbers = found;
    if (keeps && stays) Keep(parts, rows, found, order);
  }
  Rows sorted;
  sorted.reserve(size);
  for (size_t n = 0; n < numbers.size(); ++n) {
    // They lie apart from each other, on more than one line each.
    constexpr size_t kAhead = 6;
    if (n + kAhead < numbers.size()) {
      PrefetchWhole(*rows[numbers[n + kAhead]]);
    }
    sorted.push_back(std::move(*rows[numbers[n]]));
  }
  return sorted;
}

}  // namespace cckpi
