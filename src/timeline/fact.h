// Fact: an event as the state machines see it, every text a number.
//
// Texts of dimensions and states come from one Dictionary, interactions and
// customers each from a KeyDictionary. 0 is "none" everywhere.

#ifndef CCKPI_SRC_TIMELINE_FACT_H_
#define CCKPI_SRC_TIMELINE_FACT_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "cckpi/base/time.h"
#include "cckpi/event/event.h"
#include "src/base/pooled.h"
#include "src/base/spare_list.h"
#include "src/base/spares.h"

namespace cckpi {

using TextId = uint32_t;
enum class InteractionId : uint32_t { kNone = 0 };
enum class CustomerId : uint32_t { kNone = 0 };

// An agent's message with these flags answers.
constexpr bool IsHumanResponse(uint8_t flags) {
  return (flags & (kPrivate | kAutomated | kCampaign | kReaction)) == 0;
}

// What reviews, surveys and forecasts carry.
struct FactFigures {
  explicit FactFigures(Spares* spares = nullptr) : errors(spares) {}
  Spares* pool() const { return errors.pool(); }

  SpareList<std::pair<TextId, int64_t>> errors;  // by severity's text
  std::optional<int64_t> score_micro;
  std::optional<int64_t> scale_micro;
  std::optional<int64_t> volume_micro;
  int64_t interval_s = 0;
};

// What few events carry.
struct FactExtra {
  explicit FactExtra(Spares* spares = nullptr) : tags(spares) {}
  Spares* pool() const { return tags.pool(); }

  uint64_t message = 0;  // fingerprint of the message id; 0: none
  SpareList<std::pair<TextId, TextId>> tags;  // by name's text
  Pooled<FactFigures> figures;
};

struct Fact {
  int64_t at_us = kNoTime;
  const FactExtra* extra = nullptr;  // nullptr: none; belongs to the queue
  InteractionId interaction = InteractionId::kNone;
  CustomerId customer = CustomerId::kNone;
  TextId channel = 0;
  TextId source = 0;
  TextId team = 0;
  TextId agent = 0;
  TextId priority = 0;
  TextId state = 0;
  EventKind kind = EventKind::kCustomerMessage;
  Actor by = Actor::kUnset;
  uint8_t flags = 0;

  uint64_t message() const { return extra == nullptr ? 0 : extra->message; }
  // Nullptr where it has none.
  const FactFigures* figures() const {
    return extra == nullptr ? nullptr : extra->figures.get();
  }
};

}  // namespace cckpi

#endif  // CCKPI_SRC_TIMELINE_FACT_H_
