// Dealing a log to shards, as a host does.
//
// What one engine has to see together goes to one shard: an interaction and
// its customers, events of one id, the states of an agent, a forecast and what
// replaces it. Everything else is free.

#ifndef CCKPI_TESTS_ORACLE_DEAL_H_
#define CCKPI_TESTS_ORACLE_DEAL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cckpi/event/event.h"

namespace cckpi::oracle {

// The shard of each event, in [0, shards), by chance.
std::vector<size_t> DealToShards(std::span<const Event> events, size_t shards,
                                 uint64_t seed);

}  // namespace cckpi::oracle

#endif  // CCKPI_TESTS_ORACLE_DEAL_H_
