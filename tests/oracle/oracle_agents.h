// The oracle's agents: what the events of a log mean to agent time.
//
// The steps of all interactions and the agent states are put into the total
// order and told to AgentTimeOf as changes; what it adds up is then booked for
// each KPI of agent time.

#ifndef CCKPI_TESTS_ORACLE_ORACLE_AGENTS_H_
#define CCKPI_TESTS_ORACLE_ORACLE_AGENTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cckpi/event/event.h"
#include "cckpi/kpi/config.h"
#include "cckpi/kpi/kpi_spec.h"
#include "oracle/agent_oracle.h"
#include "oracle/oracle.h"
#include "oracle/oracle_replay.h"
#include "oracle/oracle_table.h"

namespace cckpi::oracle {

// Agents, teams and groups of episodes have numbers from 1; 0 is none.
struct AgentScene {
  AgentFigures figures;
  // Its `time` by figure first, then agent, team and bucket.
  std::map<std::string, std::map<std::tuple<int, int, int64_t>, int64_t>> time;
  std::vector<std::string_view> agents;
  std::vector<std::string_view> teams;
  std::vector<Dims> groups;
  std::vector<std::string> states;  // by number, from 0
  std::vector<uint8_t> classes;     // of each, as configured
  // Of each handling that has ended: the episode's close.
  struct Ended {
    int agent = 0;
    int episode = 0;
    bool responded = false;
    int64_t at_us = 0;
    Dims dims;
  };
  std::vector<Ended> ended;
};

// `states` are the agent_state events, sorted.
AgentScene FollowAgents(const Config& config, bool slices,
                        const std::vector<Interaction>& interactions,
                        const std::vector<Event>& states, int64_t now_us);

bool IsOfAgentTime(Kpi kpi);
void BookAgentTime(const AgentScene& scene, const KpiSpec& spec, Table& table);
// The rows of one cell, on top of `row`, which has everything but figures.
std::vector<OracleRow> AgentRows(const KpiSpec& spec, const Cell& cell,
                                 const OracleRow& row);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_ORACLE_AGENTS_H_
