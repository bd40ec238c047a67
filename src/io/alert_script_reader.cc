#include "src/io/alert_script_reader.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/config_json.h"
#include "cckpi/kpi/catalogue.h"
#include "cckpi/kpi/threshold.h"
#include "src/io/config_json_reader.h"
#include "src/io/config_json_sections.h"
#include "src/io/json_document.h"
#include "src/kpi/did_you_mean.h"

namespace cckpi {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMostTicks = 100'000;

absl::Status Wrong(const std::string& path, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", std::string(reason)));
}

absl::Status CheckKeys(const Json& json, const std::string& path,
                       std::initializer_list<std::string_view> known) {
  if (!json.is_object()) return Wrong(path, "must be an object");
  const std::vector<std::string_view> names(known);
  for (const auto& item : json.items()) {
    if (std::find(names.begin(), names.end(), item.key()) != names.end()) {
      continue;
    }
    const std::string nearest(NearestName(item.key(), names));
    return Wrong(
        MemberPath(path, item.key()),
        absl::StrCat("unknown key",
                     nearest.empty()
                         ? ""
                         : absl::StrCat("; did you mean \"", nearest, "\"?")));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TextOf(const Json& json, const std::string& path) {
  if (!json.is_string()) return Wrong(path, "must be text");
  return json.get<std::string>();
}

absl::StatusOr<int64_t> SpanOf(const std::string& text,
                               const std::string& path) {
  absl::StatusOr<int64_t> span = ParseSpan(text);
  if (!span.ok()) return Wrong(path, std::string(span.status().message()));
  return *span;
}

// "a b*3" to a, b, b, b.
absl::StatusOr<std::vector<std::string>> Repeated(const Json& json,
                                                  const std::string& path) {
  CCKPI_ASSIGN_OR_RETURN(const std::string text, TextOf(json, path));
  std::vector<std::string> tokens;
  for (const auto& piece :
       absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty())) {
    std::string token(piece);
    int64_t times = 1;
    if (const size_t star = token.rfind('*'); star != std::string::npos) {
      const char* end = token.data() + token.size();
      const auto parsed = std::from_chars(token.data() + star + 1, end, times);
      if (parsed.ec != std::errc() || parsed.ptr != end || times < 1 ||
          times > kMostTicks) {
        return Wrong(path, absl::StrCat("\"", token,
                                        "\" is not repeated a whole number of "
                                        "times"));
      }
      token.resize(star);
    }
    if (static_cast<int64_t>(tokens.size()) + times > kMostTicks) {
      return Wrong(path, absl::StrCat("more than ", kMostTicks, " ticks"));
    }
    tokens.insert(tokens.end(), static_cast<size_t>(times), token);
  }
  if (tokens.empty()) return Wrong(path, "must not be empty");
  return tokens;
}

absl::StatusOr<std::vector<ScriptToken>> ValuesOf(const Json& json,
                                                  std::optional<Unit> unit,
                                                  const std::string& path) {
  CCKPI_ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                         Repeated(json, path));
  std::vector<ScriptToken> tokens;
  for (std::string text : texts) {
    ScriptToken& token = tokens.emplace_back();
    if (text == "-") {
      token.kind = ScriptToken::Kind::kNoTick;
      continue;
    }
    if (text == "_") continue;
    token.kind = ScriptToken::Kind::kValue;
    if (const size_t at = text.rfind('@'); at != std::string::npos) {
      const char* end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data() + at + 1, end, token.n);
      if (parsed.ec != std::errc() || parsed.ptr != end || token.n < 0) {
        return Wrong(
            path, absl::StrCat("\"", text, "\" has no whole number after @"));
      }
      text.resize(at);
    }
    absl::StatusOr<int64_t> micro = ParseQuantity(text, unit);
    if (!micro.ok()) return Wrong(path, std::string(micro.status().message()));
    token.micro = *micro;
  }
  return tokens;
}

class Reader {
 public:
  explicit Reader(const Config& config) : config_(config) {}

