#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/read_events.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kGood =
    R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
    R"("interaction":"T-1"})";

// The refusal of a line that is good but for some fields.
std::string Refused(std::string fields) {
  ReadResult result = ReadText(
      R"({"at":"2026-03-02T09:00:00Z","kind":"reviewed","interaction":"T-1",)" +
      fields + "}");
  EXPECT_TRUE(result.status.ok());
  EXPECT_THAT(result.events, IsEmpty());
  if (result.refusals.size() != 1) return "";
  std::string text = result.refusals[0];
  for (std::string_view part : {"log: line 1: ", " (T-1)"}) {
    if (auto at = text.find(part); at != text.npos) text.erase(at, part.size());
  }
  return text;
}

TEST(JsonLinesReaderTest, ReadsEveryField) {
  std::string line =
      R"({"at": "2026-03-02T10:00:00.25+01:00", "kind": "reviewed", )"
      R"("id": "e1", "received_at": 1772442001000000, "interaction": 4711, )"
      R"("customer": 18446744073709551615, "channel": "whats\u0041pp", )"
      R"("source": "page", "team": "first", "agent": -5, "priority": "high", )"
      R"("by": "agent", "flags": ["private", "echo"], "message": "m1", )"
      R"("errors": {"minor": 0, "major": 2, "none": null}, "score": 4.5, )"
      R"("scale": 5, "state": "busy", "interval_s": 900, "volume": 12.25, )"
      R"("reason": "why", "tags": {"vip": true, "plan": "gold", "floor": 3, )"
      R"("gone": null}, "host_field": {"a": [1, 2]}})";
  ReadResult result = ReadText(line);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(
      result.events,
      ElementsAre(
          R"({"at":"2026-03-02T09:00:00.25Z","kind":"reviewed","id":"e1",)"
          R"("received_at":"2026-03-02T09:00:01Z","interaction":"4711",)"
          R"("customer":"18446744073709551615","channel":"whatsApp",)"
          R"("source":"page","team":"first","agent":"-5","priority":"high",)"
          R"("message":"m1","state":"busy","reason":"why","by":"agent",)"
          R"("flags":["private","echo"],"errors":{"major":2,"minor":0},)"
          R"("score":4.5,"scale":5,"interval_s":900,"volume":12.25,)"
          R"("tags":{"floor":"3","plan":"gold","vip":"true"}})"));
}

TEST(JsonLinesReaderTest, BlankLinesLineEndsAndByteOrderMarkAreNoTrouble) {
  std::string good(kGood);
  ReadResult result =
      ReadText("\xEF\xBB\xBF" + good + "\r\n\r\n  \n" + good + "\n\n" + good);
  ASSERT_TRUE(result.status.ok());
  EXPECT_THAT(result.events, ElementsAre(kGood, kGood, kGood));
  EXPECT_THAT(result.rows, ElementsAre(1, 4, 6));
  EXPECT_THAT(result.refusals, IsEmpty());
}

TEST(JsonLinesReaderTest, AnEmptyInputHasNoEvents) {
  for (const char* text : {"", "\n", " \r\n\n"}) {
    ReadResult result = ReadText(text);
    EXPECT_TRUE(result.status.ok());
    EXPECT_THAT(result.events, IsEmpty());
    EXPECT_THAT(result.refusals, IsEmpty());
  }
}

TEST(JsonLinesReaderTest, ABadLineCostsOnlyItself) {
  std::string good(kGood);
  std::string nul = good;
  nul[nul.find("T-1")] = '\0';
  std::string latin1 = good;
  latin1[latin1.find("T-1")] = '\xE9';
  std::string lines = good + "\n{\"at\":\n" + good + "\n\"open\n[1]\n" + nul +
                      "\n" + latin1 + "\n{} {}\n12\n" + good + "}\n" + good;
  ReadResult result = ReadText(lines);
  ASSERT_TRUE(result.status.ok());
  EXPECT_THAT(result.rows, ElementsAre(1, 3, 11));
  EXPECT_THAT(
      result.refusals,
      ElementsAre("log: line 2: is not JSON",
                  "log: line 4: is not JSON: a text is not closed",
                  "log: line 5: expected one JSON object on each line",
                  "log: line 6: is not JSON: a control character in a text",
                  "log: line 7: is not valid UTF-8", "log: line 8: is not JSON",
                  "log: line 9: expected one JSON object on each line",
                  "log: line 10: is not JSON"));
}

