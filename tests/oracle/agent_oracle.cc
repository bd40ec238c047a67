#include "oracle/agent_oracle.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cckpi::oracle {
namespace {

const std::string kLoads[] = {"turn", "assigned", "focus"};

// One agent, walking along the axis.
class AgentWalk {
 public:
  AgentWalk(const AgentRules& rules, int agent, AgentFigures& figures)
      : rules_(rules), agent_(agent), figures_(figures) {}

  void Run(const std::vector<AgentChange>& changes, int64_t now_us) {
    std::set<int64_t> points = {now_us};
    for (const AgentChange& change : changes) {
      points.insert(change.at_us);
      if (change.op != AgentOp::kState && change.op != AgentOp::kReply)
        continue;
      if (rules_.max_state_us > 0) {
        points.insert(change.at_us + rules_.max_state_us);
      }
      if (rules_.suspect_us > 0) {
        points.insert(change.at_us + rules_.suspect_us);
      }
    }
    if (changes.empty()) return;
    const int64_t first_us = *points.begin();
    for (int64_t b = FloorBucket(first_us); b * kQuarter <= now_us; ++b) {
      if (b * kQuarter > first_us) points.insert(b * kQuarter);
    }
    size_t next = 0;
    int64_t before_us = first_us;
    for (int64_t point_us : points) {
      if (point_us > now_us) break;
      Piece(before_us, point_us);
      const bool passed_over =
          !rules_.cut_unreported && PresenceAt(point_us - 1) == "unreported";
      if (point_us % kQuarter == 0 && !passed_over) DealAll(point_us - 1);
      Look(point_us);
      while (next < changes.size() && changes[next].at_us == point_us) {
        Apply(changes[next++]);
      }
      before_us = point_us;
    }
    DealAll(now_us);
    for (const auto& [episode, held] : held_) {
      for (const auto& [figure, us] : held.total) {
        figures_.running[{agent_, episode, count_[episode], figure}] = us;
      }
    }
  }

 private:
  static constexpr int64_t kQuarter = 900'000'000;

  struct Held {
    bool assigned = false;
    bool turn = false;
    bool asks_focus = false;
    int group = 0;
    std::map<std::string, int64_t> total;
  };

  static int64_t FloorBucket(int64_t us) {
    return us >= 0 ? us / kQuarter : -((-us + kQuarter - 1) / kQuarter);
  }

  bool Is(int state, char letter) const {
    return state >= 0 && rules_.states[static_cast<size_t>(state)].find(
                             letter) != std::string::npos;
  }

  int StateAt(int64_t us) const {
    const bool expired = rules_.max_state_us > 0 && !Is(state_, 'o') &&
                         us >= confirmed_us_ + rules_.max_state_us;
    return expired ? -1 : state_;
  }

  std::string PresenceAt(int64_t us) const {
    const int state = StateAt(us);
    if (state < 0) return reported_ ? "unknown" : "unreported";
    if (Is(state, 'o')) return "offline";
    return Is(state, 'a') || Is(state, 'h') ? "available" : "unavailable";
  }

  std::set<int> Members(const std::string& load) const {
    std::set<int> members;
    for (const auto& [episode, held] : held_) {
      if ((load == "turn" && held.turn) ||
          (load == "assigned" && held.assigned) ||
          (load == "focus" && focus_ == episode)) {
        members.insert(episode);
      }
    }
    return members;
  }

  void Add(int64_t us, const std::string& figure, int64_t amount) {
    if (amount == 0) return;
    figures_.time[{agent_, team_, FloorBucket(us), figure}] += amount;
  }

  void Credit(int episode, int64_t us, const std::string& figure,
              int64_t amount) {
    if (amount == 0) return;
    Held& held = held_[episode];
    held.total[figure] += amount;
    figures_.slices[{agent_, episode, held.group, FloorBucket(us), figure}] +=
        amount;
  }

