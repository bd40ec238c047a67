#include "src/timeline/contact_table.h"

#include <limits>
#include <tuple>

namespace cckpi {

std::strong_ordering ContactTable::Closed::operator<=>(
    const Closed& other) const {
  return std::tie(is_apart, close_us, number) <=>
         std::tie(other.is_apart, other.close_us, other.number);
}

void ContactTable::Index::Insert(const PendingContact& contact,
                                 uint32_t number) {
  by_time.insert({contact.close_us, number, contact.is_apart()});
  if (!contact.is_apart()) by_interaction.emplace(contact.interaction, number);
}

void ContactTable::Index::Erase(const PendingContact& contact,
                                uint32_t number) {
  by_time.erase({contact.close_us, number, contact.is_apart()});
  if (!contact.is_apart()) by_interaction.erase({contact.interaction, number});
}

void ContactTable::Add(const ContactKey& key, const PendingContact& contact) {
  const uint32_t number = CountOf(key);
  if (Index* index = IndexOf(key, number); index != nullptr) {
    index->Insert(contact, number);
  }
  own_.insert_or_assign(Place(key, number), contact);
}

void ContactTable::TakeOf(const ContactKey& key, InteractionId interaction,
                          std::vector<PendingContact>& taken) {
  Owner owner = OwnerOf(key);
  if (owner.index == nullptr) {
    const auto is_its = [interaction](const PendingContact& contact) {
      return contact.is_of(interaction);
    };
    return TakeIf(owner, is_its, taken);
  }
  const std::pair<InteractionId, uint32_t> first(interaction, 0);
  if (const Index* base = owner.index->base; base != nullptr) {
    for (auto at = base->by_interaction.lower_bound(first);
         at != base->by_interaction.end() && at->first == interaction; ++at) {
      ++looks_;
      if (own_.contains(Place(key, at->second))) continue;
      TakeOut(owner, at->second, taken);
    }
  }
  Interactions& own = owner.index->by_interaction;
  for (auto at = own.lower_bound(first);
       at != own.end() && at->first == interaction;
       at = own.lower_bound(first)) {
    TakeOut(owner, at->second, taken);
  }
  Left(owner);
}

void ContactTable::TakeClosedBy(const ContactKey& key, int64_t latest_us,
                                std::vector<PendingContact>& taken) {
  Owner owner = OwnerOf(key);
  if (owner.index == nullptr) {
    const auto is_closed = [latest_us](const PendingContact& contact) {
      return contact.close_us <= latest_us;
    };
    return TakeIf(owner, is_closed, taken);
  }
  TakeFirst(owner, /*is_apart=*/false, latest_us, taken);
  TakeFirst(owner, /*is_apart=*/true, latest_us, taken);
  Left(owner);
}

void ContactTable::TakeApartClosedBy(const ContactKey& key, int64_t latest_us,
                                     std::vector<PendingContact>& taken) {
  Owner owner = OwnerOf(key);
  if (owner.index == nullptr) {
    const auto is_closed = [latest_us](const PendingContact& contact) {
      return contact.is_apart() && contact.close_us <= latest_us;
    };
    return TakeIf(owner, is_closed, taken);
  }
  TakeFirst(owner, /*is_apart=*/true, latest_us, taken);
  Left(owner);
}

size_t ContactTable::memory_bytes(size_t for_place) const {
  size_t bytes =
      own_.size() * (sizeof(Place) + sizeof(PendingContact) + for_place);
  // Nodes of a tree are two thirds full.
  constexpr auto of_tree = [](const auto& tree) {
    return tree.size() * sizeof(*tree.begin()) * 3 / 2;
  };
  for (const auto& [place, index] : indexes_) {
    bytes += sizeof(place) + sizeof(index) + for_place + sizeof(*index) +
             of_tree(index->by_time) + of_tree(index->by_interaction);
  }
  return bytes;
}

// Numbers have no gaps: doubles, then halves.
uint32_t ContactTable::CountOf(const ContactKey& key) const {
  uint32_t least = 0;  // so many at least
  uint32_t step = 1;
  while (At(Place(key, least + step - 1)) != nullptr) {
    least += step;
    step *= 2;
  }
  for (; step > 1; step /= 2) {
    if (At(Place(key, least + step / 2 - 1)) != nullptr) least += step / 2;
  }
  return least;
}

ContactTable::Owner ContactTable::OwnerOf(const ContactKey& key) {
  Owner owner{.key = key};
  if (!Has(key)) return owner;
  owner.count = CountOf(key);
  owner.index = IndexOf(key, owner.count);
  return owner;
}

// The index of one who has `count`, made where there is none and they are many.
ContactTable::Index* ContactTable::IndexOf(const ContactKey& key,
                                           uint32_t count) {
  const Place place(key, 0);
  if (auto found = indexes_.find(place); found != indexes_.end()) {
    return found->second.get();
  }
  const Index* theirs = base_ != nullptr ? base_->FindIndex(key) : nullptr;
  if (theirs == nullptr && count <= kFew) return nullptr;
  auto index = std::make_unique<Index>();
  if (theirs != nullptr) {
    // Nothing of his was changed here: that asks for the index first.
    index->base = theirs;
    for (bool is_apart : {false, true}) {
      index->next[is_apart ? 1 : 0] = theirs->by_time.lower_bound(
          {std::numeric_limits<int64_t>::min(), 0, is_apart});
    }
  } else {
    for (uint32_t n = 0; n < count; ++n) {
      index->Insert(Own(Place(key, n)), n);
    }
  }
  return indexes_.emplace(place, std::move(index)).first->second.get();
}

template <typename F>
void ContactTable::TakeIf(Owner& owner, F goes,
                          std::vector<PendingContact>& taken) {
  for (uint32_t n = 0; n < owner.count;) {
    ++looks_;
    if (goes(*At(Place(owner.key, n)))) {
      TakeOut(owner, n, taken);
    } else {
      ++n;
    }
  }
}

void ContactTable::TakeFirst(Owner& owner, bool is_apart, int64_t latest_us,
                             std::vector<PendingContact>& taken) {
  for (const Closed* first = FirstOf(owner, is_apart);
       first != nullptr && first->close_us <= latest_us;
       first = FirstOf(owner, is_apart)) {
    TakeOut(owner, first->number, taken);
  }
}

// The one that closed first, of one who has many; nullptr: there is none.
const ContactTable::Closed* ContactTable::FirstOf(const Owner& owner,
                                                  bool is_apart) {
  ++looks_;
  Index& index = *owner.index;
  const auto at_of = [is_apart](const Times& times,
                                Times::const_iterator at) -> const Closed* {
    return at != times.end() && at->is_apart == is_apart ? &*at : nullptr;
  };
  const Closed* own = at_of(
      index.by_time, index.by_time.lower_bound(
                         {std::numeric_limits<int64_t>::min(), 0, is_apart}));
  if (index.base == nullptr) return own;
  // What was changed here never comes back there.
  Times::const_iterator& next = index.next[is_apart ? 1 : 0];
  const Closed* theirs = at_of(index.base->by_time, next);
  while (theirs != nullptr && own_.contains(Place(owner.key, theirs->number))) {
    ++looks_;
    theirs = at_of(index.base->by_time, ++next);
  }
  if (own == nullptr || (theirs != nullptr && *theirs < *own)) return theirs;
  return own;
}

// The last one comes in its place.
void ContactTable::TakeOut(Owner& owner, uint32_t number,
                           std::vector<PendingContact>& taken) {
  const Place place(owner.key, number);
  const Place last(owner.key, --owner.count);
  const PendingContact contact = *At(place);
  taken.push_back(contact);
  if (owner.index != nullptr) owner.index->Erase(contact, number);
  if (number < owner.count) {
    const PendingContact moved = *At(last);
    if (owner.index != nullptr) {
      owner.index->Erase(moved, owner.count);
      owner.index->Insert(moved, number);
    }
    Own(place) = moved;
  }
  if (base_ == nullptr) {
    own_.erase(last);
  } else {
    own_.insert_or_assign(last, PendingContact{.is_gone = true});
  }
}

// He may have few again.
void ContactTable::Left(const Owner& owner) {
  if (base_ == nullptr && owner.count <= kFew / 2) {
    indexes_.erase(Place(owner.key, 0));
  }
}

}  // namespace cckpi
