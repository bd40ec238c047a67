// Options of a KPI as configuration text, both ways, and their validation.
//
// One table, kHandlers, says for each option where its value lives in KpiSpec;
// the catalogue says which options a KPI has and which values they take.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/formula.h"
#include "src/base/text.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

// No deadline lies further from its start, so that sums of instants and spans
// stay far inside int64.
constexpr int64_t kLongestSpan = 3660 * kDay;
constexpr uint8_t kAllPhases = (1u << kPhaseCount) - 1;

struct Handler {
  std::string_view option;
  std::string (*get)(const KpiSpec& spec);
  // False: the text is none of its values.
  bool (*set)(KpiSpec& spec, std::string_view text);
};

// The names of an enum, in the order of its numbers.
constexpr std::array<std::string_view, 2> kClocks = {"calendar", "business"};
constexpr std::array<std::string_view, 5> kAttributions = {
    "arrival", "completion", "sliced", "deadline", "instant"};
constexpr std::array<std::string_view, 4> kResponses = {"human", "any", "bot",
                                                        "human_only"};
constexpr std::array<std::string_view, 3> kStages = {"first", "every",
                                                     "resolution"};
constexpr std::array<std::string_view, 2> kStarts = {"first_customer_message",
                                                     "first_agent_message"};
constexpr std::array<std::string_view, 3> kEnds = {
    "close", "last_agent_message", "close_minus_inactivity"};
constexpr std::array<std::string_view, 3> kLevels = {"episode", "first",
                                                     "last"};
constexpr std::array<std::string_view, 2> kPoolings = {"per_message",
                                                       "per_interaction"};
constexpr std::array<std::string_view, 3> kAnswerEnds = {"reply", "assigned",
                                                         "accepted"};
constexpr std::array<std::string_view, 3> kRules = {"any", "strict",
                                                    "one_touch"};
constexpr std::array<std::string_view, 4> kAllocations = {"elapsed", "share",
                                                          "focus", "response"};
constexpr std::array<std::string_view, 3> kCases = {"answered", "handled",
                                                    "resolved"};
constexpr std::array<std::string_view, 3> kHours = {"available", "staffed",
                                                    "busy"};
constexpr std::array<std::string_view, 3> kLoads = {"agent_turn", "assigned",
                                                    "focus"};
constexpr std::array<std::string_view, 5> kTimeClasses = {
    "productive", "paid", "available", "staffed", "busy"};
constexpr std::array<std::string_view, kDataCheckCount> kChecks = {
    "all",
    "assigned_while_unavailable",
    "assigned_while_offline",
    "assigned_while_unknown",
    "replied_while_unavailable",
    "replied_while_offline",
    "replied_while_unknown",
    "replied_unassigned",
    "state_replaced",
    "state_expired",
    "state_long",
    "team_changed"};
constexpr std::array<std::string_view, 2> kReplies = {"every", "first"};
constexpr std::array<std::string_view, 4> kSides = {"all", "customer", "agent",
                                                    "bot"};
constexpr std::array<std::string_view, 3> kCountUnits = {
    "episodes", "interactions", "events"};
constexpr std::array<std::string_view, 2> kFlags = {"false", "true"};
constexpr std::array<std::string_view, 2> kOver = {"reviewed", "all"};
constexpr std::array<std::string_view, 2> kClosed = {"void", "met"};

// The handler of a member that is an enum (or a bool) with these names.
template <auto kMember, const auto& kNames>
constexpr Handler Words(std::string_view option) {
  return {option,
          [](const KpiSpec& spec) {
            const size_t index = static_cast<size_t>(spec.*kMember);
            return index < kNames.size() ? std::string(kNames[index])
                                         : std::string("?");
          },
          [](KpiSpec& spec, std::string_view text) {
            using Value = std::remove_reference_t<decltype(spec.*kMember)>;
            for (size_t i = 0; i < kNames.size(); ++i) {
              if (kNames[i] != text) continue;
              spec.*kMember = static_cast<Value>(i);
              return true;
            }
            return false;
          }};
}

template <auto kMember>
constexpr Handler Span(std::string_view option) {
  return {option,
          [](const KpiSpec& spec) {
            return spec.*kMember == 0 ? std::string()
                                      : FormatSpan(spec.*kMember);
          },
          [](KpiSpec& spec, std::string_view text) {
            absl::StatusOr<int64_t> span = ParseSpan(text);
            if (!span.ok()) return false;
            spec.*kMember = *span;
            return true;
          }};
}

