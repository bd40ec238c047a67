// Agent time: what agents do with their time, as integers that merge.
//
// Two streams describe an agent. Presence says which state he is in (available,
// on a break, offline); load says which episodes occupy him. Between two
// changes of either, both are constant: that is an AgentInterval, and every
// number about the agent's time is a sum over intervals. Intervals never cross
// a 15-minute bucket edge, so the sums of a bucket need no other bucket, and
// the sums of any window are those of its buckets added up.
//
// An AgentTimeCell is such a sum, of any agents in any buckets:
//
//   int64_t BusyOf(std::span<const AgentInterval> intervals) {
//     AgentTimeCell cell;
//     for (const AgentInterval& interval : intervals) {
//       cell.Add(interval, /*capacity=*/3);
//     }
//     // occupancy is busy / (busy + idle)
//     return cell.loads[Index(AgentLoad::kAgentTurn)].busy_us;
//   }
//
// This file defines AgentClassBit, AgentPresence, AgentLoad and AgentLoadBit,
// what the timeline emits (AgentInterval, AgentAssignment, HandlingSlice,
// AgentAnomaly) with AgentTimelineSink that takes it, HandleTime, LoadTime,
// AgentTimeSums and AgentTimeCell.
// docs/agent-time.md defines every number.

#ifndef CCKPI_TIMELINE_AGENT_TIME_H_
#define CCKPI_TIMELINE_AGENT_TIME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/base/time.h"

namespace cckpi {

// What an agent state is, as bits. The numbers are those of the configuration.
enum AgentClassBit : uint8_t {
  kClassPaid = 1,
  kClassProductive = 2,
  kClassAvailable = 4,
  kClassOffline = 8,  // wins over available and handling
  kClassHandling = 16,
};

// No state is known: before the first state event and after an expired one.
inline constexpr uint32_t kUnknownState = std::numeric_limits<uint32_t>::max();
inline constexpr uint32_t kNoTeam = 0;

// What the state says about the agent's time; exactly one at each instant.
enum class AgentPresence : uint8_t {
  kUnreported = 0,  // no state event yet: his presence may never be logged
  kUnknown = 1,     // a state event said so, or the last one expired
  kOffline = 2,
  kUnavailable = 3,  // logged in, but neither available nor handling
  kAvailable = 4,    // available or handling
};
inline constexpr size_t kAgentPresenceCount = 5;

// Which episodes count as the agent's load n(t).
enum class AgentLoad : uint8_t {
  kAgentTurn = 0,  // his, and the customer is owed an answer
  kAssigned = 1,   // his
  kFocus = 2,      // in his foreground; never more than one
};
inline constexpr size_t kAgentLoadCount = 3;
constexpr size_t Index(AgentLoad load) { return static_cast<size_t>(load); }

// What an episode is to an agent, as bits.
enum AgentLoadBit : uint8_t {
  kLoadAssigned = 1,
  kLoadAgentTurn = 2,
  kLoadFocus = 4,
};

constexpr uint8_t BitOf(AgentLoad load) {
  return load == AgentLoad::kAssigned    ? kLoadAssigned
         : load == AgentLoad::kAgentTurn ? kLoadAgentTurn
                                         : kLoadFocus;
}
inline constexpr uint8_t kAllLoads =
    kLoadAssigned | kLoadAgentTurn | kLoadFocus;

using AgentLevels = std::array<uint32_t, kAgentLoadCount>;  // n(t) by AgentLoad

// A stretch of one agent's time in which nothing changed, inside one bucket.
// Never empty: begin_us < end_us.
struct AgentInterval {
  uint32_t agent = 0;
  uint32_t team = kNoTeam;         // the agent's own
  uint32_t state = kUnknownState;  // index into the states of the options
  uint8_t classes = 0;             // AgentClassBit bits of the state
  AgentPresence presence = AgentPresence::kUnreported;
  bool visit = false;  // the agent entered the state at begin_us
  int32_t bucket = 0;
  int64_t begin_us = 0;
  int64_t end_us = 0;
  AgentLevels levels = {};

