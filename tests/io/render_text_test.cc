#include "cckpi/io/render_text.h"

#include <limits>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;

TEST(PrintableTextTest, EscapesWhatMovesTheCursor) {
  EXPECT_EQ(PrintableText("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(PrintableText("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(PrintableText(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(PrintableText("\xC2\x85"), "\\x85");  // next line
  EXPECT_EQ(PrintableText("a\xE2\x80\xAE"
                          "b"),
            "a\\u202eb");  // override
}

TEST(PrintableTextTest, KeepsOtherTextAndReplacesInvalidBytes) {
  EXPECT_EQ(PrintableText("caf\xC3\xA9 \xE7\x8E\x8B"),
            "caf\xC3\xA9 \xE7\x8E\x8B");
  EXPECT_EQ(PrintableText("a\xFFz"), "a\xEF\xBF\xBDz");
  // A cut sequence, an overlong one, a surrogate: each byte is invalid.
  EXPECT_EQ(PrintableText("\xE7\x8E"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(PrintableText("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(PrintableText("\xED\xA0\x80"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(DisplayWidthTest, CountsColumns) {
  EXPECT_EQ(DisplayWidth("facebook"), 8);
  EXPECT_EQ(DisplayWidth("caf\xC3\xA9"), 4);
  EXPECT_EQ(DisplayWidth("cafe\xCC\x81"), 4);              // combining acute
  EXPECT_EQ(DisplayWidth("\xE7\x8E\x8B\xE5\xB0\x8F"), 4);  // 王小
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x99\x82"), 2);          // a smile
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD"), 2);  // skin tone
}

TEST(FitTextTest, CutsAtColumnsNotBytes) {
  EXPECT_EQ(FitText("facebook", 8), "facebook");
  EXPECT_EQ(FitText("facebook", 5), "face\xE2\x80\xA6");
  // Two columns each: one character and the ellipsis fill three columns, and
  // a half of the second one cannot stand.
  EXPECT_EQ(FitText("\xE7\x8E\x8B\xE5\xB0\x8F", 3), "\xE7\x8E\x8B\xE2\x80\xA6");
  EXPECT_EQ(FitText("two words", 5), "two\xE2\x80\xA6");
}

TEST(WrapTextTest, BreaksAtBlanks) {
  EXPECT_THAT(WrapText("first response time", 14),
              ElementsAre("first response", "time"));
  EXPECT_THAT(WrapText("unbreakable x", 4), ElementsAre("unbreakable", "x"));
  EXPECT_THAT(WrapText("a  b", 9), ElementsAre("a  b"));
  EXPECT_THAT(WrapText("", 9), ElementsAre(""));
}

TEST(DurationTextTest, ShowsTheTwoLargestUnits) {
  EXPECT_EQ(DurationText(0), "0s");
  EXPECT_EQ(DurationText(250), "250us");
  EXPECT_EQ(DurationText(950'000), "950ms");
  EXPECT_EQ(DurationText(12'340'000), "12.3s");
  EXPECT_EQ(DurationText(5'000'000), "5s");
  EXPECT_EQ(DurationText(512'250'000), "8m 32s");
  EXPECT_EQ(DurationText(15 * kMinute), "15m");
  EXPECT_EQ(DurationText(2 * kHour + 5 * kMinute), "2h 5m");
  EXPECT_EQ(DurationText(28 * kHour), "1d 4h");
  EXPECT_EQ(DurationText(-90 * kSecond), "-1m 30s");
}

TEST(DurationTextTest, RoundsIntoTheNextUnit) {
  EXPECT_EQ(DurationText(999'499), "999ms");
  EXPECT_EQ(DurationText(999'500), "1s");
  EXPECT_EQ(DurationText(59'949'999), "59.9s");
  EXPECT_EQ(DurationText(59'950'000), "1m");
  EXPECT_EQ(DurationText(kHour - kSecond / 2), "1h");
  EXPECT_EQ(DurationText(kDay - kMinute / 2), "1d");
  EXPECT_EQ(DurationText(kDay - kMinute / 2 - 1), "23h 59m");
}

TEST(DurationTextTest, TakesTheWholeRange) {
  // 2^63 µs are 106'751'991 days 4 hours.
  EXPECT_EQ(DurationText(std::numeric_limits<int64_t>::max()), "106751991d 4h");
  EXPECT_EQ(DurationText(std::numeric_limits<int64_t>::min()),
            "-106751991d 4h");
}

TEST(PercentTextTest, NeverRoundsToAllOrNothing) {
  EXPECT_EQ(PercentText(0.75), "75.0 %");
  EXPECT_EQ(PercentText(1), "100.0 %");
  EXPECT_EQ(PercentText(0), "0.0 %");
  EXPECT_EQ(PercentText(0.99999), ">99.9 %");
  EXPECT_EQ(PercentText(0.9994), "99.9 %");
  EXPECT_EQ(PercentText(0.0001), "<0.1 %");
  EXPECT_EQ(PercentText(-0.125), "-12.5 %");
  EXPECT_EQ(PercentText(std::numeric_limits<double>::infinity()), "-");
}

TEST(DecimalTextTest, DropsZerosAtTheEnd) {
  EXPECT_EQ(DecimalText(4, 2), "4");
  EXPECT_EQ(DecimalText(1.625, 2), "1.62");  // halves to even
  EXPECT_EQ(DecimalText(120, 2), "120");
  EXPECT_EQ(DecimalText(0.5, 2), "0.5");
  EXPECT_EQ(DecimalText(-0.001, 2), "0");
}

TEST(LocalTimeTextTest, ShowsLocalTime) {
  const int64_t at_us = *ParseTime("2026-03-09T00:00:00Z");
  EXPECT_EQ(LocalTimeText(at_us, Zone()), "2026-03-09 00:00");
  EXPECT_EQ(LocalTimeText(at_us, *LoadZone("Europe/Madrid")),
            "2026-03-09 01:00");
  EXPECT_EQ(LocalTimeText(at_us + 5 * kSecond, Zone()), "2026-03-09 00:00:05");
}

TEST(TextTableTest, AlignsColumnsByWidth) {
  TextTable table({{.header = "agent"},
                   {.header = "first\nmean", .align = TextTable::Align::kRight},
                   {.header = "note"}});
  table.AddRow({"\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E", "8m 32s", "x"});
  table.AddRow({"bo", "-"});
  EXPECT_EQ(table.Width(2), 6 + 2 + 6 + 2 + 4);
  EXPECT_EQ(table.Render({}),
            "         first\n"
            "agent     mean  note\n"
            "\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E  8m 32s  x\n"
            "bo           -\n");
}

TEST(TextTableTest, CutsCellsAndWrapsTheLast) {
  TextTable table({{.max_width = 6}, {.max_width = 9}});
  table.AddRow({"support team", "met 3 missed 1"});
  EXPECT_EQ(table.Render({.indent = 1}),
            " suppo\xE2\x80\xA6  met 3\n"
            "         missed 1\n");
}

TEST(TextTableTest, ColoursOnlyWhereAsked) {
  TextTable table({{.header = "n", .style = TextStyle::kBold}});
  table.AddRow({"7"});
  EXPECT_EQ(table.Render({.color = TextTable::Color::kOn}),
            "\x1b[2mn\x1b[0m\n\x1b[1m7\x1b[0m\n");
  EXPECT_EQ(table.Render({}), "n\n7\n");
}

std::string JsonText(std::string_view text) {
  std::string out;
  AppendJsonText(text, &out);
  return out;
}

TEST(AppendJsonTextTest, EscapesAndRepairs) {
  EXPECT_EQ(JsonText("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(JsonText("\n\r\t\x01"), R"("\n\r\t\u0001")");
  EXPECT_EQ(JsonText("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  EXPECT_EQ(JsonText("a\xFFz\xC3"), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\"");
}

std::string JsonNumber(double value) {
  std::string out;
  AppendJsonNumber(value, &out);
  return out;
}

TEST(AppendJsonNumberTest, IsTheShortestThatReadsBack) {
  EXPECT_EQ(JsonNumber(512.25), "512.25");
  EXPECT_EQ(JsonNumber(4), "4");
  EXPECT_EQ(JsonNumber(0.1), "0.1");
  EXPECT_EQ(JsonNumber(2.0 / 3), "0.6666666666666666");
  EXPECT_EQ(JsonNumber(1e30), "1e+30");
  EXPECT_EQ(JsonNumber(-0.0), "0");
  EXPECT_EQ(JsonNumber(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(Int128TextTest, WritesEveryDigit) {
  EXPECT_EQ(Int128Text(0), "0");
  EXPECT_EQ(Int128Text(-41), "-41");
  EXPECT_EQ(Int128Text(std::numeric_limits<absl::int128>::max()),
            "170141183460469231731687303715884105727");
  EXPECT_EQ(Int128Text(std::numeric_limits<absl::int128>::min()),
            "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace cckpi
