#include "src/kpi/cells_codec.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "cckpi/base/prefetch.h"
#include "src/kpi/ordered_cells.h"

namespace cckpi {
namespace {

// Sums of counts below this never overflow, whatever is merged.
constexpr int64_t kMostCount = Histogram::kMaxCount;
constexpr int64_t kMostTime = int64_t{1} << 61;

// A number that is there `times` times is in range as the sum of them.
int64_t Signed(ByteReader& reader, int64_t times = 1) {
  const int64_t most = kMostCount / times;
  return reader.I64In(-most, most, "has a count out of range");
}

int64_t Time(ByteReader& reader, int64_t times = 1) {
  const int64_t most = kMostTime / times;
  return reader.I64In(-most, most, "has a time out of range");
}

absl::int128 Sum(ByteReader& reader, int64_t times = 1) {
  const absl::int128 most = (absl::int128(1) << 114) / times;
  const absl::int128 sum = reader.I128();
  if (sum > most || sum < -most) reader.Fail("has a sum out of range");
  return sum;
}

enum SpanField : uint8_t {
  kDuration = 1,
  kRetracted = 2,
  kOpen = 4,
  kVoid = 8,
  kWithin = 16,
  kSliced = 32,
  kAllSpanFields = 63,
};

bool IsEmpty(const SpanCell& cell) {
  return cell.open == 0 && cell.voided == 0 && cell.within == 0 &&
         cell.open_starts == 0 && cell.sliced == 0 && cell.duration.untouched();
}

template <typename Sink>
void Encode(const SpanCell& cell, const IdLists<uint32_t>*, Sink& sink) {
  const DurationAccumulator& duration = cell.duration;
  const bool retracted =
      duration.retracted() != DurationAccumulator::Extremes();
  uint8_t present = 0;
  if (!duration.untouched()) present |= kDuration;
  if (retracted) present |= kRetracted;
  if (cell.open != 0 || cell.open_starts != 0) present |= kOpen;
  if (cell.voided != 0) present |= kVoid;
  if (cell.within != 0) present |= kWithin;
  if (cell.sliced != 0) present |= kSliced;
  sink.U8(present);
  if (present & kDuration) {
    sink.I128(duration.sum());
    sink.I64(duration.added().min);
    sink.I64(duration.added().max);
    const Histogram& histogram = duration.histogram();
    sink.U16(static_cast<uint16_t>(histogram.size()));
    for (size_t e = 0; e < histogram.size(); ++e) {
      // 12 bits of bin above 52 bits of count.
      const Histogram::Entry entry = histogram.entry(e);
      sink.U64(
          static_cast<uint64_t>(entry.bin) << 52 |
          (static_cast<uint64_t>(entry.count) & ((uint64_t{1} << 52) - 1)));
    }
  }
  if (retracted) {
    sink.I64(duration.retracted().min);
    sink.I64(duration.retracted().max);
  }
  if (present & kOpen) {
    sink.I64(cell.open);
    sink.I128(cell.open_starts);
  }
  if (present & kVoid) sink.I64(cell.voided);
  if (present & kWithin) sink.I64(cell.within);
  if (present & kSliced) sink.I64(cell.sliced);
}

void Decode(IdReader& reader, size_t, SpanCell& cell) {
  const uint8_t present =
      reader.U8UpTo(kAllSpanFields, "has unknown fields of a cell");
  absl::int128 sum = 0;
  DurationAccumulator::Extremes added;
  DurationAccumulator::Extremes retracted;
  Histogram histogram;
  if (present & kDuration) {
    sum = Sum(reader);
    added.min = reader.I64();
    added.max = reader.I64();
    const uint16_t bins = reader.U16();
    if (bins > Histogram::kBinCount) reader.Fail("has too many bins");
    int last = -1;
    for (uint16_t e = 0; e < bins && reader.ok(); ++e) {
      const uint64_t entry = reader.U64();
      const int bin = static_cast<int>(entry >> 52);
      const int64_t count = static_cast<int64_t>(entry << 12) >> 12;
      if (bin <= last || bin >= Histogram::kBinCount || count == 0 ||
          count > kMostCount || count < -kMostCount) {
        reader.Fail("has bins out of order");
        return;
      }
      histogram.AddToBin(bin, count);
      last = bin;
    }
  } else if (present & kRetracted) {
    reader.Fail("has extremes of nothing");
  }
  if (present & kRetracted) {
    retracted.min = reader.I64();
    retracted.max = reader.I64();
  }
  if (present & kDuration) {
    absl::StatusOr<DurationAccumulator> duration =
        DurationAccumulator::FromParts(sum, added, retracted,
                                       std::move(histogram));
    if (!duration.ok()) {
      reader.Fail("has impossible durations");
      return;
    }
    cell.duration = *std::move(duration);
  }
  if (present & kOpen) {
    cell.open = Signed(reader);
    cell.open_starts = Sum(reader);
  }
  if (present & kVoid) cell.voided = Signed(reader);
  if (present & kWithin) cell.within = Signed(reader);
  if (present & kSliced) cell.sliced = Time(reader);
}

// Cells that are a fixed row of counts.
template <typename Cell>
struct Row;
template <>
struct Row<DeadlineCell> {
  static constexpr int64_t DeadlineCell::*kFields[] = {
      &DeadlineCell::met, &DeadlineCell::late_answered, &DeadlineCell::overdue,
      &DeadlineCell::voided, &DeadlineCell::pending};
};
template <>
struct Row<CounterCell> {
  static constexpr int64_t CounterCell::*kFields[] = {&CounterCell::count};
};
template <>
struct Row<ContactCell> {
  static constexpr int64_t ContactCell::*kFields[] = {
      &ContactCell::pending, &ContactCell::yes, &ContactCell::no,
      &ContactCell::unanswered};
};
template <>
struct Row<ReviewCell> {
  static constexpr int64_t ReviewCell::*kFields[] = {
      &ReviewCell::reviewed, &ReviewCell::without_errors};
};

template <typename Cell>
concept IsRow = requires {
  Row<Cell>::kFields;
};

template <IsRow Cell>
bool IsEmpty(const Cell& cell) {
  return std::all_of(std::begin(Row<Cell>::kFields),
                     std::end(Row<Cell>::kFields),
                     [&](auto field) { return cell.*field == 0; });
}

template <IsRow Cell, typename Sink>
void Encode(const Cell& cell, const IdLists<uint32_t>*, Sink& sink) {
  for (auto field : Row<Cell>::kFields) sink.I64(cell.*field);
}

template <IsRow Cell>
void Decode(IdReader& reader, size_t, Cell& cell) {
  for (auto field : Row<Cell>::kFields) cell.*field = Signed(reader);
}

bool IsEmpty(const BotCell& cell) {
  return std::all_of(cell.outcomes.begin(), cell.outcomes.end(),
                     [](int64_t count) { return count == 0; });
}

template <typename Sink>
void Encode(const BotCell& cell, const IdLists<uint32_t>*, Sink& sink) {
  for (int64_t outcome : cell.outcomes) sink.I64(outcome);
}

void Decode(IdReader& reader, size_t, BotCell& cell) {
  for (int64_t& outcome : cell.outcomes) outcome = Signed(reader);
}

bool IsEmpty(const SurveyCell& cell) {
  return cell.count == 0 && cell.top_box == 0 && cell.sum_micro == 0;
}

template <typename Sink>
void Encode(const SurveyCell& cell, const IdLists<uint32_t>*, Sink& sink) {
  sink.I64(cell.count);
  sink.I64(cell.top_box);
  sink.I128(cell.sum_micro);
}

void Decode(IdReader& reader, size_t, SurveyCell& cell) {
  cell.count = Signed(reader);
  cell.top_box = Signed(reader);
  cell.sum_micro = Sum(reader);
}

bool IsEmpty(const BacklogCell& cell) {
  return cell.open_waits == 0 && cell.opened == 0 && cell.closed == 0 &&
         cell.entries.empty() &&
         std::all_of(cell.phases.begin(), cell.phases.end(),
                     [](int64_t count) { return count == 0; });
}

template <typename Sink>
void Encode(const BacklogCell& cell, const IdLists<uint32_t>* places,
            Sink& sink) {
  for (int64_t phase : cell.phases) sink.I64(phase);
  sink.I64(cell.open_waits);
  sink.I64(cell.opened);
  sink.I64(cell.closed);
  sink.U32(static_cast<uint32_t>(cell.entries.size()));
  const auto say = [&sink](const BacklogEntry& entry, int64_t count) {
    sink.I64(entry.entered_us);
    sink.Schedule(entry.schedule);
    sink.I64(count);
  };
  if (places == nullptr || cell.entries.size() < 2) {
    cell.entries.ForEach(say);
    return;
  }
  EntryList entries;
  cell.entries.AppendTo(entries);
  std::sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
    return std::make_pair(a.first.entered_us,
                          places->schedules[a.first.schedule]) <
           std::make_pair(b.first.entered_us,
                          places->schedules[b.first.schedule]);
  });
  for (const auto& [entry, count] : entries) say(entry, count);
}