  absl::StatusOr<ScriptCase> ReadCase(const Json& json, const std::string& path,
                                      int64_t start_us, int64_t tick_us) {
    CCKPI_RETURN_IF_ERROR(
        CheckKeys(json, path,
                  {"name", "rule", "group", "values", "burns", "states", "at",
                   "sent", "acknowledge", "series", "start", "tick"}));
    ScriptCase result;
    if (!json.contains("name")) return Wrong(path + ".name", "missing");
    CCKPI_ASSIGN_OR_RETURN(result.name, TextOf(json["name"], path + ".name"));
    result.start_us = start_us;
    result.tick_us = tick_us;
    CCKPI_RETURN_IF_ERROR(
        ReadTimes(json, path, &result.start_us, &result.tick_us));
    if (json.contains("series")) {
      for (const char* key : {"rule", "group", "values", "burns", "states",
                              "at", "sent", "acknowledge"}) {
        if (json.contains(key)) {
          return Wrong(path + "." + key,
                       "belongs into the items of \"series\"");
        }
      }
      const Json& list = json["series"];
      if (!list.is_array() || list.empty()) {
        return Wrong(path + ".series", "must be a list that is not empty");
      }
      for (size_t i = 0; i < list.size(); ++i) {
        const std::string place = absl::StrCat(path, ".series[", i, "]");
        CCKPI_RETURN_IF_ERROR(
            CheckKeys(list[i], place,
                      {"rule", "group", "values", "burns", "states", "at",
                       "sent", "acknowledge"}));
        CCKPI_RETURN_IF_ERROR(ReadSeries(list[i], place, &result));
      }
    } else {
      CCKPI_RETURN_IF_ERROR(ReadSeries(json, path, &result));
    }
    if (result.start_us + static_cast<int64_t>(result.ticks) * result.tick_us >=
        kLatestTime) {
      return Wrong(path, "goes on after the year 2099");
    }
    return result;
  }

