#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/read_events.h"
#include "temp_path.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    Event event;
    event.at_us = kEarliestTime + i * kMinute;
    std::string interaction = "T-" + std::to_string(i);
    event.interaction = interaction;
    AppendJsonLine(event, &lines);
  }
  return lines;
}

std::string Csv(int count) {
  std::string text = "at,kind,interaction\n";
  for (int i = 0; i < count; ++i) {
    text += "2026-03-02T09:00:00Z,queued,\"T-" + std::to_string(i) + "\"\n";
  }
  return text;
}

class GzipReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = TempPath(
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, std::string_view bytes) {
    std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::string directory_;
};

TEST_F(GzipReaderTest, MembersInARowAreOneText) {
  std::string first = Lines(3);
  std::string path = Write("log.jsonl.gz",
                           Gzip(first.substr(0, 50)) + Gzip("") +
                               Gzip(first.substr(50)) + std::string(100, '\0'));
  ReadResult result = ReadAll(OpenEvents(path, {}));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.rows, ElementsAre(1, 2, 3));
}

TEST_F(GzipReaderTest, GzipIsKnownByItsFirstBytes) {
  std::string path = Write("log.csv", Gzip(Csv(2)));
  ReadResult result = ReadAll(OpenEvents(path, {}));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.events.size(), 2u);
  result = ReadText(Gzip(Lines(4)));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.events.size(), 4u);
}

TEST_F(GzipReaderTest, ProgressCountsTheStoredBytes) {
  std::string packed = Gzip(Lines(2000));
  std::string path = Write("log.jsonl.gz", packed);
  auto reader = OpenEvents(path, {});
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->bytes_total(), static_cast<int64_t>(packed.size()));
  ReadResult result = ReadAll(OpenEvents(path, {}));
  EXPECT_EQ(result.events.size(), 2000u);
  EventBatch batch;
  while (*(*reader)->Read(&batch, 100)) {
    EXPECT_LE((*reader)->bytes_read(), static_cast<int64_t>(packed.size()));
  }
  EXPECT_EQ((*reader)->bytes_read(), static_cast<int64_t>(packed.size()));
}

// Cut anywhere, a file gives every line that is whole, nothing made up, and
// an error that names the file, the line and the byte.
TEST_F(GzipReaderTest, EveryTruncationIsAnErrorAfterTheWholeLines) {
  for (bool csv : {false, true}) {
    std::string packed = Gzip(csv ? Csv(20) : Lines(20));
    std::string name = csv ? "log.csv.gz" : "log.jsonl.gz";
    std::vector<std::string> all =
        ReadAll(OpenEvents(Write(name, packed), {})).events;
    ASSERT_EQ(all.size(), 20u);
    size_t most = 0;
    for (size_t size = 0; size < packed.size(); ++size) {
      std::string path = Write(name, std::string_view(packed).substr(0, size));
      ReadResult result = ReadAll(OpenEvents(path, {}));
      ASSERT_TRUE(absl::IsDataLoss(result.status)) << size;
      EXPECT_THAT(std::string(result.status.message()), HasSubstr(path + ": "));
      EXPECT_THAT(std::string(result.status.message()),
                  HasSubstr("truncated at byte " + std::to_string(size)));
      ASSERT_LE(result.events.size(), all.size());
      EXPECT_TRUE(
          std::equal(result.events.begin(), result.events.end(), all.begin()));
      EXPECT_THAT(result.refusals, IsEmpty());
      most = std::max(most, result.events.size());
    }
    // The last eight bytes are the checksum: all lines came before.
    EXPECT_EQ(most, 20u);
  }
}

TEST_F(GzipReaderTest, TheErrorNamesTheLineReachedAndStays) {
  std::string packed = Gzip(Lines(3));
  packed.resize(packed.size() - 1);
  std::string path = Write("log.jsonl.gz", packed);
  auto reader = OpenEvents(path, {});
  ASSERT_TRUE(reader.ok());
  EventBatch batch;
  ASSERT_TRUE(*(*reader)->Read(&batch, 100));
  EXPECT_EQ(batch.events.size(), 3u);
  for (int i = 0; i < 2; ++i) {
    absl::StatusOr<bool> more = (*reader)->Read(&batch, 100);
    EXPECT_EQ(more.status().message(), path + ": line 4: truncated at byte " +
                                           std::to_string(packed.size()));
    EXPECT_TRUE(batch.empty());
  }
}

TEST_F(GzipReaderTest, DamageIsFoundByTheChecksum) {
  std::string packed = Gzip(Lines(20));
  for (size_t i = 0; i < packed.size(); ++i) {
    // The header's time, flags for speed and system carry no data.
    if (i >= 4 && i < 10) continue;
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    ReadResult result = ReadAll(OpenEvents(Write("log.jsonl.gz", damaged), {}));
    EXPECT_FALSE(result.status.ok()) << i;
  }
  ReadResult result =
      ReadAll(OpenEvents(Write("log.jsonl.gz", packed + "rubbish"), {}));
  EXPECT_TRUE(absl::IsDataLoss(result.status));
  EXPECT_EQ(result.events.size(), 20u);
  result = ReadAll(OpenEvents(
      Write("log.jsonl.gz", packed + std::string(3, '\0') + "x"), {}));
  EXPECT_TRUE(absl::IsDataLoss(result.status));
}

TEST_F(GzipReaderTest, FilesThatCannotBeReadAreNamed) {
  ReadResult result = ReadAll(OpenEvents(directory_ + "/none.csv", {}));
  EXPECT_TRUE(absl::IsNotFound(result.status));
  EXPECT_THAT(std::string(result.status.message()),
              HasSubstr(directory_ + "/none.csv: "));
  result = ReadAll(OpenEvents(directory_, {}));
  EXPECT_EQ(result.status.message(), directory_ + ": is a directory");
  std::string path = Write("log.csv.gz", Csv(1));
  result = ReadAll(OpenEvents(path, {}));
  EXPECT_EQ(result.status.message(), path + ": is named .gz but is not gzip");
}

TEST_F(GzipReaderTest, TheFormatIsSniffedWhereTheNameIsSilent) {
  EXPECT_EQ(ReadText("\n  " + Lines(2)).events.size(), 2u);
  EXPECT_EQ(ReadText(Csv(3)).events.size(), 3u);
  EXPECT_EQ(ReadText(Gzip(Csv(3))).events.size(), 3u);
  EXPECT_EQ(
      ReadAll(OpenEvents(Write("log.NDJSON", Lines(2)), {})).events.size(), 2u);
  std::string tabs = Csv(2);
  std::replace(tabs.begin(), tabs.end(), ',', '\t');
  EXPECT_EQ(ReadAll(OpenEvents(Write("log.tsv", tabs), {})).events.size(), 2u);
}

}  // namespace
}  // namespace cckpi
