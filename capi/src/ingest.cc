#include "capi/src/ingest.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "capi/src/answer_tables.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/event/event.h"

namespace cckpi::capi {

absl::Status IngestCall::Begin(const cckpi_ingest_options* options,
                               size_t row_count) {
  cckpi_ingest_options own;
  CCKPI_RETURN_IF_ERROR(CheckEngine(engine_));
  CCKPI_RETURN_IF_ERROR(ReadStruct("options", options, &own));
  CCKPI_RETURN_IF_ERROR(CheckText("options.source", own.source));
  if (own.rows != nullptr) {
    if (own.row_count != row_count) {
      return Invalid(
          "options.row_count",
          absl::StrCat("is ", own.row_count, " for a batch of ", row_count));
    }
    host_rows_ = {own.rows, row_count};
  } else if (own.row_count != 0) {
    return Missing("options.rows");
  }
  return Begin(View(own.source));
}

absl::Status IngestCall::Begin(std::string_view source) {
  CCKPI_RETURN_IF_ERROR(CheckEngine(engine_));
  if (out_result_ != nullptr) {
    CCKPI_RETURN_IF_ERROR(CheckOutStruct("out_result", out_result_));
  }
  if (source.size() > kMaxTextBytes) {
    return Invalid("options.source", "has more than 1024 bytes");
  }
  if (!source.empty()) options_.source = std::string(source);
  return absl::OkStatus();
}

std::span<const int64_t> IngestCall::Rows(size_t count) {
  if (!host_rows_.empty()) return host_rows_.subspan(taken_, count);
  if (taken_ == 0) return {};
  rows_.resize(count);
  std::iota(rows_.begin(), rows_.end(), static_cast<int64_t>(taken_) + 1);
  return rows_;
}

void IngestCall::Note(IngestResult result) {
  counts_.accepted += result.accepted;
  counts_.late += result.late;
  counts_.refused += result.refused;
  counts_.exhausted += result.exhausted;
  if (out_refusals_ == nullptr) return;
  std::move(result.handed_back.begin(), result.handed_back.end(),
            std::back_inserter(refusals_));
}

void IngestCall::Take(const EventColumns& columns,
                      std::span<uint8_t> row_status) {
  options_.rows = Rows(columns.rows);
  Start();
  Note(engine_->engine->Ingest(columns, options_, row_status));
  taken_ += columns.rows;
}

void IngestCall::Take(std::span<const Event> events,
                      std::span<uint8_t> row_status) {
  options_.rows = Rows(events.size());
  Start();
  Note(engine_->engine->Ingest(events, options_, row_status));
  taken_ += events.size();
}

void IngestCall::Take(std::span<const Event> events,
                      std::span<const int64_t> rows,
                      std::span<const Refusal> unreadable) {
  options_.rows = rows;
  options_.unreadable = unreadable;
  const size_t before = refusals_.size();
  Start();
  Note(engine_->engine->Ingest(events, options_));
  if (out_refusals_ != nullptr) {
    refusals_.insert(refusals_.end(), unreadable.begin(), unreadable.end());
    std::stable_sort(
        refusals_.begin() + static_cast<ptrdiff_t>(before), refusals_.end(),
        [](const Refusal& a, const Refusal& b) { return a.row < b.row; });
  }
  taken_ += events.size() + unreadable.size();
}

absl::Status IngestCall::TakeOne(const Event& event, cckpi_engine* engine,
                                 uint8_t* out_row_status,
                                 cckpi_ingest_result* out_result,
                                 cckpi_table** out_refusals) {
  engine->damaged = true;
  IngestResult result = engine->engine->Ingest(
      {&event, 1}, {}, {out_row_status, out_row_status == nullptr ? 0u : 1u});
  if (!result.handed_back.empty()) {
    IngestCall call(engine, out_result, out_refusals);
    call.Note(std::move(result));
    return call.End();
  }
  if (out_refusals != nullptr) *out_refusals = nullptr;
  if (out_result != nullptr) {
    cckpi_ingest_result counts = {};
    counts.accepted = result.accepted;
    WriteStruct(counts, out_result);
  }
  engine->damaged = false;
  return absl::OkStatus();
}

absl::Status IngestCall::End() {
  if (out_refusals_ != nullptr) {
    std::unique_ptr<cckpi_table> table;
    if (!refusals_.empty()) {
      absl::StatusOr<TableData> data = RefusalTable(refusals_, engine_->zone);
      // Reasons of more than 2 GiB: the first ones say enough.
      if (!data.ok()) {
        data = RefusalTable(
            std::span<const Refusal>(refusals_).first(kMaxRefusalsKept),
            engine_->zone);
      }
      CCKPI_RETURN_IF_ERROR(data.status());
      table = MakeTable(*std::move(data));
    }
    *out_refusals_ = table.release();
  }
  if (out_result_ != nullptr) WriteStruct(counts_, out_result_);
  Complete();
  if (counts_.exhausted == 0) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("max_memory_bytes: ", counts_.exhausted,
                   " events found no room and were not taken"));
}

DictionaryId Link(cckpi_engine* engine, const cckpi_dictionary& dictionary) {
  std::vector<DictionaryLink>& links = engine->dictionaries;
  // A link whose dictionary is gone keeps its place: the address of the next
  // dictionary may be the same, its texts are not.
  auto link = std::find_if(links.begin(), links.end(),
                           [&](const DictionaryLink& known) {
                             return known.texts.lock() == dictionary.texts;
                           });
  const Dictionary& texts = dictionary.texts->texts;
  const uint32_t size = static_cast<uint32_t>(texts.size());
  if (link != links.end() && link->known == size) return link->id;
  Change change(engine);
  if (link == links.end()) {
    links.push_back({dictionary.texts, engine->engine->AddDictionary({}), 0});
    link = std::prev(links.end());
  }
  std::vector<std::string_view> fresh;
  fresh.reserve(size - link->known);
  for (uint32_t code = link->known; code < size; ++code) {
    fresh.push_back(texts.Text(code));
  }
  // Cannot fail: the engine gave the number.
  engine->engine->ExtendDictionary(link->id, fresh).IgnoreError();
  link->known = size;
  change.Complete();
  return link->id;
}

}  // namespace cckpi::capi
