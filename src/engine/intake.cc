#include "src/engine/intake.h"

#include <algorithm>
#include <utility>

#include "src/event/event_rules.h"

namespace cckpi {
namespace {

bool HasFigures(const Event& event) {
  return !event.errors.empty() || event.score_micro || event.scale_micro ||
         event.volume_micro || event.interval_s != 0;
}

void TakeExtra(const Event& event, Names& names, PendingExtra& extra) {
  auto by_text = [&names](const auto& a, const auto& b) {
    return names.texts.Text(a.first) < names.texts.Text(b.first);
  };
  extra.SetTexts(event.id, event.message);
  extra.received_at_us = event.received_at_us;
  for (const Tag& tag : event.tags) {
    extra.tags.push_back(
        {names.texts.Intern(tag.name), names.texts.Intern(tag.value)});
  }
  std::sort(extra.tags.begin(), extra.tags.end(), by_text);
  if (!HasFigures(event)) return;
  FactFigures& figures = extra.figures.GetOrCreate(extra.pool());
  for (const ErrorCount& error : event.errors) {
    figures.errors.push_back({names.texts.Intern(error.severity), error.count});
  }
  std::sort(figures.errors.begin(), figures.errors.end(), by_text);
  figures.score_micro = event.score_micro;
  figures.scale_micro = event.scale_micro;
  figures.volume_micro = event.volume_micro;
  figures.interval_s = event.interval_s;
}

// Has it what only an extra has room for?
bool HasExtra(const Event& event) {
  return !event.id.empty() || !event.message.empty() || !event.tags.empty() ||
         event.received_at_us != kNoTime || HasFigures(event);
}

// All but its names.
void TakeRest(const Event& event, Names& names, PendingQueue& queue,
              PendingEvent& pending) {
  Fact& fact = pending.fact;
  fact.at_us = event.at_us;
  fact.kind = event.kind;
  fact.by = event.by;
  fact.flags = event.flags;
  fact.interaction =
      static_cast<InteractionId>(names.interactions.Acquire(event.interaction));
  fact.customer =
      static_cast<CustomerId>(names.customers.Acquire(event.customer));
  if (HasExtra(event)) TakeExtra(event, names, queue.Extra(pending));
}

bool IsGood(std::string_view text) {
  return text.empty() || TextFault(text).empty();
}

}  // namespace

PendingEvent TakeIn(const Event& event, Names& names, PendingQueue& queue) {
  PendingEvent pending;
  Fact& fact = pending.fact;
  fact.channel = names.texts.Intern(event.channel);
  fact.source = names.texts.Intern(event.source);
  fact.team = names.texts.Intern(event.team);
  fact.agent = names.texts.Intern(event.agent);
  fact.priority = names.texts.Intern(event.priority);
  fact.state = names.texts.Intern(event.state);
  TakeRest(event, names, queue, pending);
  return pending;
}

bool EventIntake::FindNumber(std::string_view text, TextId& number) {
  const TextKey key(text);
  Known& known = known_[key.Place<kKnown>()];
  if (known.key == key && (text.size() <= TextKey::kWhole ||
                           names_.texts.Text(known.number) == text))
      [[likely]] {
    number = known.number;
    return true;
  }
  number = names_.texts.Find(text);
  if (number == Dictionary::kAbsent || !IsGood(text)) return false;
  known = {key, number};
  return true;
}

bool EventIntake::FindNumbers(const Event& event, Fact& fact) {
  return NumberOf(event.channel, fact.channel) &&
         NumberOf(event.source, fact.source) &&
         NumberOf(event.team, fact.team) && NumberOf(event.agent, fact.agent) &&
         NumberOf(event.priority, fact.priority) &&
         NumberOf(event.state, fact.state);
}

bool EventIntake::Take(const Event& event, PendingEvent& pending) {
  if (static_cast<int>(event.kind) >= kEventKindCount ||
      event.by > Actor::kSystem || (event.flags & ~kAllFlags) != 0 ||
      !IsAcceptedInstant(event.at_us)) {
    return false;
  }
  const KindSet kind = SetOf(event.kind);
  if ((kind & kHasFigures) != 0 || HasFigures(event) || !event.tags.empty() ||
      ((kind & kOfNoInteraction) == 0 && event.interaction.empty()) ||
      ((kind & kNamesAgent) != 0 && event.agent.empty())) {
    return false;
  }
  if (known_.empty()) known_.resize(kKnown);
  if (!FindNumbers(event, pending.fact)) return false;
  if (event.kind == EventKind::kAgentState &&
      std::find(states_.begin(), states_.end(), pending.fact.state) ==
          states_.end()) {
    return false;
  }
  if (!IsGood(event.interaction) || !IsGood(event.customer) ||
      !IsGood(event.id) || !IsGood(event.message) || !IsGood(event.reason) ||
      (event.received_at_us != kNoTime &&
       !IsAcceptedInstant(event.received_at_us))) {
    return false;
  }
  TakeRest(event, names_, queue_, pending);
  return true;
}

}  // namespace cckpi
