// PendingQueue: what waits comes out in the total order, whole.

#include "src/engine/pending_queue.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "src/engine/intake.h"

namespace cckpi {
namespace {

constexpr int64_t kBegin = 1'767'600'000 * kSecond;

// What an event is recognised by.
struct Known {
  int64_t at_us = 0;
  EventKind kind = EventKind::kCustomerMessage;
  std::string id;
  std::string message;
  int64_t received_at_us = kNoTime;
  int64_t row = 0;
  std::string tag;
  int64_t score_micro = 0;

  auto operator<=>(const Known&) const = default;
};

Known KnownOf(const PendingEvent& event, const Names& names) {
  Known known;
  known.at_us = event.fact.at_us;
  known.kind = event.fact.kind;
  known.id = event.id();
  known.message = event.message_id();
  known.received_at_us = event.received_at_us();
  known.row = event.row();
  if (event.fact.extra != nullptr && !event.fact.extra->tags.empty()) {
    known.tag = names.texts.Text(event.fact.extra->tags[0].second);
  }
  if (const FactFigures* figures = event.fact.figures()) {
    known.score_micro = figures->score_micro.value_or(0);
  }
  return known;
}

void Add(const Known& known, Names& names, PendingQueue& queue) {
  Event event;
  event.at_us = known.at_us;
  event.kind = known.kind;
  event.id = known.id;
  event.message = known.message;
  event.received_at_us = known.received_at_us;
  event.interaction = "4711";
  const Tag tag = {"language", known.tag};
  if (!known.tag.empty()) event.tags = {&tag, 1};
  if (known.score_micro != 0) event.score_micro = known.score_micro;
  PendingEvent pending = TakeIn(event, names, queue);
  queue.SetRow(known.row, pending);
  queue.Add(pending);
}

TEST(PendingQueueTest, AnEventWithoutExtrasTakes64Bytes) {
  Names names;
  PendingQueue queue(&names);
  Add({.at_us = kBegin, .row = 7}, names, queue);
  const PendingEvent* event = queue.FirstBefore(kBegin + 1);
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->fact.extra, nullptr);
  EXPECT_EQ(event->row(), 7);
  EXPECT_EQ(event->id(), "");
  EXPECT_EQ(event->message_id(), "");
  EXPECT_EQ(event->received_at_us(), kNoTime);
}

TEST(PendingQueueTest, ARowOfAnySizeIsKept) {
  Names names;
  PendingQueue queue(&names);
  int64_t n = 0;
  for (int64_t row : {int64_t{0}, int64_t{1} << 31, int64_t{0xFFFFFFFF},
                      int64_t{1} << 32, int64_t{1} << 62, int64_t{-1}}) {
    Add({.at_us = kBegin + n++, .row = row}, names, queue);
    EXPECT_EQ(queue.FirstBefore(kBegin + n)->row(), row);
    queue.Pop();
  }
}

TEST(PendingQueueTest, AnExtraThatIsGivenOnHoldsNothingOfBefore) {
  Names names;
  PendingQueue queue(&names);
  Add({.at_us = kBegin,
       .kind = EventKind::kSurveyed,
       .id = "e1",
       .message = "m1",
       .received_at_us = kBegin,
       .row = int64_t{1} << 40,
       .tag = "de",
       .score_micro = 4'000'000},
      names, queue);
  const FactExtra* extra = queue.FirstBefore(kBegin + 1)->fact.extra;
  queue.Pop();
  const Known bare = {.at_us = kBegin + 1, .id = "e2", .row = 2};
  Add(bare, names, queue);
  const PendingEvent* event = queue.FirstBefore(kBegin + 2);
  EXPECT_EQ(event->fact.extra, extra);
  EXPECT_EQ(KnownOf(*event, names), bare);
  EXPECT_EQ(event->fact.message(), 0u);
}

// The same event several times: what is kept of it, and what is refused, does
// not depend on which one came first.
TEST(PendingQueueTest, TheSameEventIsInOrderOfSourceAndRow) {
  constexpr int64_t kCopies = 100;
  std::mt19937_64 random(1);
  for (int round = 0; round < 20; ++round) {
    Names names;
    PendingQueue queue(&names);
    std::vector<int64_t> rows;
    for (int64_t row = 0; row < kCopies; ++row) rows.push_back(row);
    std::shuffle(rows.begin(), rows.end(), random);
    for (int64_t row : rows) {
      Event event;
      event.at_us = kBegin;
      event.id = "e1";
      event.interaction = "4711";
      PendingEvent pending = TakeIn(event, names, queue);
      pending.source = names.texts.Intern(row % 2 == 0 ? "b.jsonl" : "a.jsonl");
      queue.SetRow(row, pending);
      queue.Add(pending);
      // Behind the copies wait others, so that they come late.
      Add({.at_us = kBegin + 1 + row, .id = "other"}, names, queue);
    }
    std::vector<int64_t> in_order;
    for (const PendingEvent* event : queue.InOrder()) {
      if (event->id() == "e1") in_order.push_back(event->row());
    }
    std::vector<int64_t> expected;
    for (int64_t row = 1; row < kCopies; row += 2) expected.push_back(row);
    for (int64_t row = 0; row < kCopies; row += 2) expected.push_back(row);
    ASSERT_EQ(in_order, expected);
    std::vector<int64_t> out;
    while (const PendingEvent* event = queue.FirstBefore(kBegin + 1)) {
      out.push_back(event->row());
      queue.Pop();
    }
    ASSERT_EQ(out, expected);
  }
}

// Every other event comes as late as it may, while thousands wait.
TEST(PendingQueueTest, LateEventsPassOnlyThoseThatAreAboutToGo) {
  constexpr int64_t kEvents = 20'000;
  constexpr int64_t kLateness = 4'000;
  Names names;
  PendingQueue queue(&names);
  std::vector<int64_t> out;
  size_t most = 0;
  for (int64_t n = 0; n < kEvents; ++n) {
    const int64_t late_us = n % 2 == 0 ? 0 : kLateness - 40 + n % 40;
    Add({.at_us = kBegin + n - late_us, .row = n}, names, queue);
    most = std::max(most, queue.size());
    while (const PendingEvent* event =
               queue.FirstBefore(kBegin + n - kLateness)) {
      out.push_back(event->fact.at_us);
      queue.Pop();
    }
  }
  EXPECT_GT(most, 2'000u);
  EXPECT_GT(out.size(), 15'000u);
  EXPECT_TRUE(std::is_sorted(out.begin(), out.end()));
  EXPECT_LE(queue.moves(), static_cast<uint64_t>(kEvents));
}

// Events in nearly any order, taken out as a watermark moves: always the least
// of those that wait, as a sorted list says.
TEST(PendingQueuePropertyTest, GivesTheLeastOfThoseThatWait) {
  for (uint32_t seed = 0; seed < 12; ++seed) {
    std::mt19937_64 random(seed);
    auto below = [&random](uint64_t n) {
      return static_cast<int64_t>(random() % n);
    };
    Names names;
    PendingQueue queue(&names);
    std::vector<Known> waiting;  // sorted
    int64_t watermark = kBegin;
    const uint64_t spread = seed % 3 == 0 ? 40 : (seed % 3 == 1 ? 900 : 9'000);
    int64_t next = 0;
    size_t most = 0;
    for (int round = 0; round < 40; ++round) {
      for (int64_t n = below(200); n > 0; --n) {
        Known known;
        known.at_us = watermark + below(spread);
        if (random() % 4 == 0) known.at_us = watermark + (next++ % 9'000);
        known.kind = static_cast<EventKind>(below(3));
        if (random() % 3 == 0) known.id = "event " + std::to_string(below(50));
        if (random() % 9 == 0) known.message = std::to_string(below(9));
        if (random() % 9 == 0) known.received_at_us = kBegin + below(5);
        if (random() % 9 == 0) known.tag = "t" + std::to_string(below(5));
        if (random() % 9 == 0) known.score_micro = 1 + below(5);
        known.row = 0;
        Add(known, names, queue);
        waiting.insert(std::upper_bound(waiting.begin(), waiting.end(), known),
                       known);
      }
      ASSERT_EQ(queue.size(), waiting.size());
      most = std::max(most, waiting.size());
      // The sorted list compares other fields than the total order does after
      // the id.
      const std::vector<const PendingEvent*> in_order = queue.InOrder();
      for (size_t n = 1; n < in_order.size(); ++n) {
        ASSERT_FALSE(Precedes(names, *in_order[n], *in_order[n - 1]));
      }
      std::vector<Known> first;
      for (const PendingEvent* event : in_order) {
        first.push_back(KnownOf(*event, names));
      }
      watermark += below(spread);
      std::vector<Known> out;
      while (const PendingEvent* event = queue.FirstBefore(watermark)) {
        out.push_back(KnownOf(*event, names));
        queue.Pop();
      }
      first.resize(out.size());
      ASSERT_EQ(out, first);
      std::sort(out.begin(), out.end());
      const auto end = std::find_if(
          waiting.begin(), waiting.end(),
          [&](const Known& known) { return known.at_us >= watermark; });
      ASSERT_EQ(out, std::vector<Known>(waiting.begin(), end));
      waiting.erase(waiting.begin(), end);
    }
    EXPECT_GT(most, 150u);
  }
}

}  // namespace
}  // namespace cckpi
