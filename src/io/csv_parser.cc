#include "src/io/csv_parser.h"

#include <algorithm>
#include <cstring>

namespace cckpi {
namespace {

// Doubled quotes become one, in place; the text only gets shorter.
std::string_view Unescape(std::string_view field) {
  char* begin = const_cast<char*>(field.data());
  char* out = begin;
  for (size_t i = 0; i < field.size(); ++i) {
    *out++ = field[i];
    if (field[i] == '"') ++i;
  }
  return {begin, static_cast<size_t>(out - begin)};
}

}  // namespace

CsvParser::CsvParser(InputBuffer* buffer, char delimiter,
                     size_t max_record_bytes)
    : buffer_(buffer),
      delimiter_(delimiter),
      max_record_bytes_(max_record_bytes) {}

CsvParser::Outcome CsvParser::Next() {
  if (line_end_ == '\0') FindLineEnd();
  while (true) {
    buffer_->Consume(record_bytes_);
    line_ += record_lines_;
    record_bytes_ = 0;
    record_lines_ = 0;
    Scan scan = ScanRecord();
    while (scan == Scan::kNeedMore) {
      if (buffer_->size() > max_record_bytes_) {
        return GiveUpLine("the record is too long");
      }
      buffer_->Fill();
      if (!buffer_->status().ok()) return Outcome::kEnd;
      scan = ScanRecord();
    }
    if (scan == Scan::kTextAfterQuote) {
      return GiveUpLine("text after a closing quote");
    }
    if (scan == Scan::kOpenQuote) {
      return GiveUpLine("a quote is not closed");
    }
    if (record_bytes_ == 0) return Outcome::kEnd;
    if (fields_.size() == 1 && fields_[0].empty()) continue;  // a blank line
    for (size_t index : escaped_) fields_[index] = Unescape(fields_[index]);
    return Outcome::kRecord;
  }
}

// The first line end outside quotes decides for the whole file.
void CsvParser::FindLineEnd() {
  size_t at = 0;
  bool quoted = false;
  while (true) {
    while (at < buffer_->size()) {
      char c = buffer_->data()[at];
      if (c == '"') quoted = !quoted;
      if (!quoted && c == '\n') {
        line_end_ = '\n';
        return;
      }
      if (!quoted && c == '\r') {
        if (at + 1 == buffer_->size()) break;
        line_end_ = buffer_->data()[at + 1] == '\n' ? '\n' : '\r';
        return;
      }
      ++at;
    }
    if (buffer_->size() > max_record_bytes_ || !buffer_->Fill()) break;
  }
  bool cr_is_last = at < buffer_->size() && buffer_->at_end();
  line_end_ = cr_is_last ? '\r' : '\n';
}

CsvParser::Scan CsvParser::ScanRecord() {
  fields_.clear();
  escaped_.clear();
  const char* const begin = buffer_->data();
  const char* const end = begin + buffer_->size();
  const bool last = buffer_->at_end() && buffer_->status().ok();
  const char delimiter = delimiter_;
  const char line_end = line_end_;
  bool has_quotes = false;
  const char* at = begin;
  if (at == end) return last ? Scan::kRecord : Scan::kNeedMore;
  bool more_fields = true;
  while (more_fields) {
    const char* field = at;
    const char* field_end;
    if (at < end && *at == '"') {
      has_quotes = true;
      ++field;
      const char* from = field;
      while (true) {
        field_end = static_cast<const char*>(
            std::memchr(from, '"', static_cast<size_t>(end - from)));
        if (field_end == nullptr) {
          return last ? Scan::kOpenQuote : Scan::kNeedMore;
        }
        at = field_end + 1;
        if (at == end && !last) return Scan::kNeedMore;
        if (at == end || *at != '"') break;
        if (escaped_.empty() || escaped_.back() != fields_.size()) {
          escaped_.push_back(fields_.size());
        }
        from = at + 1;
      }
      if (at < end && *at == '\r' && line_end == '\n') {
        if (at + 1 == end && !last) return Scan::kNeedMore;
        if (at + 1 == end || at[1] == '\n') ++at;
      }
      if (at < end && *at != delimiter && *at != line_end) {
        return Scan::kTextAfterQuote;
      }
    } else {
      while (at < end && *at != delimiter && *at != line_end) ++at;
      field_end = at;
      bool ends_line = at == end || *at == line_end;
      if (ends_line && line_end == '\n' && field_end > field &&
          field_end[-1] == '\r') {
        --field_end;
      }
    }
    if (at == end && !last) return Scan::kNeedMore;
    fields_.emplace_back(field, static_cast<size_t>(field_end - field));
    more_fields = at < end && *at == delimiter;
    if (at < end) ++at;
  }
  record_bytes_ = static_cast<size_t>(at - begin);
  record_lines_ = has_quotes ? std::count(begin, at, line_end) : 1;
  return Scan::kRecord;
}

// The line may be longer than the window when the record is too long.
CsvParser::Outcome CsvParser::GiveUpLine(std::string_view reason) {
  reason_ = reason;
  record_lines_ = 1;
  while (true) {
    const char* begin = buffer_->data();
    const void* found = std::memchr(begin, line_end_, buffer_->size());
    if (found != nullptr) {
      record_bytes_ =
          static_cast<size_t>(static_cast<const char*>(found) - begin) + 1;
      return Outcome::kDamaged;
    }
    buffer_->Consume(buffer_->size());
    if (!buffer_->Fill()) return Outcome::kDamaged;
  }
}

}  // namespace cckpi
