// Entry points of the report schedule and of opening hours.

#include <string>
#include <utility>
#include <vector>

#include "capi/src/answer_tables.h"
#include "capi/src/guard.h"
#include "capi/src/handles.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "cckpi/calendar/window.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/engine/report_schedule.h"

namespace cckpi::capi {
namespace {

absl::StatusOr<TableData> DueTable(const Config& config,
                                   std::span<const DueReport> reports,
                                   const Zone& zone) {
  TableBuilder builder;
  const size_t id = builder.AddColumn("report", CCKPI_TYPE_TEXT);
  const size_t due = builder.AddColumn("due", CCKPI_TYPE_TIME);
  const size_t begin = builder.AddColumn("begin", CCKPI_TYPE_TIME);
  const size_t end = builder.AddColumn("end", CCKPI_TYPE_TIME);
  const size_t every = builder.AddColumn("every", CCKPI_TYPE_TEXT);
  const size_t kpis = builder.AddColumn("kpis", CCKPI_TYPE_TEXT_LIST);
  const size_t by = builder.AddColumn("by", CCKPI_TYPE_TEXT_LIST);
  const size_t to = builder.AddColumn("to", CCKPI_TYPE_TEXT_LIST);
  const size_t format = builder.AddColumn("format", CCKPI_TYPE_TEXT);
  for (const DueReport& report : reports) {
    const ReportSchedule& entry = config.reports[report.report];
    builder.Text(id, entry.id);
    builder.Integer(due, report.due_us);
    builder.Integer(begin, report.window.begin_us);
    builder.Integer(end, report.window.end_us);
    builder.Text(every, FrequencyName(entry.every));
    builder.TextList(kpis, entry.kpis);
    std::vector<std::string> dimensions;
    for (const Dimension& dimension : entry.by) {
      dimensions.push_back(DimensionName(dimension));
    }
    builder.TextList(by, dimensions);
    builder.TextList(to, entry.to);
    builder.Text(format, entry.format);
    builder.EndRow();
  }
  return Finished(std::move(builder), zone);
}

// The calendar of that name; the arguments of both questions are checked.
absl::StatusOr<const OpeningHours*> Calendar(const cckpi_config* config,
                                             const char* name, size_t size,
                                             std::string_view argument,
                                             int64_t from_us) {
  CCKPI_RETURN_IF_ERROR(CheckHandle("config", config, Mark::kConfig));
  CCKPI_RETURN_IF_ERROR(CheckText("calendar", name, size));
  auto found = config->calendars.find(View(name, size));
  if (found == config->calendars.end()) {
    return absl::NotFoundError("calendar: there is no such calendar");
  }
  if (from_us < kEarliestTime || from_us >= kLatestTime) {
    return Invalid(argument, "outside 1990-01-01 to 2100-01-01");
  }
  return &found->second;
}

}  // namespace
}  // namespace cckpi::capi

using namespace cckpi;        // NOLINT: the entry points stand outside
using namespace cckpi::capi;  // NOLINT

extern "C" {

cckpi_code cckpi_config_due_reports(const cckpi_config* config,
                                    int64_t since_us, int64_t now_us,
                                    cckpi_table** out_reports,
                                    cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_RETURN_IF_ERROR(CheckHandle("config", config, Mark::kConfig));
    const Config& own = config->config;
    if (now_us == kNoTime) return Invalid("now_us", "is no instant");
    std::vector<DueReport> reports;
    if (since_us == kNoTime) {
      CCKPI_ASSIGN_OR_RETURN(reports, LatestReports(own, ToTime(now_us)));
    } else {
      CCKPI_ASSIGN_OR_RETURN(reports,
                             DueReports(own, ToTime(since_us), ToTime(now_us)));
    }
    CCKPI_ASSIGN_OR_RETURN(Zone zone, LoadZone(own.time_zone));
    return GiveTable(DueTable(own, reports, zone), "out_reports", out_reports);
  });
}

cckpi_code cckpi_config_business_time(const cckpi_config* config,
                                      const char* calendar,
                                      size_t calendar_size, int64_t begin_us,
                                      int64_t end_us, int64_t* out_open_us,
                                      cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_ASSIGN_OR_RETURN(
        const OpeningHours* hours,
        Calendar(config, calendar, calendar_size, "begin_us", begin_us));
    if (out_open_us == nullptr) return Missing("out_open_us");
    if (end_us < begin_us || end_us >= kLatestTime) {
      return Invalid("end_us", "before begin_us, or after 2099");
    }
    *out_open_us = hours->Elapsed(begin_us, end_us);
    return Outcome();
  });
}

cckpi_code cckpi_config_deadline(const cckpi_config* config,
                                 const char* calendar, size_t calendar_size,
                                 int64_t start_us, int64_t span_us,
                                 int64_t* out_due_us, cckpi_error** error) {
  return Guard(error, [&]() -> Outcome {
    CCKPI_ASSIGN_OR_RETURN(
        const OpeningHours* hours,
        Calendar(config, calendar, calendar_size, "start_us", start_us));
    if (out_due_us == nullptr) return Missing("out_due_us");
    if (span_us < 0) return Invalid("span_us", "is negative");
    *out_due_us = hours->Deadline(start_us, span_us);
    return Outcome();
  });
}

}  // extern "C"
