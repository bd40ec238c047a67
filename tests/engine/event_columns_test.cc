// Columns mean what the same rows as events mean, in every form; what is wrong
// with a column refuses the rows concerned and no other.

#include "cckpi/engine/event_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "engine/column_batch.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"

namespace cckpi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr uint8_t kAccepted = static_cast<uint8_t>(RowStatus::kAccepted);
constexpr uint8_t kLate = static_cast<uint8_t>(RowStatus::kLate);
constexpr uint8_t kRefused = static_cast<uint8_t>(RowStatus::kRefused);

std::string Rendered(const Engine& engine, const Query& query) {
  absl::StatusOr<Report> report = engine.Ask(query);
  if (!report.ok()) return report.status().ToString();
  return RenderJson(*report);
}

TEST(EventColumnsTest, EveryFormGivesTheBytesOfTheSameEvents) {
  for (const uint64_t seed : oracle::Seeds(40, 1)) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    oracle::RandomLog log = oracle::MakeRandomLog(seed);
    oracle::Shuffle(log.events, seed);
    absl::StatusOr<Engine> plain = Engine::Create(log.config);
    ASSERT_TRUE(plain.ok());
    std::span<const Event> events = log.events;
    size_t half = events.size() / 2;
    plain->Ingest(events.first(half));
    plain->Ingest(events.subspan(half));
    std::string expected = Rendered(*plain, log.query);
    for (TextForm form :
         {TextForm::kOffsets32, TextForm::kOffsets64, TextForm::kCodes,
          TextForm::kDictionary, TextForm::kIntegers}) {
      absl::StatusOr<Engine> engine = Engine::Create(log.config);
      ASSERT_TRUE(engine.ok());
      ColumnBatch first(events.first(half), form, *engine);
      engine->Ingest(first.columns);
      ColumnBatch second(events.subspan(half), form, *engine);
      engine->Ingest(second.columns);
      ASSERT_EQ(Rendered(*engine, log.query), expected)
          << "form " << static_cast<int>(form);
    }
  }
}

TEST(EventColumnsTest, TextsThatBeginAndEndAlikeStayApart) {
  // Equal in their size and in their first and last eight bytes.
  const std::string channels[] = {"whatsapp-1-business", "whatsapp-2-business",
                                  "whatsapp-3-business"};
  std::vector<std::string> names;
  for (size_t i = 0; i < 300; ++i) names.push_back("T-" + std::to_string(i));
  std::vector<Event> events(300);
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].at_us = 1'772'442'000'000'000 + static_cast<int64_t>(i);
    events[i].interaction = names[i];
    events[i].channel = channels[i % 7 % 3];
  }
  Config config;
  config.groups = {{{Dimension::Field::kChannel, ""}}};
  config.groups_given = true;
  Query query;
  query.kpis = {"arrivals"};
  query.by = GroupBy{{Dimension::Field::kChannel, ""}};
  for (TextForm form : {TextForm::kOffsets32, TextForm::kOffsets64,
                        TextForm::kCodes, TextForm::kDictionary}) {
    absl::StatusOr<Engine> engine = Engine::Create(config);
    ColumnBatch batch(events, form, *engine);
    engine->Ingest(batch.columns);
    absl::StatusOr<Report> report = engine->Ask(query);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->rows.size(), 3u);
    // Of each seven rows three, two and two; of the last six two each.
    EXPECT_EQ(*report->rows[0].value, 3 * 42 + 2);
    EXPECT_EQ(*report->rows[1].value, 2 * 42 + 2);
    EXPECT_EQ(*report->rows[2].value, 2 * 42 + 2);
  }
}

class ColumnFaultTest : public testing::Test {
 protected:
  ColumnFaultTest() : engine_(*Engine::Create(Config())) {
    columns_.rows = 3;
    columns_.at_us.values = at_us_;
    columns_.kind.values = kinds_;
    columns_.interaction.integers = interactions_;
  }

  std::vector<uint8_t> Statuses() {
    std::vector<uint8_t> status(3);
    result_ = engine_.Ingest(columns_, {}, status);
    return status;
  }

  std::vector<int64_t> at_us_ = {kBegin, kBegin + 1, kBegin + 2};
  std::vector<uint8_t> kinds_ = {0, 0, 0};
  std::vector<int64_t> interactions_ = {-1, 42, 43};
  EventColumns columns_;
  Engine engine_;
  IngestResult result_;

  static constexpr int64_t kBegin = 1'772'442'000'000'000;
};

TEST_F(ColumnFaultTest, GoodRowsAreAccepted) {
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kAccepted, kAccepted));
  EXPECT_EQ(result_.accepted, 3);
  EXPECT_EQ(engine_.sizes().pending_events, 3u);
}

TEST_F(ColumnFaultTest, StatusSaysWhichRowsWereLate) {
  at_us_[0] = kBegin + kDay;
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kLate, kLate));
  EXPECT_EQ(result_.late, 2);
}

TEST_F(ColumnFaultTest, AKindThatDoesNotExistRefusesItsRow) {
  kinds_[1] = 22;
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kRefused, kAccepted));
  EXPECT_EQ(result_.handed_back[0].reason, "kind: 22 is no kind of event");
  EXPECT_EQ(result_.handed_back[0].row, 2);
  EXPECT_EQ(result_.handed_back[0].event, "42");
}

