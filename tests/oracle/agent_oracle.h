// The agent oracle: agent time computed the slow way, straight from the
// definitions in docs/agent-time.md, to test AgentTimeline against.
//
// It cuts the axis at every change, every bucket edge, every expiry and at
// `now`, and adds up each piece for every episode that lasts through it. It
// shares no code with the library: bucket edges and classes are spelled out
// here again.

#ifndef CCKPI_TESTS_ORACLE_AGENT_ORACLE_H_
#define CCKPI_TESTS_ORACLE_AGENT_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace cckpi::oracle {

enum class AgentOp { kState, kLoad, kFocus, kEnd, kReply };

// A change of one agent, in the total order of the log that holds it.
struct AgentChange {
  AgentOp op = AgentOp::kState;
  int64_t at_us = 0;
  int agent = 0;
  int state = -1;  // of kState; -1: unknown
  int team = 0;    // of kState; 0: as before
  int episode = 0;
  int group = 0;          // of kLoad
  bool assigned = false;  // of kLoad
  bool agent_turn = false;
  bool focus = false;
  bool of_another = false;  // of kReply: it is assigned to somebody else
};

struct AgentRules {
  std::vector<std::string> states;  // a letter for each class: p r a o h
  int64_t max_state_us = 0;
  int64_t capacity = 3;
  bool count_unreported = true;  // load before the first state event
  bool count_any = false;        // load in any presence
  bool replies_confirm = false;
  int64_t suspect_us = 0;
  bool cut_unreported = true;  // bucket edges end stretches of unreported time
};

struct AgentFigures {
  // (agent, team, bucket, figure) → microseconds, or a number.
  std::map<std::tuple<int, int, int64_t, std::string>, int64_t> time;
  // (agent, episode, group, bucket, "elapsed turn" …) → microseconds.
  std::map<std::tuple<int, int, int, int64_t, std::string>, int64_t> slices;
  // (agent, episode, its nth handling, "elapsed turn" …) → microseconds, of
  // handlings that have ended and of those that run at `now`.
  std::map<std::tuple<int, int, int, std::string>, int64_t> ended;
  std::map<std::tuple<int, int, int, std::string>, int64_t> running;
};

// Everything about all agents of a log, up to `now_us`, which no change lies
// beyond. Loads are called "turn", "assigned" and "focus".
AgentFigures AgentTimeOf(const std::vector<AgentChange>& log,
                         const AgentRules& rules, int64_t now_us);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_AGENT_ORACLE_H_
