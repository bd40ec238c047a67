// ContactTable: closed episodes whose first contact resolution is pending, by
// whose they are.
//
// A customer has one of them as a rule, so the contacts lie in the table
// itself, numbered from 0 for each whose they are: there is no list to have
// beside it. A table made over a base is an overlay: it reads the base and
// keeps what it changes for itself, contacts that went among it.

#ifndef CCKPI_SRC_TIMELINE_CONTACT_TABLE_H_
#define CCKPI_SRC_TIMELINE_CONTACT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/fact.h"
#include "src/timeline/timer_queue.h"

namespace cckpi {

// A closed episode whose first contact resolution is pending. While its
// interaction is known, that has what the close booked; once it was forgotten,
// the contact lives on by itself and has it: under whom it is booked, and which
// of the plan's contacts are pending.
struct PendingContact {
  // Of one that lives on by itself only for those who name contacts, else none.
  InteractionId interaction = InteractionId::kNone;
  uint32_t episode = 0;
  int64_t close_us = 0;
  DimensionsId dimensions = DimensionsId::kNone;
  uint8_t pending = 0;   // 1 << place in TimelinePlan::contacts
  bool is_gone = false;  // of an overlay: what its base has is no more

  bool is_apart() const { return pending != 0; }
  // Its episode is of the interaction that is known under the number now.
  bool is_of(InteractionId id) const {
    return interaction == id && !is_apart();
  }
};
static_assert(sizeof(PendingContact) == 24);

// Whose contacts belong together: a customer's, or, while the customer is not
// known, an interaction's. A contact that lives on by itself holds a reference
// to the name of whose it is, and to that of its interaction, where it has one.
struct ContactKey {
  CustomerId customer = CustomerId::kNone;
  InteractionId interaction = InteractionId::kNone;  // when no customer

  bool operator==(const ContactKey&) const = default;

  // When the window of a contact has passed that lives on by itself.
  Timer TimerAt(int64_t at_us) const {
    return customer != CustomerId::kNone
               ? Timer(at_us, TimerOf::kContactsOfCustomer,
                       static_cast<uint32_t>(customer))
               : Timer(at_us, TimerOf::kContactsOfName,
                       static_cast<uint32_t>(interaction));
  }
  // Of a timer of contacts.
  static ContactKey Of(const Timer& timer) {
    if (timer.of == TimerOf::kContactsOfName) {
      return {CustomerId::kNone, timer.interaction()};
    }
    return {static_cast<CustomerId>(timer.id), InteractionId::kNone};
  }
};

class ContactTable {
 public:
  ContactTable() = default;
  explicit ContactTable(const ContactTable* base) : base_(base) {}

  bool Has(const ContactKey& key) const { return At(Place(key, 0)) != nullptr; }
  void Add(const ContactKey& key, const PendingContact& contact) {
    own_.insert_or_assign(Place(key, CountOf(key)), contact);
  }
  // The first that `is` says, for change, until the table changes; nullptr:
  // there is none.
  template <typename F>
  PendingContact* Find(const ContactKey& key, F is) {
    for (uint32_t n = 0;; ++n) {
      const PendingContact* contact = At(Place(key, n));
      if (contact == nullptr) return nullptr;
      if (is(*contact)) return &Own(Place(key, n));
    }
  }
  // Takes out those that `goes` says, and adds them to `taken`.
  template <typename F>
  void Take(const ContactKey& key, F goes, std::vector<PendingContact>& taken) {
    if (!Has(key)) return;
    uint32_t count = CountOf(key);
    for (uint32_t n = 0; n < count;) {
      const PendingContact contact = *At(Place(key, n));
      if (!goes(contact)) {
        ++n;
        continue;
      }
      taken.push_back(contact);
      // The last one comes in its place.
      const Place last(key, --count);
      if (n < count) {
        const PendingContact moved = *At(last);
        Own(Place(key, n)) = moved;
      }
      Remove(last);
    }
  }

  // Calls f(key, contact) for what is kept here, in no particular order.
  template <typename F>
  void ForEach(F f) const {
    for (const auto& [place, contact] : own_) f(place.key(), contact);
  }
  // Counted with so much for its place in the table, each.
  size_t memory_bytes(size_t for_place) const {
    return own_.size() * (sizeof(Place) + sizeof(PendingContact) + for_place);
  }

 private:
  // Whose, and 2 × which of his, + 1 where he is the name of an interaction.
  struct Place {
    Place(const ContactKey& key, uint32_t n)
        : whose(key.customer != CustomerId::kNone
                    ? static_cast<uint32_t>(key.customer)
                    : static_cast<uint32_t>(key.interaction)),
          number(2 * n + (key.customer != CustomerId::kNone ? 0 : 1)) {}
    ContactKey key() const {
      if (number % 2 == 0) {
        return {static_cast<CustomerId>(whose), InteractionId::kNone};
      }
      return {CustomerId::kNone, static_cast<InteractionId>(whose)};
    }

    template <typename H>
    friend H AbslHashValue(H h, const Place& place) {
      return H::combine(std::move(h), place.whose, place.number);
    }
    bool operator==(const Place&) const = default;

    uint32_t whose;
    uint32_t number;
  };

  // nullptr: there is none.
  const PendingContact* At(const Place& place) const {
    auto found = own_.find(place);
    if (found != own_.end()) {
      return found->second.is_gone ? nullptr : &found->second;
    }
    return base_ != nullptr ? base_->At(place) : nullptr;
  }
  // One that is there, for change.
  PendingContact& Own(const Place& place) {
    auto found = own_.find(place);
    if (found != own_.end()) return found->second;
    return own_.insert_or_assign(place, *base_->At(place)).first->second;
  }
  void Remove(const Place& place) {
    if (base_ == nullptr) {
      own_.erase(place);
    } else {
      own_.insert_or_assign(place, PendingContact{.is_gone = true});
    }
  }
  // Numbers have no gaps: doubles, then halves.
  uint32_t CountOf(const ContactKey& key) const {
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

  const ContactTable* base_ = nullptr;
  HashMap<Place, PendingContact> own_;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_CONTACT_TABLE_H_
