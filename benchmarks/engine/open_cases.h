// Seeded events of cases that are all open at once: what an event costs while
// many are.
//
// First every customer writes, then every case is assigned; from then on
// customers and their agents write to each other in cases chosen at random, so
// that hardly any state is in a cache. However many cases there are, each has a
// message every 36 seconds on average: the same conversations, more of them.

#ifndef CCKPI_BENCHMARKS_ENGINE_OPEN_CASES_H_
#define CCKPI_BENCHMARKS_ENGINE_OPEN_CASES_H_

#include <cstddef>
#include <cstdint>

#include "benchmarks/engine/column_batch.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"

namespace cckpi {

class OpenCases {
 public:
  explicit OpenCases(int64_t cases) : cases_(cases) {}

  // Gives the engine the dictionaries of the columns.
  void Register(Engine& engine);
  // How many events there are until all cases are assigned.
  int64_t opening() const { return 2 * cases_; }
  // The next `rows` events; valid until the next call.
  const EventColumns& Next(size_t rows);

 private:
  int64_t cases_;
  int64_t next_ = 0;
  ColumnBatch batch_;
};

}  // namespace cckpi

#endif  // CCKPI_BENCHMARKS_ENGINE_OPEN_CASES_H_
