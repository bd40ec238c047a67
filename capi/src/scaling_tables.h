// The answers of the scaling matrix as tables.

#ifndef CCKPI_CAPI_SRC_SCALING_TABLES_H_
#define CCKPI_CAPI_SRC_SCALING_TABLES_H_

#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "capi/src/table_data.h"
#include "cckpi/engine/scaling_monitor.h"
#include "cckpi/io/alert_json.h"
#include "cckpi/scaling/evaluator.h"

namespace cckpi::capi {

// How the rules of a configuration are written.
struct AlertStyle {
  std::shared_ptr<const AlertWriter> writer;
  const Zone& zone;
};

absl::StatusOr<TableData> TransitionTable(
    std::span<const Transition> transitions, const AlertStyle& style);

absl::StatusOr<TableData> NotificationTable(
    std::span<const Notification> notifications, const AlertStyle& style);

absl::StatusOr<TableData> AlertTable(std::span<const Alert> alerts,
                                     const AlertStyle& style);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_SCALING_TABLES_H_
