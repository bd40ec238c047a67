#include "src/engine/snapshot.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "src/engine/pending_codec.h"
#include "src/engine/snapshot_tables.h"
#include "src/kpi/cells_codec.h"
#include "src/kpi/definitions_text.h"
#include "src/timeline/interaction_codec.h"
#include "src/timeline/timeline_codec.h"

namespace cckpi {
namespace {

void EncodeHost(const SnapshotOptions& host, ByteWriter& writer) {
  for (const auto* texts : {&host.positions, &host.sections}) {
    writer.U64(texts->size());
    for (const auto& [name, bytes] : *texts) {
      writer.Text(name);
      writer.U64(bytes.size());
      writer.Raw(bytes);
    }
  }
}

absl::StatusOr<SnapshotOptions> DecodeHost(std::string_view bytes) {
  SnapshotOptions host;
  ByteReader reader(bytes);
  for (auto* texts : {&host.positions, &host.sections}) {
    const size_t count = reader.Count(12);
    for (size_t n = 0; n < count && reader.ok(); ++n) {
      std::string name(reader.Text());
      const size_t size = reader.Count(1);
      std::string value(reader.Raw(size));
      if (!texts->empty() && name <= texts->rbegin()->first) {
        reader.Fail("has names out of order");
      }
      if (reader.ok()) texts->emplace(std::move(name), std::move(value));
    }
  }
  CCKPI_RETURN_IF_ERROR(InSection(Section::kHost, reader.Finish()));
  return host;
}

void EncodeEngine(const SavedEngine& engine, ByteWriter& writer) {
  const EngineClock& clock = engine.clock;
  writer.U8(
      static_cast<uint8_t>((clock.finished ? 1 : 0) | (clock.shard ? 2 : 0)));
  writer.I64(clock.now_us);
  writer.I64(clock.greatest_us);
  writer.I64(clock.first_us);
  writer.I64(clock.watermark_us);
  const EventCounts& counts = engine.state.counts();
  writer.I64(counts.applied);
  writer.I64(counts.duplicate);
  writer.I64(counts.late);
  writer.I64(counts.refused);
  const std::vector<Refusal>& refusals = engine.state.refusals();
  writer.U64(refusals.size());
  for (const Refusal& refusal : refusals) {
    writer.Text(refusal.source);
    writer.I64(refusal.row);
    writer.Text(refusal.reason);
    writer.Text(refusal.event);
  }
}

absl::Status DecodeEngine(std::string_view bytes, OpenedSnapshot& snapshot) {
  ByteReader reader(bytes);
  EngineClock& clock = snapshot.clock;
  const uint8_t bits = reader.U8UpTo(3, "has an unknown state");
  clock.finished = (bits & 1) != 0;
  clock.shard = (bits & 2) != 0;
  for (int64_t* instant : {&clock.now_us, &clock.greatest_us, &clock.first_us,
                           &clock.watermark_us}) {
    *instant = reader.I64();
    // The watermark may lie before all time, by the lateness.
    if (*instant != kNoTime &&
        (*instant > kLatestTime ||
         (instant != &clock.watermark_us && *instant < kEarliestTime))) {
      reader.Fail("has an instant out of range");
    }
  }
  if (std::max(clock.now_us, clock.greatest_us) == kNoTime &&
      clock.watermark_us != kNoTime) {
    reader.Fail("has a watermark before any event");
  }
  EventCounts& counts = snapshot.counts;
  for (int64_t* count :
       {&counts.applied, &counts.duplicate, &counts.late, &counts.refused}) {
    *count = reader.I64In(0, int64_t{1} << 60, "has a count out of range");
  }
  const size_t refusals = reader.Count(20);
  if (refusals > kMaxRefusalsKept) reader.Fail("has too many refusals");
  for (size_t r = 0; r < refusals && reader.ok(); ++r) {
    Refusal refusal;
    refusal.source = std::string(reader.Text());
    refusal.row = reader.I64();
    refusal.reason = std::string(reader.Text());
    refusal.event = std::string(reader.Text());
    snapshot.refusals.push_back(std::move(refusal));
  }
  return InSection(Section::kEngine, reader.Finish());
}

template <typename Sink>
void EncodeForecasts(const Forecasts& forecasts,
                     const IdLists<uint32_t>* places, Sink& sink) {
  std::vector<std::pair<ForecastKey, const ForecastKey*>> sorted;
  for (const auto& [key, volume] : forecasts) {
    ForecastKey placed = key;
    if (places != nullptr) {
      for (TextId& value : placed.values) value = places->texts[value];
    }
    sorted.emplace_back(std::move(placed), &key);
  }
  std::sort(sorted.begin(), sorted.end());
  sink.U64(sorted.size());
  for (const auto& [placed, key] : sorted) {
    sink.I64(key->begin_us);
    sink.I64(key->span_us);
    for (TextId value : key->values) sink.Id(value);
    sink.I64(forecasts.at(*key));
  }
}

void DecodeForecasts(IdReader& reader, size_t slots, Forecasts& forecasts) {
  const size_t count = reader.Count(24 + 4 * slots);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    ForecastKey key;
    key.begin_us =
        reader.I64In(kEarliestTime, kLatestTime, "has an instant out of range");
    key.span_us = reader.I64In(1, kLatestTime, "has a span out of range");
    key.values.resize(slots);
    for (TextId& value : key.values) value = reader.TextValue();
    const int64_t volume =
        reader.I64In(0, int64_t{1} << 62, "has a volume out of range");
    if (!reader.ok()) return;
    if (!forecasts.emplace(std::move(key), volume).second) {
      reader.Fail("has a forecast twice");
    }
  }
}

template <typename Sink>
void EncodeInteractions(const InteractionStore& store,
                        const InteractionCodec& codec,
                        const std::vector<InteractionId>& ids, Sink& sink) {
  size_t count = 0;
  for (InteractionId id : ids) count += store.Knows(id) ? 1 : 0;
  sink.U64(count);
  // By name they lie anywhere.
  constexpr size_t kAhead = 8;
  BorrowedInteraction room;
  for (size_t n = 0; n < ids.size(); ++n) {
    if (n + 2 * kAhead < ids.size()) store.PrefetchPlace(ids[n + 2 * kAhead]);
    if (n + kAhead < ids.size()) store.Prefetch(ids[n + kAhead]);
    const InteractionId id = ids[n];
    const Interaction* i = store.Find(id, room);
    if (i == nullptr) continue;
    sink.Id(id);
    codec.Encode(*i, sink);
  }
}

size_t TagSlots(const EngineSetup& setup) { return setup.tag_names.size(); }

}  // namespace

