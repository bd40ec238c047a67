#include "src/engine/snapshot_tables.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"

namespace cckpi {
namespace {

std::vector<uint32_t> Marked(const std::vector<char>& marks) {
  std::vector<uint32_t> ids;
  for (size_t id = 1; id < marks.size(); ++id) {
    if (marks[id] != 0) ids.push_back(static_cast<uint32_t>(id));
  }
  return ids;
}

// The texts of keys, side by side: those of numbers have to be made.
class KeyTexts {
 public:
  // `ids` ascend.
  KeyTexts(const KeyDictionary& keys, const std::vector<uint32_t>& ids)
      : places_(ids.empty() ? 1 : ids.back() + size_t{1}) {
    for (uint32_t id : ids) {
      const KeyText text = keys.Text(id);
      places_[id] = {texts_.size(), text.view().size()};
      texts_ += text.view();
    }
  }
  std::string_view operator()(uint32_t id) const {
    return std::string_view(texts_).substr(places_[id].first,
                                           places_[id].second);
  }

 private:
  std::string texts_;
  std::vector<std::pair<size_t, size_t>> places_;  // by id: begin and size
};

// Sorts by text. Names are many and much alike ("chat-1000017"), so what all
// have in common is passed over, and the next eight bytes decide mostly.
template <typename TextOf>
void SortByText(std::vector<uint32_t>& ids, const TextOf& text_of) {
  if (ids.size() < 2) return;
  const std::string_view first = text_of(ids.front());
  size_t common = first.size();
  for (uint32_t id : ids) {
    const std::string_view text = text_of(id);
    common = std::min(common, text.size());
    common = static_cast<size_t>(
        std::mismatch(first.begin(),
                      first.begin() + static_cast<ptrdiff_t>(common),
                      text.begin())
            .first -
        first.begin());
  }
  struct Key {
    uint64_t head;
    uint32_t id;
  };
  std::vector<Key> keys;
  keys.reserve(ids.size());
  for (uint32_t id : ids) {
    const std::string_view rest = text_of(id).substr(common);
    uint64_t head = 0;
    for (size_t i = 0; i < 8; ++i) {
      head = head << 8 | (i < rest.size() ? static_cast<uint8_t>(rest[i]) : 0);
    }
    keys.push_back({head, id});
  }
  // Numbered names come in long runs that are in order, which std::sort does
  // not take for what they are.
  std::stable_sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    return a.head != b.head ? a.head < b.head : text_of(a.id) < text_of(b.id);
  });
  for (size_t k = 0; k < keys.size(); ++k) ids[k] = keys[k].id;
}

// The place of each id, from the ids in order; place 0 is none.
std::vector<uint32_t> Places(const std::vector<uint32_t>& ids, size_t bound) {
  std::vector<uint32_t> places(std::max<size_t>(bound, 1), 0);
  for (size_t p = 0; p < ids.size(); ++p) {
    places[ids[p]] = static_cast<uint32_t>(p + 1);
  }
  return places;
}

template <typename TextOf>
std::string WriteTexts(const std::vector<uint32_t>& ids,
                       const TextOf& text_of) {
  ByteWriter writer;
  writer.U64(ids.size());
  for (uint32_t id : ids) writer.Text(text_of(id));
  return writer.Take();
}

template <typename Id>
std::vector<Id> WithNone(const std::vector<uint32_t>& ids) {
  std::vector<Id> result(1);
  result.reserve(ids.size() + 1);
  for (uint32_t id : ids) result.push_back(static_cast<Id>(id));
  return result;
}

// `mark` what the values of combinations and groups are made of.
void MarkTexts(const Combination& values, std::vector<char>& texts) {
  for (TextId value : values) {
    if (value >= texts.size()) texts.resize(value + 1, 0);
    texts[value] = 1;
  }
}

}  // namespace

