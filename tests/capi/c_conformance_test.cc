// The cases of tests/conformance through the C interface.

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "capi/c_handles.h"
#include "conformance/conformance_case.h"

namespace cckpi::capi {
namespace {

using conformance::Case;
using conformance::Json;
using conformance::Outcome;

// The handle that c_handles.h does not know.
struct MonitorDestroyer {
  void operator()(cckpi_monitor* x) const { cckpi_monitor_destroy(x); }
};
using Monitor = std::unique_ptr<cckpi_monitor, MonitorDestroyer>;

Outcome Failed(cckpi_code code, const Owned<cckpi_error>& error) {
  return {Json(), cckpi_code_name(code),
          cckpi_error_message(error.get(), nullptr)};
}

Json JsonOf(const Owned<cckpi_table>& table) {
  Owned<cckpi_buffer> buffer;
  if (table == nullptr ||
      cckpi_table_render(table.get(), CCKPI_RENDER_JSON, OutTo(buffer),
                         nullptr) != CCKPI_OK) {
    return Json::array();
  }
  return Json::parse(std::string(cckpi_buffer_data(buffer.get()),
                                 cckpi_buffer_size(buffer.get())));
}

// Turns `by` and the columns that it names into the object `group`.
Json Grouped(Json rows) {
  for (Json& row : rows) {
    Json group = Json::object();
    std::istringstream names(
        row["by"].is_string() ? row["by"].get<std::string>() : "");
    for (std::string name; names >> name;) group[name] = row[name];
    row["group"] = std::move(group);
  }
  return rows;
}

// The query of a step, with the texts that it points to.
class StepQuery {
 public:
  explicit StepQuery(const Json& json) {
    static const std::map<std::string, cckpi_frequency> kEvery = {
        {"all", CCKPI_EVERY_ALL},   {"15m", CCKPI_EVERY_15_MINUTES},
        {"hour", CCKPI_EVERY_HOUR}, {"day", CCKPI_EVERY_DAY},
        {"week", CCKPI_EVERY_WEEK}, {"month", CCKPI_EVERY_MONTH}};
    kpis_ = Texts(json, "kpis", kpi_names_);
    by_ = Texts(json, "by", by_names_);
    query_.struct_size = sizeof(query_);
    query_.flags = json.contains("by") ? CCKPI_QUERY_BY : 0;
    query_.kpis = kpis_.data();
    query_.kpi_count = kpis_.size();
    query_.by = by_.data();
    query_.by_count = by_.size();
    query_.every = kEvery.at(json.value("every", "all"));
    query_.begin_us = Instant(json, "begin");
    query_.end_us = Instant(json, "end");
  }
  StepQuery(const StepQuery&) = delete;

  const cckpi_query* get() const { return &query_; }

  static int64_t Instant(const Json& json, const char* name) {
    int64_t at_us = CCKPI_NO_TIME;
    if (json.contains(name)) {
      const std::string text = json[name].get<std::string>();
      cckpi_time_parse(text.data(), text.size(), &at_us, nullptr);
    }
    return at_us;
  }

  static std::vector<cckpi_text> Texts(const Json& json, const char* name,
                                       std::vector<std::string>& owned) {
    owned = json.value(name, std::vector<std::string>());
    std::vector<cckpi_text> texts;
    for (const std::string& text : owned) texts.push_back(Text(text));
    return texts;
  }

