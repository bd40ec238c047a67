#include "src/kpi/kept_answers.h"

#include <algorithm>
#include <utility>

#include "src/base/heap_bytes.h"

namespace cckpi {
namespace {

size_t BytesOf(const SharedList<Figure>& figures) {
  return figures.list().capacity() * sizeof(Figure);
}

}  // namespace

void GroupPlaces::AddGroups(const DimensionTable& dimensions, size_t grouping,
                            const std::vector<size_t>& projection,
                            const Dictionary& texts) {
  place_of.reserve(dimensions.group_count());
  for (size_t g = place_of.size(); g < dimensions.group_count(); ++g) {
    const GroupId group = static_cast<GroupId>(g);
    if (dimensions.GroupingOf(group) != grouping) {
      place_of.push_back(kNotRead);
      continue;
    }
    const Combination& values = dimensions.GroupValues(group);
    Combination projected;
    projected.reserve(projection.size());
    for (size_t position : projection) projected.push_back(values[position]);
    const uint32_t next = static_cast<uint32_t>(labels.size());
    auto known = places.find(projected);
    if (known == places.end()) {
      // The names come last: a place without them would be none.
      RowLabels named = LabelsOf(by, projected, texts);
      if (labels.size() == labels.capacity()) {
        labels.reserve(2 * labels.size() + 16);
      }
      known = places.try_emplace(std::move(projected), next).first;
      labels.push_back(std::move(named));
    }
    place_of.push_back(kFirstPlace + known->second);
  }
}

const GroupPlaces* KeptAnswers::Places(const GroupBy& by,
                                       const DimensionTable& dimensions,
                                       size_t grouping,
                                       const std::vector<size_t>& projection,
                                       const Dictionary& texts) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto known = std::find_if(places_.begin(), places_.end(),
                            [&by](const std::unique_ptr<GroupPlaces>& places) {
                              return places->by == by;
                            });
  if (known == places_.end()) {
    if (places_.size() == kMostGroupings) return nullptr;
    auto places = std::make_unique<GroupPlaces>();
    places->by = by;
    known = places_.insert(places_.end(), std::move(places));
  }
  // Whoever comes second writes nothing: others read already.
  GroupPlaces& places = **known;
  if (places.place_of.size() < dimensions.group_count()) {
    const size_t before = places.labels.size();
    places.AddGroups(dimensions, grouping, projection, texts);
    if (places.labels.size() > before) ranks_ = nullptr;
  }
  return &places;
}

std::shared_ptr<const KeptAnswers::Ranks> KeptAnswers::LabelRanks() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (ranks_ != nullptr) return ranks_;
  std::vector<const RowLabels::List*> labels;
  for (const std::unique_ptr<GroupPlaces>& places : places_) {
    for (const RowLabels& of_group : places->labels) {
      labels.push_back(&of_group.list());
    }
  }
  ranks_ = std::make_shared<const Ranks>(RanksOf(std::move(labels)));
  return ranks_;
}

KeptAnswers::Spans* KeptAnswers::SpansOf(Measure kind, size_t measure,
                                         const GroupPlaces* places) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<Spans>& spans = spans_[{kind, measure, places}];
  if (spans == nullptr) spans = std::make_unique<Spans>();
  return spans.get();
}

KeptAnswers::Rows* KeptAnswers::RowsOf(size_t kpi, const GroupPlaces* places) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<Rows>& rows = rows_[{kpi, places}];
  if (rows == nullptr) rows = std::make_unique<Rows>();
  return rows.get();
}

KeptAnswers::Backlogs* KeptAnswers::BacklogsOf(size_t kpi,
                                               const GroupPlaces* places) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<Backlogs>& backlogs = backlogs_[{kpi, places}];
  if (backlogs == nullptr) backlogs = std::make_unique<Backlogs>();
  return backlogs.get();
}

size_t KeptAnswers::memory_bytes() const {
  std::lock_guard<std::mutex> lock(mutex_);
  size_t bytes = 0;
  for (const std::unique_ptr<GroupPlaces>& places : places_) {
    bytes += places->place_of.capacity() * sizeof(uint32_t);
    for (const RowLabels& labels : places->labels) {
      using Label = RowLabels::value_type;
      // The names, the place, the rank.
      bytes += sizeof(RowLabels) + sizeof(RowLabels::List) +
               labels.size() * (sizeof(Label) + sizeof(TextId)) +
               sizeof(Combination) + 3 * kTableEntryBytes;
    }
  }
  if (const Claim claim(order_.taken); claim.had()) {
    bytes += order_.parts.capacity() * sizeof(KeptOrder::Part) +
             order_.labels.capacity() * sizeof(const RowLabels::List*) +
             order_.numbers.capacity() * sizeof(uint32_t);
  }
  for (const auto& [of, spans] : spans_) {
    const Claim claim(spans->taken);
    if (!claim.had()) continue;
    bytes += spans->by_place.capacity() * sizeof(KeptSpan);
    for (const KeptSpan& span : spans->by_place) {
      const size_t bins = span.beside.duration.histogram().size();
      if (bins > 2) bytes += bins * sizeof(uint64_t);
      for (const SharedList<Figure>& figures : span.sums.figures) {
        bytes += BytesOf(figures);
      }
    }
  }
  for (const auto& [of, rows] : rows_) {
    const Claim claim(rows->taken);
    if (!claim.had()) continue;
    for (const std::vector<KeptFigures>& place : rows->by_place) {
      bytes += sizeof(place) + place.capacity() * sizeof(KeptFigures);
      for (const KeptFigures& row : place) bytes += BytesOf(row.figures);
    }
  }
  for (const auto& [of, backlogs] : backlogs_) {
    const Claim claim(backlogs->taken);
    if (!claim.had()) continue;
    bytes += backlogs->by_place.capacity() * sizeof(KeptBacklog);
    for (const KeptBacklog& backlog : backlogs->by_place) {
      bytes += backlog.changes.capacity() * sizeof(EntryList::value_type);
    }
  }
  return bytes;
}

}  // namespace cckpi
