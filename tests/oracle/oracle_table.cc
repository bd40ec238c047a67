#include "oracle/oracle_table.h"

#include <algorithm>

#include "cckpi/calendar/opening_hours.h"

namespace cckpi::oracle {
namespace {

std::string_view ValueOf(const Dimension& dimension, const Dims& dims) {
  switch (dimension.field) {
    case Dimension::Field::kChannel:
      return dims.channel;
    case Dimension::Field::kSource:
      return dims.source;
    case Dimension::Field::kTeam:
      return dims.team;
    case Dimension::Field::kAgent:
      return dims.agent;
    case Dimension::Field::kPriority:
      return dims.priority;
    case Dimension::Field::kTag:
      break;
  }
  auto tag = dims.tags.find(dimension.tag);
  return tag == dims.tags.end() ? std::string_view() : tag->second;
}

GroupBy By(Dimension::Field field) { return {Dimension{field, ""}}; }

}  // namespace

Table::Table(const Config& config, const Query& query, int64_t first_us,
             int64_t now_us)
    : query_(query),
      first_us_(first_us),
      now_us_(now_us),
      week_start_(static_cast<absl::Weekday>(config.week_starts - 1)) {
  if (auto zone = LoadZone(config.time_zone); zone.ok()) zone_ = *zone;
  if (config.groups_given) {
    configured_ = config.groups;
    configured_.insert(configured_.begin(), GroupBy{});
  } else {
    configured_ = {{},
                   By(Dimension::Field::kChannel),
                   By(Dimension::Field::kTeam),
                   By(Dimension::Field::kAgent)};
  }
  groupings_ =
      query.by.has_value() ? std::vector<GroupBy>{*query.by} : configured_;
}

GroupKey Table::KeyOf(const GroupBy& by, const Dims& dims) {
  GroupKey key;
  for (const Dimension& dimension : by) {
    const std::string_view value = ValueOf(dimension, dims);
    key.push_back(value.empty() ? std::nullopt
                                : std::optional<std::string>(value));
  }
  return key;
}

Window Table::WindowOf(int64_t at_us) const {
  return WindowContaining(at_us, query_.every, zone_, week_start_);
}

bool Table::Wanted(Window window) const {
  if (query_.every == Frequency::kAll) {
    // From the bucket of the first event to now, or the end of that bucket.
    window.begin_us = BucketOf(first_us_) * kBucketSpan;
    window.end_us =
        now_us_ > window.begin_us ? now_us_ : window.begin_us + kBucketSpan;
  }
  return (query_.begin_us == kNoTime || window.end_us > query_.begin_us) &&
         (query_.end_us == kNoTime || window.begin_us < query_.end_us);
}

void Table::Book(int64_t at_us, const Dims& dims, const Change& change) {
  if (at_us < kEarliestTime || at_us >= kLatestTime) return;
  BookIn(WindowOf(at_us), dims, change);
}

void Table::BookIn(const Window& window, const Dims& dims,
                   const Change& change) {
  for (size_t i = 0; i < groupings_.size(); ++i) {
    BookIn(window, i, KeyOf(groupings_[i], dims), change);
  }
}

void Table::BookIn(const Window& window, size_t grouping, const GroupKey& key,
                   const Change& change) {
  if (!Wanted(window)) return;
  change(cells_[{window.begin_us, window.end_us, grouping, key}]);
}

void Table::AtWindowEnds(
    int64_t from_us, int64_t to_us,
    const std::function<void(const Window&, int64_t)>& visit) const {
  Window window = WindowOf(from_us);
  while (window.begin_us <= now_us_) {
    if (window.end_us > now_us_) {
      if (to_us == kNever && Wanted(window)) visit(window, now_us_);
      return;
    }
    if (from_us < window.end_us && to_us >= window.end_us && Wanted(window)) {
      visit(window, window.end_us);
    }
    if (to_us < window.end_us) return;
    window = NextWindow(window, query_.every, zone_, week_start_);
  }
}

}  // namespace cckpi::oracle
