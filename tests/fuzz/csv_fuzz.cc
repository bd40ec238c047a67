// CSV, plain or gzip, through a buffer that is too small on purpose.

#include "fuzz/fuzz_log.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::OpenOptions options;
  options.format = cckpi::EventFormat::kCsv;
  options.buffer_bytes = 64;
  options.max_record_bytes = 4096;
  cckpi::fuzz::ReadAll({reinterpret_cast<const char*>(data), size}, options);
  return 0;
}