  friend bool operator==(const AgentInterval&, const AgentInterval&) = default;
};

// An episode became the agent's.
struct AgentAssignment {
  uint32_t agent = 0;
  uint32_t team = kNoTeam;
  AgentPresence presence = AgentPresence::kUnreported;
  int64_t at_us = 0;
  AgentLevels levels = {};  // with the new one
};

// What looks wrong in the log of an agent. The numbers are places in
// AgentTimeCell::anomalies.
enum class AgentAnomalyKind : uint8_t {
  kStateReplaced = 0,     // another state came at the same instant
  kStateExpired = 1,      // no event confirmed it for max_state_us
  kStateLong = 2,         // no event confirmed it for suspect_state_us
  kTeamChanged = 3,       // a state event named another team than before
  kReplyUnavailable = 4,  // he replied while neither available nor handling
  kReplyOffline = 5,      // he replied while offline
  kReplyUnknown = 6,      // he replied while his state was unknown
  kReplyUnassigned = 7,   // he replied to what was never his, but another's
};
inline constexpr size_t kAgentAnomalyCount = 8;

struct AgentAnomaly {
  uint32_t agent = 0;
  uint32_t team = kNoTeam;
  AgentAnomalyKind kind = AgentAnomalyKind::kStateReplaced;
  int64_t at_us = 0;

  friend bool operator==(const AgentAnomaly&, const AgentAnomaly&) = default;
};

// The time that an agent spent on an episode, in its four allocations: elapsed
// and share are given for each load; the allocation `response` is elapsed of
// kAgentTurn, the allocation `focus` is elapsed of kFocus.
struct HandleTime {
  // By AgentLoad: all of the time in which the episode was part of the load.
  std::array<int64_t, kAgentLoadCount> elapsed_us = {};
  // By AgentLoad: of each microsecond, one n-th.
  std::array<int64_t, kAgentLoadCount> share_us = {};
  // Time of any load that does not count because of the agent's presence. Part
  // of nothing above.
  int64_t off_presence_us = 0;

  friend bool operator==(const HandleTime&, const HandleTime&) = default;
};

// The part of a HandleTime that falls into one bucket; off_presence_us is 0.
struct HandlingSlice {
  uint32_t agent = 0;
  int32_t bucket = 0;
  uint64_t episode = 0;
  uint32_t group = 0;  // the episode's, as the host gave it
  HandleTime time;
};

// Takes what the timeline emits. Several calls for one agent and bucket add up.
class AgentTimelineSink {
 public:
  virtual ~AgentTimelineSink() = default;
  virtual void AddInterval(const AgentInterval& interval) = 0;
  // The same in each of so many buckets, the first being that of `interval`,
  // which fills it.
  virtual void AddIntervals(const AgentInterval& interval, int64_t buckets);
  virtual void AddAssignment(const AgentAssignment& assignment) = 0;
  // Only where the options ask for slices.
  virtual void AddHandling(const HandlingSlice& slice) = 0;
  virtual void AddAnomaly(const AgentAnomaly& anomaly) = 0;
};

// Levels from here on share one entry: "64 or more".
inline constexpr size_t kTopLevel = 64;

// What an AgentTimeCell knows of one load. The first five are over the
// available time.
struct LoadTime {
  int64_t busy_us = 0;               // level >= 1
  absl::int128 level_us = 0;         // integral of n
  absl::int128 capped_us = 0;        // integral of min(n, capacity)
  std::vector<int64_t> at_level_us;  // [k]: at level k; the last is not 0
  uint32_t max_level = 0;            // of a single agent
  int64_t unreported_busy_us = 0;    // level >= 1, presence kUnreported
  absl::int128 unreported_level_us = 0;
  absl::int128 off_level_us = 0;           // kUnknown, kOffline, kUnavailable
  std::vector<int64_t> assigned_at_level;  // [k]: assignments that made it k
  absl::int128 assigned_level_sum = 0;

  friend bool operator==(const LoadTime&, const LoadTime&) = default;
};

// The LoadTime of every load, by AgentLoad. Takes memory once one of them is
// asked for to be changed.
class LoadTimes {
 public:
  LoadTimes() = default;
  LoadTimes(const LoadTimes& other);
  LoadTimes& operator=(const LoadTimes& other);
  LoadTimes(LoadTimes&&) noexcept = default;
  LoadTimes& operator=(LoadTimes&&) noexcept = default;

  const LoadTime& operator[](size_t load) const;
  LoadTime& operator[](size_t load);
  // Was any of them asked for to be changed?
  bool has_memory() const { return times_ != nullptr; }

  friend bool operator==(const LoadTimes& a, const LoadTimes& b);

 private:
  using Times = std::array<LoadTime, kAgentLoadCount>;
  std::unique_ptr<Times> times_;
};

struct StateTime {
  uint32_t state = 0;
  int64_t time_us = 0;
  int64_t visits = 0;

