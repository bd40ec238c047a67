#include "scaling/rule_oracle.h"

#include <algorithm>

namespace cckpi {
namespace {

// What is known of one tick once it is over.
struct Past {
  int64_t at_us = 0;
  bool missing = false;
  int reached = -1;  // the worst band reached; what `alert` makes of no data
  int held = -1;     // reached, or fired and not cleared
  int fires = -1;    // the level of the open incident after the tick
  bool recovers = false;
  size_t incident = 0;  // which one; 0: none
};

class Oracle {
 public:
  Oracle(const ScalingRule& rule, const std::vector<OracleTick>& ticks)
      : rule_(rule), ticks_(ticks) {}

  OracleResult Run() {
    for (size_t t = 0; t < ticks_.size(); ++t) {
      if (t > 0 && rule_.no_data_after_us > 0 &&
          ticks_[t].at_us - ticks_[t - 1].at_us > rule_.no_data_after_us) {
        // As if there had been a tick without data at that moment, at which
        // nobody looked before now.
        OracleTick gap;
        gap.at_us = ticks_[t].at_us;
        Look(gap, ticks_[t - 1].at_us + rule_.no_data_after_us);
      }
      Look(ticks_[t], ticks_[t].at_us);
      Tell(t);
      result_.states.push_back(state_);
    }
    return std::move(result_);
  }

 private:
  bool IsBad(int64_t value, int64_t edge) const {
    return rule_.direction == Direction::kLowerIsBetter ? value > edge
                                                        : value < edge;
  }
  int bands() const { return static_cast<int>(rule_.bands.size()); }
  const Band& BandAt(int b) const {
    return rule_.bands[static_cast<size_t>(b)];
  }

  // Since when every look, the newest included, has been like this.
  template <typename F>
  std::optional<int64_t> Since(F holds) const {
    std::optional<int64_t> since;
    for (size_t p = past_.size(); p-- > 0;) {
      if (!holds(past_[p])) break;
      since = past_[p].at_us;
    }
    return since;
  }

  void Look(const OracleTick& tick, int64_t since_us) {
    const int fired = past_.empty() ? -1 : past_.back().fires;
    Past now;
    now.at_us = since_us;
    now.incident = fired >= 0 ? past_.back().incident : 0;
    const bool no_data = !tick.value_micro.has_value() || tick.n < rule_.min_n;
    if (no_data && rule_.no_data == NoDataPolicy::kAlert) {
      now.reached = 0;
      now.held = std::max(fired, 0);
    } else if (no_data) {
      now.missing = true;
    } else {
      for (int b = 0; b < bands(); ++b) {
        if (IsBad(*tick.value_micro, BandAt(b).over_micro)) now.reached = b;
      }
      now.held = now.reached;
      for (int b = 0; b <= fired; ++b) {
        if (IsBad(*tick.value_micro,
                  BandAt(b).clear_micro.value_or(BandAt(b).over_micro))) {
          now.held = std::max(now.held, b);
        }
      }
    }
    past_.push_back(now);
    Past& last = past_.back();
    last.fires = fired;
    last.recovers = past_.size() > 1 && past_[past_.size() - 2].recovers;
    if (now.missing) {
      if (fired < 0) {
        state_ = rule_.no_data == NoDataPolicy::kOk ? "ok" : "no_data";
      }
      return;
    }
    // The worst band beyond the one that fires that was reached for its dwell.
    for (int b = bands() - 1; b > fired; --b) {
      const auto since =
          Since([&](const Past& p) { return !p.missing && p.reached >= b; });
      if (since && tick.at_us - *since >= BandAt(b).dwell_us) {
        last.fires = b;
        last.recovers = false;
        if (fired < 0) last.incident = ++incidents_;
        state_ = "firing(" + std::to_string(b) + ")";
        return;
      }
    }
    if (fired < 0) {
      state_ = last.reached < 0
                   ? "ok"
                   : "pending(" + std::to_string(last.reached) + ")";
      return;
    }
    // The worst band that was not left for as long as hold.
    int stays = -1;
    for (int b = 0; b <= fired; ++b) {
      const auto left = Since([&](const Past& p) {
        return !p.missing && p.held < b && p.incident == last.incident &&
               FiredAtLeast(p, b);
      });
      if (!left || tick.at_us - *left < rule_.hold_us) stays = b;
    }
    if (last.held < 0) {
      if (stays < 0) {
        last.fires = -1;
        last.recovers = false;
        state_ = "ok";
      } else {
        last.recovers = true;
        state_ = "recovering(" + std::to_string(fired) + ")";
      }
      return;
    }
    last.recovers = false;
    last.fires = stays;
    state_ = "firing(" + std::to_string(stays) + ")";
  }

