#include "src/kpi/cell_places.h"

#include <iterator>
#include <new>

namespace cckpi {

CellPlaces::CellPlaces() : pages_(Pages::allocator_type(room_.get())) {}
CellPlaces::CellPlaces(CellPlaces&&) noexcept = default;
CellPlaces::~CellPlaces() = default;

inline uint32_t CellPlaces::Append(Page& page, GroupId group) {
  page.cells.emplace_back(group, next_);
  ++count_;
  return next_++;
}

inline void CellPlaces::Enter(Hot& hot, GroupId group, uint32_t number) {
  size_t g = static_cast<size_t>(group);
  if (g >= hot.cells.size()) {
    if (g >= groups_) groups_ = g + g / 4 + 16;
    hot.cells.resize(groups_, 0);
  }
  hot.cells[g] = number + 1;
}

uint32_t CellPlaces::Give(Hot& hot, GroupId group) {
  const uint32_t number = Append(*hot.page, group);
  Enter(hot, group, number);
  return number;
}

uint32_t CellPlaces::GiveRun(int32_t first, int32_t last, GroupId group) {
  AddRun({first, last, group, next_});
  return next_++;
}

void CellPlaces::TakeFrom(CellPlaces& other, uint32_t before,
                          absl::FunctionRef<GroupId(GroupId)> group_of) {
  for (const auto& [bucket, page] : other.pages_) {
    for (Page* part = page; part != nullptr; part = part->next) {
      for (auto& [group, cell] : part->cells) {
        group = group_of(group);
        cell += before;
      }
      part->indexed = 0;
    }
    Page** end = &pages_.try_emplace(bucket, nullptr).first->second;
    while (*end != nullptr) end = &(*end)->next;
    *end = page;
  }
  for (const Run& run : other.runs_) {
    AddRun({run.first, run.last, group_of(run.group), run.cell + before});
  }
  rooms_.push_back(std::move(other.room_));
  std::move(other.rooms_.begin(), other.rooms_.end(),
            std::back_inserter(rooms_));
  count_ += other.count_;
  several_ = true;
  next_ = before + other.next_;
}

size_t CellPlaces::CountApart() const {
  size_t count = 0;
  constexpr int32_t kNowhere = std::numeric_limits<int32_t>::min();
  std::vector<int32_t> seen_in;  // by group: the last bucket that has it
  ForEachAlone(kNowhere + 1, std::numeric_limits<int32_t>::max(),
               [&](int32_t bucket, GroupId group, uint32_t) {
                 const size_t g = static_cast<size_t>(group);
                 if (g >= seen_in.size()) {
                   seen_in.resize(g + g / 4 + 16, kNowhere);
                 }
                 if (seen_in[g] != bucket) ++count;
                 seen_in[g] = bucket;
               });
  return count;
}

size_t CellPlaces::index_bytes(size_t for_entry) const {
  size_t bytes =
      elsewhere_.size() * (sizeof(BucketGroup) + sizeof(uint32_t) + for_entry) +
      runs_.capacity() * sizeof(Run);
  for (const Hot& hot : hot_) {
    bytes += sizeof(hot) + hot.cells.capacity() * sizeof(uint32_t);
  }
  return bytes;
}

void CellPlaces::AddRun(const Run& run) {
  runs_.insert(std::upper_bound(runs_.begin(), runs_.end(), run,
                                [](const Run& a, const Run& b) {
                                  return a.first < b.first;
                                }),
               run);
  longest_run_ = std::max(longest_run_, int64_t{run.last} - run.first);
}

CellPlaces::Page& CellPlaces::PageOf(int32_t bucket) {
  if (auto known = pages_.find(bucket); known != pages_.end()) {
    return *known->second;
  }
  Page* page = new (room_->Take(sizeof(Page))) Page(room_.get());
  pages_.emplace(bucket, page);
  return *page;
}

uint32_t CellPlaces::FindElsewhere(int32_t bucket, GroupId group) {
  if (hot_.empty()) hot_.resize(kHot);
  Page& page = PageOf(bucket);
  Hot& hot = hot_[HotIndex(bucket)];
  ++hot.asked;
  if (hot.page == nullptr ||
      (!hot.used &&
       hot.asked * kPaid >= page.cells.size() + hot.cells.size() / 16)) {
    hot.page = &page;
    hot.bucket = bucket;
    hot.used = true;
    hot.asked = 0;
    hot.cells.assign(hot.cells.size(), 0);
    for (const auto& [known, cell] : page.cells) Enter(hot, known, cell);
    steps_ += page.cells.size() + hot.cells.size() / 16;
    const uint32_t known = NumberIn(hot, group);
    return known != 0 ? known - 1 : Give(hot, group);
  }
  hot.used = false;
  if (page.cells.size() <= kScanned) {
    steps_ += page.cells.size();
    for (const auto& [known, cell] : page.cells) {
      if (known == group) return cell;
    }
  } else {
    steps_ += page.cells.size() - page.indexed;
    for (; page.indexed < page.cells.size(); ++page.indexed) {
      const auto& [known, cell] = page.cells[page.indexed];
      elsewhere_.emplace(BucketGroup(bucket, known), cell);
    }
    const auto found = elsewhere_.find({bucket, group});
    if (found != elsewhere_.end()) return found->second;
  }
  return Append(page, group);
}

}  // namespace cckpi
