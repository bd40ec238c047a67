// A mapping and, after a NUL, the foreign log that it is to read.

#include "cckpi/io/mapping.h"
#include "fuzz/fuzz_log.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(bytes.find('\0'), bytes.size());
  auto mapping = cckpi::ParseMapping(bytes.substr(0, end));
  if (!mapping.ok()) {
    cckpi::fuzz::Require(!mapping.status().message().empty(),
                         "an error has a reason");
    return 0;
  }
  cckpi::OpenOptions options;
  options.mapping = *mapping;
  options.max_record_bytes = 4096;
  cckpi::fuzz::ReadAll(bytes.substr(std::min(end + 1, bytes.size())), options);
  return 0;
}
