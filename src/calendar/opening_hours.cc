#include "cckpi/calendar/opening_hours.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "src/calendar/calendar_spec.h"
#include "src/calendar/open_intervals.h"

namespace cckpi {
namespace {

// The time axis is cut into chunks of 2^45 microseconds, about 407 days, and a
// chunk into 512 slots of about 19 hours, so that finding the place of an
// instant is two shifts and a look at the intervals of one slot.
constexpr int kChunkBits = 45;
constexpr int kSlotBits = 36;
constexpr int kSlotCount = 1 << (kChunkBits - kSlotBits);
constexpr int64_t kFirstChunk = kEarliestTime >> kChunkBits;
constexpr int kChunkCount =
    static_cast<int>((kLatestTime >> kChunkBits) - kFirstChunk) + 1;

// An open interval within a chunk, and the open time of the chunk before it.
struct Span {
  int64_t begin_us;
  int64_t end_us;
  int64_t open_before_us;

  int64_t open_through_us() const {
    return open_before_us + (end_us - begin_us);
  }
};

struct Chunk {
  std::vector<Span> spans;  // in order, with gaps between them
  int64_t total_us = 0;
  // For each slot, and for the end, the first span that ends after its begin.
  std::array<uint32_t, kSlotCount + 1> first_span;

  // The index of the first span that ends after an instant of this chunk.
  size_t Find(int64_t at_us) const {
    const size_t slot =
        static_cast<size_t>((at_us >> kSlotBits) & (kSlotCount - 1));
    size_t low = first_span[slot];
    size_t high = first_span[slot + 1];
    while (high - low > 8) {
      const size_t middle = low + (high - low) / 2;
      if (spans[middle].end_us > at_us) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    while (low < high && spans[low].end_us <= at_us) ++low;
    return low;
  }

  // The open time of this chunk before an instant, given its Find().
  int64_t OpenBefore(int64_t at_us, size_t index) const {
    if (index == spans.size()) return total_us;
    const Span& span = spans[index];
    return span.open_before_us + std::max<int64_t>(at_us - span.begin_us, 0);
  }

  int64_t OpenBefore(int64_t at_us) const {
    return OpenBefore(at_us, Find(at_us));
  }
};

std::unique_ptr<const Chunk> BuildChunk(const CalendarSpec& spec,
                                        const Zone& zone, int index) {
  auto chunk = std::make_unique<Chunk>();
  const int64_t begin_us = (kFirstChunk + index) << kChunkBits;
  const Window range = {
      std::max(begin_us, kEarliestTime),
      std::min(begin_us + (int64_t{1} << kChunkBits), kLatestTime)};
  const std::vector<Window> windows = OpenIntervals(spec, zone, range);
  chunk->spans.reserve(windows.size());
  for (const Window& window : windows) {
    chunk->spans.push_back({window.begin_us, window.end_us, chunk->total_us});
    chunk->total_us += window.span_us();
  }
  uint32_t span = 0;
  for (int slot = 0; slot <= kSlotCount; ++slot) {
    const int64_t slot_us = begin_us + (int64_t{slot} << kSlotBits);
    while (span < chunk->spans.size() && chunk->spans[span].end_us <= slot_us) {
      ++span;
    }
    chunk->first_span[static_cast<size_t>(slot)] = span;
  }
  return chunk;
}

// The chunk of an instant in [kEarliestTime, kLatestTime].
constexpr int ChunkOf(int64_t at_us) {
  return static_cast<int>((at_us >> kChunkBits) - kFirstChunk);
}

constexpr int64_t ClampToRange(int64_t at_us) {
  return std::clamp(at_us, kEarliestTime, kLatestTime);
}

}  // namespace

// The open intervals of the supported range, chunk by chunk, each computed by
// whoever asks first. Two threads may compute the same chunk at the same time;
// they get the same result and one of them is kept.
class OpeningHours::Timeline {
 public:
  Timeline(CalendarSpec spec, Zone zone)
      : spec_(std::move(spec)), zone_(std::move(zone)) {}
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;
  ~Timeline() {
    for (const std::atomic<const Chunk*>& chunk : chunks_) {
      std::unique_ptr<const Chunk>(chunk.load(std::memory_order_relaxed));
    }
  }

  const Zone& zone() const { return zone_; }

