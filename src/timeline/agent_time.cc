#include "cckpi/timeline/agent_time.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace cckpi {
namespace {

void AddAt(std::vector<int64_t>& counts, size_t index, int64_t amount) {
  if (amount == 0) return;
  if (counts.size() <= index) counts.resize(index + 1, 0);
  counts[index] += amount;
}

void AddAll(std::vector<int64_t>& counts, const std::vector<int64_t>& other) {
  for (size_t i = 0; i < other.size(); ++i) AddAt(counts, i, other[i]);
}

void AddLoad(LoadTime& load, uint32_t level, AgentPresence presence,
             int64_t capacity, int64_t time_us) {
  const absl::int128 level_us = absl::int128(level) * time_us;
  switch (presence) {
    case AgentPresence::kAvailable:
      if (level > 0) load.busy_us += time_us;
      load.level_us += level_us;
      load.capped_us +=
          absl::int128(std::min<int64_t>(level, capacity)) * time_us;
      AddAt(load.at_level_us, std::min<size_t>(level, kTopLevel), time_us);
      load.max_level = std::max(load.max_level, level);
      break;
    case AgentPresence::kUnreported:
      if (level > 0) load.unreported_busy_us += time_us;
      load.unreported_level_us += level_us;
      break;
    default:
      load.off_level_us += level_us;
  }
}

}  // namespace

LoadTimes::LoadTimes(const LoadTimes& other)
    : times_(other.times_ ? std::make_unique<Times>(*other.times_) : nullptr) {}

LoadTimes& LoadTimes::operator=(const LoadTimes& other) {
  times_ = other.times_ ? std::make_unique<Times>(*other.times_) : nullptr;
  return *this;
}

const LoadTime& LoadTimes::operator[](size_t load) const {
  static const LoadTime* const kNothing = new LoadTime();
  return times_ == nullptr ? *kNothing : (*times_)[load];
}

LoadTime& LoadTimes::operator[](size_t load) {
  if (times_ == nullptr) times_ = std::make_unique<Times>();
  return (*times_)[load];
}

bool operator==(const LoadTimes& a, const LoadTimes& b) {
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if (!(a[i] == b[i])) return false;
  }
  return true;
}

// An entry's head is its key above 24 bits of visits, the key a state above 8
// bits of what the entry is:
//
//   0 … 15   a time of the state, by what it counts as: AgentClassBit and Flag
//            bits; of kUnknownState: a time of no state
//   64       visits of the state that the 24 bits have no room for
//
// and of kUnknownState, which come last:
//
//   128 …    a count of assignments, by presence
//   144 …    a count of anomalies, by kind
//   160, 161 what of the capacity is not capacity_ times available time: its
//            low and its high 64 bits
namespace {

constexpr uint8_t kEveryFlag = 15;
constexpr uint8_t kMoreVisits = 64;
constexpr uint8_t kAssignmentCount = 128;
constexpr uint8_t kAnomalyCount = 144;
constexpr uint8_t kCapacityLow = 160;
constexpr uint8_t kCapacityHigh = 161;

constexpr int kVisitBits = 24;
constexpr uint64_t kVisitMask = (uint64_t{1} << kVisitBits) - 1;

static_assert((kClassPaid | kClassProductive) == 3);

uint32_t StateOf(uint64_t head) { return static_cast<uint32_t>(head >> 32); }
uint8_t KindOf(uint64_t head) { return static_cast<uint8_t>(head >> 24); }
int64_t VisitsOf(uint64_t head) {
  return static_cast<int64_t>(head & kVisitMask);
}

}  // namespace

AgentTimeCell::AgentTimeCell(const AgentTimeSums& sums) {
  for (const StateTime& time : sums.states) {
    AddTime(KeyOf(time.state, 0), time.time_us, time.visits);
  }
  const std::pair<uint8_t, int64_t> times[] = {
      {kStaffedTime, sums.staffed_us},
      {kAvailableTime, sums.available_us},
      {kClassPaid, sums.paid_us},
      {kClassProductive, sums.productive_us}};
  for (const auto& [flag, time_us] : times) {
    if (time_us != 0) AddTime(KeyOf(kUnknownState, flag), time_us, 0);
  }
  auto count = [this](size_t kind, int64_t counted) {
    if (counted == 0) return;
    At(KeyOf(kUnknownState, kind)).value = counted;
  };
  for (size_t i = 0; i < sums.assignments.size(); ++i) {
    count(kAssignmentCount + i, sums.assignments[i]);
  }
  for (size_t i = 0; i < sums.anomalies.size(); ++i) {
    count(kAnomalyCount + i, sums.anomalies[i]);
  }
  SetCapacity(sums.capacity_us);
}