TEST_F(ColumnFaultTest, WithoutKindsNothingIsTaken) {
  columns_.kind.values = {};
  EXPECT_THAT(Statuses(), ElementsAre(kRefused, kRefused, kRefused));
  EXPECT_EQ(result_.handed_back[0].reason, "kind: missing");
}

TEST_F(ColumnFaultTest, OnlyValiditySaysWhatIsAbsent) {
  const int64_t counts[] = {0, std::numeric_limits<int64_t>::min(), 0};
  const uint8_t only_the_second = 2;
  ErrorColumn errors;
  errors.severity = "major";
  errors.counts.values = counts;
  errors.counts.valid.bits = &only_the_second;
  columns_.errors = {&errors, 1};
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kRefused, kAccepted));
}

TEST_F(ColumnFaultTest, AShortColumnRefusesTheRowsItDoesNotReach) {
  columns_.at_us.values = std::span<const int64_t>(at_us_).first(2);
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kAccepted, kRefused));
  EXPECT_EQ(result_.handed_back[0].reason, "at: the column has 2 rows");
}

TEST_F(ColumnFaultTest, ACodeOutsideItsDictionaryRefusesItsRow) {
  const std::string_view names[] = {"web", "mail"};
  const uint32_t codes[] = {0, 2, 1};
  columns_.channel.codes = codes;
  columns_.channel.dictionary = engine_.AddDictionary(names);
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kRefused, kAccepted));
  EXPECT_EQ(result_.handed_back[0].reason,
            "channel: code 2 is not in its dictionary of 2");
}

TEST_F(ColumnFaultTest, CodesIntoALargeDictionaryBesideThem) {
  // Of 1,000 texts three are asked for: the last, one without a text, and one
  // that there is not.
  std::string bytes;
  std::vector<int32_t> offsets = {0};
  for (int i = 0; i < 1000; ++i) {
    bytes += "c" + std::to_string(i);
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  std::vector<uint8_t> valid(125, 0xFF);
  valid[0] = 0xFE;
  TextColumn texts;
  texts.offsets32 = offsets;
  texts.bytes = bytes;
  texts.valid.bits = valid.data();
  const uint32_t codes[] = {999, 0, 1000};
  columns_.channel.codes = codes;
  columns_.channel.texts = &texts;
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kAccepted, kRefused));
  EXPECT_EQ(result_.handed_back[0].reason,
            "channel: code 1000 is not in its dictionary of 1000");
  Query query;
  query.kpis = {"arrivals"};
  query.by = GroupBy{{Dimension::Field::kChannel, ""}};
  absl::StatusOr<Report> report = engine_.Ask(query);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->rows.size(), 2u);
  EXPECT_EQ(report->rows[0].group[0].second, std::nullopt);
  EXPECT_EQ(report->rows[1].group[0].second, "c999");
}

TEST_F(ColumnFaultTest, ADictionaryThatWasNotAddedRefusesItsRows) {
  const uint32_t codes[] = {0, 0, 0};
  columns_.channel.codes = codes;
  columns_.channel.dictionary = static_cast<DictionaryId>(7);
  EXPECT_THAT(Statuses(), ElementsAre(kRefused, kRefused, kRefused));
  EXPECT_EQ(result_.handed_back[0].reason, "channel: there is no dictionary 7");
  EXPECT_FALSE(engine_.ExtendDictionary(static_cast<DictionaryId>(7), {}).ok());
}

TEST_F(ColumnFaultTest, OffsetsOutsideTheBytesRefuseTheirRows) {
  const int32_t offsets[] = {0, 3, 2, 100};
  columns_.channel.offsets32 = offsets;
  columns_.channel.bytes = "webmail";
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kRefused, kRefused));
  EXPECT_EQ(result_.handed_back[0].reason,
            "channel: its offsets 3 and 2 are outside the 7 bytes of the "
            "column");
}

TEST_F(ColumnFaultTest, NegativeOffsetsAreNotRead) {
  const int64_t offsets[] = {-4, 3, 5, 7};
  columns_.channel.offsets64 = offsets;
  columns_.channel.bytes = "webmail";
  EXPECT_THAT(Statuses(), ElementsAre(kRefused, kAccepted, kAccepted));
}

TEST_F(ColumnFaultTest, TextIsCheckedAsInEvents) {
  const int32_t offsets[] = {0, 3, 6, 9};
  columns_.channel.offsets32 = offsets;
  columns_.channel.bytes = "web\xff\xff\xffweb";
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kRefused, kAccepted));
  EXPECT_EQ(result_.handed_back[0].reason, "channel: is not valid UTF-8");
}

TEST_F(ColumnFaultTest, AnUnknownNameOfAKindNamesTheNearest) {
  const int32_t offsets[] = {0, 8, 16, 16};
  columns_.kind.values = {};
  columns_.kind_name.offsets32 = offsets;
  columns_.kind_name.bytes = "resolvedresolvde";
  EXPECT_THAT(Statuses(), ElementsAre(kAccepted, kRefused, kRefused));
  EXPECT_THAT(result_.handed_back[0].reason, HasSubstr("resolved"));
}

}  // namespace
}  // namespace cckpi
