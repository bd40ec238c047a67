#include "cckpi/engine/scoring.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/kpi/catalogue.h"

namespace cckpi {
namespace {

std::string Place(size_t scorecard) {
  return absl::StrCat("scorecards[", scorecard, "]");
}

class Scoring {
 public:
  Scoring(const Engine& engine, const Config& config,
          const ScoringOptions& options)
      : engine_(engine), config_(config), options_(options) {}

  absl::StatusOr<std::vector<ScorecardResult>> Run() {
    if (options_.every == Frequency::kBucket ||
        options_.every == Frequency::kAll) {
      return absl::InvalidArgumentError(
          "every: a scorecard is of an hour, day, week or month");
    }
    marks_.assign(config_.scorecards.size(), Mark::kNew);
    evaluated_.resize(config_.scorecards.size());
    CCKPI_ASSIGN_OR_RETURN(std::vector<size_t> wanted, Wanted());
    for (size_t s : wanted) CCKPI_RETURN_IF_ERROR(Need(s));
    // Before the engine makes rows of as many windows.
    for (size_t s : needed_) {
      const Scorecard& scorecard = config_.scorecards[s];
      CCKPI_RETURN_IF_ERROR(Windows(EveryOf(scorecard), scorecard.cards.size() +
                                                            scorecard.of.size())
                                .status());
    }
    CCKPI_RETURN_IF_ERROR(AskForCards());
    // Members come before what contains them.
    for (size_t s : needed_) CCKPI_RETURN_IF_ERROR(Evaluate(s));
    std::vector<ScorecardResult> results;
    for (size_t s : wanted) {
      std::move(evaluated_[s].begin(), evaluated_[s].end(),
                std::back_inserter(results));
    }
    return results;
  }

 private:
  enum class Mark : uint8_t { kNew, kOpen, kNeeded };
  using CardRows = std::map<std::pair<int64_t, GroupNames>, ReportRow>;

  Frequency EveryOf(const Scorecard& scorecard) const {
    return options_.every.value_or(scorecard.every);
  }

  // nullopt: no scorecard of that id.
  std::optional<size_t> Find(std::string_view id) const {
    for (size_t s = 0; s < config_.scorecards.size(); ++s) {
      if (config_.scorecards[s].id == id) return s;
    }
    return std::nullopt;
  }

  absl::StatusOr<std::vector<size_t>> Wanted() const {
    std::set<size_t> wanted;
    for (const std::string& id : options_.scorecards) {
      std::optional<size_t> s = Find(id);
      if (!s) {
        return absl::NotFoundError(absl::StrCat("no scorecard \"", id, "\""));
      }
      wanted.insert(*s);
    }
    if (options_.scorecards.empty()) {
      for (size_t s = 0; s < config_.scorecards.size(); ++s) wanted.insert(s);
    }
    return std::vector<size_t>(wanted.begin(), wanted.end());
  }

  // Puts a scorecard and its members into needed_, members first. Its own
  // stack: the depth is the host's to choose.
  absl::Status Need(size_t first) {
    std::vector<std::pair<size_t, size_t>> path;  // and members followed
    auto enter = [&](size_t s) {
      marks_[s] = Mark::kOpen;
      path.emplace_back(s, 0);
    };
    if (marks_[first] == Mark::kNew) enter(first);
    while (!path.empty()) {
      const size_t s = path.back().first;
      const Scorecard& scorecard = config_.scorecards[s];
      if (path.back().second == scorecard.of.size()) {
        marks_[s] = Mark::kNeeded;
        needed_.push_back(s);
        path.pop_back();
        continue;
      }
      const size_t m = path.back().second++;
      const std::string place = absl::StrCat(Place(s), ".of[", m, "]");
      std::optional<size_t> member = Find(scorecard.of[m].scorecard);
      if (!member) {
        return absl::NotFoundError(absl::StrCat(
            place, ": no scorecard \"", scorecard.of[m].scorecard, "\""));
      }
      if (EveryOf(config_.scorecards[*member]) != EveryOf(scorecard)) {
        return absl::InvalidArgumentError(
            absl::StrCat(place, ": \"", scorecard.of[m].scorecard,
                         "\" has windows of another length"));
      }
      if (marks_[*member] == Mark::kOpen) {
        return absl::InvalidArgumentError(
            absl::StrCat(place, ": scorecards contain each other"));
      }
      if (marks_[*member] == Mark::kNew) enter(*member);
    }
    return absl::OkStatus();
  }

