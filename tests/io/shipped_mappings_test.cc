// The mappings that ship with the project, on rows as their sources have
// them, and on two real logs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "io/read_events.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kSource = CCKPI_SOURCE_DIR;

ReadResult ReadShipped(const std::string& log, const std::string& mapping) {
  ReadResult result;
  auto loaded = LoadMapping(kSource + mapping);
  result.status = loaded.status();
  if (!loaded.ok()) return result;
  OpenOptions options;
  options.mapping = *loaded;
  options.name = "log";
  return ReadAll(OpenEvents(kSource + log, options), 1000);
}

// "kind=count" of every kind of event.
std::map<std::string, int> CountKinds(const ReadResult& result) {
  std::map<std::string, int> counts;
  for (const std::string& event : result.events) {
    constexpr std::string_view kKey = "\"kind\":\"";
    size_t begin = event.find(kKey) + kKey.size();
    ++counts[event.substr(begin, event.find('"', begin) - begin)];
  }
  return counts;
}

std::set<std::string> Values(const ReadResult& result, std::string key) {
  key = "\"" + key + "\":\"";
  std::set<std::string> values;
  for (const std::string& event : result.events) {
    size_t begin = event.find(key);
    if (begin == event.npos) continue;
    begin += key.size();
    values.insert(event.substr(begin, event.find('"', begin) - begin));
  }
  return values;
}

TEST(ShippedMappingsTest, EveryMappingIsValid) {
  int mappings = 0;
  for (const char* folder : {"/mappings", "/examples/data"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(kSource + folder)) {
      if (!entry.path().string().ends_with(".mapping.json")) continue;
      auto mapping = LoadMapping(entry.path());
      EXPECT_TRUE(mapping.ok()) << mapping.status();
      if (!mapping.ok()) continue;
      EXPECT_FALSE((*mapping)->description().empty());
      ++mappings;
    }
  }
  EXPECT_GE(mappings, 6);
}

// 1,211 rows of customers and 1,139 of agents, 2,350 in all.
TEST(ShippedMappingsTest, TwitterCustomerCareIsReadWhole) {
  ReadResult result =
      ReadShipped("/examples/data/twitter_customer_care.csv.gz",
                  "/examples/data/twitter_customer_care.mapping.json");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals, IsEmpty());
  EXPECT_EQ(result.events.size(), 2350u);
  EXPECT_EQ(CountKinds(result),
            (std::map<std::string, int>{{"agent_message", 1139},
                                        {"customer_message", 1211}}));
  EXPECT_EQ(Values(result, "interaction").size(), 1025u);
  EXPECT_EQ(Values(result, "source").size(), 25u);
  EXPECT_EQ(result.rows.back(), 2351);
  EXPECT_EQ(result.events[0],
            R"({"at":"2020-04-01T17:31:32Z","kind":"customer_message",)"
            R"("interaction":"LgwAXtbbEm0mBvDrGmjk","customer":"U0001",)"
            R"("channel":"twitter","source":"TeamYouTube",)"
            R"("team":"TeamYouTube"})");
  EXPECT_EQ(result.events[1],
            R"({"at":"2020-04-01T18:58:27Z","kind":"agent_message",)"
            R"("interaction":"LgwAXtbbEm0mBvDrGmjk","channel":"twitter",)"
            R"("source":"TeamYouTube","team":"TeamYouTube",)"
            R"("agent":"TeamYouTube"})");
}

TEST(ShippedMappingsTest, UbuntuIrcIsReadWhole) {
  ReadResult result = ReadShipped("/examples/data/ubuntu_irc_support.csv.gz",
                                  "/examples/data/ubuntu_irc.mapping.json");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals, IsEmpty());
  EXPECT_EQ(result.events.size(), 66828u);
  EXPECT_EQ(Values(result, "interaction").size(), 10073u);
  EXPECT_EQ(Values(result, "id").size(), 66828u);
  // Each conversation has one customer: who wrote its first row.
  std::map<std::string, int> kinds = CountKinds(result);
  EXPECT_EQ(kinds["customer_message"] + kinds["agent_message"], 66828);
  EXPECT_GE(kinds["customer_message"], 10073);
  EXPECT_GT(kinds["agent_message"], 10000);
  EXPECT_EQ(result.events[1],
            R"({"at":"2004-12-25T03:32:00Z","kind":"customer_message",)"
            R"("id":"2004-12-25.train-c:1009",)"
            R"("interaction":"2004-12-25.train-c:1000","customer":"N0001",)"
            R"("channel":"irc","message":"2004-12-25.train-c:1009"})");
}

