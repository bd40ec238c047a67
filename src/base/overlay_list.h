// OverlayList: a list whose copy costs the same however long it is.
//
// A copy is an overlay: it reads the elements of the list it was made from,
// which does not change while it lives, and keeps what it changes and adds for
// itself, on the heap.
//
//   OverlayList<std::string> list(&spares);
//   list.push_back("a");
//   OverlayList<std::string> copy = list;
//   &copy[0] == &list[0];       // true
//   copy.Edit(0) = "b";         // list[0] is still "a"
//   copy.push_back("c");        // list.size() is still 1

#ifndef CCKPI_SRC_BASE_OVERLAY_LIST_H_
#define CCKPI_SRC_BASE_OVERLAY_LIST_H_

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "src/base/spare_list.h"
#include "src/base/spares.h"

namespace cckpi {

template <typename T>
class OverlayList {
 public:
  explicit OverlayList(Spares* pool) : own_(pool) {}
  OverlayList(const OverlayList& base) {
    if (!base.empty()) over_ = std::make_unique<Over>(&base);
  }
  OverlayList& operator=(const OverlayList&) = delete;

  size_t size() const { return BaseSize() + own_.size(); }
  bool empty() const { return size() == 0; }
  const T& operator[](size_t index) const {
    return over_ == nullptr ? own_[index] : OverBase(index);
  }
  const T& back() const { return (*this)[size() - 1]; }

  // For change, until the list changes.
  T& Edit(size_t index) {
    if (index >= BaseSize()) return own_[index - BaseSize()];
    return over_->changed.try_emplace(index, (*over_->base)[index])
        .first->second;
  }
  void push_back(T value) { own_.push_back(std::move(value)); }
  void clear() {
    over_ = nullptr;
    own_.clear();
  }

 private:
  struct Over {
    explicit Over(const OverlayList* list) : base(list), size(list->size()) {}

    const OverlayList* base;
    size_t size;
    std::map<size_t, T> changed;
  };

  size_t BaseSize() const { return over_ == nullptr ? 0 : over_->size; }
  const T& OverBase(size_t index) const {
    if (index >= over_->size) return own_[index - over_->size];
    const auto found = over_->changed.find(index);
    return found != over_->changed.end() ? found->second
                                         : (*over_->base)[index];
  }

  std::unique_ptr<Over> over_;  // nullptr: there is nothing of a base
  SpareList<T> own_;            // what was added
};

}  // namespace cckpi

#endif  // CCKPI_SRC_BASE_OVERLAY_LIST_H_
