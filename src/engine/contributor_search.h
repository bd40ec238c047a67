// ContributorSearch: who is behind the numbers of notifications.
//
// Takes the notifications of a tick, then finds the contributors of all of
// them in one walk over the lists that the engine keeps (contributor_lists.h)
// and, for what is still open, one over the open interactions.

#ifndef CCKPI_SRC_ENGINE_CONTRIBUTOR_SEARCH_H_
#define CCKPI_SRC_ENGINE_CONTRIBUTOR_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "cckpi/calendar/window.h"
#include "cckpi/kpi/config.h"
#include "cckpi/scaling/evaluator.h"
#include "src/engine/engine_view.h"
#include "src/kpi/contributor_plan.h"

namespace cckpi {

class ContributorSearch {
 public:
  // At most so many of those that count, and of those that wait.
  static constexpr size_t kMost = 5;

  // As of `now_us`, the tick; `view` must outlive the search.
  ContributorSearch(const EngineView& view, int64_t now_us);

  // `note` is of `rule`, whose number was read in `window`. Both must outlive
  // the search. A rule that the engine cannot read is left out.
  void Add(const ScalingRule& rule, const Window& window, Notification& note);

  // Fills in the contributors of everything that was added.
  void Run();

 private:
  struct Candidate {
    int64_t rank = 0;  // the greatest comes first
    int64_t value = 0;
    InteractionId interaction = InteractionId::kNone;
    const char* outcome = "";
    bool open = false;  // still so: it needs no other mention as waiting
  };
  struct Request {
    Notification* note = nullptr;
    size_t reading = 0;
    std::vector<Candidate> counted;
    std::vector<Candidate> waiting;
  };
  // The groups of one grouping in one scope that anybody asks about.
  struct Shape {
    GroupBy by;
    std::map<std::string, std::string> scope;
    std::vector<uint8_t> slots;
    std::vector<ScopeCondition> conditions;
    HashMap<Combination, size_t> targets;
    std::vector<std::vector<size_t>> requests;  // by target
    std::vector<uint32_t> of_dimensions;        // 2 + target, 1: none, 0: ?
  };
  // One rule in one window.
  struct Reading {
    const ScalingRule* rule = nullptr;
    Window window;
    size_t shape = 0;
    RuleContributors of;
    const KpiPlan* kpi = nullptr;
  };

  // The requests that what has these dimensions is for; nullptr: none.
  const std::vector<size_t>* RequestsOf(Shape& shape, DimensionsId dimensions);
  // The place of the rule's reading; nothing where the engine has none.
  std::optional<size_t> ReadingOf(const ScalingRule& rule,
                                  const Window& window);
  std::optional<size_t> ShapeOf(const ScalingRule& rule);
  void Offer(const Candidate& candidate, std::vector<Candidate>& best) const;
  bool Before(const Candidate& a, const Candidate& b) const;
  void ReadLists(size_t reading);
  void ReadList(size_t reading, const ContributorWatch& watch,
                const ContributorList& list, std::vector<size_t>& requests);
  void ReadOpen();
  void OfferOpen(InteractionId id, const Interaction& i, Request& request);
  void OfferTracked(InteractionId id, const Interaction& i, size_t reading);

  const EngineView& view_;
  const int64_t now_us_;
  const TimelineState& timeline_;
  std::vector<Shape> shapes_;
  std::vector<Reading> readings_;
  std::vector<Request> requests_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_CONTRIBUTOR_SEARCH_H_
