// HashMap: absl::flat_hash_map that survives memory running out.
//
//   HashMap<std::string, int> counts;
//   ++counts["facebook"];
//   counts.try_emplace("whatsapp", 7);
//   auto found = counts.find("facebook");
//
// Where an allocation fails while it grows or makes an element, Abseil's table
// is left such that its own destructor runs into memory that is not there. A
// host that catches std::bad_alloc, as the C interface does, would be ended by
// it. So this map grows into a new table, which is dropped as it is when the
// allocation fails and holds nothing then; and it makes an element before it
// makes the place for it. A failed insertion changes nothing.
//
// Keys and values must move without throwing. The price is a table of at least
// 31 places, and of 25/32 taken at most instead of 7/8.
//
// This file defines HashMap.

#ifndef CCKPI_BASE_HASH_MAP_H_
#define CCKPI_BASE_HASH_MAP_H_

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "cckpi/base/prefetch.h"

namespace cckpi {

template <typename Key, typename Value, typename... Rest>
class HashMap : private absl::flat_hash_map<Key, Value, Rest...> {
  using Base = absl::flat_hash_map<Key, Value, Rest...>;

 public:
  using typename Base::const_iterator;
  using typename Base::iterator;
  using typename Base::value_type;

  HashMap() = default;
  HashMap(HashMap&&) noexcept = default;
  HashMap& operator=(HashMap&&) noexcept = default;

  using Base::begin;
  using Base::capacity;
  using Base::clear;
  using Base::contains;
  using Base::empty;
  using Base::end;
  using Base::erase;
  using Base::find;
  using Base::size;

  // Asks the memory for where the key is, or would be.
  void prefetch(const Key& key) const {
    Base::prefetch(key);
    KeepPrefetches();
  }

  template <typename... Arguments>
  std::pair<iterator, bool> try_emplace(const Key& key,
                                        Arguments&&... arguments) {
    if (iterator found = find(key); found != end()) return {found, false};
    return Insert(Key(key), Value(std::forward<Arguments>(arguments)...));
  }

  // As of a map, an element that is there already stays as it is.
  template <typename K, typename V>
  std::pair<iterator, bool> emplace(K&& key, V&& value) {
    if (iterator found = find(key); found != end()) return {found, false};
    return Insert(Key(std::forward<K>(key)), Value(std::forward<V>(value)));
  }

  template <typename V>
  std::pair<iterator, bool> insert_or_assign(const Key& key, V&& value) {
    if (iterator found = find(key); found != end()) {
      found->second = std::forward<V>(value);
      return {found, false};
    }
    return Insert(Key(key), Value(std::forward<V>(value)));
  }

  Value& operator[](const Key& key) { return try_emplace(key).first->second; }

  // Makes room for so many elements altogether.
  void reserve(size_t count) {
    size_t places = kMinPlaces;
    while (count * 32 > places * 25) places = 2 * places + 1;
    if (places > capacity()) GrowTo(places);
  }

 private:
  static_assert(std::is_nothrow_move_constructible_v<Key> &&
                std::is_nothrow_move_constructible_v<Value>);

  static constexpr size_t kMinPlaces = 31;

  std::pair<iterator, bool> Insert(Key key, Value value) {
    // Abseil reuses the places of erased elements, and allocates nothing, as
    // long as a table of more than 16 places is taken to 25/32 at most.
    if (capacity() < kMinPlaces || (size() + 1) * 32 > capacity() * 25) {
      GrowTo(capacity() < kMinPlaces ? kMinPlaces : 2 * capacity() + 1);
    }
    return Base::emplace(std::move(key), std::move(value));
  }

  void GrowTo(size_t places) {
    // Destroyed only where it got its memory: see above.
    alignas(Base) unsigned char room[sizeof(Base)];
    Base* grown = ::new (static_cast<void*>(room)) Base();
    grown->rehash(places);
    grown->merge(*this);
    this->swap(*grown);
    grown->~Base();
  }
};

}  // namespace cckpi

#endif  // CCKPI_BASE_HASH_MAP_H_