std::string SaveEngine(const SavedEngine& engine, const SnapshotOptions& host) {
  const TimelineState& timeline = engine.state.timeline();
  const InteractionCodec codec(&engine.setup.plan.timeline,
                               TagSlots(engine.setup));
  const std::vector<const PendingEvent*> pending =
      PendingInOrder(engine.pending, engine.names);

  IdLists<char> marks;
  IdMarker marker(&marks);
  timeline.interactions.ForEach(
      [&](InteractionId id, const Interaction& interaction) {
        marker.Id(id);
        codec.Encode(interaction, marker);
      });
  EncodeContacts(timeline, nullptr, marker);
  EncodeResponses(timeline, nullptr, marker);
  EncodeAgents(engine.state.agents(), nullptr, marker);
  engine.state.facts().Encode(engine.names.interactions, nullptr, marker);
  EncodePending(pending, engine.names, marker);
  EncodeForecasts(engine.state.forecasts(), nullptr, marker);
  MarkCells(engine.state.cells(), marker);
  const int64_t now_us =
      std::max(engine.clock.now_us, engine.clock.greatest_us);
  // What no rule reaches any more is no part of the state, dropped or not.
  const int32_t reached = now_us == kNoTime
                              ? BucketOf(kEarliestTime)
                              : engine.setup.contributors.FirstBucket(now_us);
  engine.state.contributors().Encode(reached, nullptr, marker);
  EncodeForgottenContacts(timeline, nullptr, marker);

  BySection<std::string> table_sections;
  const SnapshotTables tables =
      MakeTables(std::move(marks), engine.names, timeline.dimensions,
                 timeline.schedules, &table_sections);
  const IdLists<uint32_t>* places = &tables.places;
  const std::vector<DuplicateFilter::Entry> duplicates =
      engine.state.duplicates().Entries(engine.clock.watermark_us);
  // All sections go into one piece of memory, which is as large as it has to
  // be from the start.
  constexpr Section kTables[] = {
      Section::kTexts,     Section::kCombinations,     Section::kGroups,
      Section::kSchedules, Section::kInteractionNames, Section::kCustomerNames};
  IdWriter writer(places);
  size_t size = kSnapshotHeaderSize + marker.size() +
                engine.definitions.size() + 24 * duplicates.size();
  for (Section section : kTables) size += table_sections[section].size();
  constexpr size_t kSmallSections = 4096;
  writer.Reserve(size + kSmallSections);
  writer.Raw(std::string(kSnapshotHeaderSize, '\0'));
  BySection<size_t> ends;
  auto write = [&](Section section, auto encode) {
    encode(writer);
    ends[section] = writer.size();
  };
  write(Section::kDefinitions, [&](IdWriter& w) { w.Raw(engine.definitions); });
  write(Section::kHost, [&](IdWriter& w) { EncodeHost(host, w); });
  write(Section::kEngine, [&](IdWriter& w) { EncodeEngine(engine, w); });
  for (Section section : kTables) {
    write(section, [&](IdWriter& w) {
      w.Raw(std::exchange(table_sections[section], {}));
    });
  }
  write(Section::kInteractions, [&](IdWriter& w) {
    EncodeInteractions(timeline.interactions, codec, tables.ids.interactions,
                       w);
  });
  write(Section::kContacts,
        [&](IdWriter& w) { EncodeContacts(timeline, places, w); });
  write(Section::kResponses,
        [&](IdWriter& w) { EncodeResponses(timeline, places, w); });
  write(Section::kAgents,
        [&](IdWriter& w) { EncodeAgents(engine.state.agents(), places, w); });
  write(Section::kAgentFacts, [&](IdWriter& w) {
    engine.state.facts().Encode(engine.names.interactions, places, w);
  });
  write(Section::kPending,
        [&](IdWriter& w) { EncodePending(pending, engine.names, w); });
  write(Section::kDuplicates, [&](IdWriter& w) {
    w.U64(duplicates.size());
    for (const DuplicateFilter::Entry& entry : duplicates) {
      w.U64(entry.key.first);
      w.U64(entry.key.second);
      w.I64(entry.at_us);
    }
  });
  write(Section::kForecasts, [&](IdWriter& w) {
    EncodeForecasts(engine.state.forecasts(), places, w);
  });
  IdWriter runs(places);
  write(Section::kCells, [&](IdWriter& w) {
    EncodeCells(engine.state.cells(), places, w, runs);
  });
  write(Section::kContributors, [&](IdWriter& w) {
    engine.state.contributors().Encode(reached, places, w);
  });
  write(Section::kForgottenContacts,
        [&](IdWriter& w) { EncodeForgottenContacts(timeline, places, w); });
  write(Section::kRuns, [&](IdWriter& w) { w.Raw(runs.bytes()); });
  std::string file = writer.Take();
  WriteSnapshotHeader(ends, &file);
  return file;
}

