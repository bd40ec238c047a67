#include "src/engine/pending_queue.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

namespace cckpi {
namespace {

// How far an event may be moved on arrival.
constexpr ptrdiff_t kMaxMove = 32;

std::strong_ordering CompareExtras(const Names& names, const FactExtra* a,
                                   const FactExtra* b) {
  static const FactExtra kNone;
  if (a == nullptr) a = &kNone;
  if (b == nullptr) b = &kNone;
  auto compare_lists = [&names](const auto& x, const auto& y,
                                auto value_of) -> std::strong_ordering {
    size_t n = std::min(x.size(), y.size());
    for (size_t i = 0; i < n; ++i) {
      if (auto order =
              names.texts.Text(x[i].first) <=> names.texts.Text(y[i].first);
          order != 0) {
        return order;
      }
      if (auto order = value_of(x[i]) <=> value_of(y[i]); order != 0) {
        return order;
      }
    }
    return x.size() <=> y.size();
  };
  if (auto order = compare_lists(a->errors, b->errors,
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
  if (auto order = a->score_micro <=> b->score_micro; order != 0) return order;
  if (auto order = a->scale_micro <=> b->scale_micro; order != 0) return order;
  if (auto order = a->volume_micro <=> b->volume_micro; order != 0) {
    return order;
  }
  return a->interval_s <=> b->interval_s;
}

}  // namespace

bool Precedes(const Names& names, const PendingEvent& a,
              const PendingEvent& b) {
  const Fact& x = a.fact;
  const Fact& y = b.fact;
  if (x.at_us != y.at_us) return x.at_us < y.at_us;
  if (x.kind != y.kind) return x.kind < y.kind;
  if (auto order = a.id <=> b.id; order != 0) return order < 0;
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
  if (auto order = a.message <=> b.message; order != 0) return order < 0;
  for (TextId Fact::*field : {&Fact::state, &Fact::reason}) {
    if (x.*field != y.*field) return text(x.*field) < text(y.*field);
  }
  if (a.received_at_us != b.received_at_us) {
    return a.received_at_us < b.received_at_us;
  }
  if (x.by != y.by) return x.by < y.by;
  if (x.flags != y.flags) return x.flags < y.flags;
  return CompareExtras(names, x.extra.get(), y.extra.get()) < 0;
}

void PendingQueue::Add(PendingEvent event) {
  auto first = sorted_.begin() + static_cast<ptrdiff_t>(begin_);
  auto place = sorted_.end();
  ptrdiff_t moves = 0;
  while (place != first && moves < kMaxMove &&
         Precedes(*names_, event, *std::prev(place))) {
    --place;
    ++moves;
  }
  if (moves == kMaxMove && place != first &&
      Precedes(*names_, event, *std::prev(place))) {
    if (tail_.empty() || event.fact.at_us < tail_min_us_) {
      tail_min_us_ = event.fact.at_us;
    }
    tail_.push_back(std::move(event));
    return;
  }
  sorted_.insert(place, std::move(event));
}

void PendingQueue::SortTail() {
  if (tail_.empty()) return;
  auto precedes = [this](const PendingEvent& a, const PendingEvent& b) {
    return Precedes(*names_, a, b);
  };
  std::sort(tail_.begin(), tail_.end(), precedes);
  std::vector<PendingEvent> merged;
  merged.reserve(size());
  std::merge(
      std::make_move_iterator(sorted_.begin() + static_cast<ptrdiff_t>(begin_)),
      std::make_move_iterator(sorted_.end()),
      std::make_move_iterator(tail_.begin()),
      std::make_move_iterator(tail_.end()), std::back_inserter(merged),
      precedes);
  sorted_ = std::move(merged);
  begin_ = 0;
  tail_.clear();
}

const PendingEvent* PendingQueue::FirstBefore(int64_t limit_us) {
  if (!tail_.empty() && tail_min_us_ < limit_us) SortTail();
  if (begin_ == sorted_.size()) return nullptr;
  const PendingEvent& first = sorted_[begin_];
  return first.fact.at_us < limit_us ? &first : nullptr;
}

void PendingQueue::Pop() {
  ++begin_;
  if (begin_ == sorted_.size()) {
    sorted_.clear();
    begin_ = 0;
  } else if (begin_ > 4096 && begin_ > sorted_.size() / 2) {
    sorted_.erase(sorted_.begin(),
                  sorted_.begin() + static_cast<ptrdiff_t>(begin_));
    begin_ = 0;
  }
}

std::vector<const PendingEvent*> PendingQueue::InOrder() const {
  std::vector<const PendingEvent*> result;
  result.reserve(size());
  for (size_t i = begin_; i < sorted_.size(); ++i) {
    result.push_back(&sorted_[i]);
  }
  if (tail_.empty()) return result;
  for (const PendingEvent& event : tail_) result.push_back(&event);
  std::stable_sort(result.begin(), result.end(),
                   [this](const PendingEvent* a, const PendingEvent* b) {
                     return Precedes(*names_, *a, *b);
                   });
  return result;
}

}  // namespace cckpi
