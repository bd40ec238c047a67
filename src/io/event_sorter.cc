#include "cckpi/io/event_sorter.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/status_macros.h"
#include "src/io/event_record.h"
#include "src/io/spill_file.h"

namespace cckpi {
namespace {

// Beyond so many ordered pieces a plain sort is cheaper than merging them.
constexpr size_t kMostPieces = 64;
constexpr size_t kMostBlockBytes = size_t{1} << 20;
constexpr size_t kLeastReadBytes = size_t{4} << 10;

// A record in memory with the greater part of its key beside it.
struct Entry {
  int64_t at_us;
  const char* record;
};

// Compares records of equal instants by everything else.
class RecordOrder {
 public:
  bool operator()(const Entry& a, const Entry& b) {
    if (a.at_us != b.at_us) return a.at_us < b.at_us;
    return TieBefore(a.record, b.record);
  }

 private:
  bool TieBefore(const char* a, const char* b) {
    uint8_t kind_a = EventRecord::Kind(a);
    uint8_t kind_b = EventRecord::Kind(b);
    if (kind_a != kind_b) return kind_a < kind_b;
    arena_.Clear();
    int64_t row_a = 0;
    int64_t row_b = 0;
    uint32_t source_a = 0;
    uint32_t source_b = 0;
    Event event_a = EventRecord::Decode(a, &arena_, &row_a, &source_a);
    Event event_b = EventRecord::Decode(b, &arena_, &row_b, &source_b);
    if (auto order = CompareEvents(event_a, event_b); order != 0) {
      return order < 0;
    }
    if (source_a != source_b) return source_a < source_b;
    return row_a < row_b;
  }

  TextArena arena_;  // of the lists of the two events at hand
};

// The entries of one run, sorted.
class SortBuffer {
 public:
  explicit SortBuffer(size_t block_bytes) : block_bytes_(block_bytes) {}

  void Add(int64_t at_us, std::string_view record, RecordOrder* order) {
    if (blocks_.empty() || used_ + record.size() > blocks_.back().size) {
      size_t size = std::max(block_bytes_, record.size());
      blocks_.push_back({std::make_unique<char[]>(size), size});
      bytes_ += size;
      used_ = 0;
    }
    char* copy = blocks_.back().bytes.get() + used_;
    std::memcpy(copy, record.data(), record.size());
    used_ += record.size();
    Entry entry{at_us, copy};
    if (!entries_.empty() && pieces_.size() < kMostPieces &&
        (*order)(entry, entries_.back())) {
      pieces_.push_back(entries_.size());
    }
    entries_.push_back(entry);
  }

  size_t bytes() const { return bytes_ + entries_.size() * sizeof(Entry); }
  const std::vector<Entry>& entries() const { return entries_; }

  void Sort(RecordOrder* order) {
    auto before = [order](const Entry& a, const Entry& b) {
      return (*order)(a, b);
    };
    if (pieces_.size() >= kMostPieces) {
      std::sort(entries_.begin(), entries_.end(), before);
      return;
    }
    // Merges neighbouring pieces until one is left.
    std::vector<size_t> bounds = {0};
    bounds.insert(bounds.end(), pieces_.begin(), pieces_.end());
    bounds.push_back(entries_.size());
    auto at = [this](size_t index) {
      return entries_.begin() + static_cast<std::ptrdiff_t>(index);
    };
    while (bounds.size() > 2) {
      std::vector<size_t> merged = {0};
      for (size_t i = 0; i + 1 < bounds.size(); i += 2) {
        size_t end = bounds[std::min(i + 2, bounds.size() - 1)];
        if (end != bounds[i + 1]) {
          std::inplace_merge(at(bounds[i]), at(bounds[i + 1]), at(end), before);
        }
        merged.push_back(end);
      }
      bounds = std::move(merged);
    }
  }

  void Clear() {
    blocks_.clear();
    entries_.clear();
    pieces_.clear();
    bytes_ = 0;
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  size_t block_bytes_;
  std::vector<Block> blocks_;
  size_t used_ = 0;  // of the last block
  size_t bytes_ = 0;
  std::vector<Entry> entries_;
  std::vector<size_t> pieces_;  // where ordered pieces begin, but the first
};

// A sorted run in the file, read in order through a small buffer.
class RunReader {
 public:
  RunReader(int64_t begin, int64_t end, size_t buffer_bytes)
      : next_(begin), end_(end), buffer_bytes_(buffer_bytes) {}

  // Null at the end of the run; lives until the next call.
  absl::StatusOr<const char*> Next(const SpillFile& file) {
    if (used_ == have_ && next_ == end_) return nullptr;
    CCKPI_RETURN_IF_ERROR(Want(EventRecord::kLengthBytes, file));
    uint32_t length;
    std::memcpy(&length, buffer_.data() + used_, sizeof(length));
    size_t size = EventRecord::kLengthBytes + length;
    CCKPI_RETURN_IF_ERROR(Want(size, file));
    const char* record = buffer_.data() + used_;
    used_ += size;
    return record;
  }