  static absl::Status ReadTimes(const Json& json, const std::string& path,
                                int64_t* start_us, int64_t* tick_us) {
    if (json.contains("start")) {
      CCKPI_ASSIGN_OR_RETURN(const std::string text,
                             TextOf(json["start"], path + ".start"));
      absl::StatusOr<int64_t> at_us = ParseTime(text);
      if (!at_us.ok())
        return Wrong(path + ".start", std::string(at_us.status().message()));
      if (*at_us < kEarliestTime || *at_us >= kLatestTime) {
        return Wrong(path + ".start", "must be in 1990 to 2099");
      }
      *start_us = *at_us;
    }
    if (json.contains("tick")) {
      CCKPI_ASSIGN_OR_RETURN(const std::string text,
                             TextOf(json["tick"], path + ".tick"));
      CCKPI_ASSIGN_OR_RETURN(*tick_us, SpanOf(text, path + ".tick"));
      if (*tick_us <= 0 || *tick_us > 366 * kDay) {
        return Wrong(path + ".tick", "must be more than 0, at most 366d");
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadSeries(const Json& json, const std::string& path,
                          ScriptCase* result) {
    ScriptSeries series;
    CCKPI_RETURN_IF_ERROR(ReadRule(json, path, &series));
    const ScalingRule& rule = config_.scaling_matrix[series.rule];
    const std::optional<Unit> unit = UnitOfKpi(config_, rule.kpi);
    size_t ticks = 0;
    if (rule.bands[0].burn_rate.has_value()) {
      CCKPI_RETURN_IF_ERROR(ReadBurns(json, rule, path, &series));
      ticks = series.longs[0].size();
    } else {
      if (!json.contains("values")) return Wrong(path + ".values", "missing");
      CCKPI_ASSIGN_OR_RETURN(series.values,
                             ValuesOf(json["values"], unit, path + ".values"));
      ticks = series.values.size();
    }
    if (result->ticks == 0) result->ticks = ticks;
    if (ticks != result->ticks) {
      return Wrong(path,
                   absl::StrCat("has ", ticks, " ticks, the first series ",
                                result->ticks));
    }
    if (json.contains("states")) {
      CCKPI_ASSIGN_OR_RETURN(series.states,
                             Repeated(json["states"], path + ".states"));
      if (series.states.size() != ticks) {
        return Wrong(path + ".states",
                     absl::StrCat("has ", series.states.size(), " states for ",
                                  ticks, " ticks"));
      }
      for (const std::string& state : series.states) {
        if (state == "-") continue;
        CCKPI_RETURN_IF_ERROR(CheckState(state, rule, path + ".states"));
      }
    }
    if (json.contains("at")) {
      CCKPI_ASSIGN_OR_RETURN(series.at,
                             ReadMap(json["at"], path + ".at", *result));
      for (const auto& [offset_us, state] : series.at) {
        CCKPI_RETURN_IF_ERROR(CheckState(state, rule, path + ".at"));
      }
    }
    if (json.contains("acknowledge")) {
      CCKPI_ASSIGN_OR_RETURN(
          series.acknowledge,
          ReadMap(json["acknowledge"], path + ".acknowledge", *result));
    }
    if (json.contains("sent")) {
      CCKPI_RETURN_IF_ERROR(
          ReadSent(json["sent"], path + ".sent", *result, &series));
    }
    for (const ScriptSeries& other : result->series) {
      if (other.rule == series.rule && other.group == series.group) {
        return Wrong(path, "the same rule and group as another series");
      }
    }
    result->series.push_back(std::move(series));
    return absl::OkStatus();
  }

  absl::Status ReadRule(const Json& json, const std::string& path,
                        ScriptSeries* series) {
    const std::vector<ScalingRule>& rules = config_.scaling_matrix;
    if (json.contains("rule")) {
      CCKPI_ASSIGN_OR_RETURN(const std::string id,
                             TextOf(json["rule"], path + ".rule"));
      std::vector<std::string_view> ids;
      for (const ScalingRule& rule : rules) ids.push_back(rule.id);
      const auto found = std::find(ids.begin(), ids.end(), id);
      if (found == ids.end()) {
        return Wrong(path + ".rule",
                     absl::StrCat("no rule \"", id, "\"", DidYouMean(id, ids)));
      }
      series->rule = static_cast<size_t>(found - ids.begin());
    } else if (rules.size() != 1) {
      return Wrong(path + ".rule", "missing; there is more than one rule");
    }
    const ScalingRule& rule = rules[series->rule];
    series->name = rule.id;
    std::set<std::string> given;
    if (json.contains("group")) {
      if (!json["group"].is_object()) {
        return Wrong(path + ".group", "must be an object");
      }
      for (const auto& item : json["group"].items()) given.insert(item.key());
    }
    for (const Dimension& dimension : rule.by) {
      const std::string name = DimensionName(dimension);
      if (given.erase(name) == 0) {
        return Wrong(path + ".group",
                     absl::StrCat("the rule needs \"", name, "\""));
      }
      const Json& value = json["group"][name];
      if (value.is_null()) {
        series->group.emplace_back(name, std::nullopt);
      } else {
        CCKPI_ASSIGN_OR_RETURN(std::string text,
                               TextOf(value, path + ".group." + name));
        absl::StrAppend(&series->name, series->group.empty() ? "/" : ",", text);
        series->group.emplace_back(name, std::move(text));
      }
    }
    if (!given.empty()) {
      return Wrong(MemberPath(path + ".group", *given.begin()),
                   "is not in \"by\" of the rule");
    }
    return absl::OkStatus();
  }

  absl::Status ReadBurns(const Json& json, const ScalingRule& rule,
                         const std::string& path, ScriptSeries* series) {
    const std::string place = path + ".burns";
    if (!json.contains("burns")) return Wrong(place, "missing");
    const Json& burns = json["burns"];
    if (!burns.is_array() || burns.size() != rule.bands.size()) {
      return Wrong(place, "must be a list with an item for each band");
    }
    for (size_t b = 0; b < burns.size(); ++b) {
      const std::string item = absl::StrCat(place, "[", b, "]");
      CCKPI_RETURN_IF_ERROR(CheckKeys(burns[b], item, {"long", "short"}));
      for (const char* key : {"long", "short"}) {
        if (!burns[b].contains(key)) {
          return Wrong(absl::StrCat(item, ".", key), "missing");
        }
        CCKPI_ASSIGN_OR_RETURN(std::vector<ScriptToken> tokens,
                               ValuesOf(burns[b][key], Unit::kRatio,
                                        absl::StrCat(item, ".", key)));
        if (!series->longs.empty() &&
            tokens.size() != series->longs[0].size()) {
          return Wrong(absl::StrCat(item, ".", key),
                       "has another number of ticks than the first");
        }
        (*key == 'l' ? series->longs : series->shorts)
            .push_back(std::move(tokens));
      }
    }
    return absl::OkStatus();
  }

  // "firing(warning)"
  static absl::Status CheckState(const std::string& text,
                                 const ScalingRule& rule,
                                 const std::string& path) {
    std::string name = text;
    if (const size_t open = text.find('(');
        open != std::string::npos && text.back() == ')') {
      const std::string level = text.substr(open + 1, text.size() - open - 2);
      if (std::none_of(rule.bands.begin(), rule.bands.end(),
                       [&](const Band& b) { return b.level == level; })) {
        return Wrong(path,
                     absl::StrCat("the rule has no level \"", level, "\""));
      }
      name.resize(open);
    }
    if (!ParseAlertState(name).has_value()) {
      return Wrong(path, absl::StrCat("\"", text,
                                      "\" is none of ok, pending(LEVEL), "
                                      "firing(LEVEL), recovering(LEVEL), "
                                      "no_data"));
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<int64_t> OffsetOf(const std::string& key,
                                          const std::string& path,
                                          const ScriptCase& of) {
    CCKPI_ASSIGN_OR_RETURN(const int64_t offset_us,
                           SpanOf(key, MemberPath(path, key)));
    if (offset_us % of.tick_us != 0 ||
        offset_us / of.tick_us >= static_cast<int64_t>(of.ticks)) {
      return Wrong(MemberPath(path, key), "there is no tick at that time");
    }
    return offset_us;
  }

  static absl::StatusOr<std::map<int64_t, std::string>> ReadMap(
      const Json& json, const std::string& path, const ScriptCase& of) {
    if (!json.is_object()) return Wrong(path, "must be an object");
    std::map<int64_t, std::string> result;
    for (const auto& item : json.items()) {
      CCKPI_ASSIGN_OR_RETURN(const int64_t offset_us,
                             OffsetOf(item.key(), path, of));
      CCKPI_ASSIGN_OR_RETURN(
          result[offset_us],
          TextOf(item.value(), MemberPath(path, item.key())));
    }
    return result;
  }

  static absl::Status ReadSent(const Json& json, const std::string& path,
                               const ScriptCase& of, ScriptSeries* series) {
    if (!json.is_object()) return Wrong(path, "must be an object");
    series->sent.emplace();
    for (const auto& item : json.items()) {
      CCKPI_ASSIGN_OR_RETURN(const int64_t offset_us,
                             OffsetOf(item.key(), path, of));
      const std::string place = MemberPath(path, item.key());
      if (!item.value().is_array()) return Wrong(place, "must be a list");
      for (const Json& line : item.value()) {
        CCKPI_ASSIGN_OR_RETURN(std::string text, TextOf(line, place));
        (*series->sent)[offset_us].push_back(std::move(text));
      }
    }
    return absl::OkStatus();
  }

  const Config& config_;
};

}  // namespace

absl::StatusOr<AlertScript> ReadAlertScript(
    std::string_view json,
    const std::function<absl::StatusOr<Config>(const std::string& path)>&
        load) {
  CCKPI_ASSIGN_OR_RETURN(const Json script, ParseJsonDocument(json));
  CCKPI_RETURN_IF_ERROR(
      CheckKeys(script, "", {"$schema", "config", "start", "tick", "cases"}));
  if (!script.contains("config")) return Wrong("config", "missing");
  AlertScript result;
  Config& config = result.config;
  if (script["config"].is_string()) {
    if (!load) return Wrong("config", "must be an object");
    CCKPI_ASSIGN_OR_RETURN(config, load(script["config"].get<std::string>()));
  } else {
    absl::StatusOr<Config> parsed = ParseConfig(script["config"].dump());
    if (!parsed.ok()) {
      std::string text;
      for (const auto& line :
           absl::StrSplit(std::string(parsed.status().message()), '\n')) {
        absl::StrAppend(&text, text.empty() ? "" : "\n", "config.",
                        std::string(line));
      }
      return absl::InvalidArgumentError(text);
    }
    config = *std::move(parsed);
  }
  if (config.scaling_matrix.empty()) {
    return Wrong("config", "there is no scaling_matrix in it");
  }
  int64_t start_us = *ParseTime("2026-01-05T00:00:00Z");  // a Monday
  int64_t tick_us = kMinute;
  CCKPI_RETURN_IF_ERROR(Reader::ReadTimes(script, "", &start_us, &tick_us));
  if (!script.contains("cases") || !script["cases"].is_array()) {
    return Wrong("cases", "must be a list");
  }
  Reader reader(config);
  for (size_t c = 0; c < script["cases"].size(); ++c) {
    CCKPI_ASSIGN_OR_RETURN(
        ScriptCase one,
        reader.ReadCase(script["cases"][c], absl::StrCat("cases[", c, "]"),
                        start_us, tick_us));
    result.cases.push_back(std::move(one));
  }
  return result;
}

}  // namespace cckpi
