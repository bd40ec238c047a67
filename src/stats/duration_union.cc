#include "src/stats/duration_union.h"

#include <algorithm>

#include "src/stats/duration_reading.h"

namespace cckpi {

void HistogramIndex::Make(const Histogram& histogram) {
  marks_.clear();
  size_ = histogram.size();
  constexpr size_t kFew = 128;
  if (size_ < kFew) return;
  for (size_t i = 0; i < size_; ++i) {
    if (histogram.entry(i).count < 0) return;
  }
  marks_.resize(kMarks);
  size_t at = 0;
  for (size_t mark = 0; mark < kMarks; ++mark) {
    const int bin = static_cast<int>(mark) * kEvery;
    while (at < size_ && histogram.entry(at).bin < bin) ++at;
    marks_[mark].at = at;
  }
  Add(histogram);
}

bool HistogramIndex::Add(const Histogram& part) {
  if (marks_.empty()) return false;
  int64_t sum = 0;  // before the mark; at most kBinCount times kMaxCount
  size_t mark = 0;
  for (size_t i = 0, size = part.size(); i < size; ++i) {
    const Histogram::Entry entry = part.entry(i);
    if (entry.count < 0) return false;
    for (; static_cast<int>(mark) * kEvery <= entry.bin; ++mark) {
      marks_[mark].before += sum;
    }
    sum += entry.count;
  }
  for (; mark < kMarks; ++mark) marks_[mark].before += sum;
  return true;
}

void DurationUnion::Clear() {
  if (shape_ == Shape::kDense) ClearDense();
  shape_ = Shape::kUnknown;
  sum_ = 0;
  count_ = 0;
  added_ = {};
  retracted_ = {};
  parts_.clear();
}

void DurationUnion::ClearDense() {
  Dense& dense = dense_.front();
  for (size_t w = 0; w < kWords; ++w) {
    for (uint64_t word = dense.used[w]; word != 0; word &= word - 1) {
      dense.counts[w * 64 + static_cast<size_t>(std::countr_zero(word))] = 0;
    }
    dense.used[w] = 0;
  }
}

void DurationUnion::Add(const DurationAccumulator& part,
                        const HistogramIndex* index) {
  if (shape_ == Shape::kDense) ClearDense();
  shape_ = Shape::kUnknown;
  sum_ += part.sum();
  count_ = Histogram::WrappingAdd(count_, part.count());
  added_.Include(part.added());
  retracted_.Include(part.retracted());
  if (!part.histogram().empty()) parts_.push_back({&part.histogram(), index});
}

void DurationUnion::AddDense(const Histogram& histogram) {
  Dense& dense = dense_.front();
  for (size_t i = 0, n = histogram.size(); i < n; ++i) {
    const Histogram::Entry entry = histogram.entry(i);
    const size_t bin = static_cast<size_t>(entry.bin);
    dense.counts[bin] = Histogram::WrappingAdd(dense.counts[bin], entry.count);
    dense.used[bin / 64] |= uint64_t{1} << bin % 64;
  }
}

void DurationUnion::Arrange() {
  if (shape_ != Shape::kUnknown) return;
  largest_ = nullptr;
  beside_.clear();
  size_t bins = 0;
  index_ = nullptr;
  for (const auto& [part, index] : parts_) {
    bins += part->size();
    if (largest_ == nullptr || part->size() > largest_->size()) {
      largest_ = part;
      index_ = index;
    }
  }
  // Where the others are few beside the largest, they are put in order; else
  // the array is quicker, which takes a walk through the largest.
  constexpr size_t kFew = 8;
  const size_t others = largest_ == nullptr ? 0 : bins - largest_->size();
  if (others > kFew && others * std::bit_width(others) > 2 * largest_->size()) {
    if (dense_.empty()) dense_.resize(1);
    for (const Part& part : parts_) AddDense(*part.histogram);
    shape_ = Shape::kDense;
    return;
  }
  const auto before = [](const Histogram::Entry& a, const Histogram::Entry& b) {
    return a.bin < b.bin;
  };
  for (const auto& [part, index] : parts_) {
    if (part == largest_) continue;
    for (size_t i = 0, n = part->size(); i < n; ++i) {
      beside_.push_back(part->entry(i));
    }
  }
  if (parts_.size() > 2) {
    std::sort(beside_.begin(), beside_.end(), before);
    size_t kept = 0;
    for (size_t i = 0; i < beside_.size(); ++kept) {
      Histogram::Entry entry = beside_[i++];
      for (; i < beside_.size() && beside_[i].bin == entry.bin; ++i) {
        entry.count = Histogram::WrappingAdd(entry.count, beside_[i].count);
      }
      beside_[kept] = entry;
    }
    beside_.resize(kept);
    std::erase_if(beside_, [](const Histogram::Entry& entry) {
      return entry.count == 0;
    });
  }
  // Sums grow from bin to bin only where nothing is taken out.
  for (const Histogram::Entry& entry : beside_) {
    if (entry.count < 0) index_ = nullptr;
  }
  shape_ = Shape::kBeside;
}

int DurationUnion::Bins::LowestBin() const {
  int lowest = -1;
  of.ForEachBin([&](const Histogram::Entry& entry) {
    lowest = entry.bin;
    return false;
  });
  return lowest;
}

int DurationUnion::Bins::HighestBin() const {
  int highest = -1;
  of.ForEachBin([&](const Histogram::Entry& entry) {
    highest = entry.bin;
    return true;
  });
  return highest;
}

int64_t DurationUnion::Bins::Quantile(int64_t numerator,
                                      int64_t denominator) const {
  const int64_t rank = Histogram::RankOf(of.count_, numerator, denominator);
  int64_t cumulative = 0;
  int found = -1;
  // The last mark before which the rank is not reached.
  size_t from = 0;
  size_t from_beside = 0;
  of.Arrange();
  if (of.shape_ == Shape::kBeside && of.index_ != nullptr &&
      !of.index_->marks_.empty()) {
    const HistogramIndex& index = *of.index_;
    // Nothing is before the first one, and sums grow from mark to mark.
    size_t low = 0;
    int64_t beside = 0;  // before it
    for (size_t high = HistogramIndex::kMarks; high - low > 1;) {
      const size_t mark = low + (high - low) / 2;
      const int next = static_cast<int>(mark) * HistogramIndex::kEvery;
      size_t b = from_beside;
      int64_t added = beside;
      for (; b < of.beside_.size() && of.beside_[b].bin < next; ++b) {
        added = Histogram::WrappingAdd(added, of.beside_[b].count);
      }
      const int64_t before =
          Histogram::WrappingAdd(index.marks_[mark].before, added);
      if (before >= rank) {
        high = mark;
      } else {
        low = mark;
        from_beside = b;
        beside = added;
        cumulative = before;
      }
    }
    // None of its bins has gone since the index was made, and few have come.
    from = of.largest_->FindFrom(static_cast<int>(low) * HistogramIndex::kEvery,
                                 index.marks_[low].at,
                                 of.largest_->size() - index.size_);
  }
  of.ForEachBinFrom(from, from_beside, [&](const Histogram::Entry& entry) {
    cumulative = Histogram::WrappingAdd(cumulative, entry.count);
    found = entry.bin;
    return cumulative < rank;
  });
  return found < 0 ? 0 : Histogram::Midpoint(found);
}

int64_t DurationUnion::Min() {
  Bins bins{*this};
  return DurationReading<Bins>{sum_, added_, retracted_, bins}.Min();
}

int64_t DurationUnion::Max() {
  Bins bins{*this};
  return DurationReading<Bins>{sum_, added_, retracted_, bins}.Max();
}

int64_t DurationUnion::Quantile(int64_t numerator, int64_t denominator) {
  Bins bins{*this};
  return DurationReading<Bins>{sum_, added_, retracted_, bins}.Quantile(
      numerator, denominator);
}

void DurationUnion::MergeInto(DurationAccumulator& to) {
  to.sum_ += sum_;
  to.added_.Include(added_);
  to.retracted_.Include(retracted_);
  Arrange();
  if (shape_ != Shape::kDense) {
    for (const Part& part : parts_) to.histogram_.Merge(*part.histogram);
    return;
  }
  // What is there already is added to the array; then everything is written
  // down in order.
  AddDense(to.histogram_);
  Histogram& histogram = to.histogram_;
  histogram.total_ = Histogram::WrappingAdd(histogram.total_, count_);
  histogram.entries_.clear();
  const Dense& dense = dense_.front();
  size_t size = 0;
  for (const uint64_t word : dense.used) {
    size += static_cast<size_t>(std::popcount(word));
  }
  histogram.entries_.reserve(size);
  ForEachBin([&](const Histogram::Entry& entry) {
    const Histogram::Packed packed = Histogram::Pack(entry.bin, entry.count);
    if (Histogram::CountOfPacked(packed) != 0) {
      histogram.entries_.push_back(packed);
    }
    return true;
  });
  // The array holds what was in `to` besides.
  Clear();
}

}  // namespace cckpi
