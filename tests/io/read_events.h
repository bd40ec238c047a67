// Reads a whole input and shows it as text, for tests of readers.

#ifndef CCKPI_TESTS_IO_READ_EVENTS_H_
#define CCKPI_TESTS_IO_READ_EVENTS_H_

#include <zlib.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cckpi/io/event_reader.h"
#include "cckpi/io/event_writer.h"
#include "cckpi/io/mapping.h"

namespace cckpi {

struct ReadResult {
  std::vector<std::string> events;  // as JSON, without the newline
  std::vector<int64_t> rows;
  std::vector<std::string> refusals;  // as RefusalText shows them
  absl::Status status;
};

inline ReadResult ReadAll(absl::StatusOr<std::unique_ptr<EventReader>> reader,
                          size_t max_events = 100) {
  ReadResult result;
  result.status = reader.status();
  if (!reader.ok()) return result;
  EventBatch batch;
  while (true) {
    absl::StatusOr<bool> more = (*reader)->Read(&batch, max_events);
    result.status = more.status();
    if (!more.ok() || !*more) return result;
    for (const Event& event : batch.events) {
      std::string line = WriteJsonLine(event);
      line.pop_back();
      result.events.push_back(std::move(line));
    }
    result.rows.insert(result.rows.end(), batch.rows.begin(), batch.rows.end());
    for (const Refusal& refusal : batch.refusals) {
      result.refusals.push_back(RefusalText(refusal));
    }
  }
}

inline ReadResult ReadText(std::string_view text, OpenOptions options = {}) {
  if (options.name.empty()) options.name = "log";
  return ReadAll(OpenEventsInMemory(text, options));
}

inline ReadResult ReadCsv(std::string_view text, OpenOptions options = {}) {
  options.format = EventFormat::kCsv;
  return ReadText(text, std::move(options));
}

inline ReadResult ReadMapped(std::string_view text, std::string_view mapping,
                             EventFormat format = EventFormat::kCsv) {
  absl::StatusOr<std::shared_ptr<const Mapping>> parsed = ParseMapping(mapping);
  if (!parsed.ok()) {
    ReadResult result;
    result.status = parsed.status();
    return result;
  }
  OpenOptions options;
  options.format = format;
  options.mapping = *parsed;
  return ReadText(text, std::move(options));
}

// One gzip member.
inline std::string Gzip(std::string_view text) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  std::string input(text);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

}  // namespace cckpi

#endif  // CCKPI_TESTS_IO_READ_EVENTS_H_
