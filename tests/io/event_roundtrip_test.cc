// What is written is read back, whatever the chunks in which it arrives; and
// no damage to the bytes does more than refuse records.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "io/read_events.h"

namespace cckpi {
namespace {

using ::testing::IsEmpty;

const std::vector<std::string> kTagNames = {"plan", "site, \"main\"", "é"};
const std::vector<std::string> kSeverities = {"critical", "minor"};

// A random valid event; its text belongs to the maker.
class EventMaker {
 public:
  explicit EventMaker(uint64_t seed) : random_(seed) {}

  Event Make() {
    Event event;
    event.kind = static_cast<EventKind>(Below(kEventKindCount));
    event.at_us = Time();
    if (Below(3) == 0) event.received_at_us = Time();
    event.by = static_cast<Actor>(Below(5));
    event.flags = static_cast<uint8_t>(Below(32));
    for (auto text :
         {&Event::id, &Event::customer, &Event::channel, &Event::source,
          &Event::team, &Event::priority, &Event::message, &Event::reason}) {
      if (Below(3) == 0) event.*text = Text();
    }
    event.interaction = Text();
    event.agent = Text();
    event.state = Text();
    event.score_micro = static_cast<int64_t>(Below(5'000'000));
    if (Below(2) == 0) event.scale_micro = 5'000'000;
    event.volume_micro = static_cast<int64_t>(Below(1'000'000'000));
    event.interval_s = 900 * static_cast<int64_t>(1 + Below(8));
    if (event.kind == EventKind::kForecast) {
      event.at_us -= event.at_us % kBucketSpan;
    }
    event.errors = Errors();
    event.tags = Tags();
    return event;
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  int64_t Time() {
    return kEarliestTime + static_cast<int64_t>(Below(static_cast<uint64_t>(
                               kLatestTime - kEarliestTime - kDay)));
  }

  std::string_view Text() {
    constexpr std::string_view kPieces[] = {
        "a",    "7",  " ", ",", "\"", "\n", "\r\n", "\\",   "é",   "€",
        "🙂", "\t", "{", "}", "T-", ";",  "'",    "\x7f", "\x01"};
    std::string text = "t";
    for (uint64_t i = Below(8); i > 0; --i) {
      text += kPieces[Below(std::size(kPieces))];
    }
    return arena_.Copy(text);
  }

  std::span<const ErrorCount> Errors() {
    auto errors = arena_.MakeArray<ErrorCount>(Below(3));
    for (size_t i = 0; i < errors.size(); ++i) {
      errors[i] = {kSeverities[i], static_cast<int64_t>(Below(4))};
    }
    return errors;
  }

  std::span<const Tag> Tags() {
    auto tags = arena_.MakeArray<Tag>(Below(4));
    for (size_t i = 0; i < tags.size(); ++i) tags[i] = {kTagNames[i], Text()};
    return tags;
  }

  std::mt19937_64 random_;
  TextArena arena_;
};

std::vector<Event> MakeEvents(EventMaker* maker, int count) {
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) {
    events.push_back(maker->Make());
    absl::Status status = ValidateEvent(events.back());
    EXPECT_TRUE(status.ok()) << status;
  }
  return events;
}

std::string AsJsonLines(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) AppendJsonLine(event, &text);
  return text;
}

std::string AsCsv(const std::vector<Event>& events) {
  CsvEventWriter writer(kTagNames, kSeverities);
  std::string text = writer.Header();
  for (const Event& event : events) text += writer.Row(event);
  return text;
}

// Reads and compares event by event, in batches of an odd size.
void ExpectReads(const std::string& text, const OpenOptions& options,
                 const std::vector<Event>& events) {
  auto reader = OpenEventsInMemory(text, options);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EventBatch batch;
  size_t read = 0;
  while (true) {
    absl::StatusOr<bool> more = (*reader)->Read(&batch, 7);
    ASSERT_TRUE(more.ok()) << more.status();
    if (!*more) break;
    for (const Refusal& refusal : batch.refusals) {
      ADD_FAILURE() << RefusalText(refusal);
    }
    for (const Event& event : batch.events) {
      ASSERT_LT(read, events.size());
      EXPECT_TRUE(CompareEvents(event, events[read]) == 0)
          << WriteJsonLine(event) << WriteJsonLine(events[read]);
      ++read;
    }
  }
  EXPECT_EQ(read, events.size());
}

TEST(EventRoundTripTest, JsonLinesInChunksOfAnySize) {
  EventMaker maker(1);
  std::vector<Event> events = MakeEvents(&maker, 500);
  std::string text = AsJsonLines(events);
  for (size_t buffer_bytes : {16, 17, 100, 1000, 4096, 1 << 20}) {
    OpenOptions options;
    options.format = EventFormat::kJsonLines;
    options.buffer_bytes = buffer_bytes;
    ExpectReads(text, options, events);
  }
}

TEST(EventRoundTripTest, CsvInChunksOfAnySize) {
  EventMaker maker(2);
  std::vector<Event> events = MakeEvents(&maker, 500);
  // An empty tag is absent in CSV, and no made event has one.
  std::string text = AsCsv(events);
  for (size_t buffer_bytes : {16, 17, 100, 1000, 4096, 1 << 20}) {
    OpenOptions options;
    options.format = EventFormat::kCsv;
    options.buffer_bytes = buffer_bytes;
    ExpectReads(text, options, events);
    ExpectReads(Gzip(text), options, events);
  }
}

TEST(EventRoundTripTest, WrittenLinesAreAsTheFormatSays) {
  Event event;
  event.at_us = *ParseTime("2026-03-02T09:00:00.5Z");
  event.interaction = "T \"1\"\n";
  event.flags = kCampaign | kEcho;
  EXPECT_EQ(WriteJsonLine(event),
            "{\"at\":\"2026-03-02T09:00:00.5Z\",\"kind\":\"customer_message\","
            "\"interaction\":\"T \\\"1\\\"\\n\","
            "\"flags\":[\"campaign\",\"echo\"]}\n");
  CsvEventWriter writer({}, {});
  EXPECT_EQ(writer.Header(),
            "at,kind,id,received_at,interaction,customer,channel,source,team,"
            "agent,priority,message,state,reason,by,flags,score,scale,"
            "interval_s,volume\n");
  EXPECT_EQ(writer.Row(event),
            "2026-03-02T09:00:00.5Z,customer_message,,,\"T \"\"1\"\"\n\","
            ",,,,,,,,,,campaign echo,,,,\n");
}

// Damages a few bytes of a small input. Whatever comes out is valid, rows
// only grow, and reading ends.
TEST(EventRoundTripTest, DamagedBytesOnlyRefuseRecords) {
  EventMaker maker(3);
  std::vector<Event> events = MakeEvents(&maker, 6);
  const std::string inputs[] = {AsJsonLines(events), AsCsv(events),
                                Gzip(AsCsv(events))};
  auto mapping = ParseMapping(R"({
      "fields": {"at": "at", "kind": "kind", "interaction":
                 {"first_of": ["interaction", "id"], "optional": true},
                 "agent": {"column": "agent", "optional": true}},
      "roles": {"interaction": "kind", "actor": "at"}})");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  constexpr std::string_view kNasty = "\"\"\"\n\n\r,,{}[]:\\u\0\xFF\xC3 9-";
  std::mt19937_64 random(4);
  int64_t read = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string text = inputs[round % 3];
    for (int change = 1 + static_cast<int>(random() % 4); change > 0;
         --change) {
      size_t at = random() % text.size();
      char byte = kNasty[random() % kNasty.size()];
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text[at] = byte;
          break;
        case 2:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1 + random() % 5);
      }
      if (text.empty()) text = "x";
    }
    OpenOptions options;
    options.buffer_bytes = 16 + random() % 600;
    options.max_record_bytes = 200 + random() % 5000;
    if (round % 2 == 0) {
      options.format =
          round % 3 == 0 ? EventFormat::kJsonLines : EventFormat::kCsv;
    }
    if (round % 5 == 0) options.mapping = *mapping;
    auto reader = OpenEventsInMemory(text, options);
    if (!reader.ok()) continue;
    EventBatch batch;
    for (int reads = 0;; ++reads) {
      ASSERT_LT(reads, 1000);
      absl::StatusOr<bool> more = (*reader)->Read(&batch, 5);
      if (!more.ok() || !*more) break;
      int64_t row = 0;
      for (int64_t next : batch.rows) {
        EXPECT_GE(next, row);
        row = next;
      }
      for (const Event& event : batch.events) {
        EXPECT_TRUE(ValidateEvent(event).ok());
        ++read;
      }
    }
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace cckpi