absl::StatusOr<OpenedSnapshot> OpenSnapshot(
    const BySection<std::string_view>& sections, std::string_view definitions) {
  OpenedSnapshot snapshot;
  snapshot.sections = sections;
  const std::string_view saved = snapshot.sections[Section::kDefinitions];
  if (saved != definitions) {
    return absl::FailedPreconditionError(
        absl::StrCat("snapshot: made under other definitions: ",
                     DefinitionsDifference(saved, definitions)));
  }
  CCKPI_ASSIGN_OR_RETURN(snapshot.host,
                         DecodeHost(snapshot.sections[Section::kHost]));
  CCKPI_RETURN_IF_ERROR(
      DecodeEngine(snapshot.sections[Section::kEngine], snapshot));
  return snapshot;
}

absl::Status LoadSnapshot(const OpenedSnapshot& snapshot,
                          const LoadedEngine& engine) {
  EngineState::Parts parts = engine.state.parts();
  TimelineState& timeline = parts.timeline;
  CCKPI_ASSIGN_OR_RETURN(const IdTables tables,
                         ReadTables(snapshot.sections, engine.names,
                                    timeline.dimensions, timeline.schedules));
  auto read = [&](Section section, auto decode) {
    IdReader reader(snapshot.sections[section], &tables);
    decode(reader);
    return InSection(section, reader.Finish());
  };
  const InteractionCodec codec(&engine.setup.plan.timeline,
                               TagSlots(engine.setup));
  std::vector<InteractionId> restored;
  CCKPI_RETURN_IF_ERROR(read(Section::kInteractions, [&](IdReader& r) {
    const size_t count = r.Count(25);
    restored.reserve(count);
    for (size_t n = 0; n < count && r.ok(); ++n) {
      const InteractionId id = r.Interaction();
      Interaction interaction;
      codec.Decode(r, interaction);
      bool created = false;
      if (!r.ok()) return;
      Interaction& place = timeline.interactions.Edit(id, &created);
      if (id == InteractionId::kNone || !created) {
        r.Fail("has an interaction twice");
        return;
      }
      engine.names.interactions.AddReference(static_cast<uint32_t>(id));
      engine.names.customers.AddReference(
          static_cast<uint32_t>(interaction.customer));
      place = std::move(interaction);
      restored.push_back(id);
    }
  }));
  CCKPI_RETURN_IF_ERROR(read(
      Section::kContacts, [&](IdReader& r) { DecodeContacts(r, timeline); }));
  const int64_t watermark_us = snapshot.clock.watermark_us;
  CCKPI_RETURN_IF_ERROR(read(Section::kResponses, [&](IdReader& r) {
    DecodeResponses(r,
                    engine.setup.plan.timeline.oldest_reviewed_us(watermark_us),
                    timeline);
  }));
  CCKPI_RETURN_IF_ERROR(read(Section::kAgents, [&](IdReader& r) {
    DecodeAgents(
        r,
        watermark_us == kNoTime ? kNoTime : BucketBegin(BucketOf(watermark_us)),
        parts.agents);
  }));
  const size_t states = engine.setup.agent_states.size();
  CCKPI_RETURN_IF_ERROR(read(Section::kAgentFacts, [&](IdReader& r) {
    parts.facts.Decode(r, states);
  }));
  CCKPI_RETURN_IF_ERROR(read(Section::kPending, [&](IdReader& r) {
    DecodePending(r, snapshot.clock.watermark_us, engine.names, engine.pending);
  }));
  CCKPI_RETURN_IF_ERROR(read(Section::kDuplicates, [&](IdReader& r) {
    const size_t count = r.Count(24);
    std::vector<DuplicateFilter::Entry> entries;
    entries.reserve(count);
    for (size_t n = 0; n < count; ++n) {
      DuplicateFilter::Entry entry;
      entry.key.first = r.U64();
      entry.key.second = r.U64();
      entry.at_us =
          r.I64In(kEarliestTime, kLatestTime, "has an instant out of range");
      entries.push_back(entry);
    }
    if (r.ok()) parts.duplicates.Restore(entries);
  }));
  CCKPI_RETURN_IF_ERROR(read(Section::kForecasts, [&](IdReader& r) {
    DecodeForecasts(r, kSlotTags + TagSlots(engine.setup), parts.forecasts);
  }));
  CCKPI_RETURN_IF_ERROR(read(Section::kCells, [&](IdReader& r) {
    DecodeCells(r, states, parts.cells);
  }));
  // Those of earlier versions have no runs,
  if (!snapshot.sections[Section::kRuns].empty()) {
    CCKPI_RETURN_IF_ERROR(read(Section::kRuns, [&](IdReader& r) {
      DecodeRuns(r, states, parts.cells);
    }));
  }
  // version 1 no contributors,
  if (!snapshot.sections[Section::kContributors].empty()) {
    CCKPI_RETURN_IF_ERROR(read(Section::kContributors, [&](IdReader& r) {
      parts.contributors.Decode(r, engine.setup.plan);
    }));
  }
  // versions 1 and 2 no forgotten contacts.
  if (!snapshot.sections[Section::kForgottenContacts].empty()) {
    CCKPI_RETURN_IF_ERROR(read(Section::kForgottenContacts, [&](IdReader& r) {
      for (const auto& [key, contact] : DecodeForgottenContacts(
               r, engine.setup.plan.timeline.contacts.size(),
               parts.machine.names_contacts(), timeline)) {
        engine.names.customers.AddReference(
            static_cast<uint32_t>(key.customer));
        engine.names.interactions.AddReference(static_cast<uint32_t>(
            key.customer == CustomerId::kNone ? key.interaction
                                              : contact.interaction));
        parts.machine.SetTimer(key, contact);
      }
    }));
  }
  for (InteractionId id : restored) parts.machine.Restored(id);
  parts.counts.applied += snapshot.counts.applied;
  parts.counts.duplicate += snapshot.counts.duplicate;
  parts.counts.late += snapshot.counts.late;
  parts.counts.refused += snapshot.counts.refused;
  for (const Refusal& refusal : snapshot.refusals) engine.state.Keep(refusal);
  // The references of the tables themselves.
  for (InteractionId id : tables.interactions) {
    if (snapshot.clock.shard && id != InteractionId::kNone) {
      engine.held.push_back(id);
    } else {
      engine.names.interactions.Release(static_cast<uint32_t>(id));
    }
  }
  for (CustomerId id : tables.customers) {
    engine.names.customers.Release(static_cast<uint32_t>(id));
  }
  return absl::OkStatus();
}

}  // namespace cckpi