void Decode(IdReader& reader, size_t, BacklogCell& cell) {
  for (int64_t& phase : cell.phases) phase = Signed(reader);
  cell.open_waits = Signed(reader);
  cell.opened = Signed(reader);
  cell.closed = Signed(reader);
  const uint32_t entries = reader.U32();
  if (entries > reader.left() / 18) {
    reader.Fail("announces more than there is");
    return;
  }
  for (uint32_t e = 0; e < entries; ++e) {
    BacklogEntry entry;
    entry.entered_us =
        reader.I64In(kEarliestTime, kLatestTime, "has an instant out of range");
    entry.schedule = reader.Schedule();
    const int64_t count = Signed(reader);
    if (count == 0) reader.Fail("has an entry of nothing");
    cell.entries.Add(entry, count);
  }
}

bool IsEmpty(const AgentTimeCell& cell) { return cell.empty(); }

template <typename Sink>
void EncodeList(const std::vector<int64_t>& values, Sink& sink) {
  sink.U8(static_cast<uint8_t>(values.size()));
  for (int64_t value : values) sink.I64(value);
}

void DecodeList(IdReader& reader, int64_t times, std::vector<int64_t>& values) {
  values.resize(reader.U8UpTo(kTopLevel + 1, "has too many levels"));
  for (int64_t& value : values) value = Time(reader, times);
  if (!values.empty() && values.back() == 0) reader.Fail("has an empty level");
}