// Splits at commas and strips blanks; no empty items.
std::optional<std::vector<std::string>> SplitList(std::string_view text) {
  std::vector<std::string> items;
  if (text.find_first_not_of(' ') == std::string_view::npos) return items;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    std::string_view item = text.substr(begin, end - begin);
    const size_t first = item.find_first_not_of(' ');
    if (first == std::string_view::npos) return std::nullopt;
    item = item.substr(first, item.find_last_not_of(' ') - first + 1);
    items.emplace_back(item);
    begin = end + 1;
  }
  return items;
}

std::string ExcludeText(const KpiSpec& spec) {
  std::string text;
  for (int i = 0; i < kPhaseCount; ++i) {
    const Phase phase = static_cast<Phase>(i);
    if ((spec.exclude & PhaseBit(phase)) == 0) continue;
    if (!text.empty()) text += ',';
    text += PhaseName(phase);
  }
  return text;
}

bool SetExclude(KpiSpec& spec, std::string_view text) {
  std::optional<std::vector<std::string>> names = SplitList(text);
  if (!names.has_value()) return false;
  uint8_t bits = 0;
  for (const std::string& name : *names) {
    uint8_t bit = 0;
    for (int i = 0; i < kPhaseCount; ++i) {
      const Phase phase = static_cast<Phase>(i);
      if (PhaseName(phase) == name) bit = PhaseBit(phase);
    }
    if (bit == 0) return false;
    bits = static_cast<uint8_t>(bits | bit);
  }
  spec.exclude = bits;
  return true;
}

std::string SeveritiesText(const KpiSpec& spec) {
  std::string text;
  for (const std::string& severity : spec.severities) {
    if (!text.empty()) text += ',';
    text += severity;
  }
  return text;
}

bool SetSeverities(KpiSpec& spec, std::string_view text) {
  std::optional<std::vector<std::string>> names = SplitList(text);
  if (!names.has_value()) return false;
  spec.severities = *std::move(names);
  return true;
}

// "p99.9" to 999'000: at most two digits and four decimals, not zero.
std::optional<uint32_t> ParsePercentile(std::string_view text) {
  if (text.empty() || text[0] != 'p') return std::nullopt;
  text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals =
      point == text.size() ? std::string_view("0") : text.substr(point + 1);
  if (whole.empty() || whole.size() > 2) return std::nullopt;
  if (decimals.empty() || decimals.size() > 4) return std::nullopt;
  std::string digits = std::string(whole) + std::string(decimals);
  digits.append(4 - decimals.size(), '0');
  uint32_t ppm = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    ppm = ppm * 10 + static_cast<uint32_t>(c - '0');
  }
  if (ppm == 0) return std::nullopt;
  return ppm;
}

bool SetStatistic(KpiSpec& spec, std::string_view text) {
  KpiSpec named = spec;
  if (text == "median") text = "p50";
  if (std::optional<uint32_t> ppm = ParsePercentile(text)) {
    named.statistic = Statistic::kPercentile;
    named.percentile_ppm = *ppm;
  } else {
    bool found = false;
    for (Statistic statistic : Definition(spec.kpi).statistics) {
      if (statistic == Statistic::kPercentile) continue;
      named.statistic = statistic;
      named.percentile_ppm = 0;
      found = StatisticName(named) == text;
      if (found) break;
    }
    if (!found) return false;
  }
  bool has = false;
  for (Statistic statistic : Definition(spec.kpi).statistics) {
    has = has || statistic == named.statistic;
  }
  if (!has) return false;
  spec.statistic = named.statistic;
  spec.percentile_ppm = named.percentile_ppm;
  if (spec.statistic == Statistic::kShareWithin && spec.within_us == 0) {
    spec.within_us = kDefaultTarget;
  }
  return true;
}

