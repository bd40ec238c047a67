#include "cckpi/io/event_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/read_events.h"
#include "src/io/byte_source.h"
#include "src/io/readers.h"
#include "temp_path.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kGood =
    R"({"at":"2026-03-02T09:00:00Z","kind":"queued","interaction":"T-1"})"
    "\n";

// Some bytes, and then no more for a reason.
class BrokenSource : public ByteSource {
 public:
  explicit BrokenSource(std::string bytes) : bytes_(std::move(bytes)) {}

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    if (bytes_.empty()) return absl::DataLossError("the disk is gone");
    const size_t count = bytes_.copy(out, size);
    bytes_.erase(0, count);
    return count;
  }
  int64_t bytes_read() const override { return 0; }
  std::optional<int64_t> bytes_total() const override { return std::nullopt; }

 private:
  std::string bytes_;
};

struct PiecesRead {
  ReadResult all;
  int count = 0;
};

PiecesRead ReadPieces(const std::string& path) {
  PiecesRead result;
  std::unique_ptr<EventPieces> pieces = *EventPieces::Open(path, {});
  EventPiece piece;
  EventBatch batch;
  while (*pieces->Next(&piece)) {
    ++result.count;
    const absl::Status status = pieces->Read(&piece, &batch);
    EXPECT_TRUE(status.ok()) << status;
    for (const Event& event : batch.events) {
      result.all.events.push_back(WriteJsonLine(event));
      result.all.events.back().pop_back();
    }
    result.all.rows.insert(result.all.rows.end(), batch.rows.begin(),
                           batch.rows.end());
    for (const Refusal& refusal : batch.refusals) {
      result.all.refusals.push_back(RefusalText(refusal));
    }
  }
  return result;
}

TEST(EventPiecesTest, PiecesGiveWhatAReaderGives) {
  const std::string path = TempPath("event_pieces_test.jsonl");
  {
    std::ofstream file(path, std::ios::binary);
    for (int line = 1; line <= 40000; ++line) {
      file << (line % 1000 == 0 ? "[]\n" : line % 700 == 0 ? "\n" : kGood);
    }
  }
  const PiecesRead pieces = ReadPieces(path);
  const ReadResult reader = ReadAll(OpenEvents(path, {}));
  std::filesystem::remove(path);
  EXPECT_EQ(pieces.count, 3);
  EXPECT_EQ(reader.rows.size(), 39908u);
  EXPECT_EQ(pieces.all.rows, reader.rows);
  EXPECT_EQ(pieces.all.events, reader.events);
  ASSERT_EQ(reader.refusals.size(), 40u);
  EXPECT_EQ(reader.refusals.back(),
            path + ": line 40000: expected one JSON object on each line");
  EXPECT_EQ(pieces.all.refusals, reader.refusals);
}

// As of a piece that is read: the error counts from where its lines are.
TEST(EventPiecesTest, LinesAreCountedFromTheFirstOfAPiece) {
  const std::string text =
      std::string(kGood) + "[]\n" + std::string(kGood) + "cut";
  const ReadResult result = ReadAll(MakeJsonLinesReader(
      std::make_unique<InputBuffer>(std::make_unique<BrokenSource>(text), 16),
      "log", 1 << 20, 1001));
  EXPECT_THAT(result.rows, ElementsAre(1001, 1003));
  EXPECT_THAT(
      result.refusals,
      ElementsAre("log: line 1002: expected one JSON object on each line"));
  EXPECT_EQ(result.status, absl::DataLossError("log: line 1004: the disk is "
                                               "gone"));
}

}  // namespace
}  // namespace cckpi
