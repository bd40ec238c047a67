// Every KPI of agent time, from docs/agent-time.md.

#include "oracle/oracle_agents.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cckpi::oracle {
namespace {

constexpr const char* kLoads[] = {"turn", "assigned", "focus"};

template <typename T>
int NumberOf(std::vector<T>& known, const T& value) {
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == value) return static_cast<int>(i);
  }
  known.push_back(value);
  return static_cast<int>(known.size() - 1);
}

std::string Letters(uint8_t classes) {
  std::string letters;
  if ((classes & kPaid) != 0) letters += 'p';
  if ((classes & kProductive) != 0) letters += 'r';
  if ((classes & kAvailable) != 0) letters += 'a';
  if ((classes & kOffline) != 0) letters += 'o';
  if ((classes & kHandling) != 0) letters += 'h';
  return letters;
}

struct Bits {
  bool assigned = false;
  bool turn = false;
  bool focus = false;
};

// Walks through all steps in the total order and says what changes for whom.
class Teller {
 public:
  Teller(const Config& config, const std::vector<Interaction>& interactions,
         AgentScene& scene)
      : interactions_(interactions),
        scene_(scene),
        focus_(interactions.size()) {
    scene_.agents = {{}};
    scene_.teams = {{}};
    std::vector<GroupBy> groups = config.groups;
    using Field = Dimension::Field;
    if (!config.groups_given) {
      groups = {
          {{Field::kChannel, ""}}, {{Field::kTeam, ""}}, {{Field::kAgent, ""}}};
    }
    for (const GroupBy& by : groups) {
      told_apart_.insert(told_apart_.end(), by.begin(), by.end());
    }
    // Episodes have their numbers in the order of names.
    int number = 1;
    for (const Interaction& in : interactions) {
      first_episode_.push_back(number);
      number += static_cast<int>(in.episodes.size());
    }
  }

  void Tell(const Event& state) {
    AgentChange change;
    change.op = AgentOp::kState;
    change.at_us = state.at_us;
    change.agent = NumberOf(scene_.agents, state.agent);
    for (size_t i = 0; i < scene_.states.size(); ++i) {
      if (scene_.states[i] == state.state) change.state = static_cast<int>(i);
    }
    change.team = NumberOf(scene_.teams, state.team);
    log_.push_back(change);
  }

  void Tell(size_t interaction, size_t index) {
    const Interaction& in = interactions_[interaction];
    const Step& step = in.steps[index];
    const int before = index == 0 ? -1 : in.steps[index - 1].episode;
    const bool open = step.episode >= 0;
    std::string_view& focus = focus_[interaction];
    std::map<std::string_view, Bits> loads;
    if (index > 0 && before >= 0) {
      if (!in.steps[index - 1].after.agent.empty()) {
        loads[in.steps[index - 1].after.agent];
      }
      if (!focus.empty()) loads[focus];
    }
    if (open && before < 0) focus = {};
    if (step.kind == EventKind::kFocus && open) focus = step.event.agent;
    if (step.kind == EventKind::kBlur && focus == step.event.agent) focus = {};
    if (!open) focus = {};
    if (open && !step.after.agent.empty()) {
      Bits& bits = loads[step.after.agent];
      bits.assigned = true;
      bits.turn = step.phase == Phase::kAgentTurn;
    }
    if (!focus.empty()) loads[focus].focus = true;

    const int episode =
        first_episode_[interaction] + (open ? step.episode : before);
    for (const auto& [agent, bits] : loads) {
      AgentChange change = About(AgentOp::kLoad, step, agent, episode);
      change.assigned = bits.assigned;
      change.agent_turn = bits.turn;
      change.focus = bits.focus;
      change.group = NumberOf(groups_, KeyOf(step.after.WithAgent(agent)));
      if (static_cast<size_t>(change.group) == scene_.groups.size()) {
        scene_.groups.push_back(step.after.WithAgent(agent));
      }
      log_.push_back(change);
      handlers_[episode].insert(agent);
    }
    if (step.kind == EventKind::kFocus && open) {
      log_.push_back(About(AgentOp::kFocus, step, step.event.agent, episode));
    }
    if (IsHumanResponse(step.event) && !step.event.agent.empty()) {
      AgentChange change =
          About(AgentOp::kReply, step, step.event.agent, episode);
      for (const Assignment& assignment : in.assignments) {
        if (assignment.begin <= index && index < assignment.end &&
            assignment.agent != step.event.agent) {
          change.of_another = true;
        }
      }
      log_.push_back(change);
    }
    if (open || before < 0) return;
    const Episode& closed = in.episodes[static_cast<size_t>(before)];
    for (std::string_view agent : handlers_[episode]) {
      log_.push_back(About(AgentOp::kEnd, step, agent, episode));
      const bool responded = std::any_of(
          closed.human_responses.begin(), closed.human_responses.end(),
          [&](size_t i) { return in.steps[i].event.agent == agent; });
      scene_.ended.push_back({NumberOf(scene_.agents, agent), episode,
                              responded, step.at_us,
                              step.before.WithAgent(agent)});
    }
  }

