// first_response_time, response_time, customer_response_time, resolution_time,
// operating_time, speed_of_answer, handle_time.assign_to_reply.

#include <algorithm>
#include <optional>

#include "cckpi/calendar/opening_hours.h"
#include "oracle/oracle_kpis.h"

namespace cckpi::oracle {
namespace {

using Type = Action::Type;

// Books the observations of one interaction for one spec.
class Durations {
 public:
  Durations(const Scene& scene, const KpiSpec& spec, Table& table,
            const Interaction& interaction)
      : scene_(scene), spec_(spec), table_(table), in_(interaction) {}

  void Book();

 private:
  int64_t Measure(int64_t start_us, int64_t end_us, size_t step,
                  const Dims& dims) const {
    return scene_.clock.Elapsed(
        spec_.clock, dims.Key(), start_us, end_us,
        in_.Counted(start_us, end_us, spec_.exclude, step));
  }
  int64_t BookAt(int64_t start_us, int64_t end_us) const {
    return spec_.attribution == Attribution::kArrival ? start_us : end_us;
  }
  const Dims& Before(size_t step) const { return in_.steps[step].before; }

  // A span that the step ended; `value_end_us` may lie before the step.
  void Done(int64_t start_us, size_t step, std::string_view agent,
            int64_t value_end_us) {
    const Dims dims = Before(step).WithAgent(agent);
    Value(start_us, step, dims, Measure(start_us, value_end_us, step, dims));
  }
  void Done(int64_t start_us, size_t step, std::string_view agent) {
    Done(start_us, step, agent, in_.At(step));
  }
  void Value(int64_t start_us, size_t step, const Dims& dims, int64_t value) {
    const bool taken_out = Retractable() && in_.discarded;
    Value(start_us, step, dims, value, taken_out);
  }
  void Value(int64_t start_us, size_t step, const Dims& dims, int64_t value,
             bool taken_out) {
    table_.Book(BookAt(start_us, in_.At(step)), dims, [&](Cell& cell) {
      if (taken_out) {
        cell.taken_out.push_back(value);
        return;
      }
      cell["count"] += 1;
      cell["sum_us"] += value;
      cell.values.push_back(value);
    });
  }
  void Void(int64_t start_us, size_t step, std::string_view owner) {
    if (Retractable() && in_.discarded) return;
    table_.Book(BookAt(start_us, in_.At(step)), Before(step).WithAgent(owner),
                [](Cell& cell) { cell["void"] += 1; });
  }
  void Void(int64_t start_us, size_t step) {
    Void(start_us, step, Before(step).agent);
  }

  // Open from the step `from` to the step `to` (kNoStep: still open).
  void Open(int64_t start_us, size_t from, size_t to) {
    if (spec_.attribution == Attribution::kArrival) {
      if (to == kNoStep) {
        BookOpen(table_.WindowOf(start_us), scene_.now_us, start_us,
                 in_.steps.size() - 1);
      }
      return;
    }
    table_.AtWindowEnds(
        in_.At(from), to == kNoStep ? kNever : in_.At(to),
        [&](const Window& window, int64_t instant) {
          const bool over = window.end_us <= scene_.now_us;
          BookOpen(window, instant, start_us,
                   over ? in_.StepBefore(instant) : in_.steps.size() - 1);
        });
  }
  void BookOpen(const Window& window, int64_t instant, int64_t start_us,
                size_t step) {
    const Dims& dims = in_.steps[step].after;
    const int64_t waiting = Measure(start_us, instant, step, dims);
    table_.BookIn(window, dims, [&](Cell& cell) {
      cell["open"] += 1;
      cell.waiting_us += waiting;
    });
  }

  // "As if they had never been" holds for these.
  bool Retractable() const {
    return spec_.kpi == Kpi::kFirstResponseTime ||
           spec_.kpi == Kpi::kResolutionTime;
  }
  bool Wants(bool by_bot) const {
    switch (spec_.response) {
      case Response::kAny:
        return true;
      case Response::kBot:
        return by_bot;
      default:
        return !by_bot;
    }
  }

