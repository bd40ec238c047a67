// DurationUnion: several DurationAccumulators looked at as one, unmerged.
//
// A row of a report is made of a few accumulators: all of history and the
// running bucket, or the days of a week. Merging them would copy the largest
// one for a handful of figures. A union adds up what is short and walks through
// the bins of its parts side by side; when they are of a size, it adds them up
// in an array of all bins, which it keeps.
//
//   DurationUnion waits;
//   waits.Add(history);
//   waits.Add(today);
//   int64_t p90_us = waits.Quantile(9, 10);
//   waits.Clear();  // for the next ones
//
// Everything is what the merged accumulator would say.

#ifndef CCKPI_SRC_STATS_DURATION_UNION_H_
#define CCKPI_SRC_STATS_DURATION_UNION_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/stats/duration_accumulator.h"
#include "cckpi/stats/histogram.h"

namespace cckpi {

// Where in a histogram a quantile is, to some bins: the sum of counts before
// every 32nd bin. Of one that has few bins, or signed counts, it knows nothing.
class HistogramIndex {
 public:
  void Make(const Histogram& histogram);
  // `part` is added to what it was made of. False where that cannot be
  // followed: then it has to be made again.
  bool Add(const Histogram& part);
  // Merges `part` into `to`, whose histogram it follows, and goes on following
  // it. False, and nothing is merged, where that cannot be followed.
  bool MergeInto(DurationAccumulator& to, const DurationAccumulator& part);
  // Asks the memory for what MergeInto or a quantile near `bin` will read: of
  // the marks, or, once these are there, of the histogram.
  void PrefetchMarks(int bin) const;
  void PrefetchBins(const Histogram& histogram, int bin) const;
  // Has the histogram, which it follows, got many bins since it was made?
  bool IsFarFrom(const Histogram& histogram) const {
    return histogram.size() > size_ + size_ / 8;
  }
  void Clear() { marks_ = nullptr; }
  size_t heap_bytes() const { return marks_ != nullptr ? sizeof(Marks) : 0; }

 private:
  friend class DurationUnion;
  static constexpr int kEvery = 32;
  static constexpr size_t kMarks = (Histogram::kBinCount + kEvery - 1) / kEvery;
  // Marks in a block: a count changes those behind it in its block, and the
  // blocks behind.
  static constexpr size_t kOfBlock = 16;
  static constexpr size_t kBlocks = (kMarks + kOfBlock - 1) / kOfBlock;
  // Of bin (its place) * kEvery.
  struct Marks {
    std::array<int64_t, kBlocks> before_block = {};
    std::array<int64_t, kMarks> in_block = {};  // counts since its block began
    std::array<uint32_t, kMarks> at =
        {};  // the bins before it when it was made
  };

  // The counts of the bins before a mark.
  int64_t Before(size_t mark) const {
    return Histogram::WrappingAdd(marks_->before_block[mark / kOfBlock],
                                  marks_->in_block[mark]);
  }

  std::unique_ptr<Marks> marks_;  // none: nothing is known
  size_t size_ = 0;               // of the histogram when this was made
};

class DurationUnion {
 public:
  void Clear();

  // `part` stays as it is until Clear, and its `index` too.
  void Add(const DurationAccumulator& part,
           const HistogramIndex* index = nullptr);

  int64_t count() const { return count_; }
  absl::int128 sum() const { return sum_; }
  int64_t Min();
  int64_t Max();
  // Sooner found where it is near `near_us`, which is -1 or a guess.
  int64_t Quantile(int64_t numerator, int64_t denominator,
                   int64_t near_us = -1);

  // Calls f(Histogram::Entry) for the bins whose count is not zero, in
  // ascending order, until it returns false.
  template <typename F>
  void ForEachBin(F f);

  // Merges all parts into `to`, which is none of them.
  void MergeInto(DurationAccumulator& to);

 private:
  static constexpr size_t kWords = (Histogram::kBinCount + 63) / 64;
  // All bins, and which of them may be other than zero.
  struct Dense {
    std::array<int64_t, Histogram::kBinCount> counts = {};
    std::array<uint64_t, kWords> used = {};
  };
  enum class Shape : uint8_t {
    kUnknown,
    kBeside,  // the largest part, and the bins of the others in order
    kDense,
  };
  // The union as DurationReading wants it.
  struct Bins {
    DurationUnion& of;
    int64_t near_us = -1;
    int64_t total() const { return of.count_; }
    int LowestBin() const;
    int HighestBin() const;
    int64_t Quantile(int64_t numerator, int64_t denominator) const;
  };

  void Arrange();
  // Where, by the index, the last mark is before which `rank` is not reached.
  struct Start {
    size_t mark = 0;
    size_t beside = 0;   // entries beside that are before it
    int64_t before = 0;  // the counts before it
  };
  Start StartOf(size_t mark, const Start& from) const;
  Start FindStart(int64_t rank, int64_t near_us) const;
  // The bin where `rank` is reached, the largest part being read from its entry
  // `from` on; the last one where it never is, -1 where there is none.
  int FindBin(int64_t rank, const Start& start, size_t from) const;
  void AddDense(const Histogram& histogram);
  void ClearDense();

  absl::int128 sum_ = 0;
  int64_t count_ = 0;
  DurationAccumulator::Extremes added_;
  DurationAccumulator::Extremes retracted_;
  struct Part {
    const Histogram* histogram = nullptr;
    const HistogramIndex* index = nullptr;
  };
  std::vector<Part> parts_;  // those with bins
  Shape shape_ = Shape::kUnknown;
  const Histogram* largest_ = nullptr;
  const HistogramIndex* index_ = nullptr;  // of the largest, if it may be used
  std::vector<Histogram::Entry> beside_;
  std::vector<Dense> dense_;  // one, once it is needed
};

template <typename F>
void DurationUnion::ForEachBin(F f) {
  Arrange();
  if (shape_ == Shape::kDense) {
    const Dense& dense = dense_.front();
    for (size_t w = 0; w < kWords; ++w) {
      for (uint64_t word = dense.used[w]; word != 0; word &= word - 1) {
        const int bin = static_cast<int>(w * 64) + std::countr_zero(word);
        const int64_t count = dense.counts[static_cast<size_t>(bin)];
        if (count != 0 && !f(Histogram::Entry{bin, count})) return;
      }
    }
    return;
  }
  if (largest_ == nullptr) return;
  size_t b = 0;
  for (size_t i = 0, size = largest_->size(); i < size; ++i) {
    Histogram::Entry entry = largest_->entry(i);
    while (b < beside_.size() && beside_[b].bin < entry.bin) {
      if (!f(beside_[b++])) return;
    }
    if (b < beside_.size() && beside_[b].bin == entry.bin) {
      entry.count = Histogram::WrappingAdd(entry.count, beside_[b++].count);
      if (entry.count == 0) continue;
    }
    if (!f(entry)) return;
  }
  while (b < beside_.size()) {
    if (!f(beside_[b++])) return;
  }
}

}  // namespace cckpi

#endif  // CCKPI_SRC_STATS_DURATION_UNION_H_