  const std::vector<AgentChange>& log() const { return log_; }

 private:
  AgentChange About(AgentOp op, const Step& step, std::string_view agent,
                    int episode) {
    AgentChange change;
    change.op = op;
    change.at_us = step.at_us;
    change.agent = NumberOf(scene_.agents, agent);
    change.episode = episode;
    return change;
  }
  GroupKey KeyOf(const Dims& dims) const {
    return Table::KeyOf(told_apart_, dims);
  }

  const std::vector<Interaction>& interactions_;
  AgentScene& scene_;
  GroupBy told_apart_;
  std::vector<int> first_episode_;
  std::vector<std::string_view> focus_;  // by interaction
  std::map<int, std::set<std::string_view>> handlers_;
  std::vector<GroupKey> groups_;
  std::vector<AgentChange> log_;
};

// "at 3 turn" → 3, of a load; -1: another figure.
int LevelOf(const std::string& figure, const std::string& prefix,
            const std::string& load) {
  if (figure.rfind(prefix, 0) != 0) return -1;
  const std::string rest = figure.substr(prefix.size());
  const size_t blank = rest.find(' ');
  if (blank == std::string::npos || rest.substr(blank + 1) != load) return -1;
  return std::stoi(rest);
}

std::string Allocated(const KpiSpec& spec) {
  switch (spec.allocation) {
    case Allocation::kFocus:
      return "elapsed focus";
    case Allocation::kResponse:
      return "elapsed turn";
    case Allocation::kShare:
      // Nobody shares the foreground.
      if (spec.load == Load::kFocus) return "elapsed focus";
      return absl::StrCat("share ", kLoads[static_cast<size_t>(spec.load)]);
    case Allocation::kElapsed:
      break;
  }
  return absl::StrCat("elapsed ", kLoads[static_cast<size_t>(spec.load)]);
}

void BookHandleTime(const AgentScene& scene, const KpiSpec& spec,
                    Table& table) {
  const std::string figure = Allocated(spec);
  for (const AgentScene::Ended& ended : scene.ended) {
    const auto found =
        scene.figures.ended.find({ended.agent, ended.episode, 1, figure});
    const int64_t value =
        found == scene.figures.ended.end() ? 0 : found->second;
    if (value == 0 && !ended.responded) continue;
    table.Book(ended.at_us, ended.dims, [&](Cell& cell) {
      cell["count"] += 1;
      cell["sum_us"] += value;
      cell.values.push_back(value);
    });
  }
  if (spec.attribution != Attribution::kSliced) return;
  for (const auto& [key, us] : scene.figures.slices) {
    const auto& [agent, episode, group, bucket, name] = key;
    if (name != figure) continue;
    table.Book(bucket * kBucketSpan, scene.groups[static_cast<size_t>(group)],
               [slice = us](Cell& cell) { cell["sliced_us"] += slice; });
  }
}

bool Begins(const std::string& text, std::string_view with) {
  return text.compare(0, with.size(), with) == 0;
}
bool IsMax(const std::string& figure) { return Begins(figure, "max "); }

// Does the KPI look at that figure?
bool Reads(Kpi kpi, const std::string& figure) {
  std::vector<std::string_view> begins = {"available", "busy ", "staffed"};
  switch (kpi) {
    case Kpi::kOccupancy:
      begins.push_back("off level ");
      break;
    case Kpi::kCapacityOccupancy:
      begins = {"capped ", "capacity"};
      break;
    case Kpi::kUtilization:
      begins.push_back("productive");
      begins.push_back("paid");
      break;
    case Kpi::kConcurrency:
      begins = {"available", "busy ", "level ", "at ", "max ", "assigned at "};
      break;
    case Kpi::kStateTime:
      begins = {"state ", "visits "};
      break;
    case Kpi::kDataQuality:
      begins = {"assignments ", "replied ", "state ", "team "};
      break;
    default:
      break;
  }
  return std::any_of(begins.begin(), begins.end(), [&](std::string_view with) {
    return Begins(figure, with);
  });
}

