#include "cckpi/io/render_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "cckpi/base/time.h"

namespace cckpi {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

struct Decoded {
  char32_t code = kReplacement;
  size_t size = 1;
  bool valid = false;
};

// The first character of `text`, which is not empty. Of an invalid sequence
// one byte is taken. Overlong forms and surrogates are invalid.
Decoded DecodeUtf8(std::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  size_t size = 0;
  char32_t code = 0;
  char32_t least = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2, code = first & 0x1Fu, least = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3, code = first & 0x0Fu, least = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4, code = first & 0x07u, least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < size) return {};
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least || code > 0x10FFFF || surrogate) return {};
  return {code, size, true};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <size_t n>
bool IsIn(const Range (&ranges)[n], char32_t code) {
  const Range* range =
      std::upper_bound(std::begin(ranges), std::end(ranges), code,
                       [](char32_t c, const Range& r) { return c < r.first; });
  return range != std::begin(ranges) && code <= std::prev(range)->last;
}

// Blocks of combining marks, joiners and variation selectors.
constexpr Range kNoWidth[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489},  {0x0591, 0x05BD}, {0x0610, 0x061A},
    {0x064B, 0x065F},   {0x0670, 0x0670},  {0x06D6, 0x06DC}, {0x06DF, 0x06E4},
    {0x0900, 0x0902},   {0x093C, 0x093C},  {0x0941, 0x0948}, {0x094D, 0x094D},
    {0x0E31, 0x0E31},   {0x0E34, 0x0E3A},  {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},   {0x200B, 0x200D},  {0x20D0, 0x20FF}, {0x3099, 0x309A},
    {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F},  {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF},
    {0xE0000, 0xE007F}, {0xE0100, 0xE01EF}};

// East Asian wide and full-width blocks, and pictures.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},
    {0x2614, 0x2615},   {0x26A1, 0x26A1},   {0x26BD, 0x26BE},
    {0x26D4, 0x26D4},   {0x2705, 0x2705},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2757, 0x2757},
    {0x2B50, 0x2B50},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
    {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x1F1E6, 0x1F1FF}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
    {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

// Controls, and marks that change the direction of what follows.
constexpr Range kUnprintable[] = {{0x0000, 0x001F}, {0x007F, 0x009F},
                                  {0x061C, 0x061C}, {0x200E, 0x200F},
                                  {0x2028, 0x202E}, {0x2066, 0x2069}};

int WidthOf(char32_t code) {
  if (code < 0x300) return 1;
  if (IsIn(kNoWidth, code)) return 0;
  return IsIn(kWide, code) ? 2 : 1;
}

void AppendEscape(char32_t code, std::string* out) {
  switch (code) {
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      break;
  }
  std::array<char, 16> buffer;
  const int size =
      std::snprintf(buffer.data(), buffer.size(),
                    code < 0x100 ? "\\x%02x" : "\\u%04x", unsigned{code});
  out->append(buffer.data(), static_cast<size_t>(size));
}

// `span_us` in multiples of `unit_us`, halves up.
int64_t RoundTo(int64_t span_us, int64_t unit_us) {
  return span_us / unit_us + (span_us % unit_us >= unit_us - unit_us / 2);
}

// "8m 32s" of 512 s; the smaller unit only when there is some of it.
std::string TwoUnits(int64_t count, int64_t per_large,
                     std::string_view large_unit, std::string_view small_unit) {
  std::string text = absl::StrCat(count / per_large, std::string(large_unit));
  if (count % per_large != 0) {
    absl::StrAppend(&text, " ", count % per_large, std::string(small_unit));
  }
  return text;
}

void AppendSpaces(int count, std::string* out) {
  if (count > 0) out->append(static_cast<size_t>(count), ' ');
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (true) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

void TrimRight(std::string* line) {
  line->erase(line->find_last_not_of(' ') + 1);
}

}  // namespace

std::string PrintableText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = DecodeUtf8(text);
    if (!next.valid) {
      out += kReplacementText;
    } else if (IsIn(kUnprintable, next.code)) {
      AppendEscape(next.code, &out);
    } else {
      out += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  return out;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Decoded next = DecodeUtf8(text);
    width += WidthOf(next.code);
    text.remove_prefix(next.size);
  }
  return width;
}

