#include "src/timeline/dimensions.h"

#include <utility>

namespace cckpi {

DimensionTable::DimensionTable(std::vector<std::vector<uint8_t>> groupings,
                               size_t slots) {
  auto shared = std::make_shared<Shared>();
  shared->used.assign(slots, 0);
  for (const auto& grouping : groupings) {
    for (uint8_t slot : grouping) shared->used[slot] = 1;
  }
  shared->groupings = std::move(groupings);
  used_ = shared->used.data();
  groupings_ = shared->groupings.size();
  shared_ = std::move(shared);
  slots_ = slots;
  Intern(Combination(slots, 0));  // DimensionsId::kNone
}

DimensionTable::DimensionTable(const DimensionTable* base)
    : base_(base),
      shared_(base->shared_),
      used_(base->used_),
      groupings_(base->groupings_),
      slots_(base->slots_),
      first_combination_(base->first_combination_ +
                         static_cast<uint32_t>(base->combinations_.size())),
      first_group_(base->first_group_ +
                   static_cast<uint32_t>(base->groups_.size())) {}

DimensionsId DimensionTable::FindCombination(const Combination& values) const {
  auto found = ids_.find(values);
  if (found != ids_.end()) return found->second;
  if (base_ != nullptr) return base_->FindCombination(values);
  return static_cast<DimensionsId>(0xFFFFFFFF);
}

DimensionsId DimensionTable::Intern(const Combination& values) {
  Combination& told_apart = told_apart_;
  told_apart = values;
  for (size_t slot = 0; slot < told_apart.size(); ++slot) {
    if (!shared_->used[slot]) told_apart[slot] = 0;
  }
  DimensionsId found = FindCombination(told_apart);
  if (found != static_cast<DimensionsId>(0xFFFFFFFF)) return found;
  DimensionsId id = static_cast<DimensionsId>(
      first_combination_ + static_cast<uint32_t>(combinations_.size()));
  for (size_t s = 0; s < groupings(); ++s) {
    Combination group;
    for (uint8_t slot : grouping(s)) group.push_back(told_apart[slot]);
    combination_groups_.push_back(InternGroup(s, group));
  }
  ids_.emplace(told_apart, id);
  combinations_.push_back(told_apart);
  values_.insert(values_.end(), told_apart.begin(), told_apart.end());
  return id;
}

DimensionsId DimensionTable::OtherWith(DimensionsId id, uint8_t slot,
                                       TextId value) {
  if (answers_.empty()) [[unlikely]] {
    answers_.resize(base_ == nullptr ? kAnswers : kAnswersOfOverlay);
  }
  Answer& answer = answers_[PlaceOfAnswer({id, slot, value})];
  if (answer.id != id || answer.value != value || answer.slot != slot)
      [[unlikely]] {
    answer = {id, value, FindWith(id, slot, value), slot};
  }
  return answer.result;
}

DimensionsId DimensionTable::FindWith(DimensionsId id, uint8_t slot,
                                      TextId value) {
  auto key = std::make_tuple(id, slot, value);
  if (base_ != nullptr) {
    if (!base_->answers_.empty()) {
      const Answer& answer = base_->answers_[base_->PlaceOfAnswer(key)];
      if (answer.id == id && answer.value == value && answer.slot == slot) {
        return answer.result;
      }
    }
    if (auto known = base_->with_.find(key); known != base_->with_.end()) {
      return known->second;
    }
  }
  if (auto known = with_.find(key); known != with_.end()) return known->second;
  Combination values = Values(id);
  values[slot] = value;
  DimensionsId result = Intern(values);
  with_.emplace(key, result);
  return result;
}

const Combination& DimensionTable::Values(DimensionsId id) const {
  uint32_t index = static_cast<uint32_t>(id);
  return index < first_combination_ ? base_->Values(id)
                                    : combinations_[index - first_combination_];
}

GroupId DimensionTable::InternGroup(size_t grouping,
                                    const Combination& values) {
  auto key = std::make_pair(grouping, values);
  for (const DimensionTable* table = this; table != nullptr;
       table = table->base_) {
    if (auto found = table->group_ids_.find(key);
        found != table->group_ids_.end()) {
      return found->second;
    }
  }
  GroupId id = static_cast<GroupId>(first_group_ +
                                    static_cast<uint32_t>(groups_.size()));
  groups_.push_back({grouping, values});
  group_ids_.emplace(std::move(key), id);
  return id;
}

size_t DimensionTable::GroupingOf(GroupId group) const {
  uint32_t index = static_cast<uint32_t>(group);
  return index < first_group_ ? base_->GroupingOf(group)
                              : groups_[index - first_group_].grouping;
}

const Combination& DimensionTable::GroupValues(GroupId group) const {
  uint32_t index = static_cast<uint32_t>(group);
  return index < first_group_ ? base_->GroupValues(group)
                              : groups_[index - first_group_].values;
}

}  // namespace cckpi