constexpr Handler kHandlers[] = {
    {"statistic", StatisticName, SetStatistic},
    Words<&KpiSpec::clock, kClocks>("clock"),
    Words<&KpiSpec::attribution, kAttributions>("attribution"),
    Words<&KpiSpec::response, kResponses>("response"),
    Words<&KpiSpec::stage, kStages>("stage"),
    Span<&KpiSpec::within_us>("within"),
    Span<&KpiSpec::horizon_us>("horizon"),
    {"exclude", ExcludeText, SetExclude},
    Words<&KpiSpec::from, kStarts>("from"),
    Words<&KpiSpec::to, kEnds>("to"),
    Words<&KpiSpec::level, kLevels>("level"),
    Words<&KpiSpec::pooling, kPoolings>("pooling"),
    Words<&KpiSpec::skip_first, kFlags>("skip_first"),
    Words<&KpiSpec::closed_counts_met, kClosed>("closed_unanswered"),
    Words<&KpiSpec::over_all, kOver>("over"),
    {"severities", SeveritiesText, SetSeverities},
    Words<&KpiSpec::contact, kRules>("rule"),
    Words<&KpiSpec::allocation, kAllocations>("allocation"),
    Words<&KpiSpec::cases, kCases>("cases"),
    Words<&KpiSpec::hours, kHours>("hours"),
    Words<&KpiSpec::load, kLoads>("load"),
    Words<&KpiSpec::numerator, kTimeClasses>("numerator_time"),
    Words<&KpiSpec::denominator, kTimeClasses>("denominator_time"),
    Words<&KpiSpec::first_reply, kReplies>("replies"),
    Words<&KpiSpec::side, kSides>("side"),
    Words<&KpiSpec::counts, kCountUnits>("counts"),
    {"state", [](const KpiSpec& spec) { return spec.state; },
     [](KpiSpec& spec, std::string_view text) {
       spec.state = std::string(text);
       return true;
     }},
    Words<&KpiSpec::check, kChecks>("check"),
};
// speed_of_answer calls its own end "to" as well.
constexpr Handler kAnswerTo = Words<&KpiSpec::answer, kAnswerEnds>("to");

const Handler* FindHandler(Kpi kpi, std::string_view option) {
  if (kpi == Kpi::kSpeedOfAnswer && option == "to") return &kAnswerTo;
  for (const Handler& handler : kHandlers) {
    if (handler.option == option) return &handler;
  }
  return nullptr;
}

absl::Status BadValue(const KpiOption& option, std::string_view value) {
  std::string message = Quoted(option.name) + ": " + Quoted(value);
  if (option.values == "span") {
    message += " is no span such as \"15m\" or \"1h30m\"";
    return absl::InvalidArgumentError(message);
  }
  std::vector<std::string_view> words = OptionWords(option);
  const bool is_list = option.values.substr(0, 4) == "list";
  message += is_list ? " is no list of " : " is none of ";
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) message += ", ";
    message += words[i];
  }
  if (option.values.find("pNN") != std::string_view::npos) {
    message += ", pNN (p90, p99.9)";
  }
  if (!is_list) {
    message += DidYouMean(value, words);
  } else if (std::optional<std::vector<std::string>> items = SplitList(value)) {
    for (const std::string& item : *items) {
      if (std::find(words.begin(), words.end(), item) == words.end()) {
        message += DidYouMean(item, words);
        break;
      }
    }
  }
  return absl::InvalidArgumentError(message);
}

// Is `value` one of the words the option takes? Free forms always are.
bool Takes(const KpiOption& option, std::string_view value) {
  if (option.values.find(" | ") == std::string_view::npos &&
      option.values != option.fallback) {
    return true;
  }
  if (option.name == "statistic") return true;  // SetStatistic looked
  const std::vector<std::string_view> words = OptionWords(option);
  return std::find(words.begin(), words.end(), value) != words.end();
}

absl::Status SpecError(std::string_view option, const std::string& reason) {
  return absl::InvalidArgumentError(Quoted(option) + ": " + reason);
}

absl::Status CheckSpan(std::string_view option, int64_t span_us) {
  if (span_us <= 0) return SpecError(option, "must be longer than 0");
  if (span_us > kLongestSpan) {
    return SpecError(option,
                     "must be at most 3660d, is " + FormatSpan(span_us));
  }
  return absl::OkStatus();
}

absl::Status CheckStatistic(const KpiSpec& spec) {
  bool has = false;
  for (Statistic statistic : Definition(spec.kpi).statistics) {
    has = has || statistic == spec.statistic;
  }
  if (!has) {
    return SpecError("statistic", std::string(Definition(spec.kpi).name) +
                                      " has no " + StatisticName(spec));
  }
  // A part of a handling has no length of its own.
  if (spec.kpi == Kpi::kHandleTime &&
      spec.attribution == Attribution::kSliced &&
      spec.statistic != Statistic::kMean && spec.statistic != Statistic::kSum) {
    return SpecError("statistic", "sliced, handle_time has only mean and sum");
  }
  // What still waits is known by its start alone.
  if (spec.statistic == Statistic::kMeanWithWaiting &&
      (spec.clock != Clock::kCalendar || spec.exclude != 0)) {
    return SpecError("statistic",
                     "mean_with_waiting is of the calendar clock and takes no "
                     "exclude");
  }
  const bool is_percentile = spec.statistic == Statistic::kPercentile;
  if (is_percentile &&
      (spec.percentile_ppm == 0 || spec.percentile_ppm >= 1'000'000)) {
    return SpecError("statistic",
                     "a percentile is more than p0 and less than p100");
  }
  if (!is_percentile && spec.percentile_ppm != 0) {
    return SpecError("statistic", "only a percentile has percentile_ppm");
  }
  return absl::OkStatus();
}