 private:
  absl::Status Want(size_t size, const SpillFile& file) {
    if (have_ - used_ >= size) return absl::OkStatus();
    if (used_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + used_, have_ - used_);
    }
    have_ -= used_;
    used_ = 0;
    buffer_.resize(std::max({buffer_.size(), buffer_bytes_, size}));
    auto count = static_cast<size_t>(std::min<int64_t>(
        end_ - next_, static_cast<int64_t>(buffer_.size() - have_)));
    if (have_ + count < size) {
      return absl::DataLossError("temporary file is damaged");
    }
    CCKPI_RETURN_IF_ERROR(file.ReadAt(next_, buffer_.data() + have_, count));
    have_ += count;
    next_ += static_cast<int64_t>(count);
    return absl::OkStatus();
  }

  int64_t next_;  // of the file
  int64_t end_;
  size_t buffer_bytes_;
  std::vector<char> buffer_;
  size_t used_ = 0;
  size_t have_ = 0;
};

// What is sorted in itself: entries in memory or a run in a file.
class SortedRun {
 public:
  explicit SortedRun(const std::vector<Entry>* entries) : entries_(entries) {}
  SortedRun(const SpillFile* file, RunReader reader)
      : file_(file), reader_(std::move(reader)) {}

  // Null at the end; lives until the next call.
  absl::StatusOr<const char*> Next() {
    if (entries_ == nullptr) return reader_->Next(*file_);
    if (next_ == entries_->size()) return nullptr;
    return (*entries_)[next_++].record;
  }

 private:
  const std::vector<Entry>* entries_ = nullptr;
  size_t next_ = 0;
  const SpillFile* file_ = nullptr;
  std::optional<RunReader> reader_;
};

}  // namespace

class EventSorter::Impl {
 public:
  explicit Impl(SortOptions options)
      : options_(std::move(options)),
        buffer_(std::clamp<size_t>(options_.memory_bytes / 8, 256,
                                   kMostBlockBytes)) {}

  absl::Status Add(const Event& event, int64_t row, uint32_t source,
                   uint32_t key) {
    if (finished_) {
      return absl::FailedPreconditionError("the sorter has been finished");
    }
    record_.clear();
    EventRecord::Append(event, row, source, key, &record_);
    if (!buffer_.entries().empty() &&
        buffer_.bytes() + record_.size() > options_.memory_bytes) {
      CCKPI_RETURN_IF_ERROR(Spill());
    }
    buffer_.Add(event.at_us, record_, &order_);
    ++event_count_;
    return absl::OkStatus();
  }

  absl::Status Finish() {
    if (finished_) {
      return absl::FailedPreconditionError("the sorter has been finished");
    }
    finished_ = true;
    if (file_ == nullptr) {
      buffer_.Sort(&order_);
      return absl::OkStatus();
    }
    return buffer_.entries().empty() ? absl::OkStatus() : Spill();
  }

  bool finished() const { return finished_; }
  const SortOptions& options() const { return options_; }
  int64_t event_count() const { return event_count_; }
  size_t spilled_runs() const { return run_ends_.size(); }

  // Of EventSorter::Next.
  std::optional<SortedEvents>& own() { return own_; }

  void AddRuns(size_t read_bytes, std::vector<SortedRun>* runs) const {
    if (file_ == nullptr) {
      runs->emplace_back(&buffer_.entries());
      return;
    }
    int64_t begin = 0;
    for (int64_t end : run_ends_) {
      runs->emplace_back(file_.get(), RunReader(begin, end, read_bytes));
      begin = end;
    }
  }

 private:
  absl::Status Spill() {
    if (file_ == nullptr) {
      CCKPI_ASSIGN_OR_RETURN(file_, SpillFile::Create(options_.directory));
    }
    buffer_.Sort(&order_);
    std::string chunk;
    for (const Entry& entry : buffer_.entries()) {
      chunk += EventRecord::At(entry.record);
      if (chunk.size() >= kMostBlockBytes / 2) {
        CCKPI_RETURN_IF_ERROR(file_->Append(chunk));
        chunk.clear();
      }
    }
    CCKPI_RETURN_IF_ERROR(file_->Append(chunk));
    run_ends_.push_back(file_->size());
    buffer_.Clear();
    return absl::OkStatus();
  }

  SortOptions options_;
  RecordOrder order_;
  SortBuffer buffer_;
  std::string record_;
  int64_t event_count_ = 0;
  bool finished_ = false;
  std::unique_ptr<SpillFile> file_;
  std::vector<int64_t> run_ends_;
  std::optional<SortedEvents> own_;
};

class SortedEvents::Impl {
 public:
  explicit Impl(std::function<bool(uint32_t)> wanted)
      : wanted_(std::move(wanted)) {}

