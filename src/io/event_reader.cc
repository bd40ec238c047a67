#include "cckpi/io/event_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/io/mapping.h"
#include "src/io/byte_source.h"
#include "src/io/input_buffer.h"
#include "src/io/open_input.h"
#include "src/io/readers.h"

namespace cckpi {
namespace {

struct NamedFormat {
  EventFormat format = EventFormat::kAuto;
  char delimiter = ',';
  bool gzip = false;
};

NamedFormat FormatOfName(const std::string& path) {
  std::string name = absl::AsciiStrToLower(path);
  NamedFormat named;
  constexpr std::string_view kGzip = ".gz";
  if (name.ends_with(kGzip)) {
    named.gzip = true;
    name.resize(name.size() - kGzip.size());
  }
  if (name.ends_with(".jsonl") || name.ends_with(".json") ||
      name.ends_with(".ndjson")) {
    named.format = EventFormat::kJsonLines;
  } else if (name.ends_with(".csv")) {
    named.format = EventFormat::kCsv;
  } else if (name.ends_with(".tsv")) {
    named.format = EventFormat::kCsv;
    named.delimiter = '\t';
  }
  return named;
}

// The first character that is not blank decides. Reads no more than it needs,
// because a pipe may give the rest much later.
EventFormat Sniff(InputBuffer* input) {
  constexpr size_t kMost = 4096;
  for (size_t i = 0; i < kMost; ++i) {
    if (i == input->size() && !input->Fill()) break;
    char c = input->data()[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    return c == '{' || c == '[' ? EventFormat::kJsonLines : EventFormat::kCsv;
  }
  return EventFormat::kJsonLines;
}

absl::Status SkipByteOrderMark(InputBuffer* input) {
  input->Want(3);
  std::string_view head(input->data(), std::min<size_t>(input->size(), 3));
  if (head == "\xEF\xBB\xBF") input->Consume(3);
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    return absl::InvalidArgumentError("is UTF-16; it must be UTF-8");
  }
  return absl::OkStatus();
}

absl::StatusOr<OpenedInput> Open(std::unique_ptr<ByteSource> source,
                                 NamedFormat named, const OpenOptions& options,
                                 std::string name) {
  auto at_source = [&name](const absl::Status& status) {
    return absl::Status(
        status.code(), absl::StrCat(name, ": ", std::string(status.message())));
  };
  auto unpacked =
      Decompress(std::move(source),
                 named.gzip ? Compression::kGzip : Compression::kDetect);
  if (!unpacked.ok()) return at_source(unpacked.status());
  OpenedInput opened;
  opened.input =
      std::make_unique<InputBuffer>(*std::move(unpacked), options.buffer_bytes);
  if (absl::Status status = SkipByteOrderMark(opened.input.get());
      !status.ok()) {
    return at_source(status);
  }
  EventFormat format = options.format;
  if (format == EventFormat::kAuto && options.mapping != nullptr) {
    format = options.mapping->format();
  }
  if (format == EventFormat::kAuto) format = named.format;
  if (format == EventFormat::kAuto) format = Sniff(opened.input.get());
  opened.format = format;
  opened.delimiter = named.delimiter;
  opened.name = std::move(name);
  return opened;
}

}  // namespace

void EventBatch::Clear() {
  events.clear();
  rows.clear();
  sources.clear();
  refusals.clear();
  text.Clear();
}

absl::StatusOr<OpenedInput> OpenInput(const std::string& path,
                                      const OpenOptions& options) {
  std::string name = options.name;
  if (name.empty()) name = path == "-" ? "standard input" : path;
  CCKPI_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, OpenFile(path));
  return Open(std::move(source), FormatOfName(path), options, std::move(name));
}

absl::StatusOr<std::unique_ptr<EventReader>> MakeReader(
    OpenedInput opened, const OpenOptions& options) {
  if (options.mapping != nullptr) {
    return MakeMappedReader(std::move(opened.input), opened.name, opened.format,
                            opened.delimiter, options.max_record_bytes,
                            options.mapping);
  }
  if (opened.format == EventFormat::kCsv) {
    return MakeCsvReader(std::move(opened.input), opened.name, opened.delimiter,
                         options.max_record_bytes);
  }
  return MakeJsonLinesReader(std::move(opened.input), opened.name,
                             options.max_record_bytes);
}

absl::StatusOr<std::unique_ptr<EventReader>> OpenEvents(
    const std::string& path, const OpenOptions& options) {
  CCKPI_ASSIGN_OR_RETURN(OpenedInput opened, OpenInput(path, options));
  return MakeReader(std::move(opened), options);
}

absl::StatusOr<std::unique_ptr<EventReader>> OpenEventsInMemory(
    std::string_view bytes, const OpenOptions& options) {
  std::string name = options.name.empty() ? "memory" : options.name;
  NamedFormat named = FormatOfName(name);
  named.gzip = false;  // the bytes tell
  CCKPI_ASSIGN_OR_RETURN(OpenedInput opened, Open(OpenMemory(bytes), named,
                                                  options, std::move(name)));
  return MakeReader(std::move(opened), options);
}

std::string RefusalText(const Refusal& refusal) {
  std::string text;
  if (!refusal.source.empty()) text = refusal.source + ": ";
  absl::StrAppend(&text, "line ", refusal.row, ": ", refusal.reason);
  if (!refusal.event.empty()) absl::StrAppend(&text, " (", refusal.event, ")");
  return text;
}

}  // namespace cckpi
