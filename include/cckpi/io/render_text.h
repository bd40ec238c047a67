// The small parts that every rendering is made of.
//
//   * Terminal text. What comes from a log may hold anything: control
//     characters, escape sequences, text that runs right to left, bytes that
//     are no UTF-8. PrintableText makes it safe to print; DisplayWidth counts
//     the columns it takes, so that tables stay aligned beside Chinese names
//     and emoji.
//   * Values for people: durations like "8m 32s", percentages, instants in a
//     time zone.
//   * TextTable, columns of cells padded to their width.
//   * JSON text and numbers, the same bytes everywhere.
//
//   TextTable table({{"channel"}, {"mean", TextTable::Align::kRight}});
//   table.AddRow({"facebook", DurationText(512'250'000)});
//   std::cout << table.Render({});
//   // channel     mean
//   // facebook  8m 32s
//
// This file defines PrintableText, DisplayWidth, FitText, WrapText,
// DurationText, PercentText, DecimalText, LocalTimeText, TextStyle, TextTable,
// AppendJsonText, AppendJsonNumber and Int128Text.

#ifndef CCKPI_IO_RENDER_TEXT_H_
#define CCKPI_IO_RENDER_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "cckpi/calendar/zone.h"

namespace cckpi {

// `text` as one line of valid UTF-8 without anything that moves the cursor:
// control characters and those that change the direction of text become
// escapes ("\n", "\x1b", "\u202e"), invalid bytes U+FFFD.
std::string PrintableText(std::string_view text);

// The columns that printable UTF-8 takes on a terminal: 0 for combining
// marks, 2 for East Asian wide characters and emoji, else 1.
int DisplayWidth(std::string_view text);

// Printable text cut to `width` columns, the last one "…" where it was cut.
std::string FitText(std::string_view text, int width);

// Printable text broken at blanks into lines of at most `width` columns; a
// longer word stays whole. Never empty.
std::vector<std::string> WrapText(std::string_view text, int width);

// "0s", "250us", "950ms", "12.3s", "8m 32s", "15m", "2h 5m", "1d 4h": the two
// largest units, rounded to the nearest, halves up.
std::string DurationText(int64_t span_us);

// "75.0 %". What is neither nothing nor all never reads as if it were:
// "<0.1 %", ">99.9 %".
std::string PercentText(double share);

// At most `digits` decimals, without zeros at the end: "4", "1.63".
std::string DecimalText(double value, int digits);

// "2026-03-09 01:00", with seconds only where there are some.
std::string LocalTimeText(int64_t at_us, const Zone& zone);

// How a terminal shows a piece of text.
enum class TextStyle : uint8_t { kPlain, kBold, kDim, kYellow, kRed };

// `text` between the escape sequences of that style.
std::string Styled(std::string_view text, TextStyle style);

class TextTable {
 public:
  enum class Align : uint8_t { kLeft, kRight };
  enum class Color : uint8_t { kOff, kOn };

  struct Column {
    std::string header;  // may have several lines; they stand at the bottom
    Align align = Align::kLeft;
    TextStyle style = TextStyle::kPlain;
    // Cells of the last column that are wider wrap at blanks, all others are
    // cut; 0: no limit.
    int max_width = 0;
  };

  struct Layout {
    int indent = 0;
    int gap = 2;
    Color color = Color::kOff;
  };

  explicit TextTable(std::vector<Column> columns);

  // One cell per column, printable text; missing ones are empty.
  void AddRow(std::vector<std::string> cells);

  size_t row_count() const { return rows_.size(); }

  // The columns that a line takes, without indent.
  int Width(int gap) const;

  // Header and rows, each line ended by a newline, no blanks at line ends. No
  // header when every one is empty; an empty column takes no place.
  std::string Render(const Layout& layout) const;

 private:
  int ColumnWidth(size_t column) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> headers_;  // lines of each column
  std::vector<std::vector<std::string>> rows_;
};

// Appends a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD.
void AppendJsonText(std::string_view text, std::string* out);

// Appends the shortest number that reads back as `value`: 512.25, 4, 1e+30.
// What JSON cannot say (infinity, not a number) is null.
void AppendJsonNumber(double value, std::string* out);

std::string Int128Text(absl::int128 value);

}  // namespace cckpi

#endif  // CCKPI_IO_RENDER_TEXT_H_
