// Which cells the rows of a measure are made of.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "cckpi/base/time.h"
#include "src/kpi/collected.h"
#include "src/kpi/row_builder.h"

namespace cckpi {
namespace {

// How many windows of runs a measure is made of at most: some 300 MB.
constexpr size_t kMostInRuns = 8'000'000;
constexpr int32_t kLastBucket = std::numeric_limits<int32_t>::max();

}  // namespace

template <typename Cell>
void RowBuilder::Collect(std::type_identity_t<StoreOf<Cell>> store_of,
                         Collected<Cell>& collected, Reach reach) {
  const CellStore<Cell>* committed = store_of(*sources_.committed);
  int32_t first = std::numeric_limits<int32_t>::min();
  int32_t last = std::numeric_limits<int32_t>::max();
  if (query_.window.has_value()) {
    first = BucketOf(all_.begin_us);
    last = BucketOf(all_.end_us - 1);
  } else if (query_.every != Frequency::kAll) {
    if (query_.begin_us != kNoTime) {
      first = BucketOf(WindowAt(query_.begin_us).begin_us);
    }
    if (query_.end_us != kNoTime) {
      last = BucketOf(WindowAt(query_.end_us - 1).end_us - 1);
    }
  }
  const bool all_time = OfAllTime();
  // Cells of one window come one after the other.
  Window window;
  std::vector<CellPart<Cell>>* parts = nullptr;
  const auto place_of = [this](GroupId group) {
    const size_t g = static_cast<size_t>(group);
    return g < groups_->place_of.size() && groups_->place_of[g] != kNotKnown
               ? groups_->place_of[g]
               : Known(group);
  };
  const auto add = [&](int32_t bucket, GroupId group, const Cell& cell,
                       const CellIndex<Cell>* index = nullptr,
                       uint64_t version = 0) {
    const uint32_t place = place_of(group);
    if (place == kNotRead) return;
    const int64_t at_us = BucketBegin(bucket);
    if (parts == nullptr || !window.Contains(at_us)) {
      window = WindowAt(at_us);
      parts = &collected.At(window.begin_us);
      // A sum, and what came on top of it.
      if (all_time && parts->empty()) parts->reserve(2 * groups_->size());
    }
    parts->push_back({place - kFirstPlace, &cell, index, version});
  };
  // A run is in as many buckets of each of its windows.
  struct InWindow {
    int32_t last = 0;  // bucket
    std::vector<CellPart<Cell>>* parts = nullptr;
  };
  HashMap<int32_t, InWindow> known_windows;  // by the bucket a part begins in
  size_t in_runs = 0;
  const auto add_run = [&](int32_t begin, int32_t end, GroupId group,
                           const Cell& cell) {
    const uint32_t place = place_of(group);
    if (place == kNotRead) return;
    std::vector<std::pair<int64_t, const Cell*>> known;  // by how many
    for (int64_t bucket = begin; bucket <= end;) {
      if (++in_runs > kMostInRuns) {
        too_many_ = true;
        return;
      }
      const int32_t from = static_cast<int32_t>(bucket);
      const auto [in, anew] = known_windows.try_emplace(from);
      if (anew) {
        const Window entered = WindowAt(BucketBegin(from));
        in->second.last = all_time ? kLastBucket : BucketOf(entered.end_us - 1);
        in->second.parts = &collected.At(entered.begin_us);
      }
      const int64_t next = int64_t{std::min(end, in->second.last)} + 1;
      const int64_t times = next - bucket;
      auto repeated = std::find_if(
          known.begin(), known.end(),
          [times](const auto& entry) { return entry.first == times; });
      if (repeated == known.end()) {
        collected.repeated.push_back(Repeated(cell, times));
        repeated =
            known.insert(known.end(), {times, &collected.repeated.back()});
      }
      in->second.parts->push_back({place - kFirstPlace, repeated->second});
      bucket = next;
    }
  };
  const auto add_before = [&](GroupId group, const Cell& cell, int sign) {
    const uint32_t place = place_of(group);
    if (place == kNotRead) return;
    collected.before.push_back({place - kFirstPlace, &cell, sign});
  };
  const bool levels =
      reach == Reach::kUpToEnd && first != std::numeric_limits<int32_t>::min();
  const bool of_days =
      query_.window.has_value() || query_.every >= Frequency::kDaily;
  const bool total =
      all_time && groups_->slots.empty() && groups_->conditions.empty();
  using Rolled = typename CellStore<Cell>::Rolled;
  if (of_days || levels) {
    const bool in_days = of_days && !all_time;
    RollUp(sources_, *committed, total ? groups_->grouping : Rolled::kNoTotal,
           in_days ? BucketRange{first, last} : kNoBucket);
  }
  if (levels) {
    RollUp(sources_, *committed, Rolled::kNoTotal,
           committed->DaysBefore(first));
    committed->ForBefore(first, add_before);
  }
  if (!of_days) {
    committed->ForEachAlone(first, last, add);
    committed->ForEachRun(first, last, add_run);
  } else if (total) {
    const auto add_total = [&](int32_t bucket, const Cell& cell,
                               const CellIndex<Cell>* index, uint64_t version) {
      collected.At(WindowAt(BucketBegin(bucket)).begin_us)
          .push_back({PlaceOf({}), &cell, index, version});
    };
    committed->ForAllTimeOf(groups_->grouping, add_total, add, add_run);
  } else if (all_time) {
    committed->ForAllTime(add, add_run);
  } else {
    committed->ForDays(first, last, add, add_run);
  }
  parts = nullptr;
  if (sources_.pending != nullptr) {
    const CellStore<Cell>* pending = store_of(*sources_.pending);
    if (levels) pending->ForBefore(first, add_before);
    pending->ForEachAlone(first, last, add);
    pending->ForEachRun(first, last, add_run);
  }
  if (too_many_) collected.windows.clear();
}

#define CCKPI_COMPILE(Cell) \
  template void RowBuilder::Collect(StoreOf<Cell>, Collected<Cell>&, Reach);
CCKPI_FOR_EACH_KIND_OF_CELL(CCKPI_COMPILE)
#undef CCKPI_COMPILE

}  // namespace cckpi
