// Generator: the event log of a service operation that never was.
//
// Customers arrive in a daily cycle, more on weekdays than at weekends, on
// seven channels; bots answer first on some and hand off or resolve; teams and
// their agents work in shifts with breaks and training; cases are transferred,
// put on hold, reopened, reviewed, surveyed, closed by inactivity, and some
// are spam. Forecasts of the arrivals come along.
//
//   Generator generator({.seed = 7, .interactions = 1000, .days = 7});
//   Event event;
//   while (generator.Next(&event)) std::cout << WriteJsonLine(event);
//
// The same options give the same log. Events come in the order of their
// instants, or, where `disorder_us` is set, in the order in which they were
// received. Memory is that of the cases in progress, whatever the size.
//
// This file defines GeneratorOptions and Generator.

#ifndef CCKPI_CLI_GENERATOR_H_
#define CCKPI_CLI_GENERATOR_H_

#include <array>
#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "cckpi/base/time.h"
#include "cckpi/event/event.h"

namespace cckpi::cli {

struct GeneratorOptions {
  uint64_t seed = 1;
  int64_t interactions = 1000;               // at least 0
  int64_t days = 7;                          // 1 to 3650
  int64_t begin_us = 1'772'409'600'000'000;  // Mon 2026-03-02, 00:00 UTC
  int64_t agents = 24;                       // 4 to 20,000
  // How much later than it happened an event may be received.
  int64_t disorder_us = 0;
  bool agent_states = true;
  bool forecasts = true;
};

// The severities that reviews give counts of, and the tag that cases carry,
// for those who write CSV.
inline constexpr std::array<const char*, 2> kGeneratedSeverities = {"critical",
                                                                    "minor"};
inline constexpr const char* kGeneratedTag = "plan";

class Generator {
 public:
  explicit Generator(const GeneratorOptions& options);

  // The next event; false at the end. Its text lives until the next call.
  bool Next(Event* event);

 private:
  class Random;
  class Case;

  // An event to come, all in numbers.
  struct Item {
    int64_t order_us = 0;  // when it is received
    int64_t at_us = 0;
    uint64_t sequence = 0;
    uint64_t interaction = 0;  // 0: none
    uint64_t customer = 0;
    uint64_t message = 0;
    int64_t number = 0;  // a score, a volume, the errors of a review
    int32_t agent = -1;
    EventKind kind = EventKind::kCustomerMessage;
    Actor by = Actor::kUnset;
    uint8_t flags = 0;
    int8_t channel = -1;
    int8_t source = -1;
    int8_t team = -1;
    int8_t text = -1;  // of a state, a reason, a priority, a tag

    bool operator>(const Item& other) const {
      return order_us != other.order_us ? order_us > other.order_us
                                        : sequence > other.sequence;
    }
  };

  void Add(Item item);
  void AddArrival();
  void AddShifts(int64_t day);
  void AddForecasts(int64_t day);
  // The instant at which the share `target` of all arrivals has come.
  int64_t ArrivalAt(double target);
  bool OnShift(int32_t agent, int64_t at_us, int64_t* next_us) const;
  // An agent of the team and the instant from which he is there.
  int32_t PickAgent(int team, int64_t at_us, Random& random,
                    int64_t* from_us) const;
  void Fill(const Item& item, Event* event);

  GeneratorOptions options_;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue_;
  uint64_t sequence_ = 0;
  int64_t next_interaction_ = 0;
  int64_t next_arrival_us_ = 0;
  int64_t next_day_ = 0;
  std::vector<double> quarters_;  // cumulative arrivals by quarter of an hour
  size_t quarter_ = 0;
  std::array<std::vector<int32_t>, 4> teams_;  // the agents of each

  // Text of the event that was given last.
  std::string id_;
  std::string interaction_;
  std::string customer_;
  std::string agent_;
  std::string message_;
  std::array<ErrorCount, 2> errors_;
  Tag tag_;
};

}  // namespace cckpi::cli

#endif  // CCKPI_CLI_GENERATOR_H_
