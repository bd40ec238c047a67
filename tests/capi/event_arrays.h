// Events of C++ as the structs and columns of the C interface.

#ifndef CCKPI_TESTS_CAPI_EVENT_ARRAYS_H_
#define CCKPI_TESTS_CAPI_EVENT_ARRAYS_H_

#include <cckpi.h>

#include <deque>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capi/c_handles.h"
#include "cckpi/event/event.h"

namespace cckpi::capi {

// Borrows the texts of the events.
class EventStructs {
 public:
  explicit EventStructs(std::span<const Event> from) {
    for (const Event& event : from) {
      cckpi_event& to = events.emplace_back();
      to = {};
      to.struct_size = sizeof(to);
      to.at_us = event.at_us;
      to.received_at_us =
          event.received_at_us == kNoTime ? 0 : event.received_at_us;
      to.kind = static_cast<uint8_t>(event.kind);
      to.by = static_cast<uint8_t>(event.by);
      to.message_flags = event.flags;
      to.id = Text(event.id);
      to.interaction = Text(event.interaction);
      to.customer = Text(event.customer);
      to.channel = Text(event.channel);
      to.source = Text(event.source);
      to.team = Text(event.team);
      to.agent = Text(event.agent);
      to.priority = Text(event.priority);
      to.message = Text(event.message);
      to.state = Text(event.state);
      to.reason = Text(event.reason);
      std::vector<cckpi_text>& names = texts_.emplace_back();
      std::vector<cckpi_text>& values = texts_.emplace_back();
      for (const Tag& tag : event.tags) {
        names.push_back(Text(tag.name));
        values.push_back(Text(tag.value));
      }
      to.tag_names = names.data();
      to.tag_values = values.data();
      to.tag_count = names.size();
      std::vector<cckpi_text>& severities = texts_.emplace_back();
      std::vector<int64_t>& counts = counts_.emplace_back();
      for (const ErrorCount& error : event.errors) {
        severities.push_back(Text(error.severity));
        counts.push_back(error.count);
      }
      to.error_severities = severities.data();
      to.error_counts = counts.data();
      to.error_count = counts.size();
      if (event.score_micro) to.flags |= CCKPI_EVENT_HAS_SCORE;
      if (event.scale_micro) to.flags |= CCKPI_EVENT_HAS_SCALE;
      if (event.volume_micro) to.flags |= CCKPI_EVENT_HAS_VOLUME;
      to.score_micro = event.score_micro.value_or(0);
      to.scale_micro = event.scale_micro.value_or(0);
      to.volume_micro = event.volume_micro.value_or(0);
      to.interval_s = event.interval_s;
    }
  }

  std::vector<cckpi_event> events;