std::string FitText(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  size_t end = 0;
  int used = 0;
  while (end < text.size()) {
    const Decoded next = DecodeUtf8(text.substr(end));
    const int wide = WidthOf(next.code);
    if (used + wide > width - 1) break;
    used += wide;
    end += next.size;
  }
  std::string cut(text.substr(0, end));
  TrimRight(&cut);
  cut += kEllipsis;
  return cut;
}

std::vector<std::string> WrapText(std::string_view text, int width) {
  std::vector<std::string> lines = {""};
  int used = 0;
  while (!text.empty()) {
    const size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view blanks = text.substr(0, begin);
    const std::string_view word = text.substr(begin, end - begin);
    const int wide = DisplayWidth(word);
    const int gap = used == 0 ? 0 : static_cast<int>(blanks.size());
    if (used > 0 && used + gap + wide > width) {
      lines.emplace_back(word);
      used = wide;
    } else {
      if (used > 0) lines.back() += blanks;
      lines.back() += word;
      used += gap + wide;
    }
    text.remove_prefix(end);
  }
  return lines;
}

std::string DurationText(int64_t span_us) {
  if (span_us < 0) {
    // The most negative number has no counterpart; one microsecond less of
    // 292 000 years is not visible.
    return absl::StrCat(
        "-", DurationText(span_us == kNoTime ? -(span_us + 1) : -span_us));
  }
  if (span_us == 0) return "0s";
  if (span_us < kMillisecond) return absl::StrCat(span_us, "us");
  if (const int64_t ms = RoundTo(span_us, kMillisecond); ms < 1000) {
    return absl::StrCat(ms, "ms");
  }
  if (const int64_t tenths = RoundTo(span_us, kSecond / 10); tenths < 600) {
    std::string text = absl::StrCat(tenths / 10);
    if (tenths % 10 != 0) absl::StrAppend(&text, ".", tenths % 10);
    return text + "s";
  }
  if (const int64_t seconds = RoundTo(span_us, kSecond); seconds < 3600) {
    return TwoUnits(seconds, 60, "m", "s");
  }
  if (const int64_t minutes = RoundTo(span_us, kMinute); minutes < 1440) {
    return TwoUnits(minutes, 60, "h", "m");
  }
  return TwoUnits(RoundTo(span_us, kHour), 24, "d", "h");
}

std::string DecimalText(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 512> buffer;
  const std::to_chars_result result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    std::chars_format::fixed, digits);
  std::string text(buffer.data(), result.ptr);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string PercentText(double share) {
  if (!std::isfinite(share)) return "-";
  if (share > 0 && share < 0.0005) return "<0.1 %";
  if (share < 1 && share >= 0.9995) return ">99.9 %";
  std::array<char, 512> buffer;
  const std::to_chars_result result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), share * 100,
                    std::chars_format::fixed, 1);
  std::string text(buffer.data(), result.ptr);
  if (text == "-0.0") text = "0.0";
  return text + " %";
}

std::string LocalTimeText(int64_t at_us, const Zone& zone) {
  const absl::CivilSecond local = zone.Local(at_us);
  std::array<char, 64> buffer;
  const int size =
      std::snprintf(buffer.data(), buffer.size(), "%04lld-%02d-%02d %02d:%02d",
                    static_cast<long long>(local.year()), local.month(),
                    local.day(), local.hour(), local.minute());
  std::string text(buffer.data(), static_cast<size_t>(size));
  if (local.second() != 0) {
    absl::StrAppend(&text, local.second() < 10 ? ":0" : ":", local.second());
  }
  return text;
}

std::string Styled(std::string_view text, TextStyle style) {
  std::string_view code;
  switch (style) {
    case TextStyle::kPlain:
      return std::string(text);
    case TextStyle::kBold:
      code = "\x1b[1m";
      break;
    case TextStyle::kDim:
      code = "\x1b[2m";
      break;
    case TextStyle::kYellow:
      code = "\x1b[33m";
      break;
    case TextStyle::kRed:
      code = "\x1b[31m";
      break;
  }
  std::string out(code);
  out += text;
  out += "\x1b[0m";
  return out;
}

TextTable::TextTable(std::vector<Column> columns)
    : columns_(std::move(columns)) {
  for (const Column& column : columns_) {
    headers_.push_back(Lines(column.header));
  }
}