  void FollowScript(const Script& script);
  void ResponseTimes();
  void PooledResponseTimes(const std::vector<Wait>& waits);
  void CustomerResponseTimes(const Episode& episode);
  void Resolution(const Episode& episode);
  void InteractionResolution();
  std::optional<int64_t> SpanEndOf(const Episode& episode) const;
  void Operating(const Episode& episode);
  void SpeedOfAnswer(const Episode& episode);
  void AssignToReply();
  void FirstReply(const Assignment& assignment);

  const Scene& scene_;
  const KpiSpec& spec_;
  Table& table_;
  const Interaction& in_;
};

void Durations::FollowScript(const Script& script) {
  int64_t start_us = 0;
  bool running = false;
  size_t since = kNoStep;  // the step from which it ran last
  for (const Action& action : script) {
    if (running && action.step != since) Open(start_us, since, action.step);
    switch (action.type) {
      case Type::kStart:
        start_us = action.start_us;
        since = action.step;
        running = true;
        break;
      case Type::kSuspend:
        running = false;
        break;
      case Type::kAnswer:
        if (Wants(action.by_bot)) Done(start_us, action.step, action.agent);
        return;
      case Type::kVoid:
      case Type::kVoidClosed:
        Void(since == kNoStep ? action.start_us : start_us, action.step);
        return;
    }
  }
  if (running) Open(start_us, since, kNoStep);
}

void Durations::ResponseTimes() {
  const std::vector<Wait>& waits =
      spec_.response == Response::kHumanOnly ? in_.human_only_waits : in_.waits;
  std::vector<Wait> wanted;
  for (size_t i = 0; i < waits.size(); ++i) {
    const bool first = i == 0 || waits[i - 1].episode != waits[i].episode;
    if (spec_.skip_first && first) continue;
    wanted.push_back(waits[i]);
  }
  if (spec_.pooling == Pooling::kPerInteraction) {
    PooledResponseTimes(wanted);
    return;
  }
  for (const Wait& wait : wanted) FollowScript(WaitScript(in_, wait));
}

// One value for each closed episode that has answered waits: their mean. There
// is nothing open or void.
void Durations::PooledResponseTimes(const std::vector<Wait>& waits) {
  for (size_t i = 0; i < in_.episodes.size(); ++i) {
    const Episode& episode = in_.episodes[i];
    if (episode.discarded) continue;
    const int64_t start_us = in_.At(episode.open);
    absl::int128 sum = 0;
    int64_t answered = 0;
    for (const Wait& wait : waits) {
      if (wait.episode != i) continue;
      const bool by_bot = wait.end_kind == WaitEnd::kBot;
      if ((by_bot || wait.end_kind == WaitEnd::kHuman) && Wants(by_bot)) {
        const size_t begin = wait.moved == kNoStep ? wait.open : wait.moved;
        sum += Measure(in_.At(begin), in_.At(wait.end), wait.end,
                       Before(wait.end));
        ++answered;
      }
    }
    if (episode.close == kNoStep) continue;
    if (answered == 0) continue;
    Value(start_us, episode.close,
          Before(episode.close).WithAgent(episode.resolver),
          static_cast<int64_t>(sum / answered));
  }
}

void Durations::CustomerResponseTimes(const Episode& episode) {
  size_t run = kNoStep;  // the last human response of the run
  const size_t last =
      episode.close == kNoStep ? in_.steps.size() - 1 : episode.close;
  for (size_t i = episode.open; i <= last; ++i) {
    const Step& step = in_.steps[i];
    if (run != kNoStep && (i == episode.close || OwesAnswer(step.event) ||
                           IsHumanResponse(step.event))) {
      Open(in_.At(run), run, i);
    }
    if (i == episode.close) {
      if (run != kNoStep) Void(in_.At(run), i);
      return;
    }
    if (IsHumanResponse(step.event)) {
      run = i;
    } else if (OwesAnswer(step.event) && run != kNoStep) {
      Done(in_.At(run), i, in_.steps[run].event.agent);
      run = kNoStep;
    }
  }
  if (run != kNoStep) Open(in_.At(run), run, kNoStep);
}

// Where the span of a closed episode ends; nullopt: nowhere.
std::optional<int64_t> Durations::SpanEndOf(const Episode& episode) const {
  switch (spec_.to) {
    case SpanEnd::kClose:
      break;
    case SpanEnd::kLastAgentMessage:
      if (episode.human_responses.empty()) return std::nullopt;
      return in_.At(episode.human_responses.back());
    case SpanEnd::kCloseMinusInactivity:
      if (episode.auto_closed) return episode.last_message_us;
      break;
  }
  return in_.At(episode.close);
}

void Durations::Resolution(const Episode& episode) {
  const int64_t start_us = in_.At(episode.open);
  Open(start_us, episode.open, episode.close);
  if (episode.close == kNoStep) return;
  const std::optional<int64_t> end_us = SpanEndOf(episode);
  if (!end_us.has_value()) {
    Void(start_us, episode.close);
  } else {
    Done(start_us, episode.close, episode.resolver, *end_us);
  }
}

void Durations::InteractionResolution() {
  if (in_.episodes.empty()) return;
  const Episode& first = in_.episodes.front();
  const int64_t start_us = in_.At(first.open);
  std::vector<size_t> closed;  // the episodes whose close counts
  for (size_t i = 0; i < in_.episodes.size(); ++i) {
    const Episode& episode = in_.episodes[i];
    Open(start_us, episode.open, episode.close);
    if (episode.close == kNoStep || !SpanEndOf(episode).has_value()) continue;
    closed.push_back(i);
    if (spec_.level == ResolutionLevel::kFirst) break;
  }
  for (size_t i : closed) {
    const Episode& episode = in_.episodes[i];
    const bool replaced = i != closed.back();
    const std::optional<int64_t> end_us = SpanEndOf(episode);
    const Dims dims = Before(episode.close).WithAgent(episode.resolver);
    Value(start_us, episode.close, dims,
          Measure(start_us, *end_us, episode.close, dims),
          replaced || in_.discarded);
  }
}

void Durations::Operating(const Episode& episode) {
  size_t from = kNoStep;
  if (spec_.from == SpanStart::kFirstCustomerMessage) {
    from = episode.contact;
  } else if (!episode.human_responses.empty()) {
    from = episode.human_responses.front();
  }
  if (from != kNoStep) Open(in_.At(from), from, episode.close);
  if (episode.close == kNoStep) return;
  if (episode.discarded) {
    if (from != kNoStep) Void(in_.At(from), episode.close);
    return;
  }
  const std::optional<int64_t> end_us = SpanEndOf(episode);
  if (from == kNoStep || episode.human_responses.empty() ||
      !end_us.has_value() || *end_us < in_.At(from)) {
    Void(in_.At(from == kNoStep ? episode.close : from), episode.close);
    return;
  }
  Done(in_.At(from), episode.close,
       in_.steps[episode.human_responses.back()].event.agent, *end_us);
}

void Durations::SpeedOfAnswer(const Episode& episode) {
  if (episode.entry == kNoStep) return;
  size_t answer = kNoStep;
  const std::vector<size_t>& answers =
      spec_.answer == AnswerEnd::kReply      ? episode.human_responses
      : spec_.answer == AnswerEnd::kAssigned ? episode.assigned
                                             : episode.accepted;
  // What the start is, seen from the step `i`.
  auto start_at = [&](size_t i) -> std::optional<int64_t> {
    if (episode.queued_before) return in_.At(episode.entry);
    size_t first = kNoStep;
    if (!episode.queued.empty()) first = episode.queued.front();
    if (!episode.handoffs.empty()) {
      first = std::min(first, episode.handoffs.front());
    }
    if (first <= i) return in_.At(std::max(first, episode.entry));
    if (episode.contact <= i) return in_.At(episode.contact);
    return std::nullopt;
  };
  // The first one after the start.
  for (size_t step : answers) {
    if (step > episode.entry && start_at(step - 1).has_value()) {
      answer = step;
      break;
    }
  }
  const size_t end = answer != kNoStep ? answer : episode.close;
  // Waiting, step by step.
  const size_t last = end == kNoStep ? in_.steps.size() : end;
  for (size_t i = episode.entry; i < last; ++i) {
    const std::optional<int64_t> start = start_at(i);
    if (!start.has_value() || in_.steps[i].in_bot) continue;
    Open(*start, i, i + 1 < in_.steps.size() ? i + 1 : kNoStep);
  }
  if (end == kNoStep) return;
  const std::optional<int64_t> start = start_at(end - 1);
  if (!start.has_value()) return;
  if (answer != kNoStep) {
    Done(*start, answer, in_.steps[answer].event.agent);
  } else if (!in_.steps[end - 1].in_bot) {
    // A case that closes in the bot never came to the human queue.
    Void(*start, end);
  }
}

// From an assignment to its agent's first response.
void Durations::FirstReply(const Assignment& assignment) {
  const int64_t start_us = in_.At(assignment.begin);
  const Episode& episode = in_.episodes[assignment.episode];
  for (size_t step : episode.human_responses) {
    if (step < assignment.begin || step > assignment.end ||
        in_.steps[step].event.agent != assignment.agent) {
      continue;
    }
    Open(start_us, assignment.begin, step);
    Done(start_us, step, assignment.agent);
    return;
  }
  Open(start_us, assignment.begin, assignment.end);
  if (assignment.end != kNoStep) {
    Void(start_us, assignment.end, assignment.agent);
  }
}

void Durations::AssignToReply() {
  for (const Assignment& assignment : in_.assignments) {
    const Episode& episode = in_.episodes[assignment.episode];
    bool touched = false;
    for (size_t step : episode.human_responses) {
      if (step >= assignment.begin && step <= assignment.end &&
          in_.steps[step].event.agent == assignment.agent) {
        touched = true;
      }
    }
    if (assignment.end != kNoStep && !touched) {
      table_.Book(in_.At(assignment.end),
                  Before(assignment.end).WithAgent(assignment.agent),
                  [](Cell& cell) { cell["untouched"] += 1; });
    }
    if (spec_.first_reply) {
      FirstReply(assignment);
      continue;
    }
    for (const Wait& wait : in_.waits) {
      if (wait.episode != assignment.episode) continue;
      const size_t begin = std::max(assignment.begin, wait.open);
      const size_t end = std::min(assignment.end, wait.end);
      if (begin >= end) continue;
      int64_t start_us = in_.At(begin);
      if (wait.moved != kNoStep && wait.moved < end && wait.moved > begin) {
        Open(start_us, begin, wait.moved);
        start_us = in_.At(wait.moved);
        Open(start_us, wait.moved, end);
      } else {
        Open(start_us, begin, end);
      }
      if (end == kNoStep) continue;
      const bool answered = wait.end == end &&
                            wait.end_kind == WaitEnd::kHuman &&
                            in_.steps[end].event.agent == assignment.agent;
      if (answered) {
        Done(start_us, end, assignment.agent);
      } else {
        Void(start_us, end, assignment.agent);
      }
    }
  }
}

void Durations::Book() {
  switch (spec_.kpi) {
    case Kpi::kResponseTime:
      ResponseTimes();
      return;
    case Kpi::kAssignToReply:
      AssignToReply();
      return;
    case Kpi::kResolutionTime:
      if (spec_.level != ResolutionLevel::kEpisode) {
        InteractionResolution();
        return;
      }
      break;
    default:
      break;
  }
  for (const Episode& episode : in_.episodes) {
    switch (spec_.kpi) {
      case Kpi::kFirstResponseTime:
        FollowScript(FirstResponseScript(in_, episode, spec_.response));
        break;
      case Kpi::kCustomerResponseTime:
        CustomerResponseTimes(episode);
        break;
      case Kpi::kResolutionTime:
        Resolution(episode);
        break;
      case Kpi::kOperatingTime:
        Operating(episode);
        break;
      case Kpi::kSpeedOfAnswer:
        SpeedOfAnswer(episode);
        break;
      default:
        break;
    }
  }
}

}  // namespace

void BookDurations(const Scene& scene, const KpiSpec& spec, Table& table) {
  for (const Interaction& interaction : scene.interactions) {
    Durations(scene, spec, table, interaction).Book();
  }
}

}  // namespace cckpi::oracle