AgentTimeCell::AgentTimeCell(const AgentTimeCell& other)
    : loads(other.loads), size_(other.size_), capacity_(other.capacity_) {
  Entry* to = inside_;
  if (size_ > kInside) to = heap_ = new Entry[std::bit_ceil(size_)];
  std::copy(other.begin(), other.end(), to);
}

AgentTimeCell& AgentTimeCell::operator=(const AgentTimeCell& other) {
  if (this == &other) return *this;
  // The memory that a cell of as many entries has is used again.
  if (size_ <= kInside || other.size_ <= kInside ||
      std::bit_ceil(size_) != std::bit_ceil(other.size_)) {
    return *this = AgentTimeCell(other);
  }
  loads = other.loads;
  size_ = other.size_;
  capacity_ = other.capacity_;
  std::copy(other.begin(), other.end(), heap_);
  return *this;
}

AgentTimeCell::AgentTimeCell(AgentTimeCell&& other) noexcept
    : loads(std::move(other.loads)) {
  TakeEntries(other);
}

AgentTimeCell& AgentTimeCell::operator=(AgentTimeCell&& other) noexcept {
  if (this == &other) return *this;
  if (size_ > kInside) delete[] heap_;
  loads = std::move(other.loads);
  TakeEntries(other);
  return *this;
}

void AgentTimelineSink::AddIntervals(const AgentInterval& interval,
                                     int64_t buckets) {
  AgentInterval one = interval;
  for (int64_t n = 0; n < buckets; ++n) {
    AddInterval(one);
    ++one.bucket;
    one.begin_us += kBucketSpan;
    one.end_us += kBucketSpan;
  }
}

void AgentTimeCell::TakeEntries(AgentTimeCell& other) noexcept {
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  if (size_ > kInside) {
    heap_ = other.heap_;
  } else {
    std::copy_n(other.inside_, size_, inside_);
  }
}

AgentTimeCell::~AgentTimeCell() {
  if (size_ > kInside) delete[] heap_;
}

inline AgentTimeCell::Entry& AgentTimeCell::At(uint64_t key) {
  if (size_ == 0) {
    size_ = 1;
    inside_[0] = {key << kVisitBits, 0};
    return inside_[0];
  }
  Entry* at = size_ > kInside ? heap_ : inside_;
  Entry* const end = at + size_;
  if (size_ <= 8) [[likely]] {
    for (; at != end; ++at) {
      const uint64_t there = at->head >> kVisitBits;
      if (there == key) return *at;
      if (there > key) break;
    }
    return Insert(at, key);
  }
  at = std::lower_bound(
      at, end, key << kVisitBits,
      [](const Entry& entry, uint64_t head) { return entry.head < head; });
  if (at != end && at->head >> kVisitBits == key) return *at;
  return Insert(at, key);
}

AgentTimeCell::Entry& AgentTimeCell::Insert(Entry* at, uint64_t key) {
  Entry* entries = size_ > kInside ? heap_ : inside_;
  Entry* end = entries + size_;
  if (size_ >= kInside && (size_ == kInside || std::has_single_bit(size_))) {
    Entry* more = new Entry[std::bit_ceil(size_ + 1)];
    end = std::copy(entries, end, more);
    at = more + (at - entries);
    if (size_ > kInside) delete[] heap_;
    heap_ = more;
  }
  for (; end != at; --end) *end = end[-1];
  ++size_;
  *at = {key << kVisitBits, 0};
  return *at;
}

void AgentTimeCell::AddTime(uint64_t key, int64_t time_us, int64_t visits) {
  Entry& entry = At(key);
  entry.value += time_us;
  if (visits != 0) AddVisits(key, entry, visits);
}

// The entry may be another's place after it.
void AgentTimeCell::AddVisits(uint64_t key, Entry& entry, int64_t visits) {
  visits += VisitsOf(entry.head);
  entry.head =
      (entry.head & ~kVisitMask) | (static_cast<uint64_t>(visits) & kVisitMask);
  visits -= VisitsOf(entry.head);
  if (visits == 0) return;
  At((key & ~uint64_t{0xff}) | kMoreVisits).value += visits;
}

int64_t AgentTimeCell::ValueOf(uint8_t kind) const {
  for (const Entry* entry = end(); entry != begin();) {
    --entry;
    if (StateOf(entry->head) != kUnknownState) break;
    if (KindOf(entry->head) == kind) return entry->value;
  }
  return 0;
}

