// Saved states of the scaling matrix. The checksum is made to fit first.

#include <string>

#include "cckpi/scaling/state_bytes.h"
#include "fuzz/fuzz_input.h"

namespace cckpi::fuzz {
namespace {

std::string Repaired(std::string_view bytes) {
  std::string result(bytes.substr(0, bytes.size() - 8));
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : result) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  for (int b = 0; b < 8; ++b) {
    result += static_cast<char>(hash >> (8 * b) & 0xff);
  }
  return result;
}

void Run(std::string_view bytes) {
  const std::string saved =
      bytes.size() < 8 ? std::string(bytes) : Repaired(bytes);
  if (const auto state = RestoreRuleState(saved); state.ok()) {
    const auto again = RestoreRuleState(SaveRuleState(*state));
    Require(again.ok() && *again == *state, "a saved state is restored");
  }
  if (const auto rules = RestoreRules(saved); rules.ok()) {
    const auto again = RestoreRules(SaveRules(*rules));
    Require(again.ok() && *again == *rules, "saved rules are restored");
  }
}

}  // namespace
}  // namespace cckpi::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