 private:
  std::deque<std::vector<cckpi_text>> texts_;
  std::deque<std::vector<int64_t>> counts_;
};

enum class ColumnForm { kCodes, kOffsets32, kOffsets64 };

class EventArrays {
 public:
  EventArrays(std::span<const Event> events, ColumnForm form) : form_(form) {
    cckpi_dictionary_create(OutTo(dictionary_), nullptr);
    const size_t rows = events.size();
    columns = {};
    columns.struct_size = sizeof(columns);
    columns.row_count = rows;
    std::set<std::string_view> tags;
    std::set<std::string_view> severities;
    for (const Event& event : events) {
      at_us.push_back(event.at_us);
      received_at_us.push_back(event.received_at_us);
      kind.push_back(static_cast<uint8_t>(event.kind));
      by.push_back(static_cast<uint8_t>(event.by));
      flags.push_back(event.flags);
      score.push_back(event.score_micro.value_or(CCKPI_NO_VALUE));
      scale.push_back(event.scale_micro.value_or(CCKPI_NO_VALUE));
      volume.push_back(event.volume_micro.value_or(CCKPI_NO_VALUE));
      interval.push_back(event.interval_s);
      for (const Tag& tag : event.tags) tags.insert(tag.name);
      for (const ErrorCount& e : event.errors) severities.insert(e.severity);
    }
    columns.at_us = at_us.data();
    columns.received_at_us = received_at_us.data();
    columns.kind = kind.data();
    columns.by = by.data();
    columns.message_flags = flags.data();
    columns.score_micro = score.data();
    columns.scale_micro = scale.data();
    columns.volume_micro = volume.data();
    columns.interval_s = interval.data();
    const auto field = [&](std::string_view Event::*member) {
      std::vector<std::string_view> texts;
      for (const Event& event : events) texts.push_back(event.*member);
      return Column(texts, {});
    };
    columns.id = field(&Event::id);
    columns.interaction = field(&Event::interaction);
    columns.customer = field(&Event::customer);
    columns.channel = field(&Event::channel);
    columns.source = field(&Event::source);
    columns.team = field(&Event::team);
    columns.agent = field(&Event::agent);
    columns.priority = field(&Event::priority);
    columns.message = field(&Event::message);
    columns.state = field(&Event::state);
    columns.reason = field(&Event::reason);
    for (std::string_view name : tags) {
      std::vector<std::string_view> texts(rows);
      std::vector<uint8_t> valid(rows / 8 + 1);
      for (size_t row = 0; row < rows; ++row) {
        for (const Tag& tag : events[row].tags) {
          if (tag.name != name) continue;
          texts[row] = tag.value;
          valid[row / 8] = static_cast<uint8_t>(valid[row / 8] | 1 << row % 8);
        }
      }
      cckpi_tag_column& tag = tags_.emplace_back();
      tag = {};
      tag.struct_size = sizeof(tag);
      tag.name = Text(name);
      tag.values = Column(texts, valid);
    }
    columns.tags = tags_.data();
    columns.tag_count = tags_.size();
    for (std::string_view severity : severities) {
      std::vector<int64_t>& counts =
          numbers_.emplace_back(rows, CCKPI_NO_VALUE);
      for (size_t row = 0; row < rows; ++row) {
        for (const ErrorCount& e : events[row].errors) {
          if (e.severity == severity) counts[row] = e.count;
        }
      }
      cckpi_error_column& column = errors_.emplace_back();
      column = {};
      column.struct_size = sizeof(column);
      column.severity = Text(severity);
      column.counts = counts.data();
    }
    columns.errors = errors_.data();
    columns.error_count = errors_.size();
  }
  EventArrays(const EventArrays&) = delete;
  EventArrays& operator=(const EventArrays&) = delete;

  cckpi_event_columns columns;
  std::vector<int64_t> at_us, received_at_us, score, scale, volume, interval;
  std::vector<uint8_t> kind, by, flags;

 private:
  const cckpi_text_column* Column(const std::vector<std::string_view>& texts,
                                  const std::vector<uint8_t>& valid) {
    cckpi_text_column& column = texts_.emplace_back();
    column = {};
    column.struct_size = sizeof(column);
    if (!valid.empty()) column.valid = bytes_.emplace_back(valid).data();
    if (form_ == ColumnForm::kCodes) {
      std::vector<cckpi_text> views;
      for (std::string_view text : texts) views.push_back(Text(text));
      std::vector<uint32_t>& codes = codes_.emplace_back(texts.size());
      cckpi_dictionary_intern(dictionary_.get(), views.data(), views.size(),
                              codes.data(), nullptr);
      column.codes = codes.data();
      column.dictionary = dictionary_.get();
      return &column;
    }
    std::string& bytes = strings_.emplace_back();
    std::vector<int32_t>& small = small_.emplace_back(1);
    std::vector<int64_t>& large = numbers_.emplace_back(1);
    for (std::string_view text : texts) {
      bytes += text;
      small.push_back(static_cast<int32_t>(bytes.size()));
      large.push_back(static_cast<int64_t>(bytes.size()));
    }
    column.bytes = bytes.data();
    column.byte_count = bytes.size();
    if (form_ == ColumnForm::kOffsets32) column.offsets32 = small.data();
    if (form_ == ColumnForm::kOffsets64) column.offsets64 = large.data();
    return &column;
  }

  ColumnForm form_;
  Owned<cckpi_dictionary> dictionary_;
  std::deque<cckpi_text_column> texts_;
  std::vector<cckpi_tag_column> tags_;
  std::vector<cckpi_error_column> errors_;
  std::deque<std::vector<uint32_t>> codes_;
  std::deque<std::vector<uint8_t>> bytes_;
  std::deque<std::vector<int32_t>> small_;
  std::deque<std::vector<int64_t>> numbers_;
  std::deque<std::string> strings_;
};

}  // namespace cckpi::capi

#endif  // CCKPI_TESTS_CAPI_EVENT_ARRAYS_H_
