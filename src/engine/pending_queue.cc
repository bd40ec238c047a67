#include "src/engine/pending_queue.h"

#include <algorithm>
#include <compare>
#include <string_view>
#include <utility>

namespace cckpi {
namespace {

// How far an event may be moved on arrival.
constexpr uint64_t kMaxMove = 32;

// How many chunks that nothing is in are kept.
constexpr size_t kSpareChunks = 64;

std::strong_ordering CompareExtras(const Names& names, const FactExtra* a,
                                   const FactExtra* b) {
  static const FactExtra kNone;
  static const FactFigures kNoFigures;
  if (a == nullptr) a = &kNone;
  if (b == nullptr) b = &kNone;
  const FactFigures& x = !a->figures ? kNoFigures : *a->figures;
  const FactFigures& y = !b->figures ? kNoFigures : *b->figures;
  auto compare_lists = [&names](const auto& p, const auto& q,
                                auto value_of) -> std::strong_ordering {
    size_t n = std::min(p.size(), q.size());
    for (size_t i = 0; i < n; ++i) {
      if (auto order =
              names.texts.Text(p[i].first) <=> names.texts.Text(q[i].first);
          order != 0) {
        return order;
      }
      if (auto order = value_of(p[i]) <=> value_of(q[i]); order != 0) {
        return order;
      }
    }
    return p.size() <=> q.size();
  };
  if (auto order = compare_lists(x.errors, y.errors,
                                 [](const auto& e) { return e.second; });
      order != 0) {
    return order;
  }
  if (auto order = compare_lists(
          a->tags, b->tags,
          [&](const auto& t) { return names.texts.Text(t.second); });
      order != 0) {
    return order;
  }
  if (auto order = x.score_micro <=> y.score_micro; order != 0) return order;
  if (auto order = x.scale_micro <=> y.scale_micro; order != 0) return order;
  if (auto order = x.volume_micro <=> y.volume_micro; order != 0) {
    return order;
  }
  return x.interval_s <=> y.interval_s;
}

}  // namespace

void PendingExtra::SetTexts(std::string_view id, std::string_view message_id) {
  texts.resize(id.size() + message_id.size());
  std::copy(id.begin(), id.end(), texts.begin());
  std::copy(message_id.begin(), message_id.end(), texts.begin() + id.size());
  id_size = static_cast<uint32_t>(id.size());
  message =
      message_id.empty() ? 0 : std::max<uint64_t>(1, Fingerprint(message_id));
}

void PendingExtra::Clear() {
  message = 0;
  tags.Release();
  figures.Clear();
  texts.Release();
  id_size = 0;
  row_high = 0;
  received_at_us = kNoTime;
}

bool Precedes(const Names& names, const PendingEvent& a,
              const PendingEvent& b) {
  const Fact& x = a.fact;
  const Fact& y = b.fact;
  if (x.at_us != y.at_us) return x.at_us < y.at_us;
  if (x.kind != y.kind) return x.kind < y.kind;
  if (x.extra != y.extra) {
    if (auto order = a.id() <=> b.id(); order != 0) return order < 0;
  }
  if (x.interaction != y.interaction) {
    return names.interactions.Text(static_cast<uint32_t>(x.interaction)) <
           names.interactions.Text(static_cast<uint32_t>(y.interaction));
  }
  if (x.customer != y.customer) {
    return names.customers.Text(static_cast<uint32_t>(x.customer)) <
           names.customers.Text(static_cast<uint32_t>(y.customer));
  }
  auto text = [&names](TextId id) { return names.texts.Text(id); };
  for (TextId Fact::*field : {&Fact::channel, &Fact::source, &Fact::team,
                              &Fact::agent, &Fact::priority}) {
    if (x.*field != y.*field) return text(x.*field) < text(y.*field);
  }
  if (auto order = a.message_id() <=> b.message_id(); order != 0) {
    return order < 0;
  }
  if (x.state != y.state) return text(x.state) < text(y.state);
  if (a.received_at_us() != b.received_at_us()) {
    return a.received_at_us() < b.received_at_us();
  }
  if (x.by != y.by) return x.by < y.by;
  if (x.flags != y.flags) return x.flags < y.flags;
  if (auto order = CompareExtras(names, x.extra, y.extra); order != 0) {
    return order < 0;
  }
  // One of them is the duplicate, or is named as refused.
  if (a.source != b.source) return text(a.source) < text(b.source);
  return a.row() < b.row();
}

namespace {

// The order of a heap with the first one in front.
struct Later {
  const Names& names;

