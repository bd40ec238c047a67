// PackedInteraction: an interaction at rest, as few bytes.
//
// Most fields of an interaction are absent, or say the same as another: the
// first contact is at the opening, the customer waits since the latest message,
// the agent who spoke owns it. So a few bits say of each field whether it is
// absent, the same as one of two others, or told by bytes of its own; instants
// are told as differences to the opening, all with as many bytes as the
// greatest of them needs. What hangs on an interaction apart (Rare, many
// deadlines, an end with more than the bytes can tell) stays where it is; the
// bytes have its address.
//
// Unpacked again, an interaction is what it was, except for what nobody reads:
// a span that is not booked, a deadline that is idle and the combinations of
// one that is pending are as they are when made. Snapshots leave out the same.
//
//   char bytes[kMostPackedBytes];
//   size_t size = PackInteraction(usual, interaction, bytes);  // empties it
//   Interaction again(&spares);
//   UnpackInteraction(usual, bytes, again);

#ifndef CCKPI_SRC_TIMELINE_PACKED_INTERACTION_H_
#define CCKPI_SRC_TIMELINE_PACKED_INTERACTION_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/load_bytes.h"
#include "src/timeline/interaction.h"
#include "src/timeline/timeline_plan.h"

namespace cckpi {

// How far instants lie apart as a rule. Only the size depends on it; what was
// packed is unpacked with the same.
struct UsualSpans {
  UsualSpans() = default;
  explicit UsualSpans(const TimelinePlan& plan);

  std::array<int64_t, 2> within_us = {};  // deadlines: from start to deadline
  int64_t forget_us = 0;                  // from the end to being forgotten
  int64_t contact_us = 0;                 // from the close to the contact's end
};

// Room for any interaction: it takes 225 bytes at most, and words are written
// whole, up to 7 bytes behind.
inline constexpr size_t kMostPackedBytes = 256;

// Writes to `bytes`, kMostPackedBytes of them, and says how many it used. What
// hangs on `i` is the bytes' then; `i` may be destroyed, or unpacked into.
size_t PackInteraction(const UsualSpans& usual, Interaction& i, char* bytes);

// `i` is made with the spares, and fresh or packed. The bytes have nothing
// more.
void UnpackInteraction(const UsualSpans& usual, const char* bytes,
                       Interaction& i);

// The size that PackInteraction gave is not kept: this finds it again, rounded
// up to steps of 8 bytes. One less of these is what the first bits say.
inline constexpr unsigned kPackedStepsBits = 5;
inline constexpr size_t kPackedStep = 8;
inline size_t PackedSize(const char* bytes) {
  const uint32_t steps = LoadU32(bytes) & ((1u << kPackedStepsBits) - 1);
  return kPackedStep * (size_t{steps} + 1);
}

// A packed interaction, to be read. It borrows what hangs on it, and is valid
// as long as the bytes are.
class BorrowedInteraction {
 public:
  BorrowedInteraction() {}
  ~BorrowedInteraction() {}  // nothing is its own
  BorrowedInteraction(const BorrowedInteraction&) = delete;
  BorrowedInteraction& operator=(const BorrowedInteraction&) = delete;

  const Interaction& Read(const UsualSpans& usual, const char* bytes);

 private:
  union {
    Interaction interaction_;
  };
  union {
    EpisodeEnd end_;
  };
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_PACKED_INTERACTION_H_
