#include "cckpi/stats/histogram.h"

#include <algorithm>

#include "absl/numeric/int128.h"

namespace cckpi {

size_t Histogram::Find(int bin) const {
  return FindIn(bin, 0, entries_.size());
}

size_t Histogram::FindIn(int bin, size_t begin, size_t end) const {
  // Halving without branches to predict: the bins of one value after the other
  // follow no pattern.
  const Packed key = Pack(bin, 0);
  const Packed* base = entries_.data() + begin;
  size_t length = end - begin;
  while (length > 1) {
    const size_t half = length / 2;
    base += (base[half - 1] < key ? 1 : 0) * half;
    length -= half;
  }
  if (length == 1 && *base < key) ++base;
  return static_cast<size_t>(base - entries_.data());
}

size_t Histogram::FindFrom(int bin, size_t first, size_t most) const {
  const Packed key = Pack(bin, 0);
  const auto begin = entries_.begin() + std::min(first, entries_.size());
  const auto end = entries_.begin() + std::min(first + most, entries_.size());
  return static_cast<size_t>(std::lower_bound(begin, end, key) -
                             entries_.begin());
}

void Histogram::AddToBin(int bin, int64_t count) {
  if (count != 0) AddAt(Find(bin), bin, count);
}

void Histogram::AddAt(size_t index, int bin, int64_t count) {
  total_ = WrappingAdd(total_, count);
  if (index == entries_.size() || BinOfPacked(entries_[index]) != bin) {
    const Packed entry = Pack(bin, count);
    if (CountOfPacked(entry) == 0) return;
    // Most go to the end, or close to it.
    entries_.push_back(entry);
    Packed* const at = entries_.data() + index;
    for (Packed* to = &entries_.back(); to != at; --to) *to = to[-1];
    *at = entry;
    return;
  }
  const Packed entry =
      Pack(bin, WrappingAdd(CountOfPacked(entries_[index]), count));
  if (CountOfPacked(entry) == 0) {
    entries_.erase(entries_.begin() + index);
  } else {
    entries_[index] = entry;
  }
}

void Histogram::Merge(const Histogram& other) {
  // A small histogram goes into a large one bin by bin, two of a size are
  // merged in one pass. By index and with the size taken first: `other` may be
  // this one.
  if (other.size() <= 2 || other.size() * 32 < size()) {
    for (size_t i = 0, n = other.size(); i < n; ++i) {
      const Entry added = other.entry(i);
      AddToBin(added.bin, added.count);
    }
  } else {
    MergeSorted(other);
  }
}

void Histogram::MergeSorted(const Histogram& other) {
  total_ = WrappingAdd(total_, other.total_);
  // Counts of bins that are here already are added in place.
  absl::InlinedVector<Packed, 32> missing;
  bool vanished = false;
  size_t i = 0;
  for (const Packed added : other.entries_) {
    const int bin = BinOfPacked(added);
    while (i < entries_.size() && BinOfPacked(entries_[i]) < bin) ++i;
    if (i == entries_.size() || BinOfPacked(entries_[i]) != bin) {
      missing.push_back(added);
      continue;
    }
    entries_[i] = Pack(
        bin, WrappingAdd(CountOfPacked(entries_[i]), CountOfPacked(added)));
    vanished |= CountOfPacked(entries_[i]) == 0;
  }
  // The others are merged in from the back, where there is room.
  size_t from = entries_.size();
  size_t to = from + missing.size();
  entries_.resize(to);
  for (size_t m = missing.size(); m > 0;) {
    if (from > 0 && entries_[from - 1] > missing[m - 1]) {
      entries_[--to] = entries_[--from];
    } else {
      entries_[--to] = missing[--m];
    }
  }
  if (vanished) {
    entries_.erase(
        std::remove_if(entries_.begin(), entries_.end(),
                       [](Packed entry) { return CountOfPacked(entry) == 0; }),
        entries_.end());
  }
}

int64_t Histogram::RankOf(int64_t total, int64_t numerator,
                          int64_t denominator) {
  denominator = std::max<int64_t>(denominator, 1);
  numerator = std::clamp<int64_t>(numerator, 0, denominator);
  // As a rule it fits into one word, whose division is quicker.
  if (total >= 0 && total < int64_t{1} << 40 && denominator < 1 << 20) {
    return std::max<int64_t>(
        1, (total * numerator + (denominator - 1)) / denominator);
  }
  const absl::int128 product = absl::int128(total) * numerator;
  return std::max<int64_t>(
      1, static_cast<int64_t>((product + (denominator - 1)) / denominator));
}

int64_t Histogram::Quantile(int64_t numerator, int64_t denominator) const {
  if (total_ <= 0 || entries_.empty()) return 0;
  const int64_t rank = RankOf(total_, numerator, denominator);
  int64_t cumulative = 0;
  for (const Packed entry : entries_) {
    cumulative = WrappingAdd(cumulative, CountOfPacked(entry));
    if (cumulative >= rank) return Midpoint(BinOfPacked(entry));
  }
  return Midpoint(HighestBin());
}

int64_t Histogram::CountAtMost(int64_t value) const {
  int64_t cumulative = 0;
  for (const Packed entry : entries_) {
    if (Midpoint(BinOfPacked(entry)) > value) break;
    cumulative = WrappingAdd(cumulative, CountOfPacked(entry));
  }
  return cumulative;
}

int Histogram::LowestBin() const {
  return entries_.empty() ? -1 : BinOfPacked(entries_.front());
}

int Histogram::HighestBin() const {
  return entries_.empty() ? -1 : BinOfPacked(entries_.back());
}

}  // namespace cckpi
