// Every case of tests/data/oracles/business_hours_*.json.

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/calendar/opening_hours.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cckpi {
namespace {

using Json = nlohmann::json;

Json ReadCases(const std::string& name) {
  std::ifstream file(std::string(CCKPI_SOURCE_DIR) + "/tests/data/oracles/" +
                     name);
  return Json::parse(file);
}

int64_t At(const Json& text) { return *ParseTime(text.get<std::string>()); }

std::vector<LocalInterval> Intervals(const Json& list) {
  std::vector<LocalInterval> intervals;
  for (const Json& pair : list) {
    intervals.push_back(*ParseLocalInterval(pair[0].get<std::string>(),
                                            pair[1].get<std::string>()));
  }
  return intervals;
}

OpeningHours Hours(const Json& calendar) {
  CalendarSpec spec;
  spec.time_zone = calendar["tz"];
  for (int day = 0; day < 7; ++day) {
    const std::string key(WeekdayKey(day));
    if (calendar["weekly"].contains(key)) {
      spec.weekly[static_cast<size_t>(day)] =
          Intervals(calendar["weekly"][key]);
    }
  }
  for (const Json& date : calendar["closed_dates"]) {
    spec.holidays.insert(*ParseCivilDay(date.get<std::string>()));
  }
  for (const auto& [date, list] : calendar["date_hours"].items()) {
    spec.exceptions[*ParseCivilDay(date)] = Intervals(list);
  }
  for (const auto& [date, list] : calendar["breaks"].items()) {
    spec.breaks[*ParseCivilDay(date)] = Intervals(list);
  }
  absl::StatusOr<OpeningHours> hours = OpeningHours::Create(spec);
  EXPECT_TRUE(hours.ok()) << hours.status();
  return *hours;
}

std::map<std::string, OpeningHours> Calendars(const Json& calendars) {
  std::map<std::string, OpeningHours> result;
  for (const auto& [name, calendar] : calendars.items()) {
    result.emplace(name, Hours(calendar));
  }
  return result;
}

// The open time of [from, to) inside the pauses, overlapping ones once.
int64_t PausedTime(const Json& test_case, const OpeningHours& hours) {
  std::vector<Window> pauses;
  for (const Json& pause : test_case.value("pauses", Json::array())) {
    pauses.push_back({At(pause[0]), At(pause[1])});
  }
  std::sort(pauses.begin(), pauses.end());
  int64_t paused_us = 0;
  int64_t counted_to = At(test_case["from"]);
  for (const Window& pause : pauses) {
    const int64_t begin = std::max(pause.begin_us, counted_to);
    const int64_t end = std::min(pause.end_us, At(test_case["to"]));
    if (begin >= end) continue;
    paused_us += hours.Elapsed(begin, end);
    counted_to = end;
  }
  return paused_us;
}

TEST(OpeningHoursOracleTest, ElapsedAgreesWithPeers) {
  const Json file = ReadCases("business_hours_elapsed.json");
  const auto calendars = Calendars(file["calendars"]);
  ASSERT_EQ(file["cases"].size(), 123u);
  for (const Json& test_case : file["cases"]) {
    const OpeningHours& hours = calendars.at(test_case["calendar"]);
    const int64_t elapsed_us =
        hours.Elapsed(At(test_case["from"]), At(test_case["to"])) -
        PausedTime(test_case, hours);
    // The peers' answers are whole seconds, rounded.
    EXPECT_EQ((elapsed_us + kSecond / 2) / kSecond,
              test_case["seconds"].get<int64_t>())
        << test_case;
  }
}

std::vector<Window> Windows(const Json& list) {
  std::vector<Window> windows;
  for (const Json& pair : list) {
    windows.push_back({At(pair[0]), At(pair[1])});
  }
  return windows;
}

int64_t ResultOf(const Json& test_case, const OpeningHours& hours) {
  const std::string op = test_case["op"];
  if (op == "add") {
    const int64_t from = At(test_case["from"]);
    if (test_case.value("zero_direction", "") == "before") {
      return hours.EarliestStart(from, 0);
    }
    return hours.Add(from, test_case["seconds"].get<int64_t>() * kSecond);
  }
  const int64_t at = At(test_case["at"]);
  if (op == "next_open_or_self") return hours.NextOpenOrSelf(at);
  if (op == "next_opening") return hours.NextOpening(at);
  if (op == "next_close") return hours.NextClose(at);
  if (op == "prev_close_or_self") return hours.PrevCloseOrSelf(at);
  ADD_FAILURE() << "unknown operation " << op;
  return kNoTime;
}

TEST(OpeningHoursOracleTest, OperationsAgreeWithPeers) {
  const Json file = ReadCases("business_hours_ops.json");
  const auto calendars = Calendars(file["calendars"]);
  ASSERT_EQ(file["cases"].size(), 161u);
  for (const Json& test_case : file["cases"]) {
    const OpeningHours& hours = calendars.at(test_case["calendar"]);
    const std::string op = test_case["op"];
    if (op == "is_open") {
      EXPECT_EQ(hours.IsOpen(At(test_case["at"])),
                test_case["open"].get<bool>())
          << test_case;
    } else if (op == "windows_after" || op == "windows_before") {
      const std::vector<Window> expected = Windows(test_case["windows"]);
      const int count = static_cast<int>(expected.size());
      const int64_t at = At(test_case["at"]);
      EXPECT_EQ(op == "windows_after" ? hours.WindowsAfter(at, count)
                                      : hours.WindowsBefore(at, count),
                expected)
          << test_case;
    } else {
      EXPECT_EQ(FormatTime(ResultOf(test_case, hours)),
                FormatTime(At(test_case["result"])))
          << test_case;
    }
  }
}

}  // namespace
}  // namespace cckpi