TEST(ShippedMappingsTest, ZendeskTicketsBecomeTheirLifeCycle) {
  ReadResult result =
      ReadShipped("/tests/data/mappings/zendesk_ticket_metrics.csv",
                  "/mappings/zendesk_ticket_metrics.mapping.json");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals, IsEmpty());
  const std::string first = R"("interaction":"35436",)";
  const std::string rest = R"("channel":"email","source":"Acme",)";
  const std::string high = R"("priority":"High")";
  ASSERT_EQ(result.events.size(), 6u + 5u + 2u);
  EXPECT_EQ(result.events[0],
            R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)" +
                first + R"("customer":"r-901",)" + rest + high + "}");
  EXPECT_EQ(result.events[1],
            R"({"at":"2026-03-02T09:00:00Z","kind":"queued",)" + first + rest +
                R"("team":"Tier 1",)" + high + "}");
  EXPECT_EQ(result.events[2],
            R"({"at":"2026-03-02T09:04:10Z","kind":"assigned",)" + first +
                rest + R"("agent":"ana",)" + high + "}");
  // 17 minutes after 09:00.
  EXPECT_EQ(result.events[3],
            R"({"at":"2026-03-02T09:17:00Z","kind":"agent_message",)" + first +
                rest + R"("agent":"ana",)" + high + "}");
  EXPECT_EQ(result.events[4],
            R"({"at":"2026-03-02T11:30:00Z","kind":"resolved",)" + first +
                rest + R"("agent":"ana",)" + high + "}");
  EXPECT_EQ(result.events[5],
            R"({"at":"2026-03-03T08:00:00Z","kind":"surveyed",)" + first +
                rest + high + R"(,"score":1,"scale":1})");
  // 2.5 minutes after 09:10.
  EXPECT_EQ(result.events[9],
            R"({"at":"2026-03-02T09:12:30Z","kind":"agent_message",)"
            R"("interaction":"35437","channel":"web","source":"Acme",)"
            R"("agent":"ben"})");
  EXPECT_EQ(result.rows[12], 4);
}

TEST(ShippedMappingsTest, IntercomPartsBecomeEvents) {
  ReadResult result =
      ReadShipped("/tests/data/mappings/intercom_conversation_parts.jsonl",
                  "/mappings/intercom_conversation_parts.mapping.json");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals, IsEmpty());
  std::vector<std::string> kinds;
  for (const std::string& event : result.events) {
    constexpr std::string_view kKey = "\"kind\":\"";
    size_t begin = event.find(kKey) + kKey.size();
    kinds.push_back(event.substr(begin, event.find('"', begin) - begin));
  }
  EXPECT_THAT(kinds, ElementsAre("customer_message", "bot_message", "queued",
                                 "assigned", "agent_message", "agent_message",
                                 "hold", "resumed", "unassigned", "resolved",
                                 "customer_message", "resolved", "reopened",
                                 "surveyed", "auto_closed"));
  EXPECT_EQ(result.events[0],
            R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
            R"("id":"part:101","interaction":"7001","customer":"u-1",)"
            R"("channel":"whatsapp","message":"101"})");
  EXPECT_EQ(result.events[2],
            R"({"at":"2026-03-02T09:00:10Z","kind":"queued","id":"part:103",)"
            R"("interaction":"7001","channel":"intercom","team":"500"})");
  EXPECT_EQ(result.events[4],
            R"({"at":"2026-03-02T09:01:40Z","kind":"agent_message",)"
            R"("id":"part:105","interaction":"7001","channel":"intercom",)"
            R"("agent":"a-1","message":"105","flags":["private"]})");
  EXPECT_EQ(result.events[11],
            R"({"at":"2026-03-02T10:08:20Z","kind":"resolved",)"
            R"("id":"part:112","interaction":"7001","channel":"intercom",)"
            R"("by":"bot"})");
  EXPECT_EQ(result.events[13],
            R"({"at":"2026-03-02T10:11:40Z","kind":"surveyed",)"
            R"("id":"part:114","interaction":"7001","channel":"intercom",)"
            R"("score":4,"scale":5})");
}

// The first conversation's rows go back in time, the second's forward.
TEST(ShippedMappingsTest, TweetsAreJoinedByWhatTheyAnswer) {
  ReadResult result =
      ReadShipped("/tests/data/mappings/twitter_customer_support.csv",
                  "/mappings/twitter_customer_support.mapping.json");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals, IsEmpty());
  ASSERT_EQ(result.events.size(), 7u);
  EXPECT_THAT(result.rows, ElementsAre(2, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(result.events[0],
            R"({"at":"2017-10-31T22:10:47Z","kind":"agent_message","id":"1",)"
            R"("interaction":"1","channel":"twitter","source":"acme_care",)"
            R"("agent":"acme_care","message":"1"})");
  EXPECT_EQ(result.events[4],
            R"({"at":"2017-10-31T21:49:35Z","kind":"customer_message",)"
            R"("id":"5","interaction":"1","customer":"115712",)"
            R"("channel":"twitter","message":"5"})");
  EXPECT_THAT(Values(result, "interaction"), ElementsAre("1", "8"));
}

TEST(ShippedMappingsTest, HelpdeskStepsBecomeEvents) {
  ReadResult result = ReadShipped("/tests/data/mappings/helpdesk_event_log.csv",
                                  "/mappings/helpdesk_event_log.mapping.json");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 9: no rule of the mapping fits"));
  EXPECT_EQ(CountKinds(result),
            (std::map<std::string, int>{{"customer_message", 2},
                                        {"queued", 2},
                                        {"assigned", 1},
                                        {"hold", 1},
                                        {"agent_message", 1},
                                        {"resolved", 1},
                                        {"discarded", 1}}));
  EXPECT_EQ(result.events[1],
            R"({"at":"2012-10-09T14:50:17Z","kind":"queued",)"
            R"("interaction":"Case 1","customer":"Value 94",)"
            R"("channel":"ticket","team":"Team A","priority":"high",)"
            R"("tags":{"product":"Value 1"}})");
  EXPECT_EQ(result.events.back(),
            R"({"at":"2012-10-10T08:30:00Z","kind":"discarded",)"
            R"("interaction":"Case 2","customer":"Value 95",)"
            R"("channel":"ticket","priority":"low","reason":"duplicate",)"
            R"("tags":{"product":"Value 2"}})");
}

}  // namespace
}  // namespace cckpi
