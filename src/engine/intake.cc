#include "src/engine/intake.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace cckpi {
namespace {

std::shared_ptr<const FactExtra> ExtraOf(const Event& event, Names& names) {
  if (event.tags.empty() && event.errors.empty() && !event.score_micro &&
      !event.scale_micro && !event.volume_micro && event.interval_s == 0) {
    return nullptr;
  }
  auto extra = std::make_shared<FactExtra>();
  auto by_text = [&names](const auto& a, const auto& b) {
    return names.texts.Text(a.first) < names.texts.Text(b.first);
  };
  for (const Tag& tag : event.tags) {
    extra->tags.emplace_back(names.texts.Intern(tag.name),
                             names.texts.Intern(tag.value));
  }
  std::sort(extra->tags.begin(), extra->tags.end(), by_text);
  for (const ErrorCount& error : event.errors) {
    extra->errors.emplace_back(names.texts.Intern(error.severity), error.count);
  }
  std::sort(extra->errors.begin(), extra->errors.end(), by_text);
  extra->score_micro = event.score_micro;
  extra->scale_micro = event.scale_micro;
  extra->volume_micro = event.volume_micro;
  extra->interval_s = event.interval_s;
  return extra;
}

}  // namespace

PendingEvent TakeIn(const Event& event, Names& names) {
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
  fact.extra = ExtraOf(event, names);
  if (!event.message.empty()) {
    fact.message = std::max<uint64_t>(1, Fingerprint(event.message));
    pending.message = std::string(event.message);
  }
  pending.id = std::string(event.id);
  pending.received_at_us = event.received_at_us;
  return pending;
}

}  // namespace cckpi
