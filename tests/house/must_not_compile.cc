// Misuse that the compiler refuses. Each case is compiled by itself, with
// CASE set to its number, and must fail with the error that CMakeLists.txt
// names; without a case the file compiles.

#include <cstdint>

#include "absl/time/time.h"
#include "cckpi/base/dictionary.h"
#include "cckpi/base/time.h"
#include "cckpi/engine/engine.h"
#include "cckpi/event/event.h"
#include "cckpi/timeline/definitions.h"

#ifndef CASE
#define CASE 0
#endif

namespace cckpi {

#if CASE == 1  // An instant is microseconds only after a conversion.
int32_t Bucket(absl::Time time) { return BucketOf(time); }
#else
int32_t Bucket(absl::Time time) { return BucketOf(FromTime(time)); }
#endif

#if CASE == 2  // A span is no instant.
absl::Time Sum() { return ToTime(absl::Minutes(15)); }
#else
absl::Time Sum() { return ToTime(15 * kMinute); }
#endif

#if CASE == 3  // A number names no clock, no kind, no actor.
Clock Default() { return 1; }
#elif CASE == 4
Clock Default() { return Stage::kFirst; }
#else
Clock Default() { return Clock::kCalendar; }
#endif

#if CASE == 5  // Texts by number: two of them would soon disagree.
Dictionary Copy(const Dictionary& names) { return names; }
#else
const Dictionary& Copy(const Dictionary& names) { return names; }
#endif

#if CASE == 6  // A const engine answers; it takes no events.
IngestResult Feed(const Engine& engine, const Event& event) {
#else
IngestResult Feed(Engine& engine, const Event& event) {
#endif
  return engine.Ingest({&event, 1});
}

}  // namespace cckpi