  // What looks wrong about a state that has lasted up to here.
  void Look(int64_t us) {
    if (state_ < 0 || Is(state_, 'o') || StateAt(us - 1) < 0) return;
    if (rules_.suspect_us > 0 && us == confirmed_us_ + rules_.suspect_us) {
      Add(us - 1, "state long", 1);
    }
    if (rules_.max_state_us > 0 && us == confirmed_us_ + rules_.max_state_us) {
      Add(us - 1, "state expired", 1);
    }
  }

  // Books [from, to), in which nothing changes.
  void Piece(int64_t from_us, int64_t to_us) {
    if (from_us == to_us) return;
    const int64_t length = to_us - from_us;
    const int state = StateAt(from_us);
    const std::string presence = PresenceAt(from_us);
    if (state >= 0) {
      Add(from_us, "state " + std::to_string(state), length);
      if (state != last_state_) {
        Add(from_us, "visits " + std::to_string(state), 1);
      }
    }
    last_state_ = state;
    if (Is(state, 'p')) Add(from_us, "paid", length);
    if (Is(state, 'r')) Add(from_us, "productive", length);
    if (presence == "available" || presence == "unavailable") {
      Add(from_us, "staffed", length);
    }
    if (presence == "available") {
      Add(from_us, "available", length);
      Add(from_us, "capacity", length * rules_.capacity);
    }
    const bool counts = presence == "available" || rules_.count_any ||
                        (presence == "unreported" && rules_.count_unreported);
    std::set<int> any;
    for (const std::string& load : kLoads) {
      const std::set<int> members = Members(load);
      any.insert(members.begin(), members.end());
      const int64_t n = static_cast<int64_t>(members.size());
      if (presence == "available") {
        if (n > 0) Add(from_us, "busy " + load, length);
        Add(from_us, "level " + load, length * n);
        Add(from_us, "capped " + load, length * std::min(n, rules_.capacity));
        Add(from_us, "at " + std::to_string(n) + " " + load, length);
        if (n > 0) {
          int64_t& max =
              figures_
                  .time[{agent_, team_, FloorBucket(from_us), "max " + load}];
          max = std::max(max, n);
        }
      } else if (presence == "unreported") {
        if (n > 0) Add(from_us, "unreported busy " + load, length);
        Add(from_us, "unreported level " + load, length * n);
      } else {
        Add(from_us, "off level " + load, length * n);
      }
      if (!counts) continue;
      for (int episode : members) {
        Credit(episode, from_us, "elapsed " + load, length);
      }
      if (n > 0) stretch_[load] += length;
    }
    if (counts) return;
    for (int episode : any) held_[episode].total["off"] += length;
  }

  // Ends the stretch of a load: floor(length / n) for each member, and one
  // more for the first length mod n of them. `us` lies in its bucket.
  void Deal(const std::string& load, int64_t us) {
    const std::set<int> members = Members(load);
    const int64_t length = std::exchange(stretch_[load], 0);
    if (length == 0) return;
    const int64_t n = static_cast<int64_t>(members.size());
    int64_t rank = 0;
    for (int episode : members) {
      const int64_t odd = rank++ < length % n ? 1 : 0;
      Credit(episode, us, "share " + load, length / n + odd);
    }
  }

  void DealAll(int64_t us) {
    for (const std::string& load : kLoads) Deal(load, us);
  }