absl::Status CheckSpans(const KpiSpec& spec) {
  const bool is_target = FindOption(spec.kpi, "stage") != nullptr;
  if (is_target || spec.statistic == Statistic::kShareWithin) {
    absl::Status status = CheckSpan("within", spec.within_us);
    if (!status.ok()) return status;
  } else if (spec.within_us != 0) {
    return SpecError("within", "only the statistic share_within has it");
  }
  if (FindOption(spec.kpi, "horizon") != nullptr) {
    return CheckSpan("horizon", spec.horizon_us);
  }
  return absl::OkStatus();
}

}  // namespace

const KpiOption* FindOption(Kpi kpi, std::string_view option) {
  for (const KpiOption& candidate : Definition(kpi).options) {
    if (candidate.name == option) return &candidate;
  }
  return nullptr;
}

std::vector<std::string_view> OptionWords(const KpiOption& option) {
  std::string_view values = option.values;
  std::string_view separator = " | ";
  constexpr std::string_view kListOf = "list of ";
  if (values.substr(0, kListOf.size()) == kListOf) {
    values.remove_prefix(kListOf.size());
    separator = ", ";
  }
  std::vector<std::string_view> words;
  size_t begin = 0;
  while (begin <= values.size()) {
    const size_t end = std::min(values.find(separator, begin), values.size());
    const std::string_view word = values.substr(begin, end - begin);
    if (word != "pNN" && word != "text" && word != "span") {
      words.push_back(word);
    }
    begin = end + separator.size();
  }
  return words;
}

std::string KpiOptionValue(const KpiSpec& spec, std::string_view option) {
  const Handler* handler = FindHandler(spec.kpi, option);
  return handler == nullptr ? std::string() : handler->get(spec);
}

absl::Status SetKpiOption(KpiSpec& spec, std::string_view option,
                          std::string_view value) {
  const KpiDefinition& definition = Definition(spec.kpi);
  const KpiOption* known = FindOption(spec.kpi, option);
  const Handler* handler = FindHandler(spec.kpi, option);
  if (known == nullptr || handler == nullptr) {
    std::vector<std::string_view> names;
    for (const KpiOption& candidate : definition.options) {
      names.push_back(candidate.name);
    }
    return SpecError(option, std::string(definition.name) +
                                 " has no such option" +
                                 DidYouMean(option, names));
  }
  if (!Takes(*known, value)) return BadValue(*known, value);
  KpiSpec changed = spec;
  if (!handler->set(changed, value)) return BadValue(*known, value);
  if (known->values == "span") {
    const int64_t span_us =
        option == "horizon" ? changed.horizon_us : changed.within_us;
    absl::Status status = CheckSpan(option, span_us);
    if (!status.ok()) return status;
  }
  spec = std::move(changed);
  return absl::OkStatus();
}

absl::Status ValidateKpiSpec(const KpiSpec& spec) {
  if (spec.kpi == Kpi::kFormula) {
    absl::StatusOr<Formula> formula = Formula::Parse(spec.formula);
    return formula.ok() ? absl::OkStatus() : formula.status();
  }
  const KpiDefinition& definition = Definition(spec.kpi);
  if (definition.kpi != spec.kpi) {
    return SpecError("kpi", "no KPI has the number " +
                                std::to_string(static_cast<int>(spec.kpi)));
  }
  if (!spec.formula.empty()) {
    return SpecError("formula",
                     std::string(definition.name) + " takes no formula");
  }
  absl::Status status = CheckStatistic(spec);
  if (status.ok()) status = CheckSpans(spec);
  if (!status.ok()) return status;

  // An option that the KPI has takes one of its values; one that it has not
  // stays as DefaultSpec leaves it.
  const KpiSpec fallback = DefaultSpec(spec.kpi);
  for (const Handler& row : kHandlers) {
    if (row.option == "statistic" || row.option == "within") continue;
    const Handler& handler = *FindHandler(spec.kpi, row.option);
    const KpiOption* option = FindOption(spec.kpi, row.option);
    const std::string value = handler.get(spec);
    if (option == nullptr) {
      if (value != handler.get(fallback)) {
        return SpecError(row.option,
                         std::string(definition.name) + " has no such option");
      }
    } else if (!Takes(*option, value)) {
      return BadValue(*option, value);
    }
  }
  if (spec.exclude > kAllPhases) {
    return SpecError("exclude", "has bits that are no phase");
  }
  if (spec.exclude == kAllPhases) {
    return SpecError("exclude", "every phase is excluded, no time counts");
  }
  return absl::OkStatus();
}

}  // namespace cckpi
