// ContributorLists: the largest observations of each bucket and group, by name.
//
// For every watch of a ContributorPlan there is a list for each bucket and
// group: the ten observations that come first, by rank, then by the name of
// the interaction. That a list holds the first ten of all that was ever booked
// into it, and that no observation that was pushed out can come back, makes it
// the same in any order and over any sharding.
//
// An observation that is taken out again (its interaction was discarded) keeps
// its place, marked: what it had pushed out is gone. So of the five that a
// notification names one can be missing only where more than five of the ten
// largest of a bucket and group were taken out.
//
// Buckets that no window of a rule reaches any more are dropped. Lists made
// over others are an overlay: they copy the lists that they change.

#ifndef CCKPI_SRC_KPI_CONTRIBUTOR_LISTS_H_
#define CCKPI_SRC_KPI_CONTRIBUTOR_LISTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "cckpi/base/dictionary.h"
#include "cckpi/base/hash_map.h"
#include "src/kpi/contributor_plan.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/fact.h"
#include "src/timeline/id_coding.h"

namespace cckpi {

// What became of an observation, where its kind does not say it.
enum class ContributorOutcome : uint8_t {
  kNone = 0,
  kLateAnswered = 1,  // of deadlines, also the next
  kOverdueUnanswered = 2,
  kHandedOff = 3,  // of bots, also the two after it
  kHumanTookOver = 4,
  kAbandoned = 5,
};
inline constexpr uint8_t kContributorOutcomes = 6;

struct ContributorEntry {
  int64_t rank = 0;  // the greatest comes first
  InteractionId interaction = InteractionId::kNone;
  uint32_t episode = 0;
  uint32_t live = 0;  // how often; 0: taken out again
  ContributorOutcome outcome = ContributorOutcome::kNone;
};

using ContributorList = absl::InlinedVector<ContributorEntry, 1>;

// An observation that comes (`sign` 1) or is taken out again (-1).
struct ContributorBooking {
  ContributorKind kind = ContributorKind::kSpan;
  size_t measure = 0;
  int32_t bucket = 0;
  DimensionsId dimensions = DimensionsId::kNone;
  ContributorEntry entry;
  int sign = 1;
};

class ContributorLists {
 public:
  static constexpr size_t kMost = 10;

  // All must outlive the lists. They hold a reference to each name they use.
  ContributorLists(const ContributorPlan& plan, DimensionTable& dimensions,
                   KeyDictionary& names);
  // An overlay, with its own dimensions. `base` must not change meanwhile.
  ContributorLists(const ContributorLists& base, DimensionTable& dimensions);

  const ContributorPlan& plan() const { return plan_; }

  void Book(const ContributorBooking& booking);
  // Takes over an entry of a snapshot.
  void Add(size_t watch, int32_t bucket, GroupId group,
           const ContributorEntry& entry);
  // From here on nothing is kept in buckets before.
  void DropBefore(int32_t bucket);

  // Calls f(bucket, group, list) for the lists of a watch in the buckets
  // [first, last], in no particular order of groups.
  template <typename F>
  void ForEach(size_t watch, int32_t first, int32_t last, F f) const {
    const Pages& own = pages_[watch];
    for (auto page = own.lower_bound(first);
         page != own.end() && page->first <= last; ++page) {
      for (const auto& [group, list] : page->second) {
        f(page->first, group, list);
      }
    }
    if (base_ == nullptr) return;
    const Pages& below = base_->pages_[watch];
    for (auto page = below.lower_bound(first);
         page != below.end() && page->first <= last; ++page) {
      const auto changed = own.find(page->first);
      for (const auto& [group, list] : page->second) {
        if (changed != own.end() && changed->second.contains(group)) continue;
        f(page->first, group, list);
      }
    }
  }

  size_t memory_bytes() const;

  // The bytes of the lists from bucket `first` on. Sink is IdMarker (`places`
  // null) or IdWriter.
  template <typename Sink>
  void Encode(int32_t first, const IdLists<uint32_t>* places, Sink& sink) const;
  // Adds to what is there; what no rule reads is read and left out.
  void Decode(IdReader& reader, const Plan& plan);

 private:
  using Page = HashMap<GroupId, ContributorList>;
  using Pages = std::map<int32_t, Page>;  // by bucket

  const ContributorList* Find(size_t watch, int32_t bucket,
                              GroupId group) const;
  ContributorList& At(size_t watch, int32_t bucket, GroupId group);
  bool Before(const ContributorEntry& a, const ContributorEntry& b) const;
  void Insert(const ContributorEntry& entry, ContributorList& list);

  const ContributorPlan& plan_;
  DimensionTable& dimensions_;
  const KeyDictionary& names_;
  KeyDictionary* held_;  // nullptr in an overlay, which holds no references
  const ContributorLists* base_ = nullptr;
  int32_t first_ = std::numeric_limits<int32_t>::min();
  std::vector<Pages> pages_;  // by watch
};

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CONTRIBUTOR_LISTS_H_
