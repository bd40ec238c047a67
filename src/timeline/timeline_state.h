// TimelineState: everything the episode machine remembers.
//
// A state made over a base is an overlay: it reads the base and keeps what it
// changes for itself. Queries run the machine over the events that are not
// final yet on such an overlay, and throw it away.

#ifndef CCKPI_SRC_TIMELINE_TIMELINE_STATE_H_
#define CCKPI_SRC_TIMELINE_TIMELINE_STATE_H_

#include <utility>

#include "src/base/spares.h"
#include "src/timeline/contact_table.h"
#include "src/timeline/dimensions.h"
#include "src/timeline/interaction_store.h"
#include "src/timeline/review_memory.h"
#include "src/timeline/schedule_table.h"
#include "src/timeline/timer_queue.h"

namespace cckpi {

struct TimelineState {
  TimelineState(DimensionTable dimension_table, ScheduleTable schedule_table)
      : dimensions(std::move(dimension_table)),
        schedules(std::move(schedule_table)),
        interactions(&spares),
        reviews(&spares) {}
  explicit TimelineState(const TimelineState* base)
      : dimensions(&base->dimensions),
        schedules(&base->schedules),
        interactions(&base->interactions),
        timers(&base->timers),
        contacts(&base->contacts),
        reviews(&base->reviews),
        overlay(true) {}

  // Everything about an interaction; its number may then stand for another.
  void Forget(InteractionId id);

  // What interactions and responses have beside themselves; an
  // overlay has it on the heap.
  Spares spares;
  DimensionTable dimensions;
  ScheduleTable schedules;
  InteractionStore interactions;
  TimerQueue timers;
  ContactTable contacts;
  ReviewMemory reviews;
  bool overlay = false;
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_TIMELINE_STATE_H_
