// SharedList: a list that many hold and few change.
//
// The rows of a report say the same things again and again: what their KPI is,
// what their group is called. Copies of a SharedList share one list; whoever
// changes his copy gets a list of his own first. It reads as the
// std::vector<T> that it converts to.
//
//   SharedList<int> primes = {2, 3, 5};
//   SharedList<int> more = primes;    // no copy
//   more.push_back(7);                // now one; `primes` is as it was
//   int sum = 0;
//   for (int prime : more) sum += prime;
//   more.Edit()[0] = 1;               // any other change
//
// Copies may be read and changed by different threads at the same time, one
// object as any value.
//
// This file defines SharedList.

#ifndef CCKPI_BASE_SHARED_LIST_H_
#define CCKPI_BASE_SHARED_LIST_H_

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "cckpi/base/shared_value.h"

namespace cckpi {

template <typename T>
class SharedList {
 public:
  using List = std::vector<T>;
  using value_type = T;
  using size_type = typename List::size_type;
  using const_reference = const T&;
  using const_iterator = typename List::const_iterator;
  using iterator = const_iterator;

  SharedList() = default;
  SharedList(std::initializer_list<T> values) : SharedList(List(values)) {}
  SharedList(List list)  // NOLINT: reads as one, and is made of one
      : list_(list.empty() ? SharedValue<List>()
                           : SharedValue<List>::Make(std::move(list))) {}

  const List& list() const { return list_ == nullptr ? Empty() : *list_; }
  operator const List&() const { return list(); }  // NOLINT

  // To be changed; valid until this object is copied.
  List& Edit() {
    if (List* alone = EditAlone(); alone != nullptr) return *alone;
    list_ = SharedValue<List>::Make(list());
    return *list_;
  }
  // The same where there is a list that nobody else holds, so that its memory
  // is used again; nullptr where there is none.
  List* EditAlone() {
    return list_ == nullptr || !list_.IsAlone() ? nullptr : list_.get();
  }
  // Room for so many without another allocation.
  void reserve(size_t size) { Edit().reserve(size); }
  void push_back(T value) { Edit().push_back(std::move(value)); }
  template <typename... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    return Edit().emplace_back(std::forward<Arguments>(arguments)...);
  }
  void clear() { list_.reset(); }

  bool empty() const { return list().empty(); }
  size_t size() const { return list().size(); }
  const_iterator begin() const { return list().begin(); }
  const_iterator end() const { return list().end(); }
  const T& operator[](size_t index) const { return list()[index]; }
  const T& at(size_t index) const { return list().at(index); }
  const T& front() const { return list().front(); }
  const T& back() const { return list().back(); }

  friend bool operator==(const SharedList& a, const SharedList& b) {
    return a.list_ == b.list_ || a.list() == b.list();
  }
  friend bool operator==(const SharedList& a, const List& b) {
    return a.list() == b;
  }
  friend bool operator<(const SharedList& a, const SharedList& b) {
    return a.list() < b.list();
  }

 private:
  static const List& Empty() {
    static const List* const kEmpty = new List();
    return *kEmpty;
  }

  SharedValue<List> list_;  // changed by its only holder; none: empty
};

}  // namespace cckpi

#endif  // CCKPI_BASE_SHARED_LIST_H_
