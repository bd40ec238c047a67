#include "oracle/oracle_replay.h"

#include <algorithm>
#include <utility>

namespace cckpi::oracle {

bool OwesAnswer(const Event& event) {
  return event.kind == EventKind::kCustomerMessage &&
         (event.flags & (kReaction | kAutomated | kCampaign)) == 0;
}

bool IsHumanResponse(const Event& event) {
  return event.kind == EventKind::kAgentMessage &&
         (event.flags & (kPrivate | kAutomated | kCampaign | kReaction)) == 0;
}

bool IsBotResponse(const Event& event) {
  return event.kind == EventKind::kBotMessage &&
         (event.flags & (kPrivate | kCampaign | kReaction)) == 0;
}

size_t Interaction::StepAt(int64_t at_us) const {
  size_t result = kNoStep;
  for (size_t i = 0; i < steps.size() && steps[i].at_us <= at_us; ++i) {
    result = i;
  }
  return result;
}

size_t Interaction::StepBefore(int64_t at_us) const {
  size_t result = kNoStep;
  for (size_t i = 0; i < steps.size() && steps[i].at_us < at_us; ++i) {
    result = i;
  }
  return result;
}

Spans Interaction::Counted(int64_t from_us, int64_t to_us, uint8_t exclude,
                           size_t last_step) const {
  Spans excluded;
  for (size_t i = 0; i <= last_step && i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (step.episode < 0 || (exclude & PhaseBit(step.phase)) == 0) continue;
    const int64_t end = i < last_step && i + 1 < steps.size()
                            ? steps[i + 1].at_us
                            : kLatestTime;
    excluded.push_back({step.at_us, end});
  }
  if (to_us <= from_us) return {};
  return Difference({{from_us, to_us}}, Normalized(excluded));
}

namespace {

// The state machine of one interaction.
class Replayer {
 public:
  Replayer(const Config& config, Interaction& interaction)
      : config_(config), interaction_(interaction) {}

  void FireAutoClose(const Event& next) {
    Event timer;
    if (!DueAutoClose(timer)) return;
    const bool before = timer.at_us != next.at_us ? timer.at_us < next.at_us
                                                  : timer.kind <= next.kind;
    if (before) Apply(timer, true);
  }

  void FireAutoClose(int64_t now_us) {
    Event timer;
    if (DueAutoClose(timer) && timer.at_us <= now_us) Apply(timer, true);
  }

  void Apply(const Event& event, bool timer);

  // Has it been closed for so long, or discarded, or has nothing come for so
  // long that opened an episode?
  bool IsForgotten(int64_t at_us) const {
    if (config_.forget_closed_after_us <= 0 || open_) return false;
    if (interaction_.steps.empty()) return false;
    const bool closed =
        !interaction_.discarded && !interaction_.episodes.empty();
    const int64_t since_us = closed ? interaction_.At(Current().close)
                                    : interaction_.steps.back().at_us;
    return at_us >= since_us + config_.forget_closed_after_us;
  }

 private:
  bool DueAutoClose(Event& timer) const {
    if (!open_ || config_.auto_close_after_us <= 0) return false;
    timer.kind = EventKind::kAutoClosed;
    timer.at_us = Current().last_message_us + config_.auto_close_after_us;
    return true;
  }

  const Episode& Current() const { return interaction_.episodes.back(); }
  Episode& Current() { return interaction_.episodes.back(); }
  size_t EpisodeIndex() const { return interaction_.episodes.size() - 1; }

  void Learn(const Event& event);
  void Open(const Event& event, size_t step);
  void Message(const Event& event);
  void Contact(size_t step);
  void OpenWait(std::vector<Wait>& waits, size_t step, bool human);
  void EndWait(std::vector<Wait>& waits, size_t step, WaitEnd end);
  void EnterHumanSide(size_t step);
  void Effect(const Event& event, size_t step);
  void Close(const Event& event, size_t step);
  void FollowOwner(const Event& event, size_t step);

  static bool HasOpenWait(const std::vector<Wait>& waits) {
    return !waits.empty() && waits.back().end == kNoStep;
  }

