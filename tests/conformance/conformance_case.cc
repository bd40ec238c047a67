#include "conformance/conformance_case.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cckpi::conformance {
namespace {

void Say(const std::string& place, const std::string& text, std::string* out) {
  absl::StrAppend(out, place, ": ", text, "\n");
}

bool IsAbout(const Json& value) {
  return value.is_object() && value.size() == 2 && value.contains("about") &&
         value.contains("within");
}

bool IsContains(const Json& value) {
  return value.is_object() && value.size() == 1 && value.contains("contains");
}

void CompareNumbers(const Json& expected, const Json& actual,
                    const std::string& place, std::string* out) {
  if (expected.is_number_integer() && actual.is_number_integer()) {
    if (expected != actual) {
      Say(place, "expected " + expected.dump() + ", is " + actual.dump(), out);
    }
    return;
  }
  const double want = expected.get<double>();
  const double have = actual.get<double>();
  if (!(std::abs(want - have) <= 1e-9 * std::max(1.0, std::abs(want)))) {
    Say(place, "expected " + expected.dump() + ", is " + actual.dump(), out);
  }
}

// A group names all dimensions of the row: it is compared as a whole.
bool IsExactObject(std::string_view key) { return key == "group"; }

std::string JsonLines(const Json& events) {
  std::string lines;
  for (const Json& event : events) {
    lines += event.is_string() ? event.get<std::string>() : event.dump();
    lines += '\n';
  }
  return lines;
}

void CompareOutcome(const Json& step, const Json& expected,
                    const Outcome& outcome, const std::string& place,
                    std::string* out) {
  if (step.contains("error")) {
    if (outcome.code.empty()) {
      Say(place, "expected the error " + step["error"].dump(), out);
      return;
    }
    Json error = {{"code", outcome.code}, {"message", outcome.message}};
    Compare(step["error"], error, place + ".error", out);
    return;
  }
  if (!outcome.code.empty()) {
    Say(place, outcome.code + ": " + outcome.message, out);
    return;
  }
  Compare(expected, outcome.value, place, out);
}

// The members of the step that say what is expected, by their names.
Json Expected(const Json& step, std::initializer_list<const char*> names) {
  Json expected = Json::object();
  for (const char* name : names) {
    if (step.contains(name)) expected[name] = step[name];
  }
  return expected;
}

void RunStep(const Json& step, const std::string& place, Session& session,
             std::string* out) {
  if (step.contains("ingest")) {
    CompareOutcome(
        step, Expected(step, {"accepted", "late", "refused", "handed_back"}),
        session.Ingest(JsonLines(step["ingest"])), place, out);
  } else if (step.contains("advance")) {
    CompareOutcome(step, Json::object(),
                   session.Advance(step["advance"].get<std::string>()), place,
                   out);
  } else if (step.contains("finish")) {
    CompareOutcome(step, Json::object(), session.Finish(), place, out);
  } else if (step.contains("query")) {
    CompareOutcome(step, Expected(step, {"now", "rows", "events"}),
                   session.Query(step["query"]), place, out);
  } else if (step.contains("explain")) {
    const Outcome outcome = session.Explain(step["explain"]);
    CompareOutcome(step, step.value("observations", Json::array()), outcome,
                   place, out);
  } else if (step.contains("scorecards")) {
    CompareOutcome(step, step.value("results", Json::array()),
                   session.Scorecards(step["scorecards"]), place, out);
  } else if (step.contains("tick")) {
    CompareOutcome(step, Expected(step, {"transitions", "notifications"}),
                   session.Tick(step["tick"].get<std::string>()), place, out);
  } else if (step.contains("acknowledge")) {
    const Json& said = step["acknowledge"];
    CompareOutcome(
        step, Json::object(),
        session.Acknowledge(said.value("incident", ""), said.value("by", ""),
                            said.value("at", "")),
        place, out);
  } else if (step.contains("save_and_restore")) {
    CompareOutcome(step, Json::object(), session.SaveAndRestore(), place, out);
  } else if (step.contains("alerts")) {
    CompareOutcome(step, step["alerts"], session.Alerts(), place, out);
  } else {
    Say(place, "unknown step " + step.dump(), out);
  }
}

}  // namespace

void Compare(const Json& expected, const Json& actual, const std::string& place,
             std::string* differences) {
  if (IsAbout(expected)) {
    const double about = expected["about"].get<double>();
    const double within = expected["within"].get<double>();
    if (!actual.is_number() ||
        !(std::abs(actual.get<double>() - about) <= within)) {
      Say(place, "expected " + expected.dump() + ", is " + actual.dump(),
          differences);
    }
    return;
  }
  if (IsContains(expected)) {
    if (!actual.is_string() ||
        actual.get<std::string>().find(
            expected["contains"].get<std::string>()) == std::string::npos) {
      Say(place, "expected " + expected.dump() + ", is " + actual.dump(),
          differences);
    }
    return;
  }
  if (expected.is_number() && actual.is_number()) {
    CompareNumbers(expected, actual, place, differences);
  } else if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (!actual.contains(key)) {
        Say(place + "." + key, "is missing", differences);
      } else if (IsExactObject(key) && value != actual[key]) {
        Say(place + "." + key,
            "expected " + value.dump() + ", is " + actual[key].dump(),
            differences);
      } else {
        Compare(value, actual[key], place + "." + key, differences);
      }
    }
  } else if (expected.is_array() && actual.is_array()) {
    if (expected.size() != actual.size()) {
      Say(place,
          absl::StrCat("expected ", expected.size(), " items, has ",
                       actual.size(), ": ", actual.dump()),
          differences);
      return;
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      Compare(expected[i], actual[i], absl::StrCat(place, "[", i, "]"),
              differences);
    }
  } else if (expected != actual) {
    Say(place, "expected " + expected.dump() + ", is " + actual.dump(),
        differences);
  }
}

std::vector<Case> LoadCases(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    const std::string stem = file.stem().string();
    const Json document = Json::parse(text.str(), nullptr, false);
    if (document.is_discarded() || !document.contains("cases")) {
      cases.push_back({stem, "is_not_a_case_file", Json::object()});
      continue;
    }
    std::set<std::string> names;
    for (const Json& item : document["cases"]) {
      std::string name = item.value("name", "");
      if (!names.insert(name).second) {
        cases.push_back({stem, name + "_is_there_twice", Json::object()});
      }
      cases.push_back({stem, std::move(name), item});
    }
  }
  return cases;
}

std::string RunCase(const Case& conformance_case, Session& session) {
  const Json& content = conformance_case.content;
  std::string differences;
  if (content.value("why", "").empty()) Say("why", "is missing", &differences);
  if (!content.contains("steps") && !content.contains("error")) {
    Say("steps", "are missing", &differences);
    return differences;
  }
  const Outcome created =
      session.Create(content.value("config", Json::object()).dump(),
                     content.value("explain", ""));
  CompareOutcome(content, Json::object(), created, "config", &differences);
  if (!created.code.empty()) return differences;
  const Json steps = content.value("steps", Json::array());
  for (size_t i = 0; i < steps.size(); ++i) {
    RunStep(steps[i], absl::StrCat("steps[", i, "]"), session, &differences);
  }
  return differences;
}

}  // namespace cckpi::conformance
