// What a writer was told, in whatever pieces, a reader gives back.

#include "src/base/byte_coding.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace cckpi {
namespace {

TEST(ByteCodingTest, NumbersAreLittleEndian) {
  ByteWriter writer;
  writer.U8(1);
  writer.U16(0x0203);
  writer.U32(0x04050607);
  writer.I64(-2);
  writer.I128(absl::MakeInt128(-1, 5));
  EXPECT_EQ(writer.Take(), std::string("\x01\x03\x02\x07\x06\x05\x04"
                                       "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                                       "\x05\0\0\0\0\0\0\0"
                                       "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
                                       31));
}

TEST(ByteCodingTest, PiecesOfAnySizeAreWrittenInOrder) {
  std::mt19937_64 random(5);
  for (int trial = 0; trial < 200; ++trial) {
    ByteWriter writer;
    if (trial % 3 == 0) writer.Reserve(random() % 20'000);
    std::string expected;
    while (expected.size() < 10'000) {
      if (random() % 4 != 0) {
        // Near the sizes that are written at once.
        const size_t sizes[] = {0, 1, 7, 300, 2040, 2047, 2048, 2049, 5000};
        const std::string piece(sizes[random() % 9],
                                static_cast<char>('a' + random() % 26));
        writer.Raw(piece);
        expected += piece;
      } else {
        const uint32_t number = static_cast<uint32_t>(random());
        writer.U32(number);
        for (int i = 0; i < 4; ++i) {
          expected += static_cast<char>(number >> (8 * i));
        }
      }
      ASSERT_EQ(writer.size(), expected.size());
      if (random() % 16 == 0) {
        ASSERT_EQ(writer.bytes(), expected);
      }
    }
    ASSERT_EQ(writer.Take(), expected);
    // What was taken is gone.
    EXPECT_EQ(writer.size(), 0u);
    writer.Text("x");
    EXPECT_EQ(writer.Take(), std::string("\x01\0\0\0x", 5));
  }
}

TEST(ByteCodingTest, AReaderGivesBackWhatWasWritten) {
  ByteWriter writer;
  writer.Text("facebook");
  writer.I32(std::numeric_limits<int32_t>::min());
  writer.I64(std::numeric_limits<int64_t>::min());
  writer.I128(std::numeric_limits<absl::int128>::min());
  const std::string bytes = writer.Take();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Text(), "facebook");
  EXPECT_EQ(reader.I32(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(reader.I64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(reader.I128(), std::numeric_limits<absl::int128>::min());
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(ByteCodingTest, WhatIsNotThereFailsOnceAndForAll) {
  ByteReader reader(std::string_view("\x05\0\0\0abc", 7));
  EXPECT_EQ(reader.Text(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.left(), 0u);
  reader.Fail("is not told");
  EXPECT_EQ(reader.Finish().message(), "ends too early");

  // More things than bytes: nobody makes room for them.
  ByteReader many(std::string_view("\xFF\xFF\xFF\xFF\0\0\0\0", 8));
  EXPECT_EQ(many.Count(1), 0u);
  EXPECT_EQ(many.Finish().message(), "announces more than there is");
}

}  // namespace
}  // namespace cckpi