 private:
  std::vector<std::string> kpi_names_;
  std::vector<std::string> by_names_;
  std::vector<cckpi_text> kpis_;
  std::vector<cckpi_text> by_;
  cckpi_query query_ = {};
};

class CSession : public conformance::Session {
 public:
  Outcome Create(const std::string& config,
                 const std::string& explain) override {
    Owned<cckpi_error> error;
    cckpi_code code = cckpi_config_create(config.data(), config.size(),
                                          OutTo(config_), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    explain_ = explain;
    options_.struct_size = sizeof(options_);
    options_.explain = Text(explain_);
    code = cckpi_engine_create(config_.get(), &options_, OutTo(engine_),
                               OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    return MakeMonitor();
  }

  Outcome Ingest(const std::string& json_lines) override {
    cckpi_log_options options = {};
    options.struct_size = sizeof(options);
    options.format = CCKPI_LOG_JSON_LINES;
    cckpi_ingest_result result = {};
    result.struct_size = sizeof(result);
    Owned<cckpi_table> refusals;
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_engine_ingest_log(
        engine_.get(), json_lines.data(), json_lines.size(), &options, &result,
        OutTo(refusals), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    return {{{"accepted", result.accepted},
             {"late", result.late},
             {"refused", result.refused},
             {"handed_back", JsonOf(refusals)}},
            "",
            ""};
  }

  Outcome Advance(const std::string& instant) override {
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_engine_advance(
        engine_.get(), StepQuery::Instant({{"at", instant}}, "at"),
        OutTo(error));
    return code == CCKPI_OK ? Outcome() : Failed(code, error);
  }

  Outcome Finish() override {
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_engine_finish(engine_.get(), OutTo(error));
    return code == CCKPI_OK ? Outcome() : Failed(code, error);
  }

  Outcome Query(const Json& json) override {
    const StepQuery query(json);
    Owned<cckpi_table> table;
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_engine_query(engine_.get(), query.get(),
                                               OutTo(table), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    return {JsonOf(table), "", ""};
  }

  Outcome Explain(const Json& json) override {
    const StepQuery query(json);
    Owned<cckpi_table> table;
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_engine_explain(engine_.get(), query.get(),
                                                 OutTo(table), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    Json rows = JsonOf(table);
    for (Json& row : rows) {
      Json group = Json::object();
      for (const Json& name : json.value("by", Json::array())) {
        group[name.get<std::string>()] = row[name.get<std::string>()];
      }
      row["group"] = std::move(group);
    }
    return {std::move(rows), "", ""};
  }

  Outcome Scorecards(const Json& json) override {
    std::vector<std::string> names;
    const std::vector<cckpi_text> ids =
        StepQuery::Texts(json, "scorecards", names);
    cckpi_scorecard_query query = {};
    query.struct_size = sizeof(query);
    query.flags = json.value("current", false) ? CCKPI_SCORECARD_CURRENT : 0;
    query.scorecards = ids.data();
    query.scorecard_count = ids.size();
    Owned<cckpi_table> scores;
    Owned<cckpi_table> lines;
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_engine_scorecards(
        engine_.get(), &query, OutTo(scores), OutTo(lines), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    Json results = Grouped(JsonOf(scores));
    const Json all_lines = Grouped(JsonOf(lines));
    for (Json& result : results) {
      result["lines"] = Json::array();
      for (Json line : all_lines) {
        if (line["scorecard"] != result["scorecard"] ||
            line["begin"] != result["begin"] ||
            line["group"] != result["group"]) {
          continue;
        }
        Json scope = Json::object();
        for (const Json& item : line["scope"]) {
          const std::string text = item.get<std::string>();
          const size_t equals = text.find('=');
          scope[text.substr(0, equals)] = text.substr(equals + 1);
        }
        line["scope"] = std::move(scope);
        result["lines"].push_back(std::move(line));
      }
    }
    return {std::move(results), "", ""};
  }

  Outcome Tick(const std::string& instant) override {
    Outcome advanced = Advance(instant);
    if (!advanced.code.empty()) return advanced;
    Owned<cckpi_table> transitions;
    Owned<cckpi_table> notifications;
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_monitor_tick(
        monitor_.get(), engine_.get(),
        StepQuery::Instant({{"at", instant}}, "at"), OutTo(transitions),
        OutTo(notifications), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    return {{{"transitions", Grouped(JsonOf(transitions))},
             {"notifications", Grouped(JsonOf(notifications))}},
            "",
            ""};
  }

  Outcome Acknowledge(const std::string& incident, const std::string& by,
                      const std::string& instant) override {
    Owned<cckpi_error> error;
    const cckpi_code code = cckpi_monitor_acknowledge(
        monitor_.get(), incident.data(), incident.size(), by.data(), by.size(),
        StepQuery::Instant({{"at", instant}}, "at"), OutTo(error));
    return code == CCKPI_OK ? Outcome() : Failed(code, error);
  }

  Outcome Alerts() override {
    Owned<cckpi_table> alerts;
    Owned<cckpi_error> error;
    const cckpi_code code =
        cckpi_monitor_alerts(monitor_.get(), OutTo(alerts), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    return {Grouped(JsonOf(alerts)), "", ""};
  }

  Outcome SaveAndRestore() override {
    Owned<cckpi_buffer> state;
    Owned<cckpi_buffer> snapshot;
    Owned<cckpi_error> error;
    cckpi_code code =
        cckpi_monitor_save(monitor_.get(), OutTo(state), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    const cckpi_text name = Text("alerts");
    const cckpi_text section = {cckpi_buffer_data(state.get()),
                                cckpi_buffer_size(state.get())};
    cckpi_snapshot_options options = {};
    options.struct_size = sizeof(options);
    options.section_names = &name;
    options.sections = &section;
    options.section_count = 1;
    code = cckpi_engine_save(engine_.get(), &options, OutTo(snapshot),
                             OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    engine_.reset();
    code = cckpi_engine_restore(
        config_.get(), &options_, cckpi_buffer_data(snapshot.get()),
        cckpi_buffer_size(snapshot.get()), OutTo(engine_), OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    Outcome made = MakeMonitor();
    if (!made.code.empty()) return made;
    size_t size = 0;
    const char* saved =
        cckpi_engine_section(engine_.get(), name.data, name.size, &size);
    code = cckpi_monitor_restore(monitor_.get(), saved, size, OutTo(error));
    return code == CCKPI_OK ? Outcome() : Failed(code, error);
  }

 private:
  Outcome MakeMonitor() {
    Owned<cckpi_error> error;
    cckpi_monitor* monitor = nullptr;
    const cckpi_code code =
        cckpi_monitor_create(config_.get(), &monitor, OutTo(error));
    if (code != CCKPI_OK) return Failed(code, error);
    monitor_.reset(monitor);
    return {};
  }

  std::string explain_;
  cckpi_engine_options options_ = {};
  Owned<cckpi_config> config_;
  Owned<cckpi_engine> engine_;
  Monitor monitor_;
};

class CConformanceTest : public testing::TestWithParam<Case> {};

TEST_P(CConformanceTest, Holds) {
  CSession session;
  EXPECT_EQ(conformance::RunCase(GetParam(), session), "");
}

INSTANTIATE_TEST_SUITE_P(C, CConformanceTest,
                         testing::ValuesIn(conformance::LoadCases(
                             CCKPI_SOURCE_DIR "/tests/conformance")),
                         [](const testing::TestParamInfo<Case>& param) {
                           return param.param.file + "_" + param.param.name;
                         });

}  // namespace
}  // namespace cckpi::capi
