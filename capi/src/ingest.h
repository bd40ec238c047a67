// What all ways of taking events share.

#ifndef CCKPI_CAPI_SRC_INGEST_H_
#define CCKPI_CAPI_SRC_INGEST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capi/include/cckpi.h"
#include "capi/src/handles.h"
#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"

namespace cckpi::capi {

// The result of a call that takes its events in one or several batches.
class IngestCall {
 public:
  // The outputs of the call, each of which may be NULL.
  IngestCall(cckpi_engine* engine, cckpi_ingest_result* out_result,
             cckpi_table** out_refusals)
      : engine_(engine), out_result_(out_result), out_refusals_(out_refusals) {}

  // Checks the engine, the options and the outputs.
  absl::Status Begin(const cckpi_ingest_options* options, size_t row_count);
  // The same for a call that has other options.
  absl::Status Begin(std::string_view source);
  // Takes the next rows; the row of the first is `rows taken before + 1`, or
  // as the host's list says.
  void Take(const EventColumns& columns, std::span<uint8_t> row_status);
  void Take(std::span<const Event> events, std::span<uint8_t> row_status);
  // The same with rows of their own and what could not be read beside them.
  void Take(std::span<const Event> events, std::span<const int64_t> rows,
            std::span<const Refusal> unreadable);

  // A whole call for one event, of a usable engine and without options. Of
  // the outputs `out_result` is checked.
  static absl::Status TakeOne(const Event& event, cckpi_engine* engine,
                              uint8_t* out_row_status,
                              cckpi_ingest_result* out_result,
                              cckpi_table** out_refusals);

  size_t taken() const { return taken_; }

  // Writes the outputs, and ends the change of the engine.
  absl::Status End();
  // Ends it without outputs: the input broke off, what came before is in.
  void BreakOff() { Complete(); }

 private:
  // The rows of the next `count` events; empty: counted from 1.
  std::span<const int64_t> Rows(size_t count);
  void Note(IngestResult result);
  // From the first event taken to the outputs is one change: an engine that
  // took events which the host was not told of is damaged too.
  void Start() { engine_->damaged = true; }
  void Complete() { engine_->damaged = false; }

  cckpi_engine* engine_;
  cckpi_ingest_result* out_result_;
  cckpi_table** out_refusals_;
  IngestOptions options_;
  std::span<const int64_t> host_rows_;
  std::vector<int64_t> rows_;
  size_t taken_ = 0;
  cckpi_ingest_result counts_ = {};
  std::vector<Refusal> refusals_;
};

// The dictionary of a host as the engine knows it, brought up to date.
DictionaryId Link(cckpi_engine* engine, const cckpi_dictionary& dictionary);

}  // namespace cckpi::capi

#endif  // CCKPI_CAPI_SRC_INGEST_H_
