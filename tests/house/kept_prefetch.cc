// Compiled as a release is, by check_prefetch.py: a call that only prefetches
// is still there.

#include <cstddef>

#include "cckpi/base/prefetch.h"

struct Table {
  int numbers[1024];

  __attribute__((noinline)) void WillWant(size_t n) const {
    cckpi::PrefetchLine(&numbers[n]);
  }
};

int Sum(const Table& table, const int* order, size_t count) {
  int sum = 0;
  for (size_t n = 0; n < count; ++n) {
    table.WillWant(static_cast<size_t>(order[n + 8]));
    sum += table.numbers[order[n]];
  }
  return sum;
}