OracleValue Quotient(absl::int128 numerator, absl::int128 denominator) {
  if (denominator == 0) return OracleValue::None();
  return OracleValue::Number(static_cast<double>(numerator) /
                             static_cast<double>(denominator));
}

std::string ClassFigure(AgentTimeClass which, const std::string& load) {
  switch (which) {
    case AgentTimeClass::kProductive:
      return "productive";
    case AgentTimeClass::kPaid:
      return "paid";
    case AgentTimeClass::kAvailable:
      return "available";
    case AgentTimeClass::kStaffed:
      return "staffed";
    case AgentTimeClass::kBusy:
      return "busy " + load;
  }
  return "";
}

const std::pair<DataCheck, const char*> kChecks[] = {
    {DataCheck::kAssignedWhileUnavailable, "assignments unavailable"},
    {DataCheck::kAssignedWhileOffline, "assignments offline"},
    {DataCheck::kAssignedWhileUnknown, "assignments unknown"},
    {DataCheck::kRepliedWhileUnavailable, "replied unavailable"},
    {DataCheck::kRepliedWhileOffline, "replied offline"},
    {DataCheck::kRepliedWhileUnknown, "replied unknown"},
    {DataCheck::kRepliedUnassigned, "replied unassigned"},
    {DataCheck::kStateReplaced, "state replaced"},
    {DataCheck::kStateExpired, "state expired"},
    {DataCheck::kStateLong, "state long"},
    {DataCheck::kTeamChanged, "team changed"},
};
constexpr const char* kCheckNames[] = {"assigned_while_unavailable",
                                       "assigned_while_offline",
                                       "assigned_while_unknown",
                                       "replied_while_unavailable",
                                       "replied_while_offline",
                                       "replied_while_unknown",
                                       "replied_unassigned",
                                       "state_replaced",
                                       "state_expired",
                                       "state_long",
                                       "team_changed"};

// "0:1200000000 2:600000000", of figures "at 2 turn".
std::string Levels(const Cell& cell, const std::string& prefix,
                   const std::string& load) {
  std::map<int, absl::int128> levels;
  for (const auto& [name, sum] : cell.sums) {
    const int level = LevelOf(name, prefix, load);
    if (level >= 0 && sum != 0) levels[level] = sum;
  }
  std::string text;
  for (const auto& [level, sum] : levels) {
    absl::StrAppend(&text, text.empty() ? "" : " ", level, ":",
                    static_cast<int64_t>(sum));
  }
  return text;
}

}  // namespace

AgentScene FollowAgents(const Config& config, bool slices,
                        const std::vector<Interaction>& interactions,
                        const std::vector<Event>& states, int64_t now_us) {
  AgentScene scene;
  AgentRules rules;
  const std::vector<AgentState> known =
      config.agent_states.empty() ? DefaultAgentStates() : config.agent_states;
  for (const AgentState& state : known) {
    scene.states.push_back(state.name);
    scene.classes.push_back(state.classes);
    rules.states.push_back(Letters(state.classes));
  }
  rules.max_state_us = config.agent_presence.max_state_us;
  rules.suspect_us = config.agent_presence.suspect_after_us;
  rules.replies_confirm = config.agent_presence.replies_confirm;
  rules.capacity = config.agent_capacity;
  rules.count_any =
      config.agent_presence.handle_time == HandleTimePresence::kAny;
  rules.count_unreported =
      config.agent_presence.handle_time != HandleTimePresence::kAvailable;
  rules.cut_unreported = slices;

  struct Item {
    const Event* event;
    bool is_state = false;
    size_t interaction = 0;
    size_t step = 0;
  };
  std::vector<Item> items;
  for (size_t i = 0; i < interactions.size(); ++i) {
    for (size_t s = 0; s < interactions[i].steps.size(); ++s) {
      items.push_back({&interactions[i].steps[s].event, false, i, s});
    }
  }
  for (const Event& state : states) items.push_back({&state, true, 0, 0});
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) {
                     return CompareEvents(*a.event, *b.event) < 0;
                   });
  Teller teller(config, interactions, scene);
  for (const Item& item : items) {
    if (item.is_state) {
      teller.Tell(*item.event);
    } else {
      teller.Tell(item.interaction, item.step);
    }
  }
  scene.figures = AgentTimeOf(teller.log(), rules, now_us);
  for (const auto& [key, amount] : scene.figures.time) {
    const auto& [agent, team, bucket, name] = key;
    scene.time[name][{agent, team, bucket}] = amount;
  }
  return scene;
}