  const Chunk& chunk(int index) const {
    std::atomic<const Chunk*>& slot = chunks_[static_cast<size_t>(index)];
    if (const Chunk* known = slot.load(std::memory_order_acquire)) {
      return *known;
    }
    std::unique_ptr<const Chunk> built = BuildChunk(spec_, zone_, index);
    const Chunk* known = nullptr;
    if (slot.compare_exchange_strong(known, built.get(),
                                     std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
      return *built.release();  // owned by chunks_ from here on
    }
    return *known;
  }

  // A span of a chunk; `chunk` is kChunkCount behind the last span and -1
  // before the first.
  struct Position {
    int chunk;
    size_t span;

    bool valid() const { return 0 <= chunk && chunk < kChunkCount; }
  };

  const Span& at(const Position& position) const {
    return chunk(position.chunk).spans[position.span];
  }

  // The first span that ends after an instant.
  Position FirstEndingAfter(int64_t at_us) const {
    if (at_us >= kLatestTime) return {kChunkCount, 0};
    at_us = ClampToRange(at_us);
    const int index = ChunkOf(at_us);
    return SkipForward({index, chunk(index).Find(at_us)});
  }

  // The last span that begins before an instant.
  Position LastBeginningBefore(int64_t at_us) const {
    if (at_us <= kEarliestTime) return {-1, 0};
    at_us = ClampToRange(at_us);
    const int index = ChunkOf(at_us);
    const Chunk& here = chunk(index);
    const size_t span = here.Find(at_us);
    if (span < here.spans.size() && here.spans[span].begin_us < at_us) {
      return {index, span};
    }
    return Previous({index, span});
  }

  Position Next(Position position) const {
    return SkipForward({position.chunk, position.span + 1});
  }

  Position Previous(Position position) const {
    while (position.span == 0) {
      if (--position.chunk < 0) return {-1, 0};
      position.span = chunk(position.chunk).spans.size();
    }
    return {position.chunk, position.span - 1};
  }

  // The whole open interval from a span on, and the position behind it:
  // intervals that go on in the next chunk are put together again.
  Window Forward(Position& position) const {
    Window window = {at(position).begin_us, at(position).end_us};
    position = Next(position);
    while (position.valid() && at(position).begin_us == window.end_us) {
      window.end_us = at(position).end_us;
      position = Next(position);
    }
    return window;
  }

  // The same backwards.
  Window Backward(Position& position) const {
    Window window = {at(position).begin_us, at(position).end_us};
    position = Previous(position);
    while (position.valid() && at(position).end_us == window.begin_us) {
      window.begin_us = at(position).begin_us;
      position = Previous(position);
    }
    return window;
  }

 private:
  Position SkipForward(Position position) const {
    while (position.span == chunk(position.chunk).spans.size()) {
      if (++position.chunk == kChunkCount) return {kChunkCount, 0};
      position.span = 0;
    }
    return position;
  }

  const CalendarSpec spec_;
  const Zone zone_;
  mutable std::array<std::atomic<const Chunk*>, kChunkCount> chunks_ = {};
};

OpeningHours::OpeningHours() {
  CalendarSpec spec;
  spec.weekly.fill({LocalInterval{.begin_s = 0, .end_s = 86'400}});
  timeline_ = std::make_shared<const Timeline>(std::move(spec), Zone());
}

OpeningHours::OpeningHours(std::shared_ptr<const Timeline> timeline)
    : timeline_(std::move(timeline)) {}

absl::StatusOr<OpeningHours> OpeningHours::Create(const CalendarSpec& spec) {
  absl::StatusOr<Zone> zone = LoadZone(spec.time_zone);
  if (!zone.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("time_zone: ", std::string(zone.status().message())));
  }
  CCKPI_RETURN_IF_ERROR(ValidateIntervals(spec));
  return OpeningHours(std::make_shared<const Timeline>(spec, *std::move(zone)));
}

const Zone& OpeningHours::zone() const { return timeline_->zone(); }

int64_t OpeningHours::Elapsed(int64_t from_us, int64_t to_us) const {
  if (to_us <= from_us) return 0;
  from_us = ClampToRange(from_us);
  to_us = ClampToRange(to_us);
  const int first = ChunkOf(from_us);
  const int last = ChunkOf(to_us);
  int64_t elapsed_us = -timeline_->chunk(first).OpenBefore(from_us);
  for (int index = first; index < last; ++index) {
    elapsed_us += timeline_->chunk(index).total_us;
  }
  return elapsed_us + timeline_->chunk(last).OpenBefore(to_us);
}

absl::StatusOr<int64_t> OpeningHours::CheckedElapsed(int64_t from_us,
                                                     int64_t to_us) const {
  if (to_us < from_us) {
    return absl::InvalidArgumentError(
        absl::StrCat("a span that ends before it begins: ", FormatTime(from_us),
                     " to ", FormatTime(to_us)));
  }
  return Elapsed(from_us, to_us);
}

int64_t OpeningHours::Deadline(int64_t start_us, int64_t span_us) const {
  if (start_us >= kLatestTime) return kNever;
  start_us = ClampToRange(start_us);
  span_us = std::clamp<int64_t>(span_us, 0, kLatestTime - kEarliestTime);
  int index = ChunkOf(start_us);
  const Chunk* chunk = &timeline_->chunk(index);
  size_t span = chunk->Find(start_us);
  // The open time, counted from the chunk's begin, that is not to be exceeded.
  int64_t budget_us = chunk->OpenBefore(start_us, span) + span_us;
  while (budget_us >= chunk->total_us) {
    budget_us -= chunk->total_us;
    if (++index == kChunkCount) return kNever;
    chunk = &timeline_->chunk(index);
    span = 0;
  }
  // The last span with no more than the budget before it; most often it is
  // near, so a few are looked at before all of them are searched.
  const std::vector<Span>& spans = chunk->spans;
  const size_t probed = std::min(span + 4, spans.size());
  while (span + 1 < probed && spans[span + 1].open_before_us <= budget_us)
    ++span;
  if (span + 1 == probed && probed < spans.size()) {
    const auto after = std::upper_bound(
        spans.begin() + static_cast<std::ptrdiff_t>(probed), spans.end(),
        budget_us, [](int64_t budget, const Span& candidate) {
          return budget < candidate.open_before_us;
        });
    span = static_cast<size_t>(after - spans.begin()) - 1;
  }
  return spans[span].begin_us + (budget_us - spans[span].open_before_us);
}

int64_t OpeningHours::EarliestStart(int64_t end_us, int64_t span_us) const {
  if (end_us <= kEarliestTime) return kNoTime;
  end_us = ClampToRange(end_us);
  span_us = std::clamp<int64_t>(span_us, 0, kLatestTime - kEarliestTime);
  int index = ChunkOf(end_us);
  int64_t open_us = timeline_->chunk(index).OpenBefore(end_us);
  while (open_us <= span_us) {
    span_us -= open_us;
    if (--index < 0) return kNoTime;
    open_us = timeline_->chunk(index).total_us;
  }
  // The open time, counted from the chunk's begin, that has to be left out.
  const int64_t skipped_us = open_us - span_us;
  const std::vector<Span>& spans = timeline_->chunk(index).spans;
  const auto span = std::partition_point(
      spans.begin(), spans.end(), [skipped_us](const Span& candidate) {
        return candidate.open_through_us() < skipped_us;
      });
  return span->begin_us + (skipped_us - span->open_before_us);
}

int64_t OpeningHours::Add(int64_t from_us, int64_t span_us) const {
  if (span_us >= 0) return Deadline(from_us, span_us);
  // The most negative integer has no counterpart.
  return EarliestStart(from_us, -std::max(span_us, -kLatestTime));
}

bool OpeningHours::IsOpen(int64_t at_us) const {
  if (at_us < kEarliestTime || at_us >= kLatestTime) return false;
  const Chunk& chunk = timeline_->chunk(ChunkOf(at_us));
  const size_t span = chunk.Find(at_us);
  return span < chunk.spans.size() && chunk.spans[span].begin_us <= at_us;
}

int64_t OpeningHours::NextOpenOrSelf(int64_t at_us) const {
  const Timeline::Position position = timeline_->FirstEndingAfter(at_us);
  if (!position.valid()) return kNever;
  return std::max(at_us, timeline_->at(position).begin_us);
}

int64_t OpeningHours::NextOpening(int64_t at_us) const {
  Timeline::Position position = timeline_->FirstEndingAfter(at_us);
  if (position.valid() && timeline_->at(position).begin_us <= at_us) {
    timeline_->Forward(position);
  }
  return position.valid() ? timeline_->at(position).begin_us : kNever;
}

int64_t OpeningHours::NextClose(int64_t at_us) const {
  Timeline::Position position = timeline_->FirstEndingAfter(at_us);
  if (!position.valid()) return kNever;
  const int64_t close_us = timeline_->Forward(position).end_us;
  return close_us < kLatestTime ? close_us : kNever;
}

int64_t OpeningHours::PrevCloseOrSelf(int64_t at_us) const {
  const Timeline::Position position = timeline_->LastBeginningBefore(at_us);
  if (!position.valid()) return kNoTime;
  return std::min(at_us, timeline_->at(position).end_us);
}

std::vector<Window> OpeningHours::WindowsAfter(int64_t at_us, int count) const {
  std::vector<Window> windows;
  Timeline::Position position = timeline_->FirstEndingAfter(at_us);
  for (int i = 0; i < count && position.valid(); ++i) {
    windows.push_back(timeline_->Forward(position));
  }
  if (!windows.empty()) {
    windows[0].begin_us = std::max(windows[0].begin_us, at_us);
  }
  return windows;
}

std::vector<Window> OpeningHours::WindowsBefore(int64_t at_us,
                                                int count) const {
  std::vector<Window> windows;
  Timeline::Position position = timeline_->LastBeginningBefore(at_us);
  for (int i = 0; i < count && position.valid(); ++i) {
    windows.push_back(timeline_->Backward(position));
  }
  if (!windows.empty()) {
    windows[0].end_us = std::min(windows[0].end_us, at_us);
  }
  return windows;
}

}  // namespace cckpi