SnapshotTables MakeTables(IdLists<char> marks, const Names& names,
                          const DimensionTable& dimensions,
                          const ScheduleTable& schedules,
                          BySection<std::string>* sections) {
  SnapshotTables tables;
  std::vector<uint32_t> combinations = Marked(marks.combinations);
  for (uint32_t id : combinations) {
    MarkTexts(dimensions.Values(static_cast<DimensionsId>(id)), marks.texts);
  }
  // Groups have no none: number 0 is one like any other.
  std::vector<uint32_t> groups;
  for (size_t id = 0; id < marks.groups.size(); ++id) {
    if (marks.groups[id] == 0) continue;
    groups.push_back(static_cast<uint32_t>(id));
    MarkTexts(dimensions.GroupValues(static_cast<GroupId>(id)), marks.texts);
  }

  auto text_of = [&](uint32_t id) { return names.texts.Text(id); };
  std::vector<uint32_t> texts = Marked(marks.texts);
  SortByText(texts, text_of);
  tables.places.texts = Places(texts, marks.texts.size());
  tables.ids.texts = WithNone<TextId>(texts);
  (*sections)[Section::kTexts] = WriteTexts(texts, text_of);

  auto placed = [&](const Combination& values) {
    Combination result = values;
    for (TextId& value : result) value = tables.places.texts[value];
    return result;
  };
  {
    std::vector<std::pair<Combination, uint32_t>> sorted;
    for (uint32_t id : combinations) {
      sorted.emplace_back(
          placed(dimensions.Values(static_cast<DimensionsId>(id))), id);
    }
    std::sort(sorted.begin(), sorted.end());
    ByteWriter writer;
    writer.U64(sorted.size());
    for (size_t p = 0; p < sorted.size(); ++p) {
      combinations[p] = sorted[p].second;
      for (TextId value : sorted[p].first) writer.U32(value);
    }
    tables.places.combinations =
        Places(combinations, marks.combinations.size());
    tables.ids.combinations = WithNone<DimensionsId>(combinations);
    (*sections)[Section::kCombinations] = writer.Take();
  }
  {
    std::vector<std::pair<std::pair<size_t, Combination>, uint32_t>> sorted;
    for (uint32_t id : groups) {
      const GroupId group = static_cast<GroupId>(id);
      sorted.push_back({{dimensions.GroupingOf(group),
                         placed(dimensions.GroupValues(group))},
                        id});
    }
    std::sort(sorted.begin(), sorted.end());
    ByteWriter writer;
    writer.U64(sorted.size());
    tables.places.groups.assign(marks.groups.size(), 0);
    for (size_t p = 0; p < sorted.size(); ++p) {
      const auto& [key, id] = sorted[p];
      tables.places.groups[id] = static_cast<uint32_t>(p);
      tables.ids.groups.push_back(static_cast<GroupId>(id));
      writer.U32(static_cast<uint32_t>(key.first));
      for (TextId value : key.second) writer.U32(value);
    }
    (*sections)[Section::kGroups] = writer.Take();
  }
  {
    std::vector<std::pair<std::vector<size_t>, uint32_t>> sorted;
    for (uint32_t id : Marked(marks.schedules)) {
      sorted.emplace_back(schedules.RulesOf(static_cast<uint16_t>(id)), id);
    }
    std::sort(sorted.begin(), sorted.end());
    ByteWriter writer;
    writer.U64(sorted.size());
    tables.places.schedules.assign(std::max<size_t>(marks.schedules.size(), 1),
                                   0);
    tables.ids.schedules.push_back(0);
    for (size_t p = 0; p < sorted.size(); ++p) {
      const auto& [rules, id] = sorted[p];
      tables.places.schedules[id] = static_cast<uint32_t>(p + 1);
      tables.ids.schedules.push_back(static_cast<uint16_t>(id));
      writer.U32(static_cast<uint32_t>(rules.size()));
      for (size_t rule : rules) writer.U32(static_cast<uint32_t>(rule));
    }
    (*sections)[Section::kSchedules] = writer.Take();
  }
  {
    std::vector<uint32_t> ids = Marked(marks.interactions);
    const KeyTexts name_of(names.interactions, ids);
    SortByText(ids, name_of);
    tables.places.interactions = Places(ids, marks.interactions.size());
    tables.ids.interactions = WithNone<InteractionId>(ids);
    (*sections)[Section::kInteractionNames] = WriteTexts(ids, name_of);
  }
  {
    std::vector<uint32_t> ids = Marked(marks.customers);
    const KeyTexts name_of(names.customers, ids);
    SortByText(ids, name_of);
    tables.places.customers = Places(ids, marks.customers.size());
    tables.ids.customers = WithNone<CustomerId>(ids);
    (*sections)[Section::kCustomerNames] = WriteTexts(ids, name_of);
  }
  return tables;
}

absl::Status InSection(Section section, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("snapshot: its section ", std::string(SectionName(section)),
                   " ", std::string(status.message())));
}

absl::StatusOr<std::vector<std::string_view>> ReadNames(std::string_view bytes,
                                                        Section section) {
  ByteReader reader(bytes);
  const size_t count = reader.Count(5);
  std::vector<std::string_view> names;
  names.reserve(count);
  for (size_t n = 0; n < count && reader.ok(); ++n) {
    const std::string_view name = reader.Text();
    if (name.empty() || (n > 0 && name <= names.back())) {
      reader.Fail("has texts out of order");
    }
    names.push_back(name);
  }
  CCKPI_RETURN_IF_ERROR(InSection(section, reader.Finish()));
  return names;
}