  // Had band b fired before this look? Before that it cannot be left.
  bool FiredAtLeast(const Past& look, int b) const {
    const auto index = static_cast<size_t>(&look - past_.data());
    return index > 0 && past_[index - 1].incident == look.incident &&
           past_[index - 1].fires >= b;
  }

  // The level that an incident fired at last.
  int LastLevel(size_t incident) const {
    int level = -1;
    for (const Past& look : past_) {
      if (look.incident == incident && look.fires >= 0) level = look.fires;
    }
    return level;
  }

  void Send(size_t t, const std::string& kind, int level) {
    result_.sent.push_back(std::to_string(t) + ": " + kind + " " +
                           std::to_string(level));
    last_sent_us_ = ticks_[t].at_us;
    told_ = level;
  }

  void Tell(size_t t) {
    const OracleTick& tick = ticks_[t];
    const int fires = past_.back().fires;
    // The incident that people know of, and the one that is.
    const size_t is = fires >= 0 ? past_.back().incident : 0;
    if (tick.acknowledged && t > 0) {
      const size_t before = open_before_;
      if (before != 0 && acknowledged_ != before) acknowledged_ = before;
    }
    open_before_ = is;
    if (tick.silent) return;
    if (known_ != 0 && known_ != is) {
      Send(t, "resolved", LastLevel(known_));
      known_ = 0;
    }
    if (is == 0 || past_.back().recovers) return;
    if (known_ == 0) {
      known_ = is;
      step_ = 0;
      step_since_us_ = tick.at_us;
      Send(t, "opened", fires);
    } else if (fires > told_) {
      Send(t, "escalated", fires);
    } else if (fires < told_) {
      told_ = fires;
      if (rule_.notify_deescalation) {
        Send(t, "deescalated", fires);
      } else {
        Remind(t, is, fires);
      }
    } else {
      Remind(t, is, fires);
    }
  }

  void Remind(size_t t, size_t is, int fires) {
    if (acknowledged_ != is) {
      const OracleTick& tick = ticks_[t];
      if (step_ + 1 < rule_.ladder.size() &&
          tick.at_us - step_since_us_ >= rule_.ladder[step_].after_us) {
        ++step_;
        step_since_us_ = tick.at_us;
        Send(t, "ladder", fires);
      } else if (rule_.repeat_us > 0 &&
                 tick.at_us - last_sent_us_ >= rule_.repeat_us) {
        Send(t, "repeated", fires);
      }
    }
  }

  const ScalingRule& rule_;
  const std::vector<OracleTick>& ticks_;
  std::vector<Past> past_;
  std::string state_ = "no_data";
  size_t incidents_ = 0;
  size_t open_before_ = 0;
  size_t known_ = 0;
  size_t acknowledged_ = 0;
  int told_ = -1;
  size_t step_ = 0;
  int64_t step_since_us_ = 0;
  int64_t last_sent_us_ = 0;
  OracleResult result_;
};

}  // namespace

OracleResult RunRuleOracle(const ScalingRule& rule,
                           const std::vector<OracleTick>& ticks) {
  return Oracle(rule, ticks).Run();
}

}  // namespace cckpi
