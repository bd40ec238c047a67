// service_level, beyond_turnaround, due_within.

#include <algorithm>
#include <optional>

#include "cckpi/calendar/opening_hours.h"
#include "oracle/oracle_kpis.h"

namespace cckpi::oracle {
namespace {

using Type = Action::Type;

// What became of one observation with a deadline.
struct Outcome {
  enum class Kind { kOut, kPending, kMet, kMissed, kVoid };
  Kind kind = Kind::kOut;
  bool answered = false;  // of kMissed: answered late
  int64_t start_us = 0;
  int64_t deadline_us = kNever;
  Dims dims;
};

// Follows one script, step by step, with the deadline as it is known at each.
class DeadlineRun {
 public:
  DeadlineRun(const Scene& scene, const KpiSpec& spec,
              const Interaction& interaction)
      : scene_(scene), spec_(spec), in_(interaction) {}

  Outcome Run(const Script& script) {
    if (script.empty()) return {};
    size_t next = 0;
    for (size_t i = script.front().step; i < in_.steps.size(); ++i) {
      const Step& step = in_.steps[i];
      Pass(step.at_us);
      // What the event says of the interaction may select other hours; what
      // `queued` says holds once it has moved the interaction.
      if (i > script.front().step && step.kind != EventKind::kQueued) {
        Compute(i - 1, step.before, step.at_us);
      }
      for (; next < script.size() && script[next].step == i; ++next) {
        if (Act(script[next], i)) return outcome_;
      }
      Compute(i, step.after, step.at_us);
    }
    Pass(scene_.now_us);
    if (outcome_.kind == Outcome::Kind::kPending) {
      outcome_.dims = in_.steps.back().after;
    }
    return outcome_;
  }

 private:
  bool Pending() const { return outcome_.kind == Outcome::Kind::kPending; }

  // Time goes on up to `at_us`.
  void Pass(int64_t at_us) {
    if (!Pending() || at_us <= outcome_.deadline_us) return;
    Miss(in_.steps[in_.StepAt(outcome_.deadline_us)].after);
  }

  void Miss(const Dims& dims) {
    outcome_.kind = Outcome::Kind::kMissed;
    outcome_.dims = dims;
  }

  // The deadline of what is pending, as it is known after the step `known`.
  void Compute(size_t known, const Dims& dims, int64_t at_us) {
    if (!Pending()) return;
    outcome_.deadline_us = scene_.clock.Deadline(
        spec_.clock, dims.Key(), outcome_.start_us, spec_.within_us,
        in_.Counted(outcome_.start_us, kLatestTime, spec_.exclude, known));
    // What has passed already is missed now.
    if (outcome_.deadline_us < at_us) Miss(dims);
  }

  // True when the observation is over.
  bool Act(const Action& action, size_t step) {
    const Dims& before = in_.steps[step].before;
    switch (action.type) {
      case Type::kStart:
        outcome_ = Outcome();
        outcome_.kind = Outcome::Kind::kPending;
        outcome_.start_us = action.start_us;
        started_at_ = step;
        return false;
      case Type::kSuspend:
        outcome_ = Outcome();
        return false;
      case Type::kAnswer:
        // Started by the answer itself, which leaves the bot: the deadline is
        // as it would have been just before.
        if (started_at_ == step) Compute(step - 1, before, in_.At(step));
        if (!Answers(action.by_bot)) {
          outcome_ = Outcome();
        } else if (Pending()) {
          outcome_.kind = Outcome::Kind::kMet;
          outcome_.dims = before.WithAgent(action.agent);
        } else if (outcome_.kind == Outcome::Kind::kMissed) {
          outcome_.answered = true;
          // The service level makes it the replier's.
          if (spec_.kpi == Kpi::kServiceLevel) {
            outcome_.dims = before.WithAgent(action.agent);
          }
        }
        return true;
      case Type::kVoid:
      case Type::kVoidClosed:
        if (Pending()) {
          const bool met =
              action.type == Type::kVoidClosed && spec_.closed_counts_met;
          outcome_.kind = met ? Outcome::Kind::kMet : Outcome::Kind::kVoid;
          outcome_.dims = before;
        }
        return true;
    }
    return true;
  }

  bool Answers(bool by_bot) const {
    if (spec_.stage == Stage::kResolution) return true;
    switch (spec_.response) {
      case Response::kAny:
        return true;
      case Response::kBot:
        return by_bot;
      default:
        return !by_bot;
    }
  }

  const Scene& scene_;
  const KpiSpec& spec_;
  const Interaction& in_;
  Outcome outcome_;
  size_t started_at_ = kNoStep;
};

void BookOutcome(const Scene& scene, const KpiSpec& spec,
                 const Outcome& outcome, Table& table) {
  using Kind = Outcome::Kind;
  if (outcome.kind == Kind::kOut) return;
  if (spec.kpi == Kpi::kDueWithin) {
    if (outcome.kind == Kind::kPending && outcome.deadline_us > scene.now_us &&
        outcome.deadline_us <= scene.now_us + spec.horizon_us) {
      table.Book(scene.now_us, outcome.dims,
                 [](Cell& cell) { cell["count"] += 1; });
    }
    return;
  }
  std::string figure = "met";
  if (outcome.kind == Kind::kPending) figure = "pending";
  if (outcome.kind == Kind::kVoid) figure = "void";
  if (outcome.kind == Kind::kMissed) {
    figure = spec.kpi == Kpi::kServiceLevel ? "missed"
             : outcome.answered             ? "late_answered"
                                            : "overdue_unanswered";
  }
  table.Book(
      spec.kpi == Kpi::kServiceLevel ? outcome.start_us : outcome.deadline_us,
      outcome.dims, [&](Cell& cell) { cell[figure] += 1; });
}

}  // namespace

void BookDeadlines(const Scene& scene, const KpiSpec& spec, Table& table) {
  for (const Interaction& interaction : scene.interactions) {
    if (interaction.discarded && spec.stage != Stage::kEvery) continue;
    auto run = [&](const Script& script) {
      BookOutcome(scene, spec,
                  DeadlineRun(scene, spec, interaction).Run(script), table);
    };
    if (spec.stage == Stage::kEvery) {
      const std::vector<Wait>& waits = spec.response == Response::kHumanOnly
                                           ? interaction.human_only_waits
                                           : interaction.waits;
      for (const Wait& wait : waits) {
        // The wait that `discarded` ends is in no service level.
        const bool discarded =
            interaction.discarded && wait.end == interaction.steps.size() - 1;
        if (!discarded) run(EnteredWaitScript(interaction, wait));
      }
      continue;
    }
    for (const Episode& episode : interaction.episodes) {
      run(spec.stage == Stage::kResolution
              ? ResolutionScript(interaction, episode)
              : FirstResponseScript(interaction, episode, spec.response));
    }
  }
}

}  // namespace cckpi::oracle