  static std::map<std::string, std::string> ScopeOf(const Scorecard& scorecard,
                                                    const ScoreCard& card) {
    std::map<std::string, std::string> scope = card.scope;
    scope.insert(scorecard.scope.begin(), scorecard.scope.end());
    return scope;
  }

  absl::Status AskForCards() {
    std::vector<Query> queries;
    std::vector<std::pair<size_t, size_t>> places;
    for (size_t s : needed_) {
      const Scorecard& scorecard = config_.scorecards[s];
      for (size_t c = 0; c < scorecard.cards.size(); ++c) {
        Query query;
        query.kpis = {scorecard.cards[c].kpi};
        query.names = Query::Names::kReferenced;
        query.by = scorecard.by;
        query.where = ScopeOf(scorecard, scorecard.cards[c]);
        query.every = EveryOf(scorecard);
        query.begin_us = options_.begin_us;
        query.end_us = options_.end_us;
        queries.push_back(std::move(query));
        places.emplace_back(s, c);
      }
    }
    CCKPI_ASSIGN_OR_RETURN(std::vector<Report> reports,
                           engine_.AskAll(queries));
    for (size_t q = 0; q < queries.size(); ++q) {
      CardRows& rows = rows_[places[q]];
      for (ReportRow& row : reports[q].rows) {
        GroupNames group;
        for (const auto& [dimension, value] : row.group) {
          if (value) group.emplace_back(dimension, *value);
        }
        if (group.size() != row.group.size()) continue;
        // One KPI has one row per window and group, but for state_time of
        // every state, of which the first counts.
        rows.try_emplace({row.begin_us, std::move(group)}, std::move(row));
      }
    }
    return absl::OkStatus();
  }

  // The windows that a scorecard is evaluated on.
  absl::StatusOr<std::vector<Window>> Windows(Frequency every, size_t lines) {
    std::vector<Window> windows;
    if (engine_.first_us() == kNoTime) return windows;
    CCKPI_ASSIGN_OR_RETURN(Zone zone, LoadZone(config_.time_zone));
    const auto week_start =
        static_cast<absl::Weekday>((config_.week_starts + 6) % 7);
    int64_t at_us = engine_.first_us();
    if (options_.begin_us != kNoTime && options_.begin_us > at_us) {
      at_us = options_.begin_us;
    }
    const int64_t now_us = engine_.now_us();
    if (at_us > now_us) return windows;
    Window window = WindowContaining(at_us, every, zone, week_start);
    while (window.begin_us <= now_us &&
           (options_.end_us == kNoTime || window.begin_us < options_.end_us)) {
      const bool closed = window.end_us <= now_us;
      if (closed || options_.current == ScoringOptions::Current::kShown) {
        windows.push_back(window);
        if (windows.size() * lines > kMaxScoreLines) return TooMany();
      }
      const Window next = NextWindow(window, every, zone, week_start);
      if (next.begin_us <= window.begin_us) break;
      window = next;
    }
    return windows;
  }

  static absl::Status TooMany() {
    return absl::ResourceExhaustedError(
        absl::StrCat("scorecards: more than ", kMaxScoreLines,
                     " lines; ask for fewer windows with a begin and an end"));
  }

  absl::Status Evaluate(size_t s) {
    const Scorecard& scorecard = config_.scorecards[s];
    std::set<GroupNames> groups;
    if (scorecard.by.empty()) {
      groups.insert(GroupNames());
    } else {
      for (size_t c = 0; c < scorecard.cards.size(); ++c) {
        for (const auto& [key, row] : rows_[{s, c}]) groups.insert(key.second);
      }
    }
    size_t lines = scorecard.cards.size();
    // Results of the members, by window.
    std::vector<std::map<int64_t, std::vector<const ScorecardResult*>>> members;
    for (const ScoreMember& member : scorecard.of) {
      auto& by_window = members.emplace_back();
      size_t most = 1;
      for (const ScorecardResult& result :
           evaluated_[*Find(member.scorecard)]) {
        auto& of_window = by_window[result.begin_us];
        of_window.push_back(&result);
        most = std::max(most, of_window.size());
      }
      lines += most;
    }
    CCKPI_ASSIGN_OR_RETURN(std::vector<Window> windows,
                           Windows(EveryOf(scorecard),
                                   lines * std::max<size_t>(groups.size(), 1)));
    lines_ += windows.size() * lines * groups.size();
    if (lines_ > kMaxScoreLines) return TooMany();
    for (const Window& window : windows) {
      for (const GroupNames& group : groups) {
        ScorecardResult result = NewResult(scorecard, window, group);
        for (size_t c = 0; c < scorecard.cards.size(); ++c) {
          CCKPI_RETURN_IF_ERROR(AddCard(s, c, result));
        }
        for (size_t m = 0; m < scorecard.of.size(); ++m) {
          for (const ScorecardResult* member : members[m][window.begin_us]) {
            AddMember(scorecard.of[m], *member, result);
          }
        }
        Finish(result);
        evaluated_[s].push_back(std::move(result));
      }
    }
    return absl::OkStatus();
  }

