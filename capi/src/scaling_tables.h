// The answers of the scaling matrix as tables.

#ifndef CCKPI_CAPI_SRC_SCALING_TABLES_H_
#define CCKPI_CAPI_SRC_SCALING_TABLES_H_

#include <span>

#include "absl/status/statusor.h"
#include "capi/src/table_data.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi::capi {

absl::StatusOr<TableData> TransitionTable(
    std::span<const Transition> transitions, const Zone& zone);

absl::StatusOr<TableData> NotificationTable(
    std::span<const Notification> notifications, const Zone& zone);

absl::StatusOr<TableData> AlertTable(std::span<const Alert> alerts,
                                     const Zone& zone);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_SCALING_TABLES_H_
