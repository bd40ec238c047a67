#include "src/engine/pending_codec.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "cckpi/event/event.h"
#include "src/engine/intake.h"

namespace cckpi {
namespace {

enum Extra : uint8_t {
  kExtraTags = 1,
  kExtraErrors = 2,
  kExtraScore = 4,
  kExtraScale = 8,
  kExtraVolume = 16,
  kExtraInterval = 32,
  kAllExtras = 63,
};

uint8_t ExtrasOf(const FactExtra* extra) {
  if (extra == nullptr) return 0;
  const uint8_t tags = extra->tags.empty() ? 0 : kExtraTags;
  if (!extra->figures) return tags;
  const FactFigures& figures = *extra->figures;
  return static_cast<uint8_t>(tags |
                              (figures.errors.empty() ? 0 : kExtraErrors) |
                              (figures.score_micro ? kExtraScore : 0) |
                              (figures.scale_micro ? kExtraScale : 0) |
                              (figures.volume_micro ? kExtraVolume : 0) |
                              (figures.interval_s != 0 ? kExtraInterval : 0));
}

}  // namespace

std::vector<const PendingEvent*> PendingInOrder(const PendingQueue& queue,
                                                const Names& names) {
  std::vector<const PendingEvent*> events = queue.InOrder();
  auto end = events.begin();
  while (end != events.end()) {
    const auto begin = end;
    while (end != events.end() && !Precedes(names, **begin, **end)) ++end;
    std::sort(begin, end, [&](const PendingEvent* a, const PendingEvent* b) {
      return std::make_tuple(names.texts.Text(a->source), a->row()) <
             std::make_tuple(names.texts.Text(b->source), b->row());
    });
  }
  return events;
}

template <typename Sink>
void EncodePending(const std::vector<const PendingEvent*>& events,
                   const Names& names, Sink& sink) {
  (void)names;
  sink.U64(events.size());
  for (const PendingEvent* event : events) {
    const Fact& fact = event->fact;
    sink.I64(fact.at_us);
    sink.U8(static_cast<uint8_t>(fact.kind));
    sink.U8(static_cast<uint8_t>(fact.by));
    sink.U8(fact.flags);
    sink.Id(fact.interaction);
    sink.Id(fact.customer);
    for (TextId text : {fact.channel, fact.source, fact.team, fact.agent,
                        fact.priority, fact.state}) {
      sink.Id(text);
    }
    sink.Text(event->id());
    sink.Text(event->message_id());
    sink.I64(event->received_at_us());
    sink.Id(TextId{event->source});
    sink.I64(event->row());
    const FactExtra* extra = fact.extra;
    const uint8_t present = ExtrasOf(extra);
    sink.U8(present);
    const FactFigures* figures = fact.figures();
    if (present & kExtraTags) {
      sink.U32(static_cast<uint32_t>(extra->tags.size()));
      for (const auto& [name, value] : extra->tags) {
        sink.Id(name);
        sink.Id(value);
      }
    }
    if (present & kExtraErrors) {
      sink.U32(static_cast<uint32_t>(figures->errors.size()));
      for (const auto& [severity, count] : figures->errors) {
        sink.Id(severity);
        sink.I64(count);
      }
    }
    if (present & kExtraScore) sink.I64(*figures->score_micro);
    if (present & kExtraScale) sink.I64(*figures->scale_micro);
    if (present & kExtraVolume) sink.I64(*figures->volume_micro);
    if (present & kExtraInterval) sink.I64(figures->interval_s);
  }
}

template void EncodePending(const std::vector<const PendingEvent*>&,
                            const Names&, IdMarker&);
template void EncodePending(const std::vector<const PendingEvent*>&,
                            const Names&, IdWriter&);

void DecodePending(IdReader& reader, int64_t watermark_us, Names& names,
                   PendingQueue& queue) {
  const size_t count = reader.Count(72);
  std::vector<Tag> tags;
  std::vector<ErrorCount> errors;
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    auto text = [&] { return names.texts.Text(reader.TextValue()); };
    Event event;
    event.at_us = reader.I64();
    event.kind = static_cast<EventKind>(
        reader.U8UpTo(kEventKindCount - 1, "has an unknown kind of event"));
    event.by = static_cast<Actor>(reader.U8UpTo(4, "has an unknown actor"));
    event.flags = reader.U8();
    const KeyText interaction =
        names.interactions.Text(static_cast<uint32_t>(reader.Interaction()));
    const KeyText customer =
        names.customers.Text(static_cast<uint32_t>(reader.Customer()));
    event.interaction = interaction.view();
    event.customer = customer.view();
    for (std::string_view Event::*field :
         {&Event::channel, &Event::source, &Event::team, &Event::agent,
          &Event::priority, &Event::state}) {
      event.*field = text();
    }
    event.id = reader.Text();
    event.message = reader.Text();
    event.received_at_us = reader.I64();
    const TextId source = reader.TextValue();
    const int64_t row = reader.I64();
    const uint8_t present =
        reader.U8UpTo(kAllExtras, "has an event with unknown fields");
    auto limited = [&reader](size_t each) {
      const uint32_t size = reader.U32();
      if (size <= reader.left() / each) return size;
      reader.Fail("announces more than there is");
      return uint32_t{0};
    };
    tags.clear();
    errors.clear();
    if (present & kExtraTags) {
      for (uint32_t left = limited(8); left > 0; --left) {
        const std::string_view name = text();
        tags.push_back({name, text()});
      }
    }
    if (present & kExtraErrors) {
      for (uint32_t left = limited(12); left > 0; --left) {
        const std::string_view severity = text();
        errors.push_back({severity, reader.I64()});
      }
    }
    event.tags = tags;
    event.errors = errors;
    if (present & kExtraScore) event.score_micro = reader.I64();
    if (present & kExtraScale) event.scale_micro = reader.I64();
    if (present & kExtraVolume) event.volume_micro = reader.I64();
    if (present & kExtraInterval) event.interval_s = reader.I64();
    if (!reader.ok()) return;
    if (!ValidateEvent(event).ok() || event.at_us < watermark_us) {
      reader.Fail("has an event that cannot be");
      return;
    }
    PendingEvent pending = TakeIn(event, names, queue);
    queue.SetRow(row, pending);
    pending.source = source;
    queue.Add(pending);
  }
}

}  // namespace cckpi
