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

  // By what Note has given.
  std::vector<uint32_t> Ranks() const {
    std::vector<uint32_t> ranks;
    ranks.reserve(labels_.size());
    for (const Labels* labels : labels_) {
      const auto rank = known_->find(labels);
      if (rank == known_->end()) break;
      ranks.push_back(rank->second);
    }
    if (ranks.size() == labels_.size()) return ranks;
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

struct Place {
  int64_t begin_us;
  uint32_t label;
  uint32_t number;  // as they came
  ReportRow* row;
};

struct OrderRoom {
  std::vector<uint32_t> begins;  // by label
  std::vector<Place> places;
};

// By begin, label and number; they come in the order of their numbers.
void PutInOrder(std::span<Place> places, OrderRoom& room) {
  bool one_window = true;
  uint32_t labels = 0;
  for (const Place& place : places) {
    one_window = one_window && place.begin_us == places.front().begin_us;
    labels = std::max(labels, place.label + 1);
  }
  if (!one_window || labels > 4 * places.size()) {
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
      return std::tie(a.begin_us, a.label, a.number) <
             std::tie(b.begin_us, b.label, b.number);
    });
    return;
  }
  room.begins.assign(size_t{labels} + 1, 0);
  for (const Place& place : places) ++room.begins[place.label + 1];
  for (size_t l = 1; l < labels; ++l) room.begins[l + 1] += room.begins[l];
  room.places.assign(places.begin(), places.end());
  for (const Place& place : room.places) {
    places[room.begins[place.label]++] = place;
  }
}

}  // namespace

std::vector<ReportRow> InOrder(std::vector<std::vector<ReportRow>> parts,
                               KeptAnswers& kept) {
  std::erase_if(parts, [](const Rows& rows) { return rows.empty(); });
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Rows& a, const Rows& b) {
                     return std::tie(a.front().kpi, a.front().id) <
                            std::tie(b.front().kpi, b.front().id);
                   });
  std::vector<Place> places;
  OrderRoom room;
  size_t size = 0;
  for (const Rows& rows : parts) size += rows.size();
  places.reserve(size);
  LabelOrder labels(kept.LabelRanks());
  for (Rows& rows : parts) {
    for (ReportRow& row : rows) {
      places.push_back({row.begin_us, labels.Note(row),
                        static_cast<uint32_t>(places.size()), &row});
    }
  }
  const std::vector<uint32_t> ranks = labels.Ranks();
  for (Place& place : places) place.label = ranks[place.label];
  Rows sorted;
  sorted.reserve(size);
  for (size_t part = 0, begin = 0; part < parts.size();) {
    const std::string_view kpi = parts[part].front().kpi;
    size_t end = begin;
    for (; part < parts.size() && parts[part].front().kpi == kpi; ++part) {
      end += parts[part].size();
    }
    const std::span<Place> of_kpi(places.data() + begin, end - begin);
    PutInOrder(of_kpi, room);
    for (size_t p = 0; p < of_kpi.size(); ++p) {
      // They lie apart from each other, each on several lines.
      constexpr size_t kAhead = 6;
      if (p + kAhead < of_kpi.size()) {
        const char* row = reinterpret_cast<const char*>(of_kpi[p + kAhead].row);
        for (size_t line = 0; line < sizeof(ReportRow); line += 64) {
          __builtin_prefetch(row + line);
        }
      }
      sorted.push_back(std::move(*of_kpi[p].row));
    }
    begin = end;
  }
  return sorted;
}

}  // namespace cckpi