  bool operator()(const PendingEvent& a, const PendingEvent& b) const {
    return Precedes(names, b, a);
  }
};

}  // namespace

PendingExtra& PendingQueue::Extra(PendingEvent& event) {
  // What the queue made, it may change.
  if (event.fact.extra != nullptr) {
    return const_cast<PendingExtra&>(*event.extra());
  }
  if (spare_extras_.empty()) {
    // Room for all of them, so that giving one back never fails.
    if (extras_.size() == spare_extras_.capacity()) {
      spare_extras_.reserve(2 * extras_.size() + 8);
    }
    spare_extras_.push_back(&extras_.emplace_back(&spares_));
  }
  PendingExtra* extra = spare_extras_.back();
  spare_extras_.pop_back();
  event.fact.extra = extra;
  return *extra;
}

void PendingQueue::GiveBack(const PendingEvent& event) {
  PendingExtra* extra = const_cast<PendingExtra*>(event.extra());
  extra->Clear();
  spare_extras_.push_back(extra);
}

std::unique_ptr<PendingEvent[]> PendingQueue::TakeChunk() {
  if (spare_chunks_.empty()) return std::make_unique<PendingEvent[]>(kChunk);
  std::unique_ptr<PendingEvent[]> chunk = std::move(spare_chunks_.back());
  spare_chunks_.pop_back();
  return chunk;
}

// Room in the ring for so many chunks.
void PendingQueue::GrowRing(uint64_t chunks) {
  if (chunks <= chunks_.size()) return;
  size_t size = std::max<size_t>(4, 2 * chunks_.size());
  while (size < chunks) size *= 2;
  std::vector<std::unique_ptr<PendingEvent[]>> grown(size);
  for (uint64_t n = begin_ / kChunk; n < room_ / kChunk; ++n) {
    grown[n & (grown.size() - 1)] =
        std::move(chunks_[n & (chunks_.size() - 1)]);
  }
  chunks_ = std::move(grown);
  spare_chunks_.reserve(kSpareChunks);
}

void PendingQueue::MakeChunk() {
  const uint64_t next = room_ / kChunk;
  GrowRing(next + 1 - begin_ / kChunk);
  chunks_[next & (chunks_.size() - 1)] = TakeChunk();
  room_ += kChunk;
}

void PendingQueue::MakeRoomInFront(size_t count) {
  const uint64_t first = (begin_ - count) / kChunk;
  GrowRing(room_ / kChunk - first);
  for (uint64_t n = begin_ / kChunk; n > first; --n) {
    chunks_[(n - 1) & (chunks_.size() - 1)] = TakeChunk();
  }
}

// Of event `begin_ - 1`, the last of its chunk.
void PendingQueue::DropChunk() {
  std::unique_ptr<PendingEvent[]>& chunk =
      chunks_[(begin_ - 1) / kChunk & (chunks_.size() - 1)];
  if (spare_chunks_.size() < kSpareChunks) {
    spare_chunks_.push_back(std::move(chunk));
  } else {
    chunk.reset();
  }
}

// Where an event belongs that comes no later than the last one.
void PendingQueue::Insert(const PendingEvent& event) {
  uint64_t place = end_;
  const uint64_t least = end_ - begin_ > kMaxMove ? end_ - kMaxMove : begin_;
  while (place > least && Precedes(*names_, event, At(place - 1))) --place;
  if (place == least && place > begin_ &&
      Precedes(*names_, event, At(place - 1))) {
    late_.push_back(event);
    std::push_heap(late_.begin(), late_.end(), Later{*names_});
    return;
  }
  const int64_t last_us = std::max(last_us_, event.fact.at_us);
  Append(event);
  last_us_ = last_us;
  if (place + 1 == end_) return;
  for (uint64_t n = end_ - 1; n > place; --n) At(n) = At(n - 1);
  At(place) = event;
}

// Puts those of the late ones that are before the limit where they belong. All
// that move for them are before the limit too, and about to be taken out.
void PendingQueue::TakeLate(int64_t limit_us) {
  const Later later{*names_};
  // Behind the heap lie those that come, the first one last. They return to it
  // where there is no memory for them.
  struct Heap {
    std::vector<PendingEvent>& all;
    const Later& later;
    ptrdiff_t size = static_cast<ptrdiff_t>(all.size());
    ~Heap() {
      while (size < static_cast<ptrdiff_t>(all.size())) {
        std::push_heap(all.begin(), all.begin() + ++size, later);
      }
    }
  } heap{late_, later};
  while (heap.size > 0 && late_.front().fact.at_us < limit_us) {
    std::pop_heap(late_.begin(), late_.begin() + heap.size--, later);
  }
  const size_t count = late_.size() - static_cast<size_t>(heap.size);
  MakeRoomInFront(count);
  uint64_t from = begin_;
  begin_ -= count;
  for (uint64_t to = begin_; to < from; ++to) {
    ++moves_;
    if (from < end_ && !Precedes(*names_, late_.back(), At(from))) {
      At(to) = At(from++);
    } else {
      At(to) = late_.back();
      late_.pop_back();
    }
  }
}

std::vector<const PendingEvent*> PendingQueue::InOrder() const {
  std::vector<const PendingEvent*> result;
  result.reserve(size());
  for (uint64_t n = begin_; n < end_; ++n) result.push_back(&At(n));
  if (late_.empty()) return result;
  for (const PendingEvent& event : late_) result.push_back(&event);
  std::stable_sort(result.begin(), result.end(),
                   [this](const PendingEvent* a, const PendingEvent* b) {
                     return Precedes(*names_, *a, *b);
                   });
  return result;
}

}  // namespace cckpi