  absl::Status Start(std::vector<SortedRun> runs) {
    runs_ = std::move(runs);
    for (size_t i = 0; i < runs_.size(); ++i) {
      CCKPI_ASSIGN_OR_RETURN(const char* record, NextWanted(i));
      if (record != nullptr) {
        heads_.push_back({{EventRecord::AtMicros(record), record}, i});
      }
    }
    // Heaps have their greatest on top, a merge wants the least.
    std::make_heap(heads_.begin(), heads_.end(),
                   [this](const Head& a, const Head& b) {
                     return order_(b.entry, a.entry);
                   });
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(EventBatch* batch, size_t max_events) {
    batch->Clear();
    max_events = std::max<size_t>(max_events, 1);
    while (!heads_.empty() && batch->events.size() < max_events) {
      Take(heads_.front().entry.record, batch);
      CCKPI_ASSIGN_OR_RETURN(const char* record,
                             NextWanted(heads_.front().run));
      if (record != nullptr) {
        heads_.front().entry = {EventRecord::AtMicros(record), record};
      } else {
        heads_.front() = heads_.back();
        heads_.pop_back();
      }
      SinkFront();
    }
    return !batch->empty();
  }

 private:
  struct Head {
    Entry entry;
    size_t run;
  };

  // Null at the end of the run. What is not wanted never enters the heap, so
  // only what is taken is compared.
  absl::StatusOr<const char*> NextWanted(size_t run) {
    while (true) {
      CCKPI_ASSIGN_OR_RETURN(const char* record, runs_[run].Next());
      if (record == nullptr || wanted_ == nullptr ||
          wanted_(EventRecord::Key(record))) {
        return record;
      }
    }
  }

  void Take(const char* record, EventBatch* batch) {
    std::string_view copy = batch->text.Copy(EventRecord::At(record));
    int64_t row = 0;
    uint32_t source = 0;
    batch->events.push_back(
        EventRecord::Decode(copy.data(), &batch->text, &row, &source));
    batch->rows.push_back(row);
    batch->sources.push_back(source);
  }

  // Puts the front where it belongs. In ordered pieces it mostly stays.
  void SinkFront() {
    size_t at = 0;
    while (true) {
      size_t child = 2 * at + 1;
      if (child >= heads_.size()) return;
      if (child + 1 < heads_.size() &&
          order_(heads_[child + 1].entry, heads_[child].entry)) {
        ++child;
      }
      if (!order_(heads_[child].entry, heads_[at].entry)) return;
      std::swap(heads_[at], heads_[child]);
      at = child;
    }
  }

  std::function<bool(uint32_t)> wanted_;
  RecordOrder order_;
  std::vector<SortedRun> runs_;
  std::vector<Head> heads_;  // a heap
};

EventSorter::EventSorter(SortOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
EventSorter::~EventSorter() = default;

absl::Status EventSorter::Add(const Event& event, int64_t row, uint32_t source,
                              uint32_t key) {
  return impl_->Add(event, row, source, key);
}

absl::Status EventSorter::Finish() { return impl_->Finish(); }

absl::StatusOr<bool> EventSorter::Next(EventBatch* batch, size_t max_events) {
  std::optional<SortedEvents>& own = impl_->own();
  if (!own.has_value()) {
    const EventSorter* sorters[] = {this};
    CCKPI_ASSIGN_OR_RETURN(
        own, SortedEvents::Merge(
                 sorters, {.wanted = nullptr,
                           .memory_bytes = impl_->options().memory_bytes}));
  }
  return own->Next(batch, max_events);
}

int64_t EventSorter::event_count() const { return impl_->event_count(); }
int EventSorter::spilled_runs() const {
  return static_cast<int>(impl_->spilled_runs());
}

SortedEvents::SortedEvents(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
SortedEvents::~SortedEvents() = default;
SortedEvents::SortedEvents(SortedEvents&&) noexcept = default;
SortedEvents& SortedEvents::operator=(SortedEvents&&) noexcept = default;

absl::StatusOr<SortedEvents> SortedEvents::Merge(
    std::span<const EventSorter* const> sorters, MergeOptions options) {
  size_t spilled = 0;
  for (const EventSorter* sorter : sorters) {
    if (!sorter->impl_->finished()) {
      return absl::FailedPreconditionError("the sorter is not finished");
    }
    spilled += sorter->impl_->spilled_runs();
  }
  const size_t read_bytes =
      std::clamp(options.memory_bytes / std::max<size_t>(spilled, 1),
                 kLeastReadBytes, kMostBlockBytes);
  std::vector<SortedRun> runs;
  for (const EventSorter* sorter : sorters) {
    sorter->impl_->AddRuns(read_bytes, &runs);
  }
  auto impl = std::make_unique<Impl>(std::move(options.wanted));
  CCKPI_RETURN_IF_ERROR(impl->Start(std::move(runs)));
  return SortedEvents(std::move(impl));
}

absl::StatusOr<bool> SortedEvents::Next(EventBatch* batch, size_t max_events) {
  return impl_->Next(batch, max_events);
}

}  // namespace cckpi