  friend bool operator==(const StateTime&, const StateTime&) = default;
};

// What an AgentTimeCell knows besides loads, as plain numbers.
struct AgentTimeSums {
  std::vector<StateTime> states;  // by state; without kUnknownState
  int64_t staffed_us = 0;         // neither offline nor unknown
  int64_t available_us = 0;
  int64_t paid_us = 0;
  int64_t productive_us = 0;
  absl::int128 capacity_us = 0;  // integral of the capacity over available
  std::array<int64_t, kAgentPresenceCount> assignments = {};
  std::array<int64_t, kAgentAnomalyCount> anomalies = {};

  friend bool operator==(const AgentTimeSums&, const AgentTimeSums&) = default;
};

// The agent time of a group in a window. Cells merge in any order to the same
// value.
//
// An engine keeps one for every agent and bucket, in which he was in two or
// three states. So a cell is a short list of times, each by a state and what
// the state counts as, and sums are worked out when somebody asks.
class AgentTimeCell {
 public:
  AgentTimeCell() = default;
  explicit AgentTimeCell(const AgentTimeSums& sums);
  AgentTimeCell(const AgentTimeCell& other);
  AgentTimeCell& operator=(const AgentTimeCell& other);
  AgentTimeCell(AgentTimeCell&& other) noexcept;
  AgentTimeCell& operator=(AgentTimeCell&& other) noexcept;
  ~AgentTimeCell();

  LoadTimes loads;

  AgentTimeSums Sums() const;
  // The same one by one.
  std::vector<StateTime> states() const;
  // The same into a list that is used again.
  void States(std::vector<StateTime>& states) const;
  int64_t staffed_us() const { return TimeAs(kStaffedTime); }
  int64_t available_us() const { return TimeAs(kAvailableTime); }
  int64_t paid_us() const { return TimeAs(kClassPaid); }
  int64_t productive_us() const { return TimeAs(kClassProductive); }
  absl::int128 capacity_us() const;
  int64_t assignments(AgentPresence presence) const;
  int64_t anomalies(AgentAnomalyKind kind) const;

  int64_t idle_us(AgentLoad load) const {
    return available_us() - loads[Index(load)].busy_us;
  }

  // `capacity` is how many episodes the agent can take at once; a negative one
  // counts as 0. Only what is known of `kept` loads (AgentLoadBit bits) is
  // added.
  void Add(const AgentInterval& interval, int64_t capacity,
           uint8_t kept = kAllLoads);
  void Add(const AgentAssignment& assignment, uint8_t kept = kAllLoads);
  void Add(const AgentAnomaly& anomaly);
  void Merge(const AgentTimeCell& other);

  // Does it equal a cell that nothing was added to?
  bool empty() const;
  // What it takes beside itself and its loads.
  size_t heap_bytes() const;

  friend bool operator==(const AgentTimeCell& a, const AgentTimeCell& b);

 private:
  // What a time counts as, beside AgentClassBit bits.
  enum Flag : uint8_t { kStaffedTime = 4, kAvailableTime = 8 };
  // A time of a state, or a count; see agent_time.cc.
  struct Entry {
    uint64_t head;
    int64_t value;
  };
  static constexpr uint32_t kInside = 3;  // entries that need no heap

  static constexpr uint64_t KeyOf(uint32_t state, size_t kind) {
    return uint64_t{state} << 8 | kind;
  }
  const Entry* begin() const { return size_ > kInside ? heap_ : inside_; }
  const Entry* end() const { return begin() + size_; }
  Entry& At(uint64_t key);
  Entry& Insert(Entry* at, uint64_t key);
  int64_t ValueOf(uint8_t kind) const;
  int64_t TimeAs(uint8_t flag) const;
  void AddTime(uint64_t key, int64_t time_us, int64_t visits);
  void AddVisits(uint64_t key, Entry& entry, int64_t visits);
  void AddCapacity(int64_t capacity, int64_t time_us);
  bool HasOtherCapacity() const;
  void SetCapacity(absl::int128 capacity_us);
  void AddLoads(const AgentInterval& interval, int64_t capacity, uint8_t kept);
  void MergeLoads(const AgentTimeCell& other);
  void TakeEntries(AgentTimeCell& other) noexcept;  // has none itself

  uint32_t size_ = 0;
  // Of the available time; what was added with another one is in an entry.
  uint32_t capacity_ = 0;
  union {
    Entry inside_[kInside];
    Entry* heap_;  // room for the power of two at or above size_
  };
};

}  // namespace cckpi

#endif  // CCKPI_TIMELINE_AGENT_TIME_H_