bool IsOfAgentTime(Kpi kpi) {
  switch (kpi) {
    case Kpi::kCasesPerHour:
    case Kpi::kOccupancy:
    case Kpi::kCapacityOccupancy:
    case Kpi::kUtilization:
    case Kpi::kConcurrency:
    case Kpi::kStateTime:
    case Kpi::kStaffedTime:
    case Kpi::kAvailableTime:
    case Kpi::kBusyTime:
    case Kpi::kIdleTime:
    case Kpi::kDataQuality:
      return true;
    default:
      return false;
  }
}

void BookAgentTime(const AgentScene& scene, const KpiSpec& spec, Table& table) {
  if (spec.kpi == Kpi::kHandleTime) {
    BookHandleTime(scene, spec, table);
    return;
  }
  // Summed up by window first: there are many buckets.
  std::map<std::tuple<int, int, int64_t, std::string>, absl::int128> sums;
  for (const auto& [name, amounts] : scene.time) {
    if (!Reads(spec.kpi, name)) continue;
    Window window;
    for (const auto& [key, amount] : amounts) {
      const auto& [agent, team, bucket] = key;
      const int64_t at_us = bucket * kBucketSpan;
      if (!window.Contains(at_us)) window = table.WindowOf(at_us);
      absl::int128& sum = sums[{agent, team, window.begin_us, name}];
      sum = IsMax(name) ? std::max(sum, absl::int128(amount)) : sum + amount;
    }
  }
  for (const auto& [key, sum] : sums) {
    const auto& [agent, team, begin_us, name] = key;
    std::string figure = name;
    if (spec.kpi == Kpi::kStateTime) {
      const size_t blank = figure.find(' ');
      // "state replaced" and the like are no times.
      if (figure[blank + 1] < '0' || figure[blank + 1] > '9') continue;
      const size_t state =
          static_cast<size_t>(std::stoi(figure.substr(blank + 1)));
      if ((scene.classes[state] & kOffline) != 0) continue;
      figure =
          (figure[0] == 's' ? "time of " : "visits to ") + scene.states[state];
    }
    Dims dims;
    dims.agent = scene.agents[static_cast<size_t>(agent)];
    dims.team = scene.teams[static_cast<size_t>(team)];
    const absl::int128 more = sum;
    table.BookIn(table.WindowOf(std::max(begin_us, kEarliestTime)), dims,
                 [&](Cell& cell) {
                   absl::int128& all = cell[figure];
                   all = IsMax(figure) ? std::max(all, more) : all + more;
                 });
  }
}

