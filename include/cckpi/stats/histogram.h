// A histogram of non-negative integers that merges exactly.
//
// The layout of the bins is fixed: values below 128 have a bin each; above,
// every octave [2^k, 2^(k+1)) is cut into 64 bins of equal width. A bin stands
// for all of its values by its midpoint, so what is read from a histogram is
// off by at most 1/128 of itself (0.79 %), and exact below 128. As the layout
// never depends on the data, merging is adding counts: associative, commutative
// and without loss.
//
// Counts are signed: a value may be taken out in another partial state than the
// one that it was put in. Only the merged whole has to make sense.
//
// Only bins whose count is not zero are kept, in order, eight bytes each; up to
// two need no memory beside the object. Two histograms with the same counts are
// equal, whatever their history.
//
// This file defines
//   * Histogram;
//   * Histogram::Entry, one bin and its count, for those who write it down.
//
//   Histogram waits;
//   waits.Add(1500);
//   waits.Merge(other_shard);
//   int64_t median = waits.Quantile(1, 2);

#ifndef CCKPI_STATS_HISTOGRAM_H_
#define CCKPI_STATS_HISTOGRAM_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/container/inlined_vector.h"

namespace cckpi {

class Histogram {
 public:
  struct Entry {
    int bin = 0;
    int64_t count = 0;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  static constexpr int kBinCount = 128 + 56 * 64;
  // Counts are kept in 52 bits; decoders refuse what is beyond. (At 10^8
  // values a day it takes 61 000 years.)
  static constexpr int64_t kMaxCount = (int64_t{1} << 51) - 1;

  // The bin of a value; negative values count as 0.
  static constexpr int BinOf(int64_t value);
  // The bin's values are [LowerEdge, LastValue]; its midpoint stands for them.
  static constexpr int64_t LowerEdge(int bin);
  static constexpr int64_t LastValue(int bin);
  static constexpr int64_t Midpoint(int bin);

  // Puts `count` values in, or takes them out if negative. A negative value is
  // the caller's mistake and counts as 0.
  void Add(int64_t value, int64_t count = 1) { AddToBin(BinOf(value), count); }

  // The same for a bin in [0, kBinCount).
  void AddToBin(int bin, int64_t count);

  void Merge(const Histogram& other);

  // The number of values.
  int64_t total() const { return total_; }
  bool empty() const { return entries_.empty(); }

  // The smallest x with share(<= x) >= numerator / denominator ("inclusive"),
  // as the midpoint of its bin. The fraction is clamped to [0, 1]; at 0 it is
  // the lowest bin. 0 if there are no values.
  int64_t Quantile(int64_t numerator, int64_t denominator) const;

  // The number of values up to `value`, every value taken as the midpoint of
  // its bin: only values within 0.79 % of `value` can be on the wrong side.
  // Consistent with Quantile: CountAtMost(x) >= q * total() if and only if
  // Quantile(q) <= x (0 < q <= 1, no negative counts).
  int64_t CountAtMost(int64_t value) const;

  // The lowest and the highest bin with a count, -1 if there is none.
  int LowestBin() const;
  int HighestBin() const;

  // The bins with a count, in ascending order.
  size_t size() const { return entries_.size(); }
  Entry entry(size_t index) const { return Unpack(entries_[index]); }

  friend bool operator==(const Histogram& a, const Histogram& b) {
    return a.total_ == b.total_ && a.entries_ == b.entries_;
  }

 private:
  friend class DurationUnion;   // reads and writes several at once
  friend class HistogramIndex;  // knows where bins are

  // 12 bits of bin above 52 bits of count, so that entries sort by bin.
  using Packed = uint64_t;
  static constexpr int kCountBits = 52;

  static constexpr Packed Pack(int bin, int64_t count) {
    return static_cast<uint64_t>(bin) << kCountBits |
           (static_cast<uint64_t>(count) & ((uint64_t{1} << kCountBits) - 1));
  }
  static constexpr int BinOfPacked(Packed entry) {
    return static_cast<int>(entry >> kCountBits);
  }
  static constexpr int64_t CountOfPacked(Packed entry) {
    return static_cast<int64_t>(entry << (64 - kCountBits)) >>
           (64 - kCountBits);
  }
  static constexpr Entry Unpack(Packed entry) {
    return {BinOfPacked(entry), CountOfPacked(entry)};
  }

  // Signed addition that wraps: with it merging stays associative even for
  // counts that no real log can reach.
  static constexpr int64_t WrappingAdd(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) +
                                static_cast<uint64_t>(b));
  }
  // The rank of the value that Quantile returns: ceil(q * total), from 1 on.
  static int64_t RankOf(int64_t total, int64_t numerator, int64_t denominator);

  // The index of the first entry whose bin is not below `bin`.
  size_t Find(int bin) const;
  // The same, where it is among the `most` after the first `first`, or the one
  // after these.
  size_t FindFrom(int bin, size_t first, size_t most) const;
  // The same among the entries [begin, end).
  size_t FindIn(int bin, size_t begin, size_t end) const;
  // AddToBin of an entry that Find has found, or the one before which it goes.
  void AddAt(size_t index, int bin, int64_t count);
  void MergeSorted(const Histogram& other);

  int64_t total_ = 0;
  absl::InlinedVector<Packed, 2> entries_;
};

constexpr int Histogram::BinOf(int64_t value) {
  if (value < 128) return value < 0 ? 0 : static_cast<int>(value);
  // 2^k <= value < 2^(k+1); the bins of this octave are 2^(k-6) wide.
  int k = std::bit_width(static_cast<uint64_t>(value)) - 1;
  return 128 + (k - 7) * 64 + static_cast<int>((value >> (k - 6)) - 64);
}

constexpr int64_t Histogram::LowerEdge(int bin) {
  if (bin < 128) return bin;
  return static_cast<int64_t>(64 + bin % 64) << ((bin - 128) / 64 + 1);
}

constexpr int64_t Histogram::LastValue(int bin) {
  return bin + 1 < kBinCount ? LowerEdge(bin + 1) - 1
                             : std::numeric_limits<int64_t>::max();
}

constexpr int64_t Histogram::Midpoint(int bin) {
  if (bin < 128) return bin;
  return LowerEdge(bin) + (int64_t{1} << ((bin - 128) / 64));
}

}  // namespace cckpi

#endif  // CCKPI_STATS_HISTOGRAM_H_
