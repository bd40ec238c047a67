#include "src/kpi/contributor_lists.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace cckpi {
namespace {

bool SameObservation(const ContributorEntry& a, const ContributorEntry& b) {
  return a.rank == b.rank && a.interaction == b.interaction &&
         a.episode == b.episode && a.outcome == b.outcome;
}

}  // namespace

ContributorLists::ContributorLists(const ContributorPlan& plan,
                                   DimensionTable& dimensions,
                                   KeyDictionary& names)
    : plan_(plan),
      dimensions_(dimensions),
      names_(names),
      held_(&names),
      pages_(plan.watches.size()) {}

ContributorLists::ContributorLists(const ContributorLists& base,
                                   DimensionTable& dimensions)
    : plan_(base.plan_),
      dimensions_(dimensions),
      names_(base.names_),
      held_(nullptr),
      base_(&base),
      first_(base.first_),
      pages_(base.pages_.size()) {}

bool ContributorLists::Before(const ContributorEntry& a,
                              const ContributorEntry& b) const {
  if (a.rank != b.rank) return a.rank > b.rank;
  if (a.interaction != b.interaction) {
    return names_.Text(static_cast<uint32_t>(a.interaction)) <
           names_.Text(static_cast<uint32_t>(b.interaction));
  }
  return std::tie(a.episode, a.outcome) < std::tie(b.episode, b.outcome);
}

const ContributorList* ContributorLists::Find(size_t watch, int32_t bucket,
                                              GroupId group) const {
  if (const auto page = pages_[watch].find(bucket);
      page != pages_[watch].end()) {
    if (const auto list = page->second.find(group);
        list != page->second.end()) {
      return &list->second;
    }
  }
  return base_ == nullptr ? nullptr : base_->Find(watch, bucket, group);
}

ContributorList& ContributorLists::At(size_t watch, int32_t bucket,
                                      GroupId group) {
  const auto [place, created] = pages_[watch][bucket].try_emplace(group);
  if (created && base_ != nullptr) {
    if (const ContributorList* below = base_->Find(watch, bucket, group)) {
      place->second = *below;
    }
  }
  return place->second;
}

void ContributorLists::Insert(const ContributorEntry& entry,
                              ContributorList& list) {
  if (list.size() == kMost && entry.rank < list.back().rank) return;
  const auto place = std::lower_bound(
      list.begin(), list.end(), entry,
      [this](const ContributorEntry& a, const ContributorEntry& b) {
        return Before(a, b);
      });
  if (place != list.end() && SameObservation(*place, entry)) {
    place->live += entry.live;
    return;
  }
  if (list.size() == kMost && place == list.end()) return;
  list.insert(place, entry);
  if (held_ != nullptr) {
    held_->AddReference(static_cast<uint32_t>(entry.interaction));
  }
  if (list.size() <= kMost) return;
  if (held_ != nullptr) {
    held_->Release(static_cast<uint32_t>(list.back().interaction));
  }
  list.pop_back();
}

void ContributorLists::Book(const ContributorBooking& booking) {
  if (booking.bucket < first_) return;
  const ContributorEntry& entry = booking.entry;
  for (size_t watch :
       plan_.of[static_cast<size_t>(booking.kind)][booking.measure]) {
    const GroupId group =
        dimensions_.Group(booking.dimensions, plan_.watches[watch].grouping);
    if (booking.sign > 0) {
      Insert(entry, At(watch, booking.bucket, group));
      continue;
    }
    if (Find(watch, booking.bucket, group) == nullptr) continue;
    ContributorList& list = At(watch, booking.bucket, group);
    // How late an answer was is not remembered: an episode misses a deadline
    // that can be taken out again only once.
    const bool by_episode = booking.kind == ContributorKind::kDeadline;
    const auto found = std::find_if(
        list.begin(), list.end(), [&](const ContributorEntry& known) {
          return known.live > 0 && known.interaction == entry.interaction &&
                 (by_episode ? known.episode == entry.episode
                             : known.rank == entry.rank &&
                                   known.outcome == entry.outcome);
        });
    if (found != list.end()) --found->live;
  }
}

void ContributorLists::Add(size_t watch, int32_t bucket, GroupId group,
                           const ContributorEntry& entry) {
  Insert(entry, At(watch, bucket, group));
}

void ContributorLists::DropBefore(int32_t bucket) {
  first_ = std::max(first_, bucket);
  for (Pages& pages : pages_) {
    while (!pages.empty() && pages.begin()->first < bucket) {
      if (held_ != nullptr) {
        for (const auto& [group, list] : pages.begin()->second) {
          for (const ContributorEntry& entry : list) {
            held_->Release(static_cast<uint32_t>(entry.interaction));
          }
        }
      }
      pages.erase(pages.begin());
    }
  }
}