template <typename Sink>
void Encode(const AgentTimeCell& cell, const IdLists<uint32_t>*, Sink& sink) {
  const AgentTimeSums sums = cell.Sums();
  sink.U32(static_cast<uint32_t>(sums.states.size()));
  for (const StateTime& state : sums.states) {
    sink.U32(state.state);
    sink.I64(state.time_us);
    sink.I64(state.visits);
  }
  sink.I64(sums.staffed_us);
  sink.I64(sums.available_us);
  sink.I64(sums.paid_us);
  sink.I64(sums.productive_us);
  sink.I128(sums.capacity_us);
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    const LoadTime& load = cell.loads[i];
    const bool is_empty = load == LoadTime();
    sink.U8(is_empty ? 0 : 1);
    if (is_empty) continue;
    sink.I64(load.busy_us);
    sink.I128(load.level_us);
    sink.I128(load.capped_us);
    EncodeList(load.at_level_us, sink);
    sink.U32(load.max_level);
    sink.I64(load.unreported_busy_us);
    sink.I128(load.unreported_level_us);
    sink.I128(load.off_level_us);
    EncodeList(load.assigned_at_level, sink);
    sink.I128(load.assigned_level_sum);
  }
  for (int64_t count : sums.assignments) sink.I64(count);
  for (int64_t count : sums.anomalies) sink.I64(count);
}

// A cell that is there `times` times.
void Decode(IdReader& reader, size_t states, AgentTimeCell& cell,
            int64_t times = 1) {
  const uint32_t count = reader.U32();
  if (count > states || count > reader.left() / 20) {
    reader.Fail("has more states than there are");
    return;
  }
  AgentTimeSums sums;
  for (uint32_t s = 0; s < count; ++s) {
    StateTime state;
    state.state = reader.U32();
    if (state.state >= states ||
        (s > 0 && state.state <= sums.states.back().state)) {
      reader.Fail("has agent states out of order");
      return;
    }
    state.time_us = Time(reader, times);
    state.visits = Signed(reader, times);
    sums.states.push_back(state);
  }
  sums.staffed_us = Time(reader, times);
  sums.available_us = Time(reader, times);
  sums.paid_us = Time(reader, times);
  sums.productive_us = Time(reader, times);
  sums.capacity_us = Sum(reader, times);
  LoadTimes loads;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if (reader.U8UpTo(1, "has an unknown load") == 0) continue;
    LoadTime& load = loads[i];
    load.busy_us = Time(reader, times);
    load.level_us = Sum(reader, times);
    load.capped_us = Sum(reader, times);
    DecodeList(reader, times, load.at_level_us);
    load.max_level = reader.U32();
    load.unreported_busy_us = Time(reader, times);
    load.unreported_level_us = Sum(reader, times);
    load.off_level_us = Sum(reader, times);
    DecodeList(reader, times, load.assigned_at_level);
    load.assigned_level_sum = Sum(reader, times);
  }
  for (int64_t& assignments : sums.assignments)
    assignments = Signed(reader, times);
  for (int64_t& anomalies : sums.anomalies) anomalies = Signed(reader, times);
  cell = AgentTimeCell(sums);
  cell.loads = std::move(loads);
}

