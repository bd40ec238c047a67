// PendingQueue: events that wait for the watermark, in the total order.
//
// Most events arrive in order and are appended; one that comes a little late
// is moved to its place; those further off wait in a heap beside the others,
// and come in front of them when it is their turn: so neither how many wait nor
// how late they come makes an event dearer than a place in a heap.
//
// Events lie in chunks; what is not an instant, a number or a key is in
// extras. Both are reused, so a queue that does not grow allocates nothing.

#ifndef CCKPI_SRC_ENGINE_PENDING_QUEUE_H_
#define CCKPI_SRC_ENGINE_PENDING_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cckpi/base/dictionary.h"
#include "cckpi/base/prefetch.h"
#include "src/timeline/fact.h"

namespace cckpi {

// The dictionaries behind the numbers in facts.
struct Names {
  Dictionary texts;
  KeyDictionary interactions;
  KeyDictionary customers;
};

// What few events carry, with what only their order and messages need.
struct PendingExtra : FactExtra {
  explicit PendingExtra(Spares* spares) : FactExtra(spares), texts(spares) {}

  std::string_view id() const { return {texts.data(), id_size}; }
  std::string_view message_id() const {
    return std::string_view(texts.data(), texts.size()).substr(id_size);
  }
  // The fingerprint of the message id too.
  void SetTexts(std::string_view id, std::string_view message_id);
  void Clear();

  SpareList<char, 16> texts;  // the id, then the id of the message
  uint32_t id_size = 0;
  uint32_t row_high = 0;
  int64_t received_at_us = kNoTime;
};

static_assert(sizeof(PendingExtra) <= 88);

struct PendingEvent {
  const PendingExtra* extra() const {
    return static_cast<const PendingExtra*>(fact.extra);
  }
  std::string_view id() const {
    return fact.extra == nullptr ? std::string_view() : extra()->id();
  }
  std::string_view message_id() const {
    return fact.extra == nullptr ? std::string_view() : extra()->message_id();
  }
  int64_t received_at_us() const {
    return fact.extra == nullptr ? kNoTime : extra()->received_at_us;
  }
  // Its place in the input; PendingQueue::SetRow sets it.
  int64_t row() const {
    const uint64_t high = fact.extra == nullptr ? 0 : extra()->row_high;
    return static_cast<int64_t>(high << 32 | row_low);
  }

  Fact fact;
  uint32_t row_low = 0;
  TextId source = 0;
};
static_assert(sizeof(PendingEvent) == 64);
static_assert(std::is_trivially_copyable_v<PendingEvent>);

// CompareEvents, over facts; then by where they came from.
bool Precedes(const Names& names, const PendingEvent& a, const PendingEvent& b);

class PendingQueue {
 public:
  explicit PendingQueue(const Names* names) : names_(names) {}
  PendingQueue(const PendingQueue&) = delete;
  PendingQueue& operator=(const PendingQueue&) = delete;

  // The extra of an event that is about to be added, made where it has none.
  PendingExtra& Extra(PendingEvent& event);
  void SetRow(int64_t row, PendingEvent& event) {
    event.row_low = static_cast<uint32_t>(row);
    const uint32_t high = static_cast<uint32_t>(row >> 32);
    if (high != 0 || event.fact.extra != nullptr) Extra(event).row_high = high;
  }

  // Adds an event; most come after all that wait.
  void Add(const PendingEvent& event) {
    if (event.fact.at_us > last_us_) {
      Append(event);
    } else {
      Insert(event);
    }
  }

  // The first event if it is before `limit_us`, else nullptr. It stays where it
  // is until Pop.
  const PendingEvent* FirstBefore(int64_t limit_us) {
    if (!late_.empty() && late_.front().fact.at_us < limit_us) {
      TakeLate(limit_us);
    }
    if (begin_ == end_) return nullptr;
    const PendingEvent& first = At(begin_);
    return first.fact.at_us < limit_us ? &first : nullptr;
  }
  void Pop() {
    if (At(begin_).fact.extra != nullptr) GiveBack(At(begin_));
    if (++begin_ % kChunk == 0) DropChunk();
  }
  // The first ones before `limit_us`, as far as they lie side by side; none
  // only when none is. They stay where they are until Pop, the last one too.
  std::span<const PendingEvent> Before(int64_t limit_us) {
    const PendingEvent* first = FirstBefore(limit_us);
    if (first == nullptr) return {};
    const size_t most =
        std::min<uint64_t>(end_ - begin_, kChunk - begin_ % kChunk);
    size_t count = 1;
    while (count < most && first[count].fact.at_us < limit_us) ++count;
    return {first, count};
  }

  // Asks the memory for what an event has beside itself.
  static void Prefetch(const PendingEvent& event) {
    if (event.fact.extra == nullptr) return;
    PrefetchLines<2 * kCacheLine>(event.extra());
  }

  // Those that wait, and what is kept for others.
  size_t memory_bytes() const {
    return size() * sizeof(PendingEvent) +
           extras_.size() * sizeof(PendingExtra) + spares_.memory_bytes();
  }

  // All of them, in order, without taking any out.
  std::vector<const PendingEvent*> InOrder() const;

  size_t size() const {
    return static_cast<size_t>(end_ - begin_) + late_.size();
  }

  // How many events were moved so far to put others in front of them or to come
  // there themselves.
  uint64_t moves() const { return moves_; }

 private:
  static constexpr size_t kChunk = 128;  // events
  // Numbers begin here, so that there are some before it.
  static constexpr uint64_t kFirst = uint64_t{1} << 62;
  static_assert(kFirst % kChunk == 0);

  // Those in order are numbered as they come; chunk `n / kChunk` of event `n`
  // is in a ring.
  PendingEvent& At(uint64_t n) const {
    return chunks_[n / kChunk & (chunks_.size() - 1)][n % kChunk];
  }
  void Append(const PendingEvent& event) {
    if (end_ == room_) MakeChunk();
    last_us_ = event.fact.at_us;
    At(end_++) = event;
  }
  void Insert(const PendingEvent& event);
  std::unique_ptr<PendingEvent[]> TakeChunk();
  void GrowRing(uint64_t chunks);
  void MakeChunk();
  void MakeRoomInFront(size_t count);
  void DropChunk();
  void GiveBack(const PendingEvent& event);
  void TakeLate(int64_t limit_us);

  const Names* names_;
  std::vector<std::unique_ptr<PendingEvent[]>> chunks_;
  uint64_t begin_ = kFirst;
  uint64_t end_ = kFirst;
  uint64_t room_ = kFirst;     // the end of the chunks
  int64_t last_us_ = kNoTime;  // of the last event that was put in
  std::vector<std::unique_ptr<PendingEvent[]>> spare_chunks_;
  Spares spares_;  // of extras
  std::deque<PendingExtra> extras_;
  std::vector<PendingExtra*> spare_extras_;
  // A heap, the first one in front. Each comes before the last of the others.
  std::vector<PendingEvent> late_;
  uint64_t moves_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_PENDING_QUEUE_H_