size_t ContributorLists::memory_bytes() const {
  constexpr size_t kEntry = 16;  // what a table or a tree takes beside
  size_t bytes = 0;
  for (const Pages& pages : pages_) {
    for (const auto& [bucket, page] : pages) {
      bytes += sizeof(bucket) + sizeof(page) + 2 * kEntry;
      for (const auto& [group, list] : page) {
        bytes += sizeof(group) + sizeof(list) + kEntry;
        if (list.size() > 1) bytes += list.capacity() * sizeof(list[0]);
      }
    }
  }
  return bytes;
}

template <typename Sink>
void ContributorLists::Encode(int32_t first, const IdLists<uint32_t>* places,
                              Sink& sink) const {
  struct Item {
    ContributorKind kind;
    size_t measure;
    int32_t bucket;
    uint32_t place;
    GroupId group;
    const ContributorList* list;
  };
  std::vector<Item> items;
  for (size_t w = 0; w < pages_.size(); ++w) {
    const ContributorWatch& watch = plan_.watches[w];
    for (auto page = pages_[w].lower_bound(first); page != pages_[w].end();
         ++page) {
      for (const auto& [group, list] : page->second) {
        const uint32_t id = static_cast<uint32_t>(group);
        items.push_back({watch.kind, watch.measure, page->first,
                         places == nullptr ? id : places->groups[id], group,
                         &list});
      }
    }
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.kind, a.measure, a.bucket, a.place) <
           std::tie(b.kind, b.measure, b.bucket, b.place);
  });
  sink.U64(items.size());
  for (const Item& item : items) {
    sink.U8(static_cast<uint8_t>(item.kind));
    sink.U32(static_cast<uint32_t>(item.measure));
    sink.I32(item.bucket);
    sink.Id(item.group);
    sink.U8(static_cast<uint8_t>(item.list->size()));
    for (const ContributorEntry& entry : *item.list) {
      sink.I64(entry.rank);
      sink.Id(entry.interaction);
      sink.U32(entry.episode);
      sink.U32(entry.live);
      sink.U8(static_cast<uint8_t>(entry.outcome));
    }
  }
}

template void ContributorLists::Encode(int32_t, const IdLists<uint32_t>*,
                                       IdMarker&) const;
template void ContributorLists::Encode(int32_t, const IdLists<uint32_t>*,
                                       IdWriter&) const;

void ContributorLists::Decode(IdReader& reader, const Plan& plan) {
  constexpr size_t kListBytes = 1 + 4 + 4 + 4 + 1;
  // Far from where sums with an instant would leave the range.
  constexpr int64_t kGreatest = int64_t{1} << 62;
  const size_t count = reader.Count(kListBytes);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const uint8_t kind =
        reader.U8UpTo(kContributorKinds - 1, "has a list of an unknown kind");
    const uint32_t measure = reader.U32();
    const int32_t bucket = reader.I32();
    const GroupId group = reader.Group();
    const uint8_t size = reader.U8UpTo(kMost, "has a list that is too long");
    if (measure >= MeasuresOf(plan, static_cast<ContributorKind>(kind))) {
      reader.Fail("has a list of an unknown measure");
    }
    if (bucket < BucketOf(kEarliestTime) || bucket > BucketOf(kLatestTime)) {
      reader.Fail("has a bucket out of range");
    }
    if (!reader.ok()) return;
    const size_t watch = plan_.Find({static_cast<ContributorKind>(kind),
                                     measure, dimensions_.GroupingOf(group)});
    ContributorEntry before;
    for (uint8_t e = 0; e < size && reader.ok(); ++e) {
      ContributorEntry entry;
      entry.rank =
          reader.I64In(-kGreatest, kGreatest, "has a rank out of range");
      entry.interaction = reader.Interaction();
      entry.episode = reader.U32();
      entry.live = reader.U32();
      entry.outcome = static_cast<ContributorOutcome>(
          reader.U8UpTo(kContributorOutcomes - 1, "has an unknown outcome"));
      if (entry.interaction == InteractionId::kNone) {
        reader.Fail("names no interaction");
      }
      if (!reader.ok()) return;
      if (e > 0 && !Before(before, entry)) {
        reader.Fail("has observations out of order");
        return;
      }
      before = entry;
      if (watch != ContributorPlan::kNoWatch) Add(watch, bucket, group, entry);
    }
  }
}

}  // namespace cckpi
