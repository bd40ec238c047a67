// Conformance cases: what every binding must answer, as data.
//
// docs/conformance.md describes the files of this folder. A binding needs a
// Session, which does the steps of a case through that binding; reading the
// files, running the steps and comparing is here.

#ifndef CCKPI_TESTS_CONFORMANCE_CONFORMANCE_CASE_H_
#define CCKPI_TESTS_CONFORMANCE_CONFORMANCE_CASE_H_

#include <ostream>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace cckpi::conformance {

using Json = nlohmann::json;

// What a step gave: a JSON value, or the error's code ("NOT_FOUND") and text.
struct Outcome {
  Json value = Json::object();
  std::string code;  // empty: no error
  std::string message;
};

// One engine behind one interface. Every text is as the formats have it.
class Session {
 public:
  virtual ~Session() = default;

  // Called once, first. `explain`: as EngineOptions::explain.
  virtual Outcome Create(const std::string& config,
                         const std::string& explain) = 0;
  // {"accepted", "late", "refused", "handed_back": [{"row", "reason"}]}
  virtual Outcome Ingest(const std::string& json_lines) = 0;
  virtual Outcome Advance(const std::string& instant) = 0;
  virtual Outcome Finish() = 0;
  // The report as `cckpi report --format json` prints it.
  virtual Outcome Query(const Json& query) = 0;
  // A list of observations.
  virtual Outcome Explain(const Json& query) = 0;
  // A list of results with their lines: docs/conformance.md.
  virtual Outcome Scorecards(const Json& options) = 0;
  // Advances the engine and ticks the scaling matrix: "transitions" and
  // "notifications".
  virtual Outcome Tick(const std::string& instant) = 0;
  virtual Outcome Acknowledge(const std::string& incident,
                              const std::string& by,
                              const std::string& instant) = 0;
  // A list: where every rule stands for every group.
  virtual Outcome Alerts() = 0;
  // Goes on with what a snapshot of engine and scaling matrix restores.
  virtual Outcome SaveAndRestore() = 0;
};

struct Case {
  std::string file;  // without the folder and ".json"
  std::string name;
  Json content;

  friend void PrintTo(const Case& one, std::ostream* out) {
    *out << one.file << ".json: " << one.name;
  }
};

// Every case of every file of the folder, by file name. A file that cannot be
// read or names a case twice gives a case without steps, which fails.
std::vector<Case> LoadCases(const std::string& folder);

// Does the steps of the case; every difference on a line, with its place.
// Empty: the case holds.
std::string RunCase(const Case& conformance_case, Session& session);

// Where `actual` is not as `expected` says: the keys that `expected` has,
// integers exactly, other numbers to 1e-9, lists item by item.
void Compare(const Json& expected, const Json& actual, const std::string& place,
             std::string* differences);

}  // namespace cckpi::conformance

#endif  // CCKPI_TESTS_CONFORMANCE_CONFORMANCE_CASE_H_