  // The loads whose members an episode joins or leaves, or is a member of
  // while its group changes, end their stretch before the change.
  void Apply(const AgentChange& change) {
    const int64_t at_us = change.at_us;
    const int episode = change.episode;
    switch (change.op) {
      case AgentOp::kState:
        // The state so far was set at this very instant, and is no visit.
        if (state_us_ == at_us && state_ >= 0 && state_ != last_state_ &&
            state_ != change.state) {
          Add(at_us, "state replaced", 1);
        }
        state_ = change.state;
        state_us_ = at_us;
        confirmed_us_ = at_us;
        reported_ = true;
        if (change.team == 0 || change.team == team_) return;
        if (team_ != 0) Add(at_us, "team changed", 1);
        team_ = change.team;
        return;
      case AgentOp::kReply: {
        const std::string presence = PresenceAt(at_us);
        if (presence != "available" && presence != "unreported") {
          Add(at_us, "replied " + presence, 1);
        }
        if (change.of_another && !held_.contains(episode)) {
          Add(at_us, "replied unassigned", 1);
        }
        if (rules_.replies_confirm && StateAt(at_us) >= 0) {
          confirmed_us_ = at_us;
        }
        return;
      }
      case AgentOp::kLoad: {
        if (!held_.contains(episode)) {
          if (!change.assigned && !change.agent_turn && !change.focus) return;
          Open(episode);
        }
        Regroup(episode, change.group, at_us);
        Held& held = held_[episode];
        if (held.assigned != change.assigned) Deal("assigned", at_us);
        if (held.turn != change.agent_turn) Deal("turn", at_us);
        const bool is_assignment = change.assigned && !held.assigned;
        held.assigned = change.assigned;
        held.turn = change.agent_turn;
        const bool takes_focus = change.focus && !held.asks_focus;
        held.asks_focus = change.focus;
        if (takes_focus) SetFocus(episode, at_us);
        if (!change.focus && focus_ == episode) SetFocus(0, at_us);
        if (is_assignment) {
          Add(at_us, "assignments " + PresenceAt(at_us), 1);
          for (const std::string& load : kLoads) {
            const int64_t n = static_cast<int64_t>(Members(load).size());
            Add(at_us, "assigned at " + std::to_string(n) + " " + load, 1);
          }
        }
        return;
      }
      case AgentOp::kFocus:
        if (!held_.contains(episode)) return;
        held_[episode].asks_focus = true;
        SetFocus(episode, at_us);
        return;
      case AgentOp::kEnd: {
        if (!held_.contains(episode)) return;
        const Held held = held_[episode];
        if (held.assigned) Deal("assigned", at_us);
        if (held.turn) Deal("turn", at_us);
        if (focus_ == episode) SetFocus(0, at_us);
        for (const auto& [figure, us] : held_[episode].total) {
          figures_.ended[{agent_, episode, count_[episode], figure}] = us;
        }
        held_.erase(episode);
        return;
      }
    }
  }

  // 0: no episode.
  void SetFocus(int episode, int64_t at_us) {
    if (focus_ == episode) return;
    Deal("focus", at_us);
    focus_ = episode;
  }

  void Open(int episode) {
    held_[episode] = {};
    ++count_[episode];
  }

  void Regroup(int episode, int group, int64_t at_us) {
    if (held_[episode].group == group) return;
    for (const std::string& load : kLoads) {
      if (Members(load).contains(episode)) Deal(load, at_us);
    }
    held_[episode].group = group;
  }

  const AgentRules& rules_;
  int agent_;
  AgentFigures& figures_;
  int state_ = -1;
  int last_state_ = -1;
  int64_t state_us_ = 0;
  int64_t confirmed_us_ = 0;
  bool reported_ = false;
  int team_ = 0;
  int focus_ = 0;  // episodes count from 1
  std::map<int, Held> held_;
  std::map<int, int> count_;  // handlings of the episode so far
  std::map<std::string, int64_t> stretch_;
};

}  // namespace

AgentFigures AgentTimeOf(const std::vector<AgentChange>& log,
                         const AgentRules& rules, int64_t now_us) {
  std::map<int, std::vector<AgentChange>> agents;
  for (const AgentChange& change : log) agents[change.agent].push_back(change);
  AgentFigures figures;
  for (const auto& [agent, changes] : agents) {
    AgentWalk(rules, agent, figures).Run(changes, now_us);
  }
  return figures;
}

}  // namespace cckpi::oracle