TEST(JsonLinesReaderTest, WrongTypesNameTheField) {
  EXPECT_EQ(Refused(R"("id":1.5)"), "id: expected text or an integer");
  EXPECT_EQ(Refused(R"("customer":{})"),
            "customer: expected text or an integer");
  EXPECT_EQ(Refused(R"("received_at":1.5)"),
            "received_at: expected text or an integer");
  EXPECT_EQ(Refused(R"("received_at":"soon")"),
            "received_at: \"soon\" is not RFC 3339 with an offset, nor "
            "integer microseconds");
  EXPECT_EQ(Refused(R"("by":1)"), "by: expected text");
  EXPECT_EQ(Refused(R"("by":"boss")"),
            "by: \"boss\" is not agent, bot, customer or system");
  EXPECT_EQ(Refused(R"("flags":"private")"), "flags: expected a list of text");
  EXPECT_EQ(Refused(R"("flags":[1])"), "flags: expected a list of text");
  EXPECT_EQ(Refused(R"("flags":["privat"])"), "flags: \"privat\" is unknown");
  EXPECT_EQ(Refused(R"("errors":2)"), "errors: expected an object");
  EXPECT_EQ(Refused(R"("errors":{"major":"2"})"),
            "errors.major: expected an integer");
  EXPECT_EQ(Refused(R"("errors":{"major":-2})"),
            "reviewed: errors.major is -2");
  EXPECT_EQ(Refused(R"("score":"4")"),
            "score: expected a number of at most six decimals");
  EXPECT_EQ(Refused(R"("scale":1e300)"),
            "scale: expected a number of at most six decimals");
  EXPECT_EQ(Refused(R"("volume":0.1234567)"),
            "volume: expected a number of at most six decimals");
  EXPECT_EQ(Refused(R"("interval_s":"900")"),
            "interval_s: expected an integer");
  EXPECT_EQ(Refused(R"("tags":[])"), "tags: expected an object");
  EXPECT_EQ(Refused(R"("tags":{"plan":[]})"), "tags.plan: expected text");
  EXPECT_EQ(Refused(R"("tags":{"plan":"a","plan":"b"})"),
            "tags.plan: given twice");
  EXPECT_EQ(Refused(R"("kind":"queued")"), "kind: given twice");
  EXPECT_EQ(Refused(R"("reason":"a\u0000b")"), "reason: holds a NUL character");
  EXPECT_EQ(Refused(R"("team":12345678901234567890123)"),
            "is not JSON: a number is malformed or too large");
}

TEST(JsonLinesReaderTest, AtAndKindAreRequired) {
  ReadResult result = ReadText(
      "{\"kind\":\"queued\",\"interaction\":1}\n"
      "{\"at\":1772442000000000,\"interaction\":2}\n"
      "{\"at\":null,\"kind\":\"queued\",\"interaction\":3,\"id\":\"e3\"}\n"
      "{\"at\":0,\"kind\":\"queued\",\"interaction\":4}\n"
      "{\"at\":4102444800000000,\"kind\":\"queued\",\"interaction\":5}\n"
      "{\"at\":true,\"kind\":\"queued\",\"interaction\":6}\n"
      "{\"interaction\":7,\"kind\":\"custmer_message\"}\n"
      "{\"kind\":7}\n{}\n");
  EXPECT_THAT(
      result.refusals,
      ElementsAre(
          "log: line 1: at: missing (1)", "log: line 2: kind: missing (2)",
          "log: line 3: at: missing (e3)",
          "log: line 4: at: 1970-01-01T00:00:00Z is before 1990 (4)",
          "log: line 5: at: 2100-01-01T00:00:00Z is after 2099 (5)",
          "log: line 6: at: expected text or an integer",
          "log: line 7: kind: \"custmer_message\" is unknown; did you mean "
          "\"customer_message\"? (7)",
          "log: line 8: kind: expected text", "log: line 9: kind: missing"));
}

TEST(JsonLinesReaderTest, ALineThatIsTooLongIsRefusedAndPassedOver) {
  std::string good(kGood);
  std::string padded = good;
  padded.insert(1, std::string(5000, ' '));
  for (size_t buffer_bytes : {16, 300, 100000}) {
    OpenOptions options;
    options.buffer_bytes = buffer_bytes;
    options.max_record_bytes = 1000;
    ReadResult result =
        ReadText(good + "\n" + padded + "\n" + good + "\n" + padded, options);
    EXPECT_THAT(result.rows, ElementsAre(1, 3));
    EXPECT_THAT(result.refusals,
                ElementsAre("log: line 2: the line is too long",
                            "log: line 4: the line is too long"));
  }
}

TEST(JsonLinesReaderTest, ABatchHoldsNoMoreThanAsked) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += std::string(kGood) + "\nbad\n";
  OpenOptions options;
  options.format = EventFormat::kJsonLines;
  auto reader = OpenEventsInMemory(text, options);
  ASSERT_TRUE(reader.ok());
  EventBatch batch;
  size_t records = 0;
  while (*(*reader)->Read(&batch, 3)) {
    EXPECT_LE(batch.events.size() + batch.refusals.size(), 3u);
    EXPECT_EQ(batch.events.size(), batch.rows.size());
    records += batch.events.size() + batch.refusals.size();
  }
  EXPECT_EQ(records, 20u);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ((*reader)->bytes_read(), static_cast<int64_t>(text.size()));
  EXPECT_EQ((*reader)->bytes_total(), static_cast<int64_t>(text.size()));
}

}  // namespace
}  // namespace cckpi
