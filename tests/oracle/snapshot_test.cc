// Snapshots: what goes in comes out; what is damaged is refused.
//
// CCKPI_WRITE_GOLDEN=1 writes the golden snapshot and its report anew. Do that
// only with a new version of the format, under its name.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "cckpi/engine/engine.h"
#include "cckpi/io/render.h"
#include "heap_count.h"
#include "oracle/durable_log.h"
#include "oracle/random_log.h"
#include "oracle/settings.h"
#include "src/base/byte_coding.h"
#include "src/base/checksum.h"
#include "src/engine/snapshot_file.h"

namespace cckpi::oracle {
namespace {

using testing::Message;

// What a call allocates beyond what there was.
template <typename F>
int64_t PeakOf(F f) {
  const int64_t before = g_heap;
  g_heap_peak = g_heap;
  f();
  return g_heap_peak - before;
}

std::string ReportOf(const Engine& engine) {
  absl::StatusOr<Report> report = engine.Ask({});
  return report.ok() ? RenderJson(*report) : report.status().ToString();
}

std::string Saved() {
  return *LongEngine().Save({.positions = {{"kafka-3", "offset 17"}},
                             .sections = {{"alerts", "state"}}});
}

std::string ErrorOf(std::string_view bytes) {
  static const Config& config = *new Config(ForgetfulConfig());
  absl::StatusOr<Engine> engine = Engine::Restore(config, bytes);
  return engine.ok() ? "" : std::string(engine.status().message());
}

// The checksums of a snapshot whose bytes were changed, made right.
void Repair(std::string& bytes) {
  constexpr size_t kHeader = 16 + kSectionCount * 20;
  size_t at = kHeader + 8;
  for (size_t s = 0; s < kSectionCount; ++s) {
    ByteReader entry(std::string_view(bytes).substr(16 + 20 * s + 4, 8));
    const uint64_t size = entry.U64();
    if (size > bytes.size() - at) return;
    ByteWriter checksum;
    checksum.U64(Checksum(std::string_view(bytes).substr(at, size)));
    bytes.replace(16 + 20 * s + 12, 8, checksum.bytes());
    at += size;
  }
  ByteWriter checksum;
  checksum.U64(Checksum(std::string_view(bytes).substr(0, kHeader)));
  bytes.replace(kHeader, 8, checksum.bytes());
}

TEST(SnapshotTest, EverySectionOfTheLogIsThere) {
  const std::string bytes = Saved();
  const BySection<std::string_view> sections = *ReadSnapshotFile(bytes);
  for (size_t s = 0; s < kSectionCount; ++s) {
    const Section section = static_cast<Section>(s);
    if (section == Section::kAgentFacts) continue;  // of shards only
    EXPECT_GT(sections[section].size(), 8u) << SectionName(section);
  }
  const std::string shard = *LongEngine({.explain = "", .shard = true}).Save();
  EXPECT_GT((*ReadSnapshotFile(shard))[Section::kAgentFacts].size(), 8u);
}

TEST(SnapshotTest, RestoredEngineIsTheSavedOne) {
  const Engine saved = LongEngine();
  const Engine restored = *Engine::Restore(ForgetfulConfig(), Saved());
  EXPECT_EQ(ReportOf(restored), ReportOf(saved));
  EXPECT_EQ(*restored.Save(), *saved.Save());
  EXPECT_EQ(restored.now_us(), At("11:15"));
  EXPECT_EQ(restored.watermark_us(), At("10:45"));
}

TEST(SnapshotTest, HostFindsItsPositionsAndSections) {
  const Engine restored = *Engine::Restore(ForgetfulConfig(), Saved());
  EXPECT_EQ(restored.positions().at("kafka-3"), "offset 17");
  EXPECT_EQ(restored.sections().at("alerts"), "state");
}

TEST(SnapshotTest, OtherDefinitionsAreRefusedByName) {
  Config config = ForgetfulConfig();
  config.kpis[6].within_us = 20 * kMinute;
  const absl::Status status = Engine::Restore(config, Saved()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("within 900000000\" there"),
            std::string::npos)
      << status;
}

TEST(SnapshotTest, StatisticsAndScorecardsAreNoDefinitions) {
  Config config = ForgetfulConfig();
  config.kpis[0].statistic = Statistic::kMax;
  config.time_zone = "UTC";
  EXPECT_TRUE(Engine::Restore(config, Saved()).ok());
}

TEST(SnapshotTest, ShardsSnapshotIsJoinedUnlessItStaysAShard) {
  const EngineOptions shard{.explain = "", .shard = true};
  const std::string bytes = *LongEngine(shard).Save();
  EXPECT_EQ(*Engine::Restore(ForgetfulConfig(), bytes)->Save(),
            *LongEngine().Save());
  EXPECT_EQ(*Engine::Restore(ForgetfulConfig(), bytes, shard)->Save(), bytes);
  EXPECT_EQ(Engine::Restore(ForgetfulConfig(), Saved(), shard).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(SnapshotTest, TruncatedAnywhereIsAnError) {
  const std::string bytes = Saved();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string error = ErrorOf(std::string_view(bytes).substr(0, size));
    ASSERT_EQ(error.substr(0, 10), "snapshot: ") << size;
  }
  EXPECT_EQ(ErrorOf(bytes + "x"), "snapshot: it has bytes after its end");
}

TEST(SnapshotTest, EverySingleFlippedBitIsFound) {
  Config config = *ParseConfig(
      R"({"kpis": [{"kpi": "messages"}], "groups": [["channel"]]})");
  Engine engine = *Engine::Create(config);
  engine.Ingest(Log{Customer("09:00"), Agent("09:10"), Customer("12:00")});
  std::string bytes = *engine.Save();
  ASSERT_TRUE(Engine::Restore(config, bytes).ok());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(Engine::Restore(config, bytes).ok()) << "bit " << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(SnapshotTest, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "snapshot: these bytes are no snapshot");
  EXPECT_EQ(ErrorOf("{\"time_zone\": 1}"),
            "snapshot: these bytes are no snapshot");
  std::string later = Saved();
  later[8] = 9;
  EXPECT_EQ(ErrorOf(later),
            "snapshot: its format is version 9, and this library reads "
            "versions 1 to 4");
  std::string damaged = Saved();
  damaged.back() = static_cast<char>(damaged.back() + 1);
  EXPECT_EQ(ErrorOf(damaged), "snapshot: its section runs is damaged");
}

// Checksums tell damage, not malice: whoever computes them anew gets an error
// or an engine that works, and never more memory than the bytes are worth.
TEST(SnapshotTest, HostileBytesNeverBreakAnything) {
  const std::string whole = Saved();
  const std::string shard = *LongEngine({.explain = "", .shard = true}).Save();
  const Log log = LongLog();
  const Config config = ForgetfulConfig();
  // An engine, and what the largest snapshot takes; twice that is enough.
  const int64_t limit = 2 * PeakOf([&] {
                          ASSERT_TRUE(Engine::Restore(config, shard).ok());
                          ASSERT_TRUE(Engine::Restore(config, whole).ok());
                        });
  int64_t restored = 0;
  for (const uint64_t seed : Seeds(300, 0)) {
    SCOPED_TRACE(Message() << "seed " << seed);
    SplitMix64 random(seed);
    std::string bytes = seed % 2 == 0 ? whole : shard;
    const int64_t header = 16 + static_cast<int64_t>(kSectionCount) * 20 + 8;
    for (int64_t changes = 1 + random.Below(3); changes > 0; --changes) {
      const size_t at = static_cast<size_t>(
          header + random.Below(static_cast<int64_t>(bytes.size()) - header));
      switch (random.Below(3)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
          break;
        case 1:
          bytes[at] = static_cast<char>(random.Below(256));
          break;
        default:
          for (size_t i = at; i < std::min(bytes.size(), at + 8); ++i) {
            bytes[i] = static_cast<char>(random.Chance(50) ? 0xFF : 0x7F);
          }
      }
    }
    Repair(bytes);
    absl::StatusOr<Engine> engine = absl::UnknownError("");
    const int64_t peak =
        PeakOf([&] { engine = Engine::Restore(config, bytes); });
    ASSERT_LT(peak, limit);
    if (!engine.ok()) {
      ASSERT_NE(engine.status().message(), "");
      continue;
    }
    ++restored;
    Event more = Customer("11:20");
    more.interaction = "A-1";
    engine->Ingest(log);
    engine->Ingest({&more, 1});
    ASSERT_TRUE(engine->Advance(ToTime(kNow)).ok());
    ReportOf(*engine);
    engine->Finish();
    ASSERT_TRUE(engine->Save().ok());
  }
  if (AsUsual()) {
    EXPECT_GT(restored, Runs(300) / 50);  // the test reaches past the checksums
  }
}

// A forgotten contact: u32 customer, u32 name of an interaction, i64 close,
// u32 interaction, u32 episode, u32 combination, u8 pending. The first is of
// the name F-6, the second of a customer.
TEST(SnapshotTest, ForgottenContactsThatContradictThemselvesAreRefused) {
  const std::string whole = Saved();
  const std::string_view section =
      (*ReadSnapshotFile(whole))[Section::kForgottenContacts];
  ASSERT_EQ(section.size(), 8 + 2 * 29u);
  const auto begin = static_cast<size_t>(section.data() - whole.data());
  const auto error_of = [&](size_t contact, size_t at, char byte) {
    std::string bytes = whole;
    bytes[begin + 8 + 29 * contact + at] = byte;
    Repair(bytes);
    return ErrorOf(bytes);
  };
  const std::string what = "snapshot: its section forgotten contacts ";
  EXPECT_EQ(error_of(0, 0, 1), what + "has contacts of nobody");
  EXPECT_EQ(error_of(0, 4, 0), what + "has contacts of nobody");
  EXPECT_EQ(error_of(1, 0, 0), what + "has contacts of nobody");
  EXPECT_EQ(error_of(1, 0, 99),
            what + "names an entry that its table does not have");
  EXPECT_EQ(error_of(0, 15, 99), what + "has an instant out of range");
  EXPECT_EQ(error_of(0, 16, 1), what + "has a contact of an unknown episode");
  EXPECT_EQ(error_of(0, 20, 1), what + "has a contact of an unknown episode");
  EXPECT_EQ(error_of(0, 27, 99),
            what + "names an entry that its table does not have");
  EXPECT_EQ(error_of(0, 28, 0), what + "has a contact of unknown KPIs");
  EXPECT_EQ(error_of(0, 28, 2), what + "has a contact of unknown KPIs");
  std::string many = whole;
  many[begin] = 3;
  Repair(many);
  EXPECT_EQ(ErrorOf(many), what + "announces more than there is");
}

// A run: i32 first and i32 last bucket, u32 group, the cell.
TEST(SnapshotTest, RunsThatCannotBeAreRefused) {
  const std::string whole = Saved();
  const std::string_view section = (*ReadSnapshotFile(whole))[Section::kRuns];
  // Of the total, of the agent and of the team that there is none of, from the
  // day after the first, when his state was doubted, to the last days.
  ByteReader reader(section);
  const uint64_t runs = reader.U64();
  ASSERT_GT(runs, 1u);
  const int32_t first = reader.I32();
  const int32_t last = reader.I32();
  EXPECT_GT(last - first, 19 * 96);
  const auto begin = static_cast<size_t>(section.data() - whole.data()) + 8;
  const auto error_of = [&](size_t at, int32_t value) {
    std::string bytes = whole;
    ByteWriter number;
    number.I32(value);
    bytes.replace(begin + at, 4, number.bytes());
    Repair(bytes);
    return ErrorOf(bytes);
  };
  const std::string what = "snapshot: its section runs ";
  EXPECT_EQ(error_of(4, last), "");
  EXPECT_EQ(error_of(4, first + 384), "");
  EXPECT_EQ(error_of(4, first + 383), what + "has a run too short");
  EXPECT_EQ(error_of(4, first - 1), what + "has a run too short");
  EXPECT_EQ(error_of(4, 2'000'000'000), what + "has a bucket out of range");
  EXPECT_EQ(error_of(0, -2'000'000'000), what + "has a bucket out of range");
  EXPECT_EQ(error_of(0, first + 1), what + "has runs out of order");
  EXPECT_EQ(error_of(8, 99),
            what + "names an entry that its table does not have");
  // u32 states, of the first its number and i64 time: 2^61 in all buckets, of
  // which there are more than 1,024 and fewer than 2,048.
  EXPECT_EQ(error_of(12 + 8 + 4, 1 << 18), "");
  EXPECT_EQ(error_of(12 + 8 + 4, 1 << 19), what + "has a time out of range");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The golden snapshot of a version of the format, and the report of it.
std::string GoldenPath(int version, std::string_view ending) {
  return CCKPI_SOURCE_DIR "/tests/golden/snapshot-" + std::to_string(version) +
         std::string(ending);
}

// All that it had is the same in a snapshot of today, and what it did not have
// is empty.
void ExpectRestored(const Config& config, int version) {
  const std::string bytes = ReadFile(GoldenPath(version, ".bin"));
  const absl::StatusOr<Engine> engine = Engine::Restore(config, bytes);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(ReportOf(*engine), ReadFile(GoldenPath(version, ".report.json")));
  const std::string saved = *engine->Save(
      {.positions = engine->positions(), .sections = engine->sections()});
  const BySection<std::string_view> before = *ReadSnapshotFile(bytes);
  const BySection<std::string_view> after = *ReadSnapshotFile(saved);
  const size_t had = SectionsOf(static_cast<uint32_t>(version));
  for (size_t s = 0; s < kSectionCount; ++s) {
    const Section section = static_cast<Section>(s);
    if (s < had) {
      EXPECT_TRUE(before[section] == after[section]) << SectionName(section);
    } else {
      EXPECT_EQ(after[section], std::string(8, '\0')) << SectionName(section);
    }
  }
}

TEST(SnapshotTest, SnapshotOfFormatVersion1IsReadForEver) {
  ASSERT_EQ(SectionsOf(1), 18u);
  ExpectRestored(DurableConfig(), 1);
}

TEST(SnapshotTest, SnapshotOfFormatVersion2IsReadForEver) {
  ASSERT_EQ(SectionsOf(2), 19u);
  ExpectRestored(DurableConfig(), 2);
}

TEST(SnapshotTest, SnapshotOfFormatVersion3IsReadForEver) {
  ASSERT_EQ(SectionsOf(3), 20u);
  ExpectRestored(ForgetfulConfig(), 3);
}

TEST(SnapshotTest, SnapshotOfFormatVersion4IsReadForEver) {
  if (std::getenv("CCKPI_WRITE_GOLDEN") != nullptr) {
    std::ofstream(GoldenPath(4, ".bin"), std::ios::binary) << Saved();
    std::ofstream(GoldenPath(4, ".report.json"), std::ios::binary)
        << ReportOf(LongEngine());
  }
  const std::string bytes = ReadFile(GoldenPath(4, ".bin"));
  const absl::StatusOr<Engine> engine =
      Engine::Restore(ForgetfulConfig(), bytes);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(ReportOf(*engine), ReadFile(GoldenPath(4, ".report.json")));
  EXPECT_TRUE(*engine->Save({.positions = engine->positions(),
                             .sections = engine->sections()}) == bytes);
}

}  // namespace
}  // namespace cckpi::oracle
