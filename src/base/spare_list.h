// SpareList: a vector whose memory comes from a pool: Spares, or a Room.
//
// The first kInline elements lie inside the list. A list that is made with a
// pool keeps to it, whatever is assigned to it; a copy is on the heap, so that
// whoever copies (a query does, while others do too) touches no pool.

#ifndef CCKPI_SRC_BASE_SPARE_LIST_H_
#define CCKPI_SRC_BASE_SPARE_LIST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "src/base/spares.h"

namespace cckpi {

template <typename T, size_t kInline = 0, typename Pool = Spares>
class SpareList {
  static_assert(std::is_nothrow_move_constructible_v<T> &&
                alignof(T) <= alignof(std::max_align_t));

 public:
  explicit SpareList(Pool* pool = nullptr) : pool_(pool) {}
  SpareList(const SpareList& other) : SpareList(nullptr) { Append(other); }
  SpareList(SpareList&& other) noexcept : pool_(other.pool_) { Steal(other); }
  SpareList& operator=(const SpareList& other) {
    if (this == &other) return *this;
    clear();
    Append(other);
    return *this;
  }
  SpareList& operator=(SpareList&& other) {
    if (this == &other) return *this;
    clear();
    if (pool_ == other.pool_ || !other.is_apart()) {
      GiveBack();
      Steal(other);
    } else {
      Reserve(other.size_);
      std::uninitialized_move(other.begin(), other.end(), begin());
      size_ = other.size_;
    }
    return *this;
  }
  ~SpareList() { Release(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return is_apart() ? apart_ : inlined(); }
  const T* data() const { return const_cast<SpareList*>(this)->data(); }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](size_t index) { return data()[index]; }
  const T& operator[](size_t index) const { return data()[index]; }
  T& front() { return *data(); }
  const T& front() const { return *data(); }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  void push_back(T value) {
    if (size_ == capacity()) Reserve(std::max<size_t>(1, 2 * size_));
    std::construct_at(data() + size_, std::move(value));
    ++size_;
  }
  void insert(T* at, T value) {
    const size_t index = static_cast<size_t>(at - begin());
    push_back(std::move(value));
    std::rotate(begin() + index, end() - 1, end());
  }
  // What is new is T().
  void resize(size_t size) {
    if (size < size_) {
      std::destroy(begin() + size, end());
    } else {
      Reserve(size);
      std::uninitialized_value_construct(begin() + size_, begin() + size);
    }
    size_ = static_cast<uint32_t>(size);
  }
  void clear() {
    std::destroy(begin(), end());
    size_ = 0;
  }
  // The memory goes back, too.
  void Release() {
    clear();
    GiveBack();
  }
  void erase(T* at) {
    std::move(at + 1, end(), at);
    std::destroy_at(end() - 1);
    --size_;
  }

  Pool* pool() const { return pool_; }
  // From now on; only while nothing is outside the list.
  void SetPool(Pool* pool) { pool_ = pool; }
  // Do elements lie outside the list?
  bool is_apart() const { return capacity_ > 0; }
  // What lies outside, for whoever keeps it without its list meanwhile.
  struct Apart {
    T* data = nullptr;
    uint32_t size = 0;
    uint32_t capacity = 0;
  };
  // Of a list whose elements lie outside; it is empty then.
  Apart Detach() {
    const Apart apart{apart_, size_, capacity_};
    size_ = 0;
    capacity_ = 0;
    return apart;
  }
  // To an empty list of the same pool, nothing of which lies outside.
  void Attach(const Apart& apart) {
    apart_ = apart.data;
    size_ = apart.size;
    capacity_ = apart.capacity;
  }
  // Bytes outside the list.
  size_t HeapBytes() const { return is_apart() ? capacity_ * sizeof(T) : 0; }

 private:
  size_t capacity() const { return is_apart() ? capacity_ : kInline; }
  T* inlined() { return reinterpret_cast<T*>(room_); }

  void Reserve(size_t count) {
    if (count <= capacity()) return;
    count = Pool::RoundUp(count * sizeof(T)) / sizeof(T);
    T* grown = static_cast<T*>(TakeFrom(pool_, count * sizeof(T)));
    std::uninitialized_move(begin(), end(), grown);
    std::destroy(begin(), end());
    GiveBack();
    apart_ = grown;
    capacity_ = static_cast<uint32_t>(count);
  }
  void GiveBack() {
    if (!is_apart()) return;
    GiveTo(pool_, apart_, capacity_ * sizeof(T));
    capacity_ = 0;
  }
  // Of nothing that is in this one.
  void Append(const SpareList& other) {
    Reserve(other.size_);
    std::uninitialized_copy(other.begin(), other.end(), begin());
    size_ = other.size_;
  }
  void Steal(SpareList& other) noexcept {
    if (other.is_apart()) {
      apart_ = other.apart_;
      capacity_ = other.capacity_;
      other.capacity_ = 0;
    } else {
      std::uninitialized_move(other.begin(), other.end(), inlined());
      std::destroy(other.begin(), other.end());
    }
    size_ = other.size_;
    other.size_ = 0;
  }

  Pool* pool_;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;  // of `apart_`; 0: the elements lie inside
  union {
    T* apart_;
    alignas(T) unsigned char room_[std::max<size_t>(1, kInline * sizeof(T))];
  };
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_SPARE_LIST_H_