void TextTable::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (size_t i = 0; i + 1 < cells.size(); ++i) {
    const int limit = columns_[i].max_width;
    if (limit > 0) cells[i] = FitText(cells[i], limit);
  }
  rows_.push_back(std::move(cells));
}

int TextTable::ColumnWidth(size_t column) const {
  int width = 0;
  for (const std::string& line : headers_[column]) {
    width = std::max(width, DisplayWidth(line));
  }
  const int limit = columns_[column].max_width;
  for (const std::vector<std::string>& row : rows_) {
    int cell = DisplayWidth(row[column]);
    if (limit > 0) cell = std::min(cell, limit);
    width = std::max(width, cell);
  }
  return width;
}

int TextTable::Width(int gap) const {
  int width = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const int column = ColumnWidth(i);
    if (column > 0) width += column + (width > 0 ? gap : 0);
  }
  return width;
}

std::string TextTable::Render(const Layout& layout) const {
  std::vector<int> widths;
  size_t header_lines = 0;
  bool any_header = false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(ColumnWidth(i));
    header_lines = std::max(header_lines, headers_[i].size());
    any_header = any_header || !columns_[i].header.empty();
  }
  std::string out;
  // One line, `cell(i)` giving text and style of column i.
  const auto append_line = [&](const auto& cell) {
    std::string line(static_cast<size_t>(layout.indent), ' ');
    int owed = 0;  // blanks that only count when more text follows
    bool first = true;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto [text, style] = cell(i);
      const int padding = widths[i] - DisplayWidth(text);
      if (widths[i] == 0) continue;
      if (!first) owed += layout.gap;
      first = false;
      if (columns_[i].align == Align::kRight) owed += padding;
      if (!text.empty()) {
        AppendSpaces(owed, &line);
        owed = 0;
        line += layout.color == Color::kOn ? Styled(text, style)
                                           : std::string(text);
      }
      if (columns_[i].align == Align::kLeft) owed += padding;
    }
    if (line.find_first_not_of(' ') == std::string::npos) line.clear();
    out += line;
    out += '\n';
  };
  using Cell = std::pair<std::string_view, TextStyle>;
  for (size_t n = 0; any_header && n < header_lines; ++n) {
    append_line([&](size_t i) -> Cell {
      const size_t skip = header_lines - headers_[i].size();
      if (n < skip) return {"", TextStyle::kDim};
      return {headers_[i][n - skip], TextStyle::kDim};
    });
  }
  for (const std::vector<std::string>& row : rows_) {
    std::vector<std::string> last = {row.empty() ? "" : row.back()};
    if (!columns_.empty() && columns_.back().max_width > 0) {
      last = WrapText(last[0], columns_.back().max_width);
    }
    for (size_t n = 0; n < last.size(); ++n) {
      append_line([&](size_t i) -> Cell {
        if (i + 1 == columns_.size()) return {last[n], columns_[i].style};
        return {n == 0 ? std::string_view(row[i]) : "", columns_[i].style};
      });
    }
  }
  return out;
}

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t plain = 0;  // bytes from here on are copied as they are
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      const Decoded next = DecodeUtf8(text.substr(i));
      if (next.valid) {
        i += next.size;
        continue;
      }
    }
    *out += text.substr(plain, i - plain);
    if (c >= 0x80) {
      *out += kReplacementText;
    } else if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(c));
    } else if (c == '\n') {
      *out += "\\n";
    } else if (c == '\r') {
      *out += "\\r";
    } else if (c == '\t') {
      *out += "\\t";
    } else {
      std::array<char, 8> buffer;
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", unsigned{c});
      *out += buffer.data();
    }
    plain = ++i;
  }
  *out += text.substr(plain);
  out->push_back('"');
}

void AppendJsonNumber(double value, std::string* out) {
  if (!std::isfinite(value)) {
    *out += "null";
    return;
  }
  if (value == 0) value = 0;  // no negative zero
  std::array<char, 32> buffer;
  const std::to_chars_result result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out->append(buffer.data(), result.ptr);
}

std::string Int128Text(absl::int128 value) {
  const bool negative = value < 0;
  absl::uint128 rest = static_cast<absl::uint128>(value);
  if (negative) rest = -rest;
  std::string text;
  do {
    text.push_back(static_cast<char>(
        '0' + static_cast<int>(absl::Uint128Low64(rest % 10))));
    rest /= 10;
  } while (rest != 0);
  if (negative) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace cckpi
