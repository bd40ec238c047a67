// Intake: from an event with text to a pending event with numbers.

#ifndef CCKPI_SRC_ENGINE_INTAKE_H_
#define CCKPI_SRC_ENGINE_INTAKE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cckpi/event/event.h"
#include "src/base/text_key.h"
#include "src/engine/pending_queue.h"
#include "src/timeline/fact.h"

namespace cckpi {

// Copies a valid event, with a reference to its interaction and customer, for
// `queue`.
PendingEvent TakeIn(const Event& event, Names& names, PendingQueue& queue);

// EventIntake: the short way in for events that come one by one. It checks and
// copies those in which nothing is unusual, and remembers the numbers of the
// names that it saw lately.
class EventIntake {
 public:
  // All must outlive the intake. `states` are the known agent states.
  EventIntake(Names& names, PendingQueue& queue,
              const std::vector<TextId>& states)
      : names_(names), queue_(queue), states_(states) {}
  EventIntake(const EventIntake&) = delete;
  EventIntake& operator=(const EventIntake&) = delete;

  // TakeIn, of an event that is valid for sure: whose names have all come
  // before, and that has no figures, errors or tags. False when ValidateEvent
  // has to look at it; then nothing has changed. Whether it comes too late, or
  // from ahead of now, is for the caller to say.
  bool Take(const Event& event, PendingEvent& pending);

 private:
  // A name whose text was found good.
  struct Known {
    TextKey key;
    TextId number = 0;  // 0: none
  };
  // As many names as a center has agents, teams and channels are told apart.
  static constexpr size_t kKnown = 1024;

  // The number of a name; false when it is none that is known.
  bool NumberOf(std::string_view text, TextId& number) {
    return text.empty() || FindNumber(text, number);
  }
  bool FindNumber(std::string_view text, TextId& number);
  bool FindNumbers(const Event& event, Fact& fact);

  Names& names_;
  PendingQueue& queue_;
  const std::vector<TextId>& states_;
  std::vector<Known> known_;  // by hash; kKnown of them from the first event
};

}  // namespace cckpi

#endif  // CCKPI_SRC_ENGINE_INTAKE_H_
