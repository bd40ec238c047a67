// ContactTable: closed episodes whose first contact resolution is pending, by
// whose they are.
//
// A customer has one of them as a rule, so the contacts lie in the table
// itself, numbered from 0 for each whose they are: there is no list to have
// beside it. Of one who has many (a name that stands for all who gave none)
// there is an index, so that what is taken out costs no look at the others.
// A table made over a base is an overlay: it reads the base and keeps what it
// changes for itself, contacts that went among it.

#ifndef CCKPI_SRC_TIMELINE_CONTACT_TABLE_H_
#define CCKPI_SRC_TIMELINE_CONTACT_TABLE_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
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
  // `base` has no base of its own, and does not change.
  explicit ContactTable(const ContactTable* base) : base_(base) {}

  bool Has(const ContactKey& key) const { return At(Place(key, 0)) != nullptr; }
  void Add(const ContactKey& key, const PendingContact& contact);

  // Each takes contacts out and adds them to `taken`: those of an interaction
  // that is known;
  void TakeOf(const ContactKey& key, InteractionId interaction,
              std::vector<PendingContact>& taken);
  // those that closed at `latest_us` or before;
  void TakeClosedBy(const ContactKey& key, int64_t latest_us,
                    std::vector<PendingContact>& taken);
  // and of these, those that live on by themselves.
  void TakeApartClosedBy(const ContactKey& key, int64_t latest_us,
                         std::vector<PendingContact>& taken);

  // Calls f(key, contact) for what is kept here, in no particular order.
  template <typename F>
  void ForEach(F f) const {
    for (const auto& [place, contact] : own_) f(place.key(), contact);
  }
  // Counted with so much for its place in the table, each.
  size_t memory_bytes(size_t for_place) const;

  // How many contacts were looked at so far, to take them or not.
  uint64_t looks() const { return looks_; }

 private:
  // As many of a key are found by looking at each.
  static constexpr uint32_t kFew = 16;

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

  // A contact by its close; those of interactions that are known come first.
  struct Closed {
    int64_t close_us = 0;
    uint32_t number = 0;
    bool is_apart = false;

    std::strong_ordering operator<=>(const Closed& other) const;
    bool operator==(const Closed&) const = default;
  };
  using Times = absl::btree_set<Closed>;
  using Interactions = absl::btree_set<std::pair<InteractionId, uint32_t>>;

  // The numbers of one who has many. Of an overlay: of what it has changed; of
  // the base's, those stand that it has not.
  struct Index {
    Times by_time;
    Interactions by_interaction;  // of those that are known
    const Index* base = nullptr;
    // Of the base's, apart or not: everything before it is no more.
    std::array<Times::const_iterator, 2> next;

    void Insert(const PendingContact& contact, uint32_t number);
    void Erase(const PendingContact& contact, uint32_t number);
  };
  // One whose contacts are about to be looked at.
  struct Owner {
    ContactKey key;
    uint32_t count = 0;
    Index* index = nullptr;  // nullptr: he has few
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
  uint32_t CountOf(const ContactKey& key) const;
  Owner OwnerOf(const ContactKey& key);
  const Index* FindIndex(const ContactKey& key) const {
    auto found = indexes_.find(Place(key, 0));
    return found != indexes_.end() ? found->second.get() : nullptr;
  }
  Index* IndexOf(const ContactKey& key, uint32_t count);

  template <typename F>
  void TakeIf(Owner& owner, F goes, std::vector<PendingContact>& taken);
  void TakeFirst(Owner& owner, bool is_apart, int64_t latest_us,
                 std::vector<PendingContact>& taken);
  const Closed* FirstOf(const Owner& owner, bool is_apart);
  void TakeOut(Owner& owner, uint32_t number,
               std::vector<PendingContact>& taken);
  void Left(const Owner& owner);

  const ContactTable* base_ = nullptr;
  HashMap<Place, PendingContact> own_;
  // By the place of the first.
  HashMap<Place, std::unique_ptr<Index>> indexes_;
  uint64_t looks_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_CONTACT_TABLE_H_
