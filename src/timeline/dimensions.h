// DimensionTable: combinations of dimension values, and the groups they are in.
//
// A DimensionsId stands for one combination (channel, source, team, agent,
// priority, tags). For each configured grouping the table knows the group of a
// combination, so that booking a value is a look-up in an array. A table made
// over a base adds to it without changing it; numbers of the base stay valid.

#ifndef CCKPI_SRC_TIMELINE_DIMENSIONS_H_
#define CCKPI_SRC_TIMELINE_DIMENSIONS_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "cckpi/base/hash_map.h"
#include "cckpi/base/prefetch.h"
#include "src/timeline/fact.h"

namespace cckpi {

enum class DimensionsId : uint32_t { kNone = 0 };
enum class GroupId : uint32_t {};

// The positions in a combination; tags follow.
enum DimensionSlot : uint8_t {
  kSlotChannel = 0,
  kSlotSource = 1,
  kSlotTeam = 2,
  kSlotAgent = 3,
  kSlotPriority = 4,
  kSlotTags = 5,
};

using Combination = std::vector<TextId>;  // by slot

class DimensionTable {
 public:
  // `groupings[s]` lists the slots of grouping s; `slots` is the length of a
  // combination. Slots in no grouping are not told apart.
  DimensionTable(std::vector<std::vector<uint8_t>> groupings, size_t slots);
  explicit DimensionTable(const DimensionTable* base);

  DimensionsId Intern(const Combination& values);
  // The combination that differs from `id` in one slot only.
  DimensionsId With(DimensionsId id, uint8_t slot, TextId value) {
    if (!tells_apart(slot) || Value(id, slot) == value) return id;
    return OtherWith(id, slot, value);
  }

  TextId Value(DimensionsId id, uint8_t slot) const {
    uint32_t index = static_cast<uint32_t>(id);
    if (index < first_combination_) return base_->Value(id, slot);
    return values_[size_t{index - first_combination_} * slots_ + slot];
  }
  const Combination& Values(DimensionsId id) const;

  // Asks the memory for what Value, Groups and With will want of a combination,
  // the last for this value; only where there is no base.
  void Prefetch(DimensionsId id, uint8_t slot, TextId value) const {
    const size_t index = static_cast<size_t>(id);
    PrefetchLine(values_.data() + index * slots_);
    PrefetchLine(combination_groups_.data() + index * groupings_);
    if (value == 0 || answers_.empty() || !tells_apart(slot)) return;
    PrefetchLine(&answers_[PlaceOfAnswer({id, slot, value})]);
  }

  size_t groupings() const { return groupings_; }
  const std::vector<uint8_t>& grouping(size_t s) const {
    return shared_->groupings[s];
  }
  bool tells_apart(uint8_t slot) const { return used_[slot] != 0; }

  GroupId Group(DimensionsId id, size_t grouping) const {
    return Groups(id)[grouping];
  }
  // The groups of the combination, by grouping; valid until the next Intern
  // or With.
  std::span<const GroupId> Groups(DimensionsId id) const {
    uint32_t index = static_cast<uint32_t>(id);
    if (index < first_combination_) return base_->Groups(id);
    return {
        combination_groups_.data() + (index - first_combination_) * groupings(),
        groupings()};
  }
  // `values` are those of the grouping's slots, in their order.
  GroupId InternGroup(size_t grouping, const Combination& values);
  size_t GroupingOf(GroupId group) const;
  // The values of the group, in the order of its grouping's slots.
  const Combination& GroupValues(GroupId group) const;

  // Numbers are dense, from 0; those of a base come first.
  size_t combination_count() const {
    return first_combination_ + combinations_.size();
  }
  size_t group_count() const { return first_group_ + groups_.size(); }

 private:
  struct Shared {
    std::vector<std::vector<uint8_t>> groupings;
    std::vector<uint8_t> used;  // by slot: 1 where some grouping has it
  };
  struct GroupEntry {
    size_t grouping;
    Combination values;
  };

  // What With has answered lately: most is asked again and again.
  struct Answer {
    DimensionsId id = DimensionsId::kNone;
    TextId value = 0;
    DimensionsId result = DimensionsId::kNone;
    uint8_t slot = 0xFF;
  };
  static constexpr size_t kAnswers = 16384;
  static constexpr size_t kAnswersOfOverlay = 1024;

  // Of `answers_`, which are not empty.
  size_t PlaceOfAnswer(
      const std::tuple<DimensionsId, uint8_t, TextId>& asked) const {
    const auto& [id, slot, value] = asked;
    const uint32_t hash =
        (static_cast<uint32_t>(id) * 0x9E3779B1u + value + slot) * 0x85EBCA6Bu;
    return (hash >> 16) & (answers_.size() - 1);
  }

  // With, of one that has another value there.
  DimensionsId OtherWith(DimensionsId id, uint8_t slot, TextId value);
  DimensionsId FindWith(DimensionsId id, uint8_t slot, TextId value);
  DimensionsId FindCombination(const Combination& values) const;

  const DimensionTable* base_ = nullptr;
  std::shared_ptr<const Shared> shared_;
  const uint8_t* used_ = nullptr;  // of shared_, as the next
  size_t groupings_ = 0;
  size_t slots_ = 0;
  uint32_t first_combination_ = 0;  // the first number that is not the base's
  uint32_t first_group_ = 0;
  std::vector<Combination> combinations_;
  std::vector<TextId> values_;               // slots_ per combination
  std::vector<GroupId> combination_groups_;  // groupings() per combination
  std::vector<GroupEntry> groups_;
  HashMap<Combination, DimensionsId> ids_;
  HashMap<std::pair<size_t, Combination>, GroupId> group_ids_;
  HashMap<std::tuple<DimensionsId, uint8_t, TextId>, DimensionsId> with_;
  std::vector<Answer> answers_;  // a power of two of them, or none yet
  Combination told_apart_;       // scratch
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_DIMENSIONS_H_
