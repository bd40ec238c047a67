// TimelineState: everything the episode machine remembers.
//
// A state made over a base is an overlay: it reads the base and keeps what it
// changes for itself. Queries run the machine over the events that are not
// final yet on such an overlay, and throw it away.

#ifndef CCKPI_SRC_TIMELINE_TIMELINE_STATE_H_
#define CCKPI_SRC_TIMELINE_TIMELINE_STATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "cckpi/base/hash_map.h"
#include "src/base/spare_list.h"
#include "src/base/spares.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/interaction_store.h"
#include "src/timeline/review_memory.h"
#include "src/timeline/schedule_table.h"
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
  uint8_t pending = 0;  // 1 << place in TimelinePlan::contacts

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

  template <typename H>
  friend H AbslHashValue(H h, const ContactKey& key) {
    return H::combine(std::move(h), key.customer, key.interaction);
  }
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

using PendingContacts = SpareList<PendingContact, 1>;

// Pending contacts by whose they are. One made over a base reads it, and keeps
// what it changes.
class ContactTable {
 public:
  explicit ContactTable(Spares* spares) : spares_(spares) {}
  explicit ContactTable(const ContactTable* base) : base_(base) {}

  const PendingContacts* Find(const ContactKey& key) const {
    auto found = own_.find(key);
    if (found != own_.end()) return &found->second;
    return base_ != nullptr ? base_->Find(key) : nullptr;
  }
  // For change, until the next one; made where there are none.
  PendingContacts& Edit(const ContactKey& key) {
    auto found = own_.find(key);
    if (found != own_.end()) return found->second;
    const PendingContacts* known =
        base_ != nullptr ? base_->Find(key) : nullptr;
    PendingContacts made = known != nullptr ? *known : PendingContacts(spares_);
    return own_.emplace(key, std::move(made)).first->second;
  }
  void Erase(const ContactKey& key) {
    if (base_ == nullptr) {
      own_.erase(key);
    } else {
      Edit(key).clear();  // so that the base is not asked
    }
  }
  // Takes out those that `goes` says; there are some.
  template <typename F>
  void EraseIf(const ContactKey& key, F goes) {
    PendingContacts& contacts = Edit(key);
    const auto end = std::remove_if(contacts.begin(), contacts.end(), goes);
    contacts.resize(static_cast<size_t>(end - contacts.begin()));
    if (contacts.empty()) Erase(key);
  }

  // Calls f(key, contacts) for what is kept here, in no particular order.
  template <typename F>
  void ForEach(F f) const {
    for (const auto& [key, contacts] : own_) f(key, contacts);
  }
  size_t capacity() const { return own_.capacity(); }

 private:
  Spares* spares_ = nullptr;
  const ContactTable* base_ = nullptr;
  HashMap<ContactKey, PendingContacts> own_;
};

struct TimelineState {
  TimelineState(DimensionTable dimension_table, ScheduleTable schedule_table)
      : dimensions(std::move(dimension_table)),
        schedules(std::move(schedule_table)),
        interactions(&spares),
        contacts(&spares),
        reviews(&spares) {}
  explicit TimelineState(const TimelineState* base)
      : dimensions(&base->dimensions),
        schedules(&base->schedules),
        interactions(&base->interactions),
        timers(&base->timers),
        contacts(&base->contacts),
        reviews(&base->reviews),
        overlay(true) {}

  // Everything about an interaction; its number may then stand for another.
  void Forget(InteractionId id);

  // What interactions, contacts and responses have beside themselves; an
  // overlay has it on the heap.
  Spares spares;
  DimensionTable dimensions;
  ScheduleTable schedules;
  InteractionStore interactions;
  TimerQueue timers;
  ContactTable contacts;
  ReviewMemory reviews;
  bool overlay = false;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMELINE_STATE_H_
