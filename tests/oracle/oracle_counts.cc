// arrivals, answered, handled, resolved, reopened, transferred, messages, and
// bot_outcome, which books the same way.

#include <algorithm>
#include <set>
#include <string_view>

#include "oracle/oracle_kpis.h"

namespace cckpi::oracle {
namespace {

void One(Table& table, int64_t at_us, const Dims& dims) {
  table.Book(at_us, dims, [](Cell& cell) { cell["count"] += 1; });
}

void Arrivals(const Interaction& in, const KpiSpec& spec, Table& table) {
  bool first = true;
  for (const Episode& episode : in.episodes) {
    if (spec.counts == CountUnit::kEvents) {
      for (size_t step : episode.customer_messages) {
        One(table, in.At(step), in.steps[step].after);
      }
      continue;
    }
    if (episode.entry == kNoStep) continue;
    if (first || spec.counts == CountUnit::kEpisodes) {
      One(table, in.At(episode.entry), EntryDims(in, episode, episode.entry));
    }
    first = false;
  }
}

void Answered(const Interaction& in, const KpiSpec& spec, Table& table) {
  auto response = [&](size_t step) {
    One(table, in.At(step),
        in.steps[step].before.WithAgent(in.steps[step].event.agent));
  };
  if (spec.counts == CountUnit::kEvents) {
    for (const Wait& wait : in.waits) {
      if (wait.end_kind == WaitEnd::kHuman) response(wait.end);
    }
    return;
  }
  for (const Episode& episode : in.episodes) {
    if (episode.entry == kNoStep) continue;
    auto first = std::find_if(episode.human_responses.begin(),
                              episode.human_responses.end(),
                              [&](size_t i) { return i > episode.entry; });
    if (first == episode.human_responses.end()) continue;
    response(*first);
    if (spec.counts == CountUnit::kInteractions) return;
  }
}

void Handled(const Interaction& in, Table& table) {
  for (const Episode& episode : in.episodes) {
    std::set<std::string_view> seen;
    for (size_t step : episode.human_responses) {
      const std::string_view agent = in.steps[step].event.agent;
      if (agent.empty() || !seen.insert(agent).second) continue;
      One(table, in.At(step), in.steps[step].before.WithAgent(agent));
    }
  }
}

void Resolved(const Interaction& in, const KpiSpec& spec, Table& table) {
  for (const Episode& episode : in.episodes) {
    if (episode.close == kNoStep ||
        in.steps[episode.close].kind != EventKind::kResolved) {
      continue;
    }
    One(table, in.At(episode.close),
        in.steps[episode.close].before.WithAgent(episode.resolver));
    if (spec.counts == CountUnit::kInteractions) return;
  }
}

void Reopened(const Interaction& in, Table& table) {
  for (size_t i = 1; i < in.episodes.size(); ++i) {
    const size_t open = in.episodes[i].open;
    One(table, in.At(open),
        in.steps[open].after.WithAgent(in.episodes[i - 1].resolver));
  }
}

void Transferred(const Interaction& in, const KpiSpec& spec, Table& table) {
  for (const Episode& episode : in.episodes) {
    for (size_t step : episode.transfers) {
      One(table, in.At(step), in.steps[step].before);
      if (spec.counts == CountUnit::kEpisodes) break;
    }
  }
}

void Messages(const Interaction& in, const KpiSpec& spec, Table& table) {
  for (const Step& step : in.steps) {
    if ((step.event.flags & kReaction) != 0) continue;
    const bool customers = step.kind == EventKind::kCustomerMessage;
    const bool agents = step.kind == EventKind::kAgentMessage;
    const bool bots = step.kind == EventKind::kBotMessage;
    if (!customers && !agents && !bots) continue;
    if (!customers && (step.event.flags & kPrivate) != 0) continue;
    if (spec.side == MessageSide::kCustomer && !customers) continue;
    if (spec.side == MessageSide::kAgent && !agents) continue;
    if (spec.side == MessageSide::kBot && !bots) continue;
    One(table, step.at_us,
        agents ? step.before.WithAgent(step.event.agent) : step.before);
  }
}

void BotOutcome(const Interaction& in, Table& table) {
  if (in.discarded) return;
  for (const Episode& episode : in.episodes) {
    if (episode.bot_responses.empty() && episode.handoffs.empty()) continue;
    std::string figure = "open";
    if (!episode.handoffs.empty()) {
      figure = "handed_off";
    } else if (episode.human_side != kNoStep) {
      figure = "human_took_over";
    } else if (episode.close != kNoStep) {
      figure = episode.auto_closed ? "abandoned_in_bot" : "resolved_by_bot";
    }
    const size_t at = episode.entry == kNoStep ? episode.open : episode.entry;
    table.Book(in.At(episode.open), EntryDims(in, episode, at),
               [&](Cell& cell) {
                 cell[figure] += 1;
                 cell["n"] += 1;
               });
  }
}

}  // namespace

Dims EntryDims(const Interaction& in, const Episode& episode, size_t step) {
  Dims dims = in.steps[step].after;
  const size_t last =
      episode.close == kNoStep ? in.steps.size() - 1 : episode.close;
  for (size_t i = step + 1; i <= last; ++i) {
    const Dims& now =
        i == episode.close ? in.steps[i].before : in.steps[i].after;
    if (dims.channel.empty()) dims.channel = now.channel;
    if (dims.source.empty()) dims.source = now.source;
    if (dims.team.empty()) dims.team = now.team;
    if (dims.agent.empty()) dims.agent = now.agent;
    if (dims.priority.empty()) dims.priority = now.priority;
    for (const auto& [name, value] : now.tags) {
      std::string_view& known = dims.tags[name];
      if (known.empty()) known = value;
    }
  }
  return dims;
}

void BookCounts(const Scene& scene, const KpiSpec& spec, Table& table) {
  for (const Interaction& interaction : scene.interactions) {
    switch (spec.kpi) {
      case Kpi::kArrivals:
        Arrivals(interaction, spec, table);
        break;
      case Kpi::kAnswered:
        Answered(interaction, spec, table);
        break;
      case Kpi::kHandled:
        Handled(interaction, table);
        break;
      case Kpi::kResolved:
        Resolved(interaction, spec, table);
        break;
      case Kpi::kReopened:
        Reopened(interaction, table);
        break;
      case Kpi::kTransferred:
        Transferred(interaction, spec, table);
        break;
      case Kpi::kMessages:
        Messages(interaction, spec, table);
        break;
      case Kpi::kBotOutcome:
        BotOutcome(interaction, table);
        break;
      default:
        break;
    }
  }
}

}  // namespace cckpi::oracle