  const Config& config_;
  Interaction& interaction_;
  Dims dims_;  // its agent is the owner
  bool open_ = false;
  bool had_owner_ = false;  // before the event
  bool hold_ = false;
  bool in_bot_ = false;
  bool routed_ = false;  // queued, assigned or accepted since the last close
  bool queued_ = false;  // queued since the last close
};

// What sticks to the interaction, whatever the event is.
void Replayer::Learn(const Event& event) {
  if (interaction_.customer.empty() && !event.customer.empty()) {
    interaction_.customer = event.customer;
    interaction_.customer_known = interaction_.steps.size() - 1;
  }
  if (dims_.channel.empty()) dims_.channel = event.channel;
  if (dims_.source.empty()) dims_.source = event.source;
  // `queued` moves it there, which is more.
  if (dims_.team.empty() && event.kind != EventKind::kQueued) {
    dims_.team = event.team;
  }
  // A known priority is changed by priority_changed only.
  if (!event.priority.empty() &&
      (dims_.priority.empty() || event.kind == EventKind::kPriorityChanged)) {
    dims_.priority = event.priority;
  }
  for (const Tag& tag : event.tags) dims_.tags[tag.name] = tag.value;
}

void Replayer::Open(const Event& event, size_t step) {
  Episode episode;
  episode.open = step;
  episode.outbound = event.kind == EventKind::kAgentMessage;
  if (!episode.outbound) episode.entry = step;
  episode.routed_before = routed_;
  episode.queued_before = queued_;
  episode.last_message_us = event.at_us;
  interaction_.episodes.push_back(episode);
  open_ = true;
  if (routed_) EnterHumanSide(step);
}

void Replayer::Message(const Event& event) {
  Current().last_message_us = event.at_us;
  Current().last_message_is_customers = OwesAnswer(event);
  Current().last_message_is_humans = IsHumanResponse(event);
}

// The first customer message, or what stands for it.
void Replayer::Contact(size_t step) {
  if (Current().contact == kNoStep) Current().contact = step;
  if (Current().entry == kNoStep) Current().entry = step;
}

void Replayer::OpenWait(std::vector<Wait>& waits, size_t step, bool human) {
  if (HasOpenWait(waits)) return;
  waits.push_back({.episode = EpisodeIndex(), .open = step, .human = human});
}

void Replayer::EndWait(std::vector<Wait>& waits, size_t step, WaitEnd end) {
  if (!HasOpenWait(waits)) return;
  waits.back().end = step;
  waits.back().end_kind = end;
}

void Replayer::EnterHumanSide(size_t step) {
  in_bot_ = false;
  if (Current().human_side == kNoStep) Current().human_side = step;
}

void Replayer::Close(const Event& event, size_t step) {
  Episode& episode = Current();
  episode.close = step;
  episode.auto_closed = event.kind == EventKind::kAutoClosed;
  episode.discarded = event.kind == EventKind::kDiscarded;
  if (!event.agent.empty()) {
    episode.resolver = event.agent;
  } else if (event.by != Actor::kBot) {
    episode.resolver = dims_.agent;
  }
  EndWait(interaction_.waits, step, WaitEnd::kClosed);
  EndWait(interaction_.human_only_waits, step, WaitEnd::kClosed);
  open_ = false;
  hold_ = false;
  in_bot_ = false;
  routed_ = false;
  queued_ = false;
  dims_.agent = {};
}

// What the event does to the episode that is open after it (or to what is
// remembered for the next one).
void Replayer::Effect(const Event& event, size_t step) {
  std::vector<Wait>& waits = interaction_.waits;
  std::vector<Wait>& human_only = interaction_.human_only_waits;
  switch (event.kind) {
    case EventKind::kCustomerMessage: {
      if (!OwesAnswer(event)) return;
      Episode& episode = Current();
      episode.customer_messages.push_back(step);
      Contact(step);
      Message(event);
      OpenWait(waits, step, false);
      OpenWait(human_only, step, false);
      return;
    }
    case EventKind::kBotMessage:
      if (!open_ || !IsBotResponse(event)) return;
      Current().bot_responses.push_back(step);
      Message(event);
      if (Current().human_side == kNoStep) in_bot_ = true;
      if (HasOpenWait(waits) && !waits.back().human) {
        EndWait(waits, step, WaitEnd::kBot);
      }
      return;
    case EventKind::kBotHandoff:
      Current().handoffs.push_back(step);
      Contact(step);
      EnterHumanSide(step);
      if (HasOpenWait(waits) && !waits.back().human) {
        waits.back().human = true;
        waits.back().moved = step;
      }
      OpenWait(waits, step, true);
      OpenWait(human_only, step, true);
      return;
    case EventKind::kQueued:
      if (open_) {
        if (routed_) Current().transfers.push_back(step);
        Current().queued.push_back(step);
        EnterHumanSide(step);
      }
      routed_ = true;
      queued_ = true;
      if (!event.team.empty()) dims_.team = event.team;
      dims_.agent = {};
      return;
    case EventKind::kAssigned:
    case EventKind::kAccepted:
      if (open_) {
        (event.kind == EventKind::kAssigned ? Current().assigned
                                            : Current().accepted)
            .push_back(step);
        EnterHumanSide(step);
      }
      routed_ = true;
      dims_.agent = event.agent;
      return;
    case EventKind::kAgentMessage:
      if (!open_ || !IsHumanResponse(event)) return;
      Current().human_responses.push_back(step);
      EnterHumanSide(step);
      Message(event);
      if (dims_.agent.empty()) dims_.agent = event.agent;
      EndWait(waits, step, WaitEnd::kHuman);
      EndWait(human_only, step, WaitEnd::kHuman);
      return;
    case EventKind::kUnassigned:
      dims_.agent = {};
      return;
    case EventKind::kHold:
      if (open_) hold_ = true;
      return;
    case EventKind::kResumed:
      if (open_) hold_ = false;
      return;
    case EventKind::kNoReplyNeeded:
      EndWait(waits, step, WaitEnd::kNoReplyNeeded);
      EndWait(human_only, step, WaitEnd::kNoReplyNeeded);
      return;
    case EventKind::kResolved:
    case EventKind::kAutoClosed:
      if (open_) Close(event, step);
      return;
    case EventKind::kDiscarded:
      if (open_) Close(event, step);
      interaction_.discarded = true;
      return;
    default:
      return;
  }
}

// An assignment is an unbroken time of one owner inside one episode, begun by
// `assigned` or `accepted`, also by one that was remembered. A sender who
// became the owner by answering has none.
void Replayer::FollowOwner(const Event& event, size_t step) {
  std::vector<Assignment>& all = interaction_.assignments;
  const bool running = !all.empty() && all.back().end == kNoStep;
  const std::string_view owner = open_ ? dims_.agent : std::string_view();
  if (running && all.back().agent == owner) return;
  if (running) all.back().end = step;
  const bool given =
      event.kind == EventKind::kAssigned || event.kind == EventKind::kAccepted;
  const bool remembered = open_ && Current().open == step && had_owner_;
  if (!owner.empty() && (given || remembered)) {
    all.push_back({.episode = EpisodeIndex(), .agent = owner, .begin = step});
  }
}

void Replayer::Apply(const Event& event, bool timer) {
  const size_t step = interaction_.steps.size();
  Step record;
  record.at_us = event.at_us;
  record.kind = event.kind;
  record.event = event;
  interaction_.steps.push_back(record);
  if (!timer) Learn(event);
  interaction_.steps[step].before = dims_;
  had_owner_ = !dims_.agent.empty();
  if (!open_ && (OwesAnswer(event) || IsHumanResponse(event) ||
                 event.kind == EventKind::kBotHandoff ||
                 event.kind == EventKind::kReopened)) {
    Open(event, step);
  }
  Effect(event, step);
  FollowOwner(event, step);

  Step& after = interaction_.steps[step];
  after.after = dims_;
  if (!open_) return;
  after.episode = static_cast<int>(EpisodeIndex());
  after.entered = Current().entry != kNoStep;
  after.in_bot = in_bot_;
  after.wait_open = HasOpenWait(interaction_.waits);
  if (hold_) {
    after.phase = Phase::kHold;
  } else if (!dims_.agent.empty()) {
    after.phase = after.wait_open ? Phase::kAgentTurn : Phase::kCustomerTurn;
  } else {
    after.phase = in_bot_ ? Phase::kBot : Phase::kQueue;
  }
}

}  // namespace

std::vector<Interaction> Replay(const std::vector<Event>& events,
                                const Config& config, int64_t now_us) {
  std::vector<Interaction> result;
  for (size_t e = 0; e < events.size();) {
    Interaction interaction;
    interaction.name = events[e].interaction;
    Replayer replayer(config, interaction);
    for (; e < events.size(); ++e) {
      replayer.FireAutoClose(events[e]);
      if (replayer.IsForgotten(events[e].at_us)) break;
      if (interaction.discarded) {
        ++interaction.refused;
        continue;
      }
      replayer.Apply(events[e], false);
    }
    replayer.FireAutoClose(now_us);
    result.push_back(std::move(interaction));
  }
  return result;
}

Script FirstResponseScript(const Interaction& interaction,
                           const Episode& episode, Response response) {
  const bool human =
      response == Response::kHuman || response == Response::kHumanOnly;
  Script script;
  std::optional<int64_t> start;
  bool running = false;
  bool human_seen = false;
  bool handoff_seen = false;
  const size_t last =
      episode.close == kNoStep ? interaction.steps.size() - 1 : episode.close;
  for (size_t i = episode.open; i <= last; ++i) {
    const Step& step = interaction.steps[i];
    const bool is_human = IsHumanResponse(step.event);
    const bool is_bot = IsBotResponse(step.event);
    const bool answers = human                        ? is_human
                         : response == Response::kBot ? is_bot
                                                      : is_human || is_bot;
    if (i == episode.close) {
      if (start) {
        script.push_back({Action::Type::kVoidClosed, i, *start, {}, false});
      }
      return script;
    }
    if (i == episode.contact) start = step.at_us;
    if (step.kind == EventKind::kBotHandoff) {
      if (human && i != episode.contact && !handoff_seen && !human_seen) {
        start = step.at_us;
        running = false;
      }
      handoff_seen = true;
    }
    if (is_human) human_seen = true;
    const bool suspended = human && step.in_bot;
    if (start && !running && !suspended) {
      script.push_back({Action::Type::kStart, i, *start, {}, false});
      running = true;
    }
    if (start && running && suspended) {
      script.push_back({Action::Type::kSuspend, i, 0, {}, false});
      running = false;
    }
    // A message of the customer never answers, so this is a later step.
    if (start && answers) {
      script.push_back({Action::Type::kAnswer, i, 0,
                        is_human ? step.event.agent : std::string_view(),
                        is_bot});
      return script;
    }
  }
  return script;
}

Script WaitScript(const Interaction& interaction, const Wait& wait) {
  Script script;
  script.push_back(
      {Action::Type::kStart, wait.open, interaction.At(wait.open), {}, false});
  if (wait.moved != kNoStep) {
    script.push_back({Action::Type::kStart,
                      wait.moved,
                      interaction.At(wait.moved),
                      {},
                      false});
  }
  switch (wait.end_kind) {
    case WaitEnd::kOpen:
      break;
    case WaitEnd::kHuman:
      script.push_back({Action::Type::kAnswer, wait.end, 0,
                        interaction.steps[wait.end].event.agent, false});
      break;
    case WaitEnd::kBot:
      script.push_back({Action::Type::kAnswer, wait.end, 0, {}, true});
      break;
    case WaitEnd::kNoReplyNeeded:
      script.push_back({Action::Type::kVoid, wait.end, 0, {}, false});
      break;
    case WaitEnd::kClosed:
      script.push_back({Action::Type::kVoidClosed, wait.end, 0, {}, false});
      break;
  }
  return script;
}

Script EnteredWaitScript(const Interaction& interaction, const Wait& wait) {
  const size_t entry = interaction.episodes[wait.episode].entry;
  if (entry == kNoStep || wait.end <= entry) return {};
  Script script;
  for (Action action : WaitScript(interaction, wait)) {
    action.step = std::max(action.step, entry);
    script.push_back(action);
  }
  return script;
}

Script ResolutionScript(const Interaction& interaction,
                        const Episode& episode) {
  Script script;
  if (episode.entry == kNoStep) return script;
  script.push_back({Action::Type::kStart,
                    episode.entry,
                    interaction.At(episode.open),
                    {},
                    false});
  if (episode.close != kNoStep) {
    script.push_back(
        {Action::Type::kAnswer, episode.close, 0, episode.resolver, false});
  }
  return script;
}

}  // namespace cckpi::oracle
