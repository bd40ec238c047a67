// ContributorPlan: the observations whose extremes are remembered by name.
//
// A cell keeps a number, not who is behind it. A notification of a scaling
// rule names the interactions that drove its number, so for each measure that
// some rule reads, and for the grouping that the rule reads it by, the names
// of the largest observations are kept (contributor_lists.h). What no rule
// reads costs nothing.

#ifndef CCKPI_SRC_KPI_CONTRIBUTOR_PLAN_H_
#define CCKPI_SRC_KPI_CONTRIBUTOR_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "cckpi/kpi/config.h"
#include "src/kpi/plan.h"

namespace cckpi {

// What is ranked, and by what. The numbers are those of snapshots.
enum class ContributorKind : uint8_t {
  kSpan = 0,      // the longest spans
  kDeadline = 1,  // what missed its deadline, by how much
  kReview = 2,    // reviewed responses with errors, the most errors first
  kHandle = 3,    // the longest handle times
  kCounter = 4,   // what was counted, the earliest first
  kContact = 5,   // contacts that did not resolve, the earliest first
  kBot = 6,       // what a bot did not resolve, the earliest first
  kSurvey = 7,    // the worst scores
};
inline constexpr size_t kContributorKinds = 8;

// Which observations are ranked: those of a measure of the plan (of its spans,
// deadlines, …, by kind; 0 where there is only one), by the groups of one kept
// grouping.
struct ContributorWatch {
  ContributorKind kind = ContributorKind::kSpan;
  size_t measure = 0;
  size_t grouping = 0;

  bool operator==(const ContributorWatch&) const = default;
};

// Whose observations drive the number of one scaling rule.
struct RuleContributors {
  // Into Plan::kpis: the rule's KPI, or what its formula names first.
  size_t kpi = 0;
  std::vector<ContributorWatch> watches;  // none: only what is open counts
};

// NotFound when the rule names no KPI of the plan, or dimensions that it does
// not keep.
absl::StatusOr<RuleContributors> ContributorsOf(const Plan& plan,
                                                const ScalingRule& rule);

struct ContributorPlan {
  std::vector<ContributorWatch> watches;
  // Of each kind, by measure: the watches.
  std::array<std::vector<std::vector<size_t>>, kContributorKinds> of;
  int64_t reach_us = 0;  // no window of a rule begins longer ago

  // Errors as ContributorsOf.
  static absl::StatusOr<ContributorPlan> Compile(const Config& config,
                                                 const Plan& plan);

  // The watch's number; kNoWatch when there is none.
  static constexpr size_t kNoWatch = static_cast<size_t>(-1);
  size_t Find(const ContributorWatch& watch) const;

  // The first bucket that a window may hold at `now_us`.
  int32_t FirstBucket(int64_t now_us) const {
    return BucketOf(BucketBegin(BucketOf(now_us)) - reach_us);
  }
};

// How many measures of a kind the plan has.
size_t MeasuresOf(const Plan& plan, ContributorKind kind);

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_CONTRIBUTOR_PLAN_H_