  ScorecardResult NewResult(const Scorecard& scorecard, const Window& window,
                            const GroupNames& group) const {
    ScorecardResult result;
    result.id = scorecard.id;
    result.every = EveryOf(scorecard);
    result.begin_us = window.begin_us;
    result.end_us = window.end_us;
    result.group = group;
    result.attainment = scorecard.attainment;
    result.no_data = scorecard.no_data;
    result.provisional = window.end_us > engine_.watermark_us();
    return result;
  }

  absl::Status AddCard(size_t s, size_t c, ScorecardResult& result) const {
    const Scorecard& scorecard = config_.scorecards[s];
    const ScoreCard& card = scorecard.cards[c];
    std::optional<KpiSpec> spec = ResolveKpi(config_, card.kpi);
    if (!spec) {
      return absl::NotFoundError(absl::StrCat(
          Place(s), ".cards[", c, "].kpi: no KPI \"", card.kpi, "\""));
    }
    ScoreLineResult line;
    line.kpi = card.kpi;
    line.scope = ScopeOf(scorecard, card);
    line.attainment = scorecard.attainment;
    line.zones = card.zones;
    line.unit = SpecUnit(*spec);
    line.spec = *std::move(spec);
    line.min_n = card.min_n;
    line.weight_permille = card.weight_permille;
    line.provisional = result.provisional;
    const CardRows& rows = rows_.at({s, c});
    if (auto row = rows.find({result.begin_us, result.group});
        row != rows.end()) {
      line.actual = ExactValueOf(row->second);
      line.value = row->second.value;
      line.n = SampleSizeOf(row->second);
      line.provisional |= row->second.provisional;
    }
    const CardScore score = ScoreOf(card, scorecard.attainment, result.end_us,
                                    {line.actual, line.n});
    line.state = score.state;
    line.target = score.benchmark;
    line.attainment_micro = score.attainment_micro;
    result.lines.push_back(std::move(line));
    return absl::OkStatus();
  }

  static void AddMember(const ScoreMember& member,
                        const ScorecardResult& scored,
                        ScorecardResult& result) {
    ScoreLineResult line;
    line.member = scored.id;
    line.member_group = scored.group;
    line.weight_permille = member.weight_permille;
    line.provisional = scored.provisional;
    if (scored.score_micro) {
      line.state = CardState::kScored;
      line.actual = ExactValue::OfMicro(*scored.score_micro);
      line.value = line.actual->value();
      line.attainment_micro = scored.score_micro;
    }
    result.lines.push_back(std::move(line));
  }

  static void Finish(ScorecardResult& result) {
    std::vector<ScoreLine> lines;
    for (const ScoreLineResult& line : result.lines) {
      lines.push_back({line.weight_permille, line.attainment_micro});
      result.provisional |= line.provisional;
    }
    WeightedScore score = Weigh(lines, result.no_data);
    result.score_micro = score.score_micro;
    result.weight_permille = score.weight_permille;
    for (size_t i = 0; i < lines.size(); ++i) {
      result.lines[i].contribution_micro = score.contribution_micro[i];
    }
  }

  const Engine& engine_;
  const Config& config_;
  const ScoringOptions& options_;
  std::vector<Mark> marks_;
  std::vector<size_t> needed_;
  std::map<std::pair<size_t, size_t>, CardRows> rows_;  // (scorecard, card)
  std::vector<std::vector<ScorecardResult>> evaluated_;
  size_t lines_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<ScorecardResult>> EvaluateScorecards(
    const Engine& engine, const Config& config, const ScoringOptions& options) {
  return Scoring(engine, config, options).Run();
}

}  // namespace cckpi
