// What shards keep of agents comes back in the order of its causes.

#include "src/timeline/agent_facts.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace cckpi {
namespace {

constexpr TextId kAnn = 7;
constexpr TextId kAnnThere = 3;

AgentFact Reply(int64_t at_us, uint32_t interaction = 0) {
  return {.at_us = at_us,
          .kind = AgentFact::Kind::kReply,
          .interaction = static_cast<InteractionId>(interaction)};
}

struct Shard {
  void Add(TextId agent, int64_t at_us, std::string_view id,
           std::string_view interaction = "") {
    facts.CausedByEvent(EventKind::kAgentMessage, id);
    facts.Add(agent, Reply(at_us, names.Acquire(interaction)));
  }
  FactSource source() const {
    return {.facts = &facts, .names = &names, .translate = {}};
  }

  AgentFacts facts;
  KeyDictionary names;
};

std::vector<std::tuple<int64_t, uint32_t>> Taken(FactsOfAgent facts) {
  std::vector<std::tuple<int64_t, uint32_t>> taken;
  while (!facts.ended()) {
    const int64_t at_us = facts.at_us();
    const AgentFact fact = facts.Take();
    EXPECT_EQ(fact.at_us, at_us);
    taken.emplace_back(at_us, static_cast<uint32_t>(fact.interaction));
  }
  return taken;
}

TEST(FactIdsTest, KeepsTextsOfAnyLength) {
  FactIds ids;
  EXPECT_EQ(ids.Add(""), 0u);
  EXPECT_EQ(ids.At(0), "");
  std::vector<std::string> texts;
  for (size_t length = 1; length < 300'000; length = length * 3 + 1) {
    texts.push_back(std::string(length, 'a'));
    texts.push_back(std::string(length, 'b'));
  }
  for (int n = 0; n < 30'000; ++n) texts.push_back(std::to_string(n));
  std::vector<uint32_t> places;
  for (const std::string& text : texts) {
    places.push_back(ids.Add(text));
    EXPECT_EQ(ids.Add(text), places.back());
  }
  for (size_t t = 0; t < texts.size(); ++t) {
    ASSERT_EQ(ids.At(places[t]), texts[t]);
  }
  EXPECT_GT(ids.memory_bytes(), 1'000'000u);
  EXPECT_LT(ids.memory_bytes(), 2'000'000u);
}

TEST(FactListTest, FactsStayWhereTheyAre) {
  FactList list;
  std::vector<const AgentFact*> places;
  for (int64_t at_us = 0; at_us < 3000; ++at_us) {
    list.Add(Reply(at_us));
    places.push_back(&list[static_cast<size_t>(at_us)]);
  }
  EXPECT_EQ(list.size(), 3000u);
  EXPECT_TRUE(list.in_order());
  for (size_t f = 0; f < places.size(); ++f) {
    ASSERT_EQ(places[f], &list[f]);
    ASSERT_EQ(list[f].at_us, static_cast<int64_t>(f));
  }
  // 16, 32, … 2048 facts.
  EXPECT_EQ(list.memory_bytes(),
            sizeof(FactList) + (4096 - 16) * sizeof(AgentFact));
}

TEST(FactListTest, KnowsWhetherFactsSurelyCameInOrder) {
  FactList list;
  list.Add(Reply(10, 1));
  list.Add(Reply(10, 1));
  EXPECT_TRUE(list.in_order());
  list.Add(Reply(10, 2));  // names decide
  EXPECT_FALSE(list.in_order());
  list.Add(Reply(20, 2));
  EXPECT_FALSE(list.in_order());
}

TEST(FactsOfAgentTest, ComeInOrderOfInstantRankIdAndName) {
  Shard here;
  Shard there;
  // Names get the same numbers in both; "b" is 1 here, "a" is 1 there.
  here.Add(kAnn, 10, "e2", "b");
  here.Add(kAnn, 20, "", "d");
  here.Add(kAnn, 30, "");
  there.Add(kAnnThere, 10, "e1", "a");
  there.Add(kAnnThere, 20, "", "c");
  there.facts.CausedByEvent(EventKind::kCustomerMessage, "z");
  there.facts.Add(kAnnThere, Reply(30, 9));
  there.Add(kAnnThere + 1, 5, "another's");
  const FactSource sources[] = {here.source(), there.source()};
  FactsOfAgent facts(kAnn);
  EXPECT_TRUE(facts.ended());
  facts.Add(sources[0], kAnn);
  facts.Add(sources[1], kAnnThere);
  EXPECT_EQ(facts.agent(), kAnn);
  EXPECT_EQ(Taken(std::move(facts)),
            (std::vector<std::tuple<int64_t, uint32_t>>{
                {10, 1}, {10, 1}, {20, 2}, {20, 2}, {30, 9}, {30, 0}}));
}

TEST(FactsOfAgentTest, AreTranslatedBySource) {
  Shard here;
  Shard there;
  here.Add(kAnn, 10, "e1", "b");
  there.Add(kAnnThere, 10, "e2", "a");
  FactSource sources[] = {here.source(), there.source()};
  sources[1].translate = [](AgentFact& fact) {
    fact.interaction = static_cast<InteractionId>(100);
  };
  FactsOfAgent facts(kAnn);
  // Whichever is added first.
  facts.Add(sources[1], kAnnThere);
  facts.Add(sources[0], kAnn);
  EXPECT_EQ(Taken(std::move(facts)),
            (std::vector<std::tuple<int64_t, uint32_t>>{{10, 1}, {10, 100}}));
}

TEST(FactsOfAgentTest, WhatWasKeptOutOfOrderIsPutInOrder) {
  Shard here;
  here.Add(kAnn, 20, "", "b");
  here.Add(kAnn, 20, "", "a");
  here.Add(kAnn, 10, "", "c");
  const FactSource source = here.source();
  FactsOfAgent facts(kAnn);
  facts.Add(source, kAnn);
  EXPECT_EQ(
      Taken(std::move(facts)),
      (std::vector<std::tuple<int64_t, uint32_t>>{{10, 3}, {20, 2}, {20, 1}}));
}

TEST(FactsOfAgentTest, ThoseOfTheBaseComeToo) {
  Shard base;
  base.Add(kAnn, 10, "e1", "a");
  base.Add(kAnn, 30, "e3", "b");
  AgentFacts over(&base.facts);
  over.CausedByEvent(EventKind::kAgentMessage, "e2");
  over.Add(kAnn, Reply(20, 1));
  const FactSource source{
      .facts = &over, .names = &base.names, .translate = {}};
  FactsOfAgent facts(kAnn);
  facts.Add(source, kAnn);
  EXPECT_EQ(
      Taken(std::move(facts)),
      (std::vector<std::tuple<int64_t, uint32_t>>{{10, 1}, {20, 1}, {30, 2}}));
}

}  // namespace
}  // namespace cckpi
