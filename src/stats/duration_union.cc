#include "src/stats/duration_union.h"

#include <algorithm>

#include "cckpi/base/prefetch.h"
#include "src/stats/duration_reading.h"

namespace cckpi {

void HistogramIndex::Make(const Histogram& histogram) {
  marks_ = nullptr;
  size_ = histogram.size();
  constexpr size_t kFew = 128;
  if (size_ < kFew) return;
  for (size_t i = 0; i < size_; ++i) {
    if (histogram.entry(i).count < 0) return;
  }
  marks_ = std::make_unique<Marks>();
  size_t at = 0;
  int64_t before = 0;
  for (size_t mark = 0; mark < kMarks; ++mark) {
    const int bin = static_cast<int>(mark) * kEvery;
    for (; at < size_ && histogram.entry(at).bin < bin; ++at) {
      before = Histogram::WrappingAdd(before, histogram.entry(at).count);
    }
    marks_->at[mark] = static_cast<uint32_t>(at);
    int64_t& before_block = marks_->before_block[mark / kOfBlock];
    if (mark % kOfBlock == 0) before_block = before;
    marks_->in_block[mark] = Histogram::WrappingAdd(before, -before_block);
  }
}

bool HistogramIndex::Add(const Histogram& part) {
  if (marks_ == nullptr) return false;
  for (size_t i = 0, size = part.size(); i < size; ++i) {
    if (part.entry(i).count < 0) return false;
  }
  const auto add = [](int64_t& to, int64_t count) {
    to = Histogram::WrappingAdd(to, count);
  };
  for (size_t i = 0, size = part.size(); i < size; ++i) {
    const Histogram::Entry entry = part.entry(i);
    const size_t mark = static_cast<size_t>(entry.bin / kEvery);
    const size_t block = mark / kOfBlock;
    const size_t end = std::min((block + 1) * kOfBlock, kMarks);
    for (size_t m = mark + 1; m < end; ++m) {
      add(marks_->in_block[m], entry.count);
    }
    for (size_t b = block + 1; b < kBlocks; ++b) {
      add(marks_->before_block[b], entry.count);
    }
  }
  return true;
}

bool HistogramIndex::MergeInto(DurationAccumulator& to,
                               const DurationAccumulator& part) {
  Histogram& histogram = to.histogram_;
  const Histogram& added = part.histogram();
  // Many bins are merged in one pass.
  if (marks_ == nullptr || added.size() > histogram.size() / 32) return false;
  for (size_t i = 0, size = added.size(); i < size; ++i) {
    if (added.entry(i).count < 0) return false;
  }
  to.sum_ += part.sum_;
  to.added_.Include(part.added_);
  to.retracted_.Include(part.retracted_);
  for (size_t i = 0, size = added.size(); i < size; ++i) {
    const Histogram::Entry entry = added.entry(i);
    // None of its bins has gone since the index was made.
    const size_t mark = static_cast<size_t>(entry.bin / kEvery);
    const size_t end = (mark + 1 < kMarks ? marks_->at[mark + 1] : size_) +
                       (histogram.size() - size_);
    histogram.AddAt(histogram.FindIn(entry.bin, marks_->at[mark], end),
                    entry.bin, entry.count);
  }
  Add(added);
  return true;
}

void HistogramIndex::PrefetchMarks(int bin) const {
  if (marks_ == nullptr) return;
  const size_t mark = static_cast<size_t>(bin / kEvery);
  PrefetchLine(&marks_->before_block[mark / kOfBlock]);
  PrefetchLine(&marks_->in_block[mark]);
  PrefetchLine(&marks_->at[mark]);
}

void HistogramIndex::PrefetchBins(const Histogram& histogram, int bin) const {
  if (marks_ == nullptr) return;
  const size_t mark = static_cast<size_t>(bin / kEvery);
  const size_t end = std::min(mark + 1 < kMarks ? marks_->at[mark + 1] : size_,
                              histogram.entries_.size());
  constexpr size_t kOfLine = 64 / sizeof(Histogram::Packed);
  for (size_t at = marks_->at[mark]; at < end; at += kOfLine) {
    PrefetchLine(histogram.entries_.data() + at);
  }
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

// Of `mark`, from one that is not behind it.
DurationUnion::Start DurationUnion::StartOf(size_t mark,
                                            const Start& from) const {
  const int bin = static_cast<int>(mark) * HistogramIndex::kEvery;
  int64_t added =
      Histogram::WrappingAdd(from.before, -index_->Before(from.mark));
  Start start{.mark = mark, .beside = from.beside};
  for (; start.beside < beside_.size() && beside_[start.beside].bin < bin;
       ++start.beside) {
    added = Histogram::WrappingAdd(added, beside_[start.beside].count);
  }
  start.before = Histogram::WrappingAdd(index_->Before(mark), added);
  return start;
}

DurationUnion::Start DurationUnion::FindStart(int64_t rank,
                                              int64_t near_us) const {
  constexpr size_t kMarks = HistogramIndex::kMarks;
  // Nothing is before the first one, and sums grow from mark to mark.
  Start low;
  size_t high = kMarks;
  if (near_us >= 0) {
    const size_t guess =
        static_cast<size_t>(Histogram::BinOf(near_us)) / HistogramIndex::kEvery;
    const Start start = StartOf(guess, low);
    if (start.before >= rank) {
      high = guess;
    } else {
      low = start;
      if (guess + 1 == kMarks || StartOf(guess + 1, low).before >= rank) {
        return low;
      }
    }
  }
  while (high - low.mark > 1) {
    const size_t middle = low.mark + (high - low.mark) / 2;
    const Start start = StartOf(middle, low);
    if (start.before >= rank) {
      high = middle;
    } else {
      low = start;
    }
  }
  return low;
}

int DurationUnion::FindBin(int64_t rank, const Start& start,
                           size_t from) const {
  int64_t cumulative = start.before;
  int found = -1;
  if (largest_ == nullptr) return found;
  const Histogram::Packed* at = largest_->entries_.data() + from;
  const Histogram::Packed* const end =
      largest_->entries_.data() + largest_->entries_.size();
  for (size_t b = start.beside;; ++b) {
    // Those of the largest part that come before the next one beside.
    const bool more = b < beside_.size();
    const Histogram::Packed next =
        more ? Histogram::Pack(beside_[b].bin, 0) : ~Histogram::Packed{0};
    for (; at != end && *at < next; ++at) {
      found = Histogram::BinOfPacked(*at);
      cumulative =
          Histogram::WrappingAdd(cumulative, Histogram::CountOfPacked(*at));
      if (cumulative >= rank) return found;
    }
    if (!more) return found;
    int64_t count = beside_[b].count;
    if (at != end && Histogram::BinOfPacked(*at) == beside_[b].bin) {
      count = Histogram::WrappingAdd(count, Histogram::CountOfPacked(*at++));
      if (count == 0) continue;
    }
    found = beside_[b].bin;
    cumulative = Histogram::WrappingAdd(cumulative, count);
    if (cumulative >= rank) return found;
  }
}

int64_t DurationUnion::Bins::Quantile(int64_t numerator,
                                      int64_t denominator) const {
  const int64_t rank = Histogram::RankOf(of.count_, numerator, denominator);
  of.Arrange();
  int found = -1;
  if (of.shape_ == Shape::kBeside) {
    Start start;
    size_t from = 0;
    if (of.index_ != nullptr && of.index_->marks_ != nullptr) {
      const HistogramIndex& index = *of.index_;
      start = of.FindStart(rank, near_us);
      // None of its bins has gone since the index was made, and few have come.
      from = of.largest_->FindFrom(
          static_cast<int>(start.mark) * HistogramIndex::kEvery,
          index.marks_->at[start.mark], of.largest_->size() - index.size_);
    }
    found = of.FindBin(rank, start, from);
  } else {
    int64_t cumulative = 0;
    of.ForEachBin([&](const Histogram::Entry& entry) {
      cumulative = Histogram::WrappingAdd(cumulative, entry.count);
      found = entry.bin;
      return cumulative < rank;
    });
  }
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

int64_t DurationUnion::Quantile(int64_t numerator, int64_t denominator,
                                int64_t near_us) {
  Bins bins{*this, near_us};
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
  // The bins are written down in order: with those that are there already or,
  // where these are many more, by themselves, to be merged with them.
  const Dense& dense = dense_.front();
  const auto bins = [&dense] {
    size_t size = 0;
    for (const uint64_t word : dense.used) {
      size += static_cast<size_t>(std::popcount(word));
    }
    return size;
  };
  const auto write = [this](size_t size, Histogram& histogram) {
    histogram.total_ = Histogram::WrappingAdd(histogram.total_, count_);
    histogram.entries_.clear();
    histogram.entries_.reserve(size);
    ForEachBin([&](const Histogram::Entry& entry) {
      const Histogram::Packed packed = Histogram::Pack(entry.bin, entry.count);
      if (Histogram::CountOfPacked(packed) != 0) {
        histogram.entries_.push_back(packed);
      }
      return true;
    });
  };
  const size_t size = bins();
  if (size < to.histogram_.size() / 2) {
    Histogram sum;
    write(size, sum);
    to.histogram_.Merge(sum);
  } else {
    AddDense(to.histogram_);
    write(bins(), to.histogram_);
  }
  // The array holds what was in `to` besides.
  Clear();
}

}  // namespace cckpi
