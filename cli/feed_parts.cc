#include "cli/feed_parts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cckpi/base/status_macros.h"

namespace cckpi::cli {

std::string NameOfLog(const FeedOptions& options, uint32_t log) {
  const std::string& path = options.paths[log];
  return path == "-" ? "standard input" : path;
}

void FirstRefusals::AddUnreadable(uint32_t log, Refusal refusal) {
  Add({.log = log, .refusal = std::move(refusal)});
}

void FirstRefusals::AddHandedBack(uint32_t log, int64_t at_us,
                                  Refusal refusal) {
  Add({.log = log,
       .of_engine = true,
       .at_us = at_us,
       .refusal = std::move(refusal)});
}

void FirstRefusals::Merge(FirstRefusals&& others) {
  for (Entry& entry : others.entries_) Add(std::move(entry));
  others.entries_.clear();
}

std::vector<Refusal> FirstRefusals::Take() {
  Cut();
  std::vector<Refusal> refusals;
  for (Entry& entry : entries_) refusals.push_back(std::move(entry.refusal));
  entries_.clear();
  return refusals;
}

void FirstRefusals::Add(Entry entry) {
  entries_.push_back(std::move(entry));
  if (entries_.size() >= 8 * kMaxRefusalsKept) Cut();
}

void FirstRefusals::Cut() {
  std::stable_sort(
      entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        const auto place = [](const Entry& entry) {
          return std::tie(entry.log, entry.refusal.row, entry.of_engine,
                          entry.at_us);
        };
        if (place(a) != place(b)) return place(a) < place(b);
        return a.of_engine && std::tie(a.refusal.event, a.refusal.reason) <
                                  std::tie(b.refusal.event, b.refusal.reason);
      });
  if (entries_.size() > kMaxRefusalsKept) {
    entries_.erase(entries_.begin() + kMaxRefusalsKept, entries_.end());
  }
}

void EngineFeed::Ingest(std::span<const Event> events,
                        std::span<const int64_t> rows,
                        std::span<const uint32_t> logs) {
  const IngestResult result = engine_->Ingest(events);
  for (Refusal refusal : result.handed_back) {
    const size_t at = static_cast<size_t>(refusal.row - 1);
    refusal.row = rows[at];
    refusal.source = NameOfLog(options_, logs[at]);
    refusals_.AddHandedBack(logs[at], events[at].at_us, std::move(refusal));
  }
  handed_back_ += result.late + result.refused;
}

absl::Status EngineFeed::IngestSorted(const EventBatch& batch) {
  const size_t count = CountUpToNow(batch.events);
  after_now_ += static_cast<int64_t>(batch.events.size() - count);
  const std::span<const Event> events(batch.events);
  const std::span<const int64_t> rows(batch.rows);
  const std::span<const uint32_t> logs(batch.sources);
  size_t begin = 0;
  const auto ingest = [&](size_t end) {
    if (end == begin) return;
    Ingest(events.subspan(begin, end - begin), rows.subspan(begin, end - begin),
           logs.subspan(begin, end - begin));
    begin = end;
  };
  for (size_t i = 0; i < count; ++i) {
    if (!Wakes(events[i], events[i].at_us)) continue;
    ingest(i);
    CCKPI_RETURN_IF_ERROR(Before(events[i].at_us));
  }
  ingest(count);
  return absl::OkStatus();
}

absl::Status EngineFeed::End(int64_t now_us) {
  if (now_us != kNoTime) CCKPI_RETURN_IF_ERROR(Before(now_us + 1));
  // Where more is to come the present is not over: events of the next days
  // must not look as if they were ahead of it.
  if (now_us != kNoTime && (options_.finish || options_.now_us != kNoTime)) {
    CCKPI_RETURN_IF_ERROR(engine_->Advance(ToTime(now_us)));
  }
  if (options_.order == FeedOrder::kSorted && options_.finish) {
    engine_->Finish();
  }
  return absl::OkStatus();
}

absl::Status EngineFeed::Before(int64_t next_us) {
  if (!options_.before) return absl::OkStatus();
  CCKPI_ASSIGN_OR_RETURN(wake_us_, options_.before(next_us));
  return absl::OkStatus();
}

// Of sorted events, those that are not after now.
size_t EngineFeed::CountUpToNow(const std::vector<Event>& events) const {
  if (options_.now_us == kNoTime) return events.size();
  const auto end = std::partition_point(
      events.begin(), events.end(),
      [&](const Event& event) { return event.at_us <= options_.now_us; });
  return static_cast<size_t>(end - events.begin());
}

}  // namespace cckpi::cli
