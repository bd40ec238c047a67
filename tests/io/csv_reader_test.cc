#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/read_events.h"

namespace cckpi {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kGood =
    R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
    R"("interaction":"T-1"})";
constexpr std::string_view kRow = "2026-03-02T09:00:00Z,customer_message,T-1";

TEST(CsvReaderTest, ReadsEveryFieldInAnyOrderOfColumns) {
  ReadResult result = ReadCsv(
      "tag.plan,errors.major,errors.minor,volume,interval_s,scale,score,"
      "reason,state,message,flags,by,priority,agent,team,source,channel,"
      "customer,interaction,received_at,id,kind,at,host\n"
      "gold,2,,12.25,900,5,4.5,why,busy,m1,private  echo,agent,high,ana,"
      "first,page,whatsapp,c1,T-1,1772442001000000,e1,reviewed,"
      "2026-03-02T10:00:00+01:00,ignored\n");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(
      result.events,
      ElementsAre(
          R"({"at":"2026-03-02T09:00:00Z","kind":"reviewed","id":"e1",)"
          R"("received_at":"2026-03-02T09:00:01Z","interaction":"T-1",)"
          R"("customer":"c1","channel":"whatsapp","source":"page",)"
          R"("team":"first","agent":"ana","priority":"high","message":"m1",)"
          R"("state":"busy","reason":"why","by":"agent",)"
          R"("flags":["private","echo"],"errors":{"major":2},"score":4.5,)"
          R"("scale":5,"interval_s":900,"volume":12.25,)"
          R"("tags":{"plan":"gold"}})"));
}

TEST(CsvReaderTest, QuotedFieldsHoldDelimitersLineEndsAndQuotes) {
  ReadResult result = ReadCsv(
      "at,kind,interaction,reason\r\n"
      "2026-03-02T09:00:00Z,\"resolved\",\"T,1\",\"a \"\"b\"\"\r\nc\"\r\n"
      "2026-03-02T09:00:00Z,resolved,T\"2,\"\"\r\n"
      "2026-03-02T09:00:00Z,resolved,T-3,\"\"\"\"");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals, IsEmpty());
  EXPECT_THAT(result.events,
              ElementsAre(R"({"at":"2026-03-02T09:00:00Z","kind":"resolved",)"
                          R"("interaction":"T,1","reason":"a \"b\"\r\nc"})",
                          R"({"at":"2026-03-02T09:00:00Z","kind":"resolved",)"
                          R"("interaction":"T\"2"})",
                          R"({"at":"2026-03-02T09:00:00Z","kind":"resolved",)"
                          R"("interaction":"T-3","reason":"\""})"));
  // The first record takes two lines.
  EXPECT_THAT(result.rows, ElementsAre(2, 4, 5));
}

TEST(CsvReaderTest, EveryLineEndIsRead) {
  std::string row(kRow);
  for (const char* end : {"\n", "\r\n", "\r"}) {
    for (const char* last : {"", end}) {
      ReadResult result =
          ReadCsv(std::string("\xEF\xBB\xBF") + "at,kind,interaction" + end +
                  row + end + end + row + last);
      ASSERT_TRUE(result.status.ok()) << result.status;
      EXPECT_THAT(result.events, ElementsAre(kGood, kGood));
      EXPECT_THAT(result.rows, ElementsAre(2, 4));
      EXPECT_THAT(result.refusals, IsEmpty());
    }
  }
}

TEST(CsvReaderTest, ABadRecordCostsOnlyItself) {
  std::string row(kRow);
  ReadResult result = ReadCsv(
      "at,kind,interaction\n" + row + "\n" + row + ",more\nless\n" +
      "\"2026\"-03,customer_message,T-4\n" + row + "\n" +
      "2026-03-02T09:00:00Z,customer_message,\xE9\n" +
      "2026-03-02T09:00:00Z,customer_message,a\0b\n"s + row +
      "\n,queued,T-9\n2026-03-02T09:00:00Z,,T-10\n2026-03-02,queued,T-11\n" +
      "2026-03-02T09:00:00Z,queue,\n");
  ASSERT_TRUE(result.status.ok());
  EXPECT_THAT(result.rows, ElementsAre(2, 6, 9));
  EXPECT_THAT(
      result.refusals,
      ElementsAre("log: line 3: has 4 fields, the header has 3",
                  "log: line 4: has 1 field, the header has 3",
                  "log: line 5: text after a closing quote",
                  "log: line 7: interaction: is not valid UTF-8 (?)",
                  "log: line 8: interaction: holds a NUL character (a?b)",
                  "log: line 10: at: missing (T-9)",
                  "log: line 11: kind: missing (T-10)",
                  "log: line 12: at: \"2026-03-02\" is not RFC 3339 with an "
                  "offset, nor integer microseconds",
                  "log: line 13: kind: \"queue\" is unknown; did you mean "
                  "\"queued\"?"));
}

