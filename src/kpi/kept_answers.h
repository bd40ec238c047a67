// KeptAnswers: what questions leave for the next ones.
//
// Between two questions most groups stay as they are. What a question of all
// time has found out of a group stays here with what it was found out from:
// the version of the group's sum, and what came on top of it. The next one
// takes it where these are the same, and finds it out anew elsewhere.
//
// Questions may be asked from several threads at once: whoever finds that
// another one is at work on something does without it.

#ifndef CCKPI_SRC_KPI_KEPT_ANSWERS_H_
#define CCKPI_SRC_KPI_KEPT_ANSWERS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "cckpi/base/hash_map.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/report.h"
#include "src/kpi/backlog_level.h"
#include "src/kpi/plan.h"
#include "src/kpi/row_values.h"
#include "src/timeline/dimensions.h"

namespace cckpi {

using RowLabels = decltype(ReportRow::group);

// The ranks of texts or labels in their order; what is equal has one.
template <typename T>
HashMap<const T*, uint32_t> RanksOf(std::vector<const T*> values) {
  const auto less = [](const T* a, const T* b) { return *a < *b; };
  std::sort(values.begin(), values.end(), less);
  HashMap<const T*, uint32_t> ranks;
  uint32_t rank = 0;
  for (size_t v = 0; v < values.size(); ++v) {
    if (v > 0 && less(values[v - 1], values[v])) ++rank;
    ranks.try_emplace(values[v], rank);
  }
  return ranks;
}

// What a group is called; `values` by dimension of `by`, 0 for none.
RowLabels LabelsOf(const GroupBy& by, const Combination& values,
                   const Dictionary& texts);

// The groups of the committed state by some dimensions. Each has a place, for
// ever.
struct GroupPlaces {
  // By group: kFirstPlace + its place; kNotRead: of another grouping. Of what
  // is beyond nothing is known.
  static constexpr uint32_t kNotKnown = 0;
  static constexpr uint32_t kNotRead = 1;
  static constexpr uint32_t kFirstPlace = 2;

  GroupBy by;
  std::vector<uint32_t> place_of;
  HashMap<Combination, uint32_t> places;
  std::vector<RowLabels> labels;  // by place

  void AddGroups(const DimensionTable& dimensions, size_t grouping,
                 const std::vector<size_t>& projection,
                 const Dictionary& texts);
};

// What the rows of a span measure say of one group.
struct KeptSpan {
  uint64_t version = 0;  // of the sum; 0: there is none, or nothing is kept
  bool known = false;
  SpanCell beside;  // what came on top of it
  SpanSums sums;
};

// The figures of a row, and what they were made of.
struct KeptFigures {
  std::array<int64_t, 6> of = {};
  SharedList<Figure> figures;  // empty: none are kept
};

// In which order rows were put the last time that all of them were of one
// window.
struct KeptOrder {
  struct Part {
    SharedText kpi;
    size_t size = 0;
  };

  std::atomic<bool> taken = false;
  std::vector<Part> parts;
  // What the rows' groups are called, by number: of Places, which stay.
  std::vector<const RowLabels::List*> labels;
  std::vector<uint32_t> numbers;  // in order
};

// Who is at work on something that is kept, alone. Nobody waits for it, so that
// a question may have hundreds of them and no order of theirs matters.
class Claim {
 public:
  // Not had where somebody else has it.
  explicit Claim(std::atomic<bool>& taken)
      : taken_(taken.exchange(true, std::memory_order_acquire) ? nullptr
                                                               : &taken) {}
  Claim(Claim&& other) noexcept
      : taken_(std::exchange(other.taken_, nullptr)) {}
  Claim& operator=(Claim&&) = delete;
  ~Claim() {
    if (taken_ != nullptr) taken_->store(false, std::memory_order_release);
  }
  bool had() const { return taken_ != nullptr; }

 private:
  std::atomic<bool>* taken_;
};

class KeptAnswers {
 public:
  // Of one measure by one grouping.
  struct Spans {
    std::atomic<bool> taken = false;
    std::vector<KeptSpan> by_place;
  };
  // Of one KPI by one grouping. A place may have several rows.
  struct Rows {
    std::atomic<bool> taken = false;
    std::vector<std::vector<KeptFigures>> by_place;
  };
  // The same of a backlog: what is open and when it entered.
  struct Backlogs {
    std::atomic<bool> taken = false;
    std::vector<KeptBacklog> by_place;
  };
  using Ranks = HashMap<const RowLabels::List*, uint32_t>;
  enum class Measure : uint8_t { kSpan, kHandle };

  // Groups beyond have to be looked at each time.
  static constexpr size_t kMostPlaces = 4096;

  // The places of all groups there are; nullptr when there are too many
  // groupings. It stays as it is until more events come.
  const GroupPlaces* Places(const GroupBy& by, const DimensionTable& dimensions,
                            size_t grouping,
                            const std::vector<size_t>& projection,
                            const Dictionary& texts);

  // Names of groups in order, as numbers: those of all Places.
  std::shared_ptr<const Ranks> LabelRanks();

  // To be claimed by who reads or writes it, while he does.
  Spans* SpansOf(Measure kind, size_t measure, const GroupPlaces* places);

  // The same for the rows of the KPI of that number.
  Rows* RowsOf(size_t kpi, const GroupPlaces* places);

  Backlogs* BacklogsOf(size_t kpi, const GroupPlaces* places);

  KeptOrder& Order() { return order_; }

  // Without what a question is at work on.
  size_t memory_bytes() const;

 private:
  static constexpr size_t kMostGroupings = 32;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<GroupPlaces>> places_;
  std::shared_ptr<const Ranks> ranks_;
  std::map<std::tuple<Measure, size_t, const GroupPlaces*>,
           std::unique_ptr<Spans>>
      spans_;
  std::map<std::pair<size_t, const GroupPlaces*>, std::unique_ptr<Rows>> rows_;
  std::map<std::pair<size_t, const GroupPlaces*>, std::unique_ptr<Backlogs>>
      backlogs_;
  mutable KeptOrder order_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_KEPT_ANSWERS_H_
