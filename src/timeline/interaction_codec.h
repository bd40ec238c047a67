// The bytes of an interaction (docs/snapshot-format.md, section interactions).
//
// Written is what the state means, not how it lies in memory: fields that
// nobody will read any more are left out, timers are derived again. So states
// that behave alike give equal bytes.

#ifndef CCKPI_SRC_TIMELINE_INTERACTION_CODEC_H_
#define CCKPI_SRC_TIMELINE_INTERACTION_CODEC_H_

#include <cstddef>

#include "src/timeline/id_coding.h"
#include "src/timeline/interaction.h"
#include "src/timeline/timeline_plan.h"

namespace cckpi {

class InteractionCodec {
 public:
  // The plan must outlive the codec. `tags` is the number of tag slots.
  InteractionCodec(const TimelinePlan* plan, size_t tags);

  // Sink is IdMarker or IdWriter.
  template <typename Sink>
  void Encode(const Interaction& i, Sink& sink) const;

  // Fails the reader on anything that no sequence of events leads to and that
  // the machine could stumble over.
  void Decode(IdReader& reader, Interaction& i) const;

 private:
  template <typename Sink>
  void EncodeBookings(const EpisodeBookings& booked, bool opened,
                      Sink& sink) const;
  template <typename Sink>
  void EncodeRare(const Interaction& i, uint32_t present, Sink& sink) const;
  uint32_t PresentInRare(const Interaction& i) const;
  void DecodeBookings(IdReader& reader, bool opened,
                      EpisodeBookings& booked) const;
  void DecodeRare(IdReader& reader, Interaction& i) const;
  void DecodeLevels(IdReader& reader, Rare& rare) const;
  void Check(IdReader& reader, const Interaction& i) const;
  bool KeepsSpent(const Interaction& i, size_t tracker) const;

  const TimelinePlan& plan_;
  size_t tags_;
  size_t retractable_ = 0;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_INTERACTION_CODEC_H_
