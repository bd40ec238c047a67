// Collected: which cells the rows of a measure are made of, not merged yet.
//
// Most groups of a window have one cell, the sum of a day or of all of history,
// and are read from it where it is. Whoever has several adds up what he needs.

#ifndef CCKPI_SRC_KPI_COLLECTED_H_
#define CCKPI_SRC_KPI_COLLECTED_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <span>
#include <vector>

#include "cckpi/base/prefetch.h"
#include "src/kpi/cell_store.h"

namespace cckpi {

// A cell of the group at a place.
template <typename Cell>
struct CellPart {
  uint32_t place = 0;
  const Cell* cell = nullptr;
  const CellIndex<Cell>* index = nullptr;  // if it has one
  uint64_t version = 0;  // of a sum of all time; 0: it is none
};

template <typename Cell>
struct Collected {
  struct Before {
    uint32_t place = 0;
    const Cell* cell = nullptr;
    int sign = 1;
  };

  std::vector<CellPart<Cell>>& At(int64_t begin_us) {
    return windows[begin_us];
  }

  // By the window's begin.
  std::map<int64_t, std::vector<CellPart<Cell>>> windows;
  // What parts of runs point to.
  std::list<Cell> repeated;
  // For levels: what, added up with its sign, came before the first window.
  std::vector<Before> before;
};

// Puts the parts in order of their places, of which there are `places`.
template <typename Cell>
void OrderByPlace(std::vector<CellPart<Cell>>& parts, size_t places) {
  const auto less = [](const CellPart<Cell>& a, const CellPart<Cell>& b) {
    return a.place < b.place;
  };
  if (std::is_sorted(parts.begin(), parts.end(), less)) return;
  if (parts.size() < places / 8) {
    std::sort(parts.begin(), parts.end(), less);
    return;
  }
  std::vector<uint32_t> begins(places + 1, 0);
  for (const CellPart<Cell>& part : parts) ++begins[part.place + 1];
  for (size_t p = 1; p < begins.size(); ++p) begins[p] += begins[p - 1];
  std::vector<CellPart<Cell>> ordered(parts.size());
  for (const CellPart<Cell>& part : parts) {
    ordered[begins[part.place]++] = part;
  }
  parts.swap(ordered);
}

// Calls f(place, its parts) for ordered parts, and ahead(part, near) for each
// part some before, first not near and then so.
template <typename Cell, typename F, typename A>
void ForEachRun(std::span<const CellPart<Cell>> parts, F f, A ahead) {
  // Sums of all time lie apart, and each question touches them once.
  constexpr size_t kAhead = 12;
  constexpr size_t kFar = 8;
  constexpr size_t kNear = 4;
  for (size_t begin = 0, asked = 0; begin < parts.size();) {
    size_t end = begin + 1;
    while (end < parts.size() && parts[end].place == parts[begin].place) ++end;
    for (; asked < end; ++asked) {
      if (asked + kAhead < parts.size()) {
        const CellPart<Cell>& part = parts[asked + kAhead];
        PrefetchWhole(*part.cell);
        PrefetchLine(part.index);
      }
      if (asked + kFar < parts.size()) ahead(parts[asked + kFar], false);
      if (asked + kNear < parts.size()) ahead(parts[asked + kNear], true);
    }
    f(parts[begin].place, parts.subspan(begin, end - begin));
    begin = end;
  }
}

template <typename Cell, typename F>
void ForEachRun(std::span<const CellPart<Cell>> parts, F f) {
  ForEachRun<Cell>(parts, f, [](const CellPart<Cell>&, bool) {});
}

// Reads ordered parts place by place.
template <typename Cell>
class PlaceReader {
 public:
  explicit PlaceReader(std::span<const CellPart<Cell>> parts) : parts_(parts) {}

  // Is there one more? Its place.
  bool more() const { return at_ < parts_.size(); }
  uint32_t place() const { return parts_[at_].place; }
  // The cell of that place, valid until the next call; goes on to the next.
  const Cell& Take() {
    const size_t first = at_++;
    if (at_ == parts_.size() || parts_[at_].place != parts_[first].place) {
      return *parts_[first].cell;
    }
    merged_ = *parts_[first].cell;
    for (; at_ < parts_.size() && parts_[at_].place == parts_[first].place;
         ++at_) {
      merged_.Merge(*parts_[at_].cell);
    }
    return merged_;
  }

 private:
  std::span<const CellPart<Cell>> parts_;
  size_t at_ = 0;
  Cell merged_;
};

// Calls f(place, cell, other cell) for the places that are in either, in order;
// either may be nullptr.
template <typename Cell, typename Other, typename F>
void ForEachPlace(std::vector<CellPart<Cell>>* parts,
                  std::vector<CellPart<Other>>* others, size_t places, F f) {
  static const Cell* const kNoCell = new Cell();
  static const Other* const kNoOther = new Other();
  if (parts != nullptr) OrderByPlace(*parts, places);
  if (others != nullptr) OrderByPlace(*others, places);
  PlaceReader<Cell> one(parts != nullptr
                            ? std::span<const CellPart<Cell>>(*parts)
                            : std::span<const CellPart<Cell>>());
  PlaceReader<Other> other(others != nullptr
                               ? std::span<const CellPart<Other>>(*others)
                               : std::span<const CellPart<Other>>());
  while (one.more() || other.more()) {
    const bool has_one =
        one.more() && (!other.more() || one.place() <= other.place());
    const bool has_other =
        other.more() && (!one.more() || other.place() <= one.place());
    const uint32_t place = has_one ? one.place() : other.place();
    const Cell& a = has_one ? one.Take() : *kNoCell;
    const Other& b = has_other ? other.Take() : *kNoOther;
    f(place, a, b);
  }
}

}  // namespace cckpi

#endif  // CCKPI_SRC_KPI_COLLECTED_H_
