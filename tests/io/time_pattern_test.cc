#include "src/io/time_pattern.h"

#include <gtest/gtest.h>

#include "cckpi/base/time.h"

namespace cckpi {
namespace {

// The instant as RFC 3339, "" when the text does not fit, or the error.
std::string Read(std::string_view format, std::string_view text,
                 std::string_view zone = "UTC") {
  absl::StatusOr<TimeFormat> parsed = ParseTimeFormat(format);
  if (!parsed.ok()) return std::string(parsed.status().message());
  absl::StatusOr<absl::TimeZone> loaded = ParseZone(zone);
  if (!loaded.ok()) return std::string(loaded.status().message());
  parsed->zone = *loaded;
  std::optional<int64_t> at_us = parsed->Parse(text);
  return at_us.has_value() ? FormatTime(*at_us) : "";
}

TEST(TimeFormatTest, UnixNumbers) {
  EXPECT_EQ(Read("unix_s", "1772442000"), "2026-03-02T09:00:00Z");
  EXPECT_EQ(Read("unix_s", "1772442000.25"), "2026-03-02T09:00:00.25Z");
  EXPECT_EQ(Read("unix_s", "1772442000.1234567"),
            "2026-03-02T09:00:00.123456Z");
  EXPECT_EQ(Read("unix_ms", "1772442000250"), "2026-03-02T09:00:00.25Z");
  EXPECT_EQ(Read("unix_us", "1772442000000001"), "2026-03-02T09:00:00.000001Z");
  for (const char* bad : {"", "x", "1.2.3", "1772442000.x", "-1", "1772442000.",
                          "1 ", "99999999999999999999"}) {
    EXPECT_EQ(Read("unix_s", bad), "") << bad;
  }
}

TEST(TimeFormatTest, Rfc3339IsTheDefaultForm) {
  EXPECT_EQ(Read("rfc3339", "2026-03-02T10:00:00+01:00"),
            "2026-03-02T09:00:00Z");
  EXPECT_EQ(Read("rfc3339", "2026-03-02"), "");
}

TEST(TimeFormatTest, PatternsOfWellKnownExports) {
  EXPECT_EQ(Read("%Y-%m-%dT%H:%M", "2026-03-02T09:05"), "2026-03-02T09:05:00Z");
  EXPECT_EQ(Read("%m/%d/%Y %I:%M %p", "3/2/2026 9:05 PM"),
            "2026-03-02T21:05:00Z");
  EXPECT_EQ(Read("%m/%d/%Y %I:%M %p", "03/02/2026 12:05 a.m."),
            "2026-03-02T00:05:00Z");
  EXPECT_EQ(Read("%I%p %F", "12PM 2026-03-02"), "2026-03-02T12:00:00Z");
  EXPECT_EQ(Read("%a %b %d %H:%M:%S %z %Y", "Tue Oct 31 22:10:47 +0000 2017"),
            "2017-10-31T22:10:47Z");
  EXPECT_EQ(Read("%A, %B %e, %Y %T", "Monday, March  2, 2026 09:00:01"),
            "2026-03-02T09:00:01Z");
  EXPECT_EQ(Read("%d.%m.%y %R", "02.03.26 09:00"), "2026-03-02T09:00:00Z");
  EXPECT_EQ(Read("%F %T", "2026-03-02 09:00:00.123"),
            "2026-03-02T09:00:00.123Z");
  EXPECT_EQ(Read("%F %T", "2026-03-02   09:00:00,5 "),
            "2026-03-02T09:00:00.5Z");
  EXPECT_EQ(Read("%F%%%R", "2026-03-02%09:00"), "2026-03-02T09:00:00Z");
  EXPECT_EQ(Read("%y-%m-%d", "69-01-01"), "1969-01-01T00:00:00Z");
}

TEST(TimeFormatTest, OffsetsInTheTextGoBeforeTheZone) {
  for (const char* text : {"2026-03-02 10:00 +0100", "2026-03-02 10:00 +01:00",
                           "2026-03-02 10:00 +01", "2026-03-02 09:00Z",
                           "2026-03-02 04:00 -05:00"}) {
    EXPECT_EQ(Read("%F %R %z", text, "Asia/Tokyo"), "2026-03-02T09:00:00Z")
        << text;
  }
}

// Clocks in Madrid skip 02:00–03:00 on 29 March 2026 and repeat it on
// 25 October.
TEST(TimeFormatTest, LocalTimesBelongToTheZone) {
  auto madrid = [](const char* text) {
    return Read("%F %R", text, "Europe/Madrid");
  };
  EXPECT_EQ(madrid("2026-03-02 09:00"), "2026-03-02T08:00:00Z");
  EXPECT_EQ(madrid("2026-07-01 09:00"), "2026-07-01T07:00:00Z");
  EXPECT_EQ(madrid("2026-03-29 02:30"), "2026-03-29T01:30:00Z");
  EXPECT_EQ(madrid("2026-10-25 02:30"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Read("%F %R", "2026-03-02 09:00", "+05:30"),
            "2026-03-02T03:30:00Z");
}

TEST(TimeFormatTest, WhatDoesNotFitIsNoTime) {
  for (const char* bad :
       {"", "2026-02-29 09:00", "2026-13-01 09:00", "2026-04-31 09:00",
        "2026-03-02 24:00", "2026-03-02 09:60", "2026-03-02T09:00",
        "2026-03-02 09:00 x", "2026-03-02 09", "0-0-0 0:0"}) {
    EXPECT_EQ(Read("%F %R", bad), "") << bad;
  }
  EXPECT_EQ(Read("%F %I:%M %p", "2026-03-02 13:00 PM"), "");
  EXPECT_EQ(Read("%b %d %Y", "Foo 02 2026"), "");
}

TEST(TimeFormatTest, BadFormatsAndZonesAreNamed) {
  EXPECT_EQ(Read("iso", ""),
            "\"iso\" is not rfc3339, unix_s, unix_ms, unix_us or a pattern");
  EXPECT_EQ(Read("%Y-%m-%Q", ""), "\"%Q\" is no directive");
  EXPECT_EQ(Read("%Y-%m-%d %", ""), "\"%\" is no directive");
  EXPECT_EQ(Read("%H:%M", ""), "\"%H:%M\" must name year, month and day");
  EXPECT_EQ(Read("%F", "", "Europe/Madird"),
            "unknown time zone \"Europe/Madird\"");
  EXPECT_NE(Read("%F", "2026-03-02", "localtime"), "2026-03-02T00:00:00Z");
  EXPECT_NE(Read("%F", "2026-03-02", ""), "2026-03-02T00:00:00Z");
}

}  // namespace
}  // namespace cckpi