TEST(CsvReaderTest, ValuesThatDoNotFitNameTheColumn) {
  auto refused = [](std::string column, std::string value) {
    ReadResult result =
        ReadCsv("at,kind,interaction," + column +
                "\n2026-03-02T09:00:00Z,reviewed,T-1," + value + "\n");
    EXPECT_TRUE(result.status.ok());
    return result.refusals.size() == 1 ? result.refusals[0] : "";
  };
  EXPECT_EQ(refused("errors.major", "two"),
            "log: line 2: errors.major: \"two\" is not an integer (T-1)");
  EXPECT_EQ(refused("errors.major", "-2"),
            "log: line 2: reviewed: errors.major is -2 (T-1)");
  EXPECT_EQ(refused("score", "1e3"),
            "log: line 2: score: \"1e3\" is not a decimal number of at most "
            "six decimals (T-1)");
  EXPECT_EQ(refused("interval_s", "15m"),
            "log: line 2: interval_s: \"15m\" is not an integer (T-1)");
  EXPECT_EQ(refused("flags", "private publik"),
            "log: line 2: flags: \"publik\" is unknown (T-1)");
  EXPECT_EQ(refused("by", "me"),
            "log: line 2: by: \"me\" is not agent, bot, customer or system "
            "(T-1)");
}

TEST(CsvReaderTest, AnOpenQuoteCostsOneLine) {
  std::string row(kRow);
  ReadResult result =
      ReadCsv("at,kind,interaction\n" + row + "\n" +
              "2026-03-02T09:00:00Z,queued,\"T-2\n" + row + "\n" + row + "\n");
  ASSERT_TRUE(result.status.ok());
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 3: a quote is not closed"));
  EXPECT_THAT(result.rows, ElementsAre(2, 4, 5));
}

TEST(CsvReaderTest, ARecordThatIsTooLongIsGivenUp) {
  std::string row(kRow);
  std::string rows;
  for (int i = 0; i < 200; ++i) rows += row + "\n";
  OpenOptions options;
  options.buffer_bytes = 64;
  options.max_record_bytes = 1000;
  ReadResult result =
      ReadCsv("at,kind,interaction\n2026-03-02T09:00:00Z,queued,\"T-2\n" + rows,
              options);
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 2: the record is too long"));
  EXPECT_EQ(result.events.size(), 200u);
  EXPECT_EQ(result.rows.front(), 3);

  result = ReadCsv(
      "at,kind,interaction\n" + row + std::string(5000, 'x') + "\n" + row,
      options);
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 2: the record is too long"));
  EXPECT_THAT(result.rows, ElementsAre(3));
}

TEST(CsvReaderTest, AHeaderWithoutTheRequiredColumnsIsFatal) {
  ReadResult result = ReadCsv("at,knd,interaction\n");
  EXPECT_EQ(result.status.message(),
            "log: line 1: no column \"kind\"; the nearest is \"knd\"");
  result = ReadCsv("time,kind,interaction\n");
  EXPECT_THAT(std::string(result.status.message()),
              HasSubstr("no column \"at\""));
  result = ReadCsv("at,kind,at\n");
  EXPECT_EQ(result.status.message(),
            "log: line 1: header: the column \"at\" is there twice");
  result = ReadCsv("");
  EXPECT_EQ(result.status.message(),
            "log: line 1: is empty, a header row is missing");
  result = ReadCsv("\"at\"x,kind\n");
  EXPECT_EQ(result.status.message(),
            "log: line 1: header: text after a closing quote");
  result = ReadCsv(" at , kind,interaction\n" + std::string(kRow));
  EXPECT_THAT(result.events, ElementsAre(kGood));
}

TEST(CsvReaderTest, Utf16IsNamed) {
  ReadResult result =
      ReadCsv(std::string_view("\xFF\xFE"
                               "a\0t\0",
                               6));
  EXPECT_EQ(result.status.message(), "log: is UTF-16; it must be UTF-8");
}

}  // namespace
}  // namespace cckpi