int64_t AgentTimeCell::TimeAs(uint8_t flag) const {
  int64_t time_us = 0;
  for (const Entry& entry : *this) {
    const uint8_t kind = KindOf(entry.head);
    if (kind <= kEveryFlag && (kind & flag) != 0) time_us += entry.value;
  }
  return time_us;
}

std::vector<StateTime> AgentTimeCell::states() const {
  std::vector<StateTime> states;
  States(states);
  return states;
}

void AgentTimeCell::States(std::vector<StateTime>& states) const {
  states.clear();
  states.reserve(size_);
  for (const Entry& entry : *this) {
    const uint32_t state = StateOf(entry.head);
    if (state == kUnknownState) break;
    if (states.empty() || states.back().state != state) {
      states.push_back({state, 0, 0});
    }
    if (KindOf(entry.head) == kMoreVisits) {
      states.back().visits += entry.value;
    } else {
      states.back().time_us += entry.value;
      states.back().visits += VisitsOf(entry.head);
    }
  }
}

absl::int128 AgentTimeCell::capacity_us() const {
  const absl::int128 capacity_us = absl::int128(capacity_) * available_us();
  if (!HasOtherCapacity()) return capacity_us;
  return capacity_us +
         absl::MakeInt128(ValueOf(kCapacityHigh),
                          static_cast<uint64_t>(ValueOf(kCapacityLow)));
}

int64_t AgentTimeCell::assignments(AgentPresence presence) const {
  return ValueOf(
      static_cast<uint8_t>(kAssignmentCount + static_cast<size_t>(presence)));
}

int64_t AgentTimeCell::anomalies(AgentAnomalyKind kind) const {
  return ValueOf(
      static_cast<uint8_t>(kAnomalyCount + static_cast<size_t>(kind)));
}

AgentTimeSums AgentTimeCell::Sums() const {
  AgentTimeSums sums;
  States(sums.states);
  for (const Entry& entry : *this) {
    const uint8_t kind = KindOf(entry.head);
    if (kind <= kEveryFlag) {
      if ((kind & kStaffedTime) != 0) sums.staffed_us += entry.value;
      if ((kind & kAvailableTime) != 0) sums.available_us += entry.value;
      if ((kind & kClassPaid) != 0) sums.paid_us += entry.value;
      if ((kind & kClassProductive) != 0) sums.productive_us += entry.value;
    } else if (kind >= kCapacityLow) {
      break;
    } else if (kind >= kAnomalyCount) {
      sums.anomalies[kind - kAnomalyCount] = entry.value;
    } else if (kind >= kAssignmentCount) {
      sums.assignments[kind - kAssignmentCount] = entry.value;
    }
  }
  sums.capacity_us = capacity_us();
  return sums;
}

bool AgentTimeCell::HasOtherCapacity() const {
  if (size_ == 0) return false;
  const uint64_t head = (end() - 1)->head;
  return StateOf(head) == kUnknownState && KindOf(head) >= kCapacityLow;
}

void AgentTimeCell::SetCapacity(absl::int128 capacity_us) {
  const int64_t available_us = this->available_us();
  const absl::int128 other_us =
      capacity_us - absl::int128(capacity_) * available_us;
  if (other_us == 0 && !HasOtherCapacity()) return;
  At(KeyOf(kUnknownState, kCapacityLow)).value =
      static_cast<int64_t>(absl::Int128Low64(other_us));
  At(KeyOf(kUnknownState, kCapacityHigh)).value = absl::Int128High64(other_us);
}

// `time_us` is part of the available time already.
void AgentTimeCell::AddCapacity(int64_t capacity, int64_t time_us) {
  const bool is_first = size_ == 1
                            ? inside_[0].value == time_us
                            : available_us() == time_us && !HasOtherCapacity();
  if (is_first && capacity <= int64_t{std::numeric_limits<uint32_t>::max()}) {
    capacity_ = static_cast<uint32_t>(capacity);
    return;
  }
  SetCapacity(capacity_us() + absl::int128(capacity - capacity_) * time_us);
}

