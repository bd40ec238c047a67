// Writing events: the same record as text, for tools, tests and generators.
//
//   Event event;
//   event.at_us = *ParseTime("2026-03-02T09:00:00Z");
//   event.interaction = "T-1";
//   WriteJsonLine(event);
//   // {"at":"2026-03-02T09:00:00Z","kind":"customer_message",
//   //  "interaction":"T-1"}      (on one line, ended by a newline)
//
// What is written reads back as an identical event. Absent fields are left
// out. Instants have a fraction only when they need one.
//
// This file defines WriteJsonLine, AppendJsonLine and CsvEventWriter.

#ifndef CCKPI_IO_EVENT_WRITER_H_
#define CCKPI_IO_EVENT_WRITER_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/event/event.h"

namespace cckpi {

// One line of JSON, with its newline. Bytes that are not UTF-8, which
// ValidateEvent refuses, become U+FFFD.
std::string WriteJsonLine(const Event& event);
void AppendJsonLine(const Event& event, std::string* out);

// Writes CSV with every column of the format. The columns of tags and of
// error severities are chosen beforehand, because CSV has a header: a tag or
// severity that was not named is left out.
class CsvEventWriter {
 public:
  CsvEventWriter(std::span<const std::string> tag_names,
                 std::span<const std::string> severities);

  // The header row, with its newline.
  std::string Header() const;
  std::string Row(const Event& event) const;

 private:
  std::vector<std::string> tag_names_;
  std::vector<std::string> severities_;
};

// A CSV field, quoted only where RFC 4180 asks for it.
std::string CsvField(std::string_view text);

}  // namespace cckpi

#endif  // CCKPI_IO_EVENT_WRITER_H_