std::vector<OracleRow> AgentRows(const KpiSpec& spec, const Cell& cell,
                                 const OracleRow& row) {
  const std::string load = kLoads[static_cast<size_t>(spec.load)];
  const absl::int128 available = cell.Sum("available");
  const absl::int128 busy = cell.Sum("busy " + load);
  std::vector<OracleRow> rows;
  OracleRow one = row;
  auto add = [&one](const std::string& name, absl::int128 value) {
    one.figures.push_back({name, OracleValue::Integer(value)});
  };
  auto ratio = [&](absl::int128 numerator, absl::int128 denominator) {
    add("numerator", numerator);
    add("denominator", denominator);
    one.value = Quotient(numerator, denominator);
  };
  auto time = [&](absl::int128 us) {
    add("sum_us", us);
    one.value = OracleValue::Number(static_cast<double>(us) * 1e-6);
    if (us != 0) rows.push_back(one);
  };
  switch (spec.kpi) {
    case Kpi::kOccupancy:
      ratio(busy, available);
      add("busy_us", busy);
      add("idle_us", available - busy);
      one.figures.push_back({"busy_to_free", Quotient(busy, available - busy)});
      add("off_level_us", cell.Sum("off level " + load));
      if (available != 0 || cell.Sum("off level " + load) != 0) {
        rows.push_back(one);
      }
      break;
    case Kpi::kCapacityOccupancy:
      ratio(cell.Sum("capped " + load), cell.Sum("capacity"));
      if (cell.Sum("capacity") != 0) rows.push_back(one);
      break;
    case Kpi::kUtilization: {
      const absl::int128 above = cell.Sum(ClassFigure(spec.numerator, load));
      const absl::int128 below = cell.Sum(ClassFigure(spec.denominator, load));
      ratio(above, below);
      add("productive_us", cell.Sum("productive"));
      add("paid_us", cell.Sum("paid"));
      if (above != 0 || below != 0) rows.push_back(one);
      break;
    }
    case Kpi::kConcurrency: {
      const absl::int128 level = cell.Sum("level " + load);
      const absl::int128 most = cell.Sum("max " + load);
      absl::int128 assigned = 0;
      absl::int128 levels = 0;
      for (const auto& [name, count] : cell.sums) {
        const int at = LevelOf(name, "assigned at ", load);
        if (at < 0) continue;
        assigned += count;
        levels += at * count;
      }
      one.figures.push_back({"mean", Quotient(level, available)});
      one.figures.push_back({"mean_busy", Quotient(level, busy)});
      add("max", most);
      add("level_us", level);
      one.figures.push_back(
          {"time_at_level_us", OracleValue::Text(Levels(cell, "at ", load))});
      one.figures.push_back(
          {"assigned_at_level",
           OracleValue::Text(Levels(cell, "assigned at ", load))});
      one.figures.push_back(
          {"mean_level_at_assignment", Quotient(levels, assigned)});
      one.value = spec.statistic == Statistic::kMax
                      ? OracleValue::Number(static_cast<double>(most))
                  : spec.statistic == Statistic::kMeanBusy
                      ? Quotient(level, busy)
                      : Quotient(level, available);
      if (available != 0) rows.push_back(one);
      break;
    }
    case Kpi::kStaffedTime:
      time(cell.Sum("staffed"));
      break;
    case Kpi::kAvailableTime:
      time(available);
      break;
    case Kpi::kBusyTime:
      time(busy);
      break;
    case Kpi::kIdleTime:
      time(available - busy);
      break;
    case Kpi::kStateTime: {
      std::set<std::string> states;
      for (const auto& [name, sum] : cell.sums) {
        if (name.rfind("time of ", 0) == 0) states.insert(name.substr(8));
        if (name.rfind("visits to ", 0) == 0) states.insert(name.substr(10));
      }
      for (const std::string& state : states) {
        if (!spec.state.empty() && spec.state != state) continue;
        one = row;
        one.part = state;
        const absl::int128 us = cell.Sum("time of " + state);
        const absl::int128 visits = cell.Sum("visits to " + state);
        add("sum_us", us);
        add("visits", visits);
        one.value = OracleValue::Number(spec.statistic == Statistic::kVisits
                                            ? static_cast<double>(visits)
                                            : static_cast<double>(us) * 1e-6);
        rows.push_back(one);
      }
      break;
    }
    case Kpi::kDataQuality:
      for (size_t i = 0; i < std::size(kChecks); ++i) {
        const auto& [check, figure] = kChecks[i];
        if (spec.check != DataCheck::kAll && spec.check != check) continue;
        const absl::int128 count = cell.Sum(figure);
        if (count == 0) continue;
        one = row;
        one.part = kCheckNames[i];
        add("count", count);
        one.value = OracleValue::Number(static_cast<double>(count));
        rows.push_back(one);
      }
      break;
    case Kpi::kCasesPerHour: {
      const absl::int128 cases = cell.Sum("count");
      const absl::int128 us = spec.hours == Hours::kStaffed
                                  ? cell.Sum("staffed")
                              : spec.hours == Hours::kBusy ? busy
                                                           : available;
      add("numerator", cases);
      add("denominator", us);
      add("hours_us", us);
      one.value = Quotient(cases * kHour, us);
      if (cases != 0 || us != 0) rows.push_back(one);
      break;
    }
    default:
      break;
  }
  return rows;
}

}  // namespace cckpi::oracle