void AgentTimeCell::Add(const AgentInterval& interval, int64_t capacity,
                        uint8_t kept) {
  const int64_t time_us = interval.end_us - interval.begin_us;
  uint8_t flags = interval.classes & (kClassPaid | kClassProductive);
  if (interval.presence >= AgentPresence::kUnavailable) flags |= kStaffedTime;
  const bool is_available = interval.presence == AgentPresence::kAvailable;
  if (is_available) flags |= kAvailableTime;
  const uint64_t key = KeyOf(interval.state, flags);
  if (key != KeyOf(kUnknownState, 0)) {
    Entry& entry = At(key);
    entry.value += time_us;
    if (interval.visit && interval.state != kUnknownState) {
      if ((entry.head & kVisitMask) != kVisitMask) [[likely]] {
        ++entry.head;
      } else {
        AddVisits(key, entry, 1);
      }
    }
  }
  capacity = std::max<int64_t>(capacity, 0);
  if (is_available && capacity != capacity_) AddCapacity(capacity, time_us);
  if ((kept & kAllLoads) != 0) AddLoads(interval, capacity, kept);
}

void AgentTimeCell::AddLoads(const AgentInterval& interval, int64_t capacity,
                             uint8_t kept) {
  const int64_t time_us = interval.end_us - interval.begin_us;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if ((kept & BitOf(static_cast<AgentLoad>(i))) == 0) continue;
    AddLoad(loads[i], interval.levels[i], interval.presence, capacity, time_us);
  }
}

void AgentTimeCell::Add(const AgentAssignment& assignment, uint8_t kept) {
  const size_t presence = static_cast<size_t>(assignment.presence);
  ++At(KeyOf(kUnknownState, kAssignmentCount + presence)).value;
  if ((kept & kAllLoads) == 0) return;
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    if ((kept & BitOf(static_cast<AgentLoad>(i))) == 0) continue;
    const uint32_t level = assignment.levels[i];
    AddAt(loads[i].assigned_at_level, std::min<size_t>(level, kTopLevel), 1);
    loads[i].assigned_level_sum += level;
  }
}

void AgentTimeCell::Add(const AgentAnomaly& anomaly) {
  const size_t kind = static_cast<size_t>(anomaly.kind);
  ++At(KeyOf(kUnknownState, kAnomalyCount + kind)).value;
}

void AgentTimeCell::Merge(const AgentTimeCell& other) {
  if (capacity_ != other.capacity_ && available_us() == 0) {
    capacity_ = other.capacity_;
  }
  const bool same_capacity =
      !HasOtherCapacity() && !other.HasOtherCapacity() &&
      (capacity_ == other.capacity_ || other.available_us() == 0);
  absl::int128 capacity = 0;
  if (!same_capacity) capacity = capacity_us() + other.capacity_us();
  // Both are in order of keys.
  uint32_t at = 0;
  for (const Entry& entry : other) {
    const uint64_t key = entry.head >> kVisitBits;
    if (StateOf(entry.head) == kUnknownState &&
        KindOf(entry.head) >= kCapacityLow) {
      break;
    }
    Entry* const mine = size_ > kInside ? heap_ : inside_;
    while (at < size_ && mine[at].head >> kVisitBits < key) ++at;
    Entry& sum = at < size_ && mine[at].head >> kVisitBits == key
                     ? mine[at]
                     : Insert(mine + at, key);
    sum.value += entry.value;
    const int64_t visits = VisitsOf(entry.head);
    if (visits != 0) AddVisits(key, sum, visits);
  }
  if (!same_capacity) SetCapacity(capacity);
  if (other.loads.has_memory()) MergeLoads(other);
}

void AgentTimeCell::MergeLoads(const AgentTimeCell& other) {
  for (size_t i = 0; i < kAgentLoadCount; ++i) {
    LoadTime& load = loads[i];
    const LoadTime& more = other.loads[i];
    load.busy_us += more.busy_us;
    load.level_us += more.level_us;
    load.capped_us += more.capped_us;
    AddAll(load.at_level_us, more.at_level_us);
    load.max_level = std::max(load.max_level, more.max_level);
    load.unreported_busy_us += more.unreported_busy_us;
    load.unreported_level_us += more.unreported_level_us;
    load.off_level_us += more.off_level_us;
    AddAll(load.assigned_at_level, more.assigned_at_level);
    load.assigned_level_sum += more.assigned_level_sum;
  }
}

bool AgentTimeCell::empty() const {
  if (size_ > 0 && StateOf(begin()->head) != kUnknownState) return false;
  if (!(loads == LoadTimes())) return false;
  return size_ == 0 || Sums() == AgentTimeSums();
}

size_t AgentTimeCell::heap_bytes() const {
  return size_ > kInside ? std::bit_ceil(size_) * sizeof(Entry) : 0;
}

bool operator==(const AgentTimeCell& a, const AgentTimeCell& b) {
  return a.loads == b.loads && (a.size_ + b.size_ == 0 || a.Sums() == b.Sums());
}

}  // namespace cckpi