absl::StatusOr<IdTables> ReadTables(const BySection<std::string_view>& sections,
                                    Names& names, DimensionTable& dimensions,
                                    ScheduleTable& schedules) {
  IdTables tables;
  tables.texts.push_back(0);
  CCKPI_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                         ReadNames(sections[Section::kTexts], Section::kTexts));
  for (std::string_view text : texts) {
    tables.texts.push_back(names.texts.Intern(text));
  }
  const size_t slots = dimensions.Values(DimensionsId::kNone).size();
  auto read_values = [&](IdReader& reader, size_t size) {
    Combination values(size);
    for (TextId& value : values) {
      const uint32_t place = reader.U32();
      if (place >= tables.texts.size()) {
        reader.Fail("names a text that there is not");
        return values;
      }
      value = place;  // compared first
    }
    return values;
  };
  auto to_ids = [&](Combination& values) {
    for (TextId& value : values) value = tables.texts[value];
  };
  {
    IdReader reader(sections[Section::kCombinations], &tables);
    const size_t count = reader.Count(4 * slots);
    tables.combinations.push_back(DimensionsId::kNone);
    Combination last(slots, 0);
    for (size_t n = 0; n < count && reader.ok(); ++n) {
      Combination values = read_values(reader, slots);
      if (!reader.ok()) break;
      if (values <= last) {
        reader.Fail("has combinations out of order");
        break;
      }
      last = values;
      to_ids(values);
      tables.combinations.push_back(dimensions.Intern(values));
    }
    CCKPI_RETURN_IF_ERROR(InSection(Section::kCombinations, reader.Finish()));
  }
  {
    IdReader reader(sections[Section::kGroups], &tables);
    const size_t count = reader.Count(4);
    std::pair<size_t, Combination> last;
    for (size_t n = 0; n < count && reader.ok(); ++n) {
      const size_t grouping = reader.U32();
      if (grouping >= dimensions.groupings()) {
        reader.Fail("names a grouping that there is not");
        break;
      }
      Combination values =
          read_values(reader, dimensions.grouping(grouping).size());
      if (!reader.ok()) break;
      std::pair<size_t, Combination> key(grouping, values);
      if (n > 0 && key <= last) {
        reader.Fail("has groups out of order");
        break;
      }
      last = std::move(key);
      to_ids(values);
      tables.groups.push_back(dimensions.InternGroup(grouping, values));
    }
    CCKPI_RETURN_IF_ERROR(InSection(Section::kGroups, reader.Finish()));
  }
  {
    IdReader reader(sections[Section::kSchedules], &tables);
    const size_t count = reader.Count(4);
    tables.schedules.push_back(0);
    if (count > 0xFFFF) reader.Fail("has too many schedules");
    std::vector<size_t> last;
    for (size_t n = 0; n < count && reader.ok(); ++n) {
      const uint32_t size = reader.U32();
      if (size == 0 || size > schedules.rules() || size > reader.left() / 4) {
        reader.Fail("has a schedule of unknown rules");
        break;
      }
      std::vector<size_t> rules;
      for (uint32_t r = 0; r < size; ++r) {
        rules.push_back(reader.U32());
        if (rules.back() >= schedules.rules() ||
            (r > 0 && rules[r] <= rules[r - 1])) {
          reader.Fail("has a schedule of unknown rules");
        }
      }
      if (!reader.ok()) break;
      if (!schedules.MatchTogether(rules)) {
        reader.Fail("has a schedule of rules that do not match together");
        break;
      }
      if (rules <= last) {
        reader.Fail("has schedules out of order");
        break;
      }
      last = rules;
      tables.schedules.push_back(schedules.OfRules(std::move(rules)));
    }
    CCKPI_RETURN_IF_ERROR(InSection(Section::kSchedules, reader.Finish()));
  }
  CCKPI_ASSIGN_OR_RETURN(const std::vector<std::string_view> interactions,
                         ReadNames(sections[Section::kInteractionNames],
                                   Section::kInteractionNames));
  CCKPI_ASSIGN_OR_RETURN(
      const std::vector<std::string_view> customers,
      ReadNames(sections[Section::kCustomerNames], Section::kCustomerNames));
  tables.interactions.assign(1, InteractionId::kNone);
  tables.interactions.reserve(interactions.size() + 1);
  for (std::string_view name : interactions) {
    tables.interactions.push_back(
        static_cast<InteractionId>(names.interactions.Acquire(name)));
  }
  tables.customers.assign(1, CustomerId::kNone);
  tables.customers.reserve(customers.size() + 1);
  for (std::string_view name : customers) {
    tables.customers.push_back(
        static_cast<CustomerId>(names.customers.Acquire(name)));
  }
  return tables;
}

}  // namespace cckpi
