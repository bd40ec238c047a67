#include "src/engine/intake.h"

#include <algorithm>
#include <utility>

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

}  // namespace

PendingEvent TakeIn(const Event& event, Names& names, PendingQueue& queue) {
  PendingEvent pending;
  Fact& fact = pending.fact;
  fact.at_us = event.at_us;
  fact.kind = event.kind;
  fact.by = event.by;
  fact.flags = event.flags;
  fact.interaction =
      static_cast<InteractionId>(names.interactions.Acquire(event.interaction));
  fact.customer =
      static_cast<CustomerId>(names.customers.Acquire(event.customer));
  fact.channel = names.texts.Intern(event.channel);
  fact.source = names.texts.Intern(event.source);
  fact.team = names.texts.Intern(event.team);
  fact.agent = names.texts.Intern(event.agent);
  fact.priority = names.texts.Intern(event.priority);
  fact.state = names.texts.Intern(event.state);
  if (!event.id.empty() || !event.message.empty() || !event.tags.empty() ||
      event.received_at_us != kNoTime || HasFigures(event)) {
    TakeExtra(event, names, queue.Extra(pending));
  }
  return pending;
}

}  // namespace cckpi
