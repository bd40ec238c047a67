// A seeded workload: a month of a contact center, as columns.
//
// Five channels with their own pace, twenty teams, five hundred agents; a daily
// cycle with two peaks and quiet weekends; bots that speak first, customers
// who write again while they wait, transfers, reopened cases, cases that
// nobody answers; and the agents' states in shifts. The same size gives the
// same events on every machine with IEEE arithmetic.

#ifndef CCKPI_BENCHMARKS_ENGINE_WORKLOAD_H_
#define CCKPI_BENCHMARKS_ENGINE_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/engine/column_batch.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"
#include "cckpi/event/event.h"

namespace cckpi {

struct WorkloadShape {
  int64_t interactions = 10'000;  // about 9.8 events each
  int64_t days = 30;
  int64_t states_per_shift = 20;
};

class Workload {
 public:
  explicit Workload(const WorkloadShape& shape);

  size_t size() const { return records_.size(); }
  int64_t end_us() const { return end_us_; }

  // Gives the engine the dictionaries of the columns.
  void Register(Engine& engine);
  // The events [begin, end), at most 2^20 of them; valid until the next call.
  const EventColumns& Columns(size_t begin, size_t end);
  // One of them, in text; valid until the next call.
  const Event& At(size_t index);

 private:
  struct Record {
    int64_t at_us;
    int64_t interaction;  // -1: of an agent
    uint16_t agent;       // 0: none
    uint8_t team;         // 0: none
    uint8_t channel;      // 0: none
    EventKind kind;
    uint8_t state;
  };
  struct Random;
  class Case;

  void Shifts(int64_t agent, int64_t states_per_shift);

  int64_t begin_us_ = 0;
  int64_t end_us_ = 0;
  std::vector<Record> records_;
  std::vector<std::string> channels_, teams_, agents_, states_;
  ColumnBatch batch_;
  Event event_;
  std::string name_;
};

}  // namespace cckpi

#endif  // CCKPI_BENCHMARKS_ENGINE_WORKLOAD_H_