// Says all cells of the store to a marker, in any order.
template <typename Key, typename Cell>
void MarkStore(const CellStore<Cell>& store, IdMarker& marker) {
  constexpr int32_t kFirst = std::numeric_limits<int32_t>::min();
  constexpr int32_t kLast = std::numeric_limits<int32_t>::max();
  const auto mark = [&marker](GroupId group, const Cell& cell) {
    if (IsEmpty(cell)) return;
    marker.I32(0);
    marker.Id(static_cast<Key>(group));
    Encode(cell, nullptr, marker);
  };
  marker.U64(0);
  store.ForEachAlone(
      kFirst, kLast,
      [&](int32_t, GroupId group, const Cell& cell) { mark(group, cell); });
  store.ForEachRun(kFirst, kLast,
                   [&](int32_t, int32_t, GroupId group, const Cell& cell) {
                     marker.I32(0);
                     mark(group, cell);
                   });
}

template <typename Cell>
void EncodeAlone(const OrderedCells<Cell>& cells,
                 const IdLists<uint32_t>* places, IdWriter& writer) {
  const auto& alone = cells.alone();
  writer.U64(alone.size());
  constexpr size_t kAhead = 8;
  for (size_t n = 0; n < alone.size(); ++n) {
    if (n + kAhead < alone.size()) PrefetchLine(alone[n + kAhead].cell);
    writer.I32(alone[n].bucket);
    writer.U32(alone[n].place);
    Encode(*alone[n].cell, places, writer);
  }
}

void EncodeRuns(const OrderedCells<AgentTimeCell>& cells,
                const IdLists<uint32_t>* places, IdWriter& writer) {
  writer.U64(cells.runs().size());
  for (const auto& run : cells.runs()) {
    writer.I32(run.first);
    writer.I32(run.last);
    writer.U32(run.place);
    Encode(*run.cell, places, writer);
  }
}

// A bucket that a cell can be of.
int32_t Bucket(IdReader& reader) {
  const int32_t bucket = reader.I32();
  // The widest a deadline can reach.
  if (bucket < BucketOf(kEarliestTime) ||
      bucket > BucketOf(kLatestTime + 200 * 365 * kDay)) {
    reader.Fail("has a bucket out of range");
  }
  return bucket;
}

template <typename Key, typename Cell>
void DecodeStore(IdReader& reader, size_t states, CellStore<Cell>& store) {
  const size_t count = reader.Count(9);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const int32_t bucket = Bucket(reader);
    if (!reader.ok()) return;
    GroupId group;
    if constexpr (std::is_same_v<Key, GroupId>) {
      group = reader.Group();
    } else {
      group = static_cast<GroupId>(reader.Dimensions());
    }
    Cell cell;
    Decode(reader, states, cell);
    if (reader.ok()) store.Put(bucket, group, std::move(cell));
  }
}

}  // namespace

void MarkCells(const Cells& cells, IdMarker& marker) {
  ForEachStore(cells,
               [&](const auto& store) { MarkStore<GroupId>(store, marker); });
  MarkStore<DimensionsId>(cells.arrivals, marker);
}

void EncodeCells(const Cells& cells, const IdLists<uint32_t>* places,
                 IdWriter& writer, IdWriter& runs) {
  const auto encode = [&]<typename Cell>(
                          const CellStore<Cell>& store,
                          const std::vector<uint32_t>& place_of) {
    OrderedCells<Cell> ordered(store, place_of, &IsEmpty);
    if constexpr (std::is_same_v<Cell, AgentTimeCell>) {
      ordered.FindRuns();
      EncodeRuns(ordered, places, runs);
    }
    EncodeAlone(ordered, places, writer);
  };
  ForEachStore(cells,
               [&](const auto& store) { encode(store, places->groups); });
  encode(cells.arrivals, places->combinations);
}

void DecodeCells(IdReader& reader, size_t states, Cells& cells) {
  ForEachStore(
      cells, [&](auto& store) { DecodeStore<GroupId>(reader, states, store); });
  DecodeStore<DimensionsId>(reader, states, cells.arrivals);
}

void DecodeRuns(IdReader& reader, size_t states, Cells& cells) {
  const size_t count = reader.Count(12);
  int32_t before = std::numeric_limits<int32_t>::min();
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const int32_t first = Bucket(reader);
    const int32_t last = Bucket(reader);
    const GroupId group = reader.Group();
    if (int64_t{last} - first < kLongRun) reader.Fail("has a run too short");
    if (first < before) reader.Fail("has runs out of order");
    if (!reader.ok()) return;
    before = first;
    AgentTimeCell cell;
    Decode(reader, states, cell, int64_t{last} - first + 1);
    if (!reader.ok()) return;
    cells.agents.ChangeRun(first, last, {&group, 1},
                           [&cell](AgentTimeCell& run) { run.Merge(cell); });
  }
}

}  // namespace cckpi
