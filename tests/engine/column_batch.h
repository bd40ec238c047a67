// Events laid out as columns, in any of the forms that a column may have.

#ifndef CCKPI_TESTS_ENGINE_COLUMN_BATCH_H_
#define CCKPI_TESTS_ENGINE_COLUMN_BATCH_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"
#include "cckpi/event/event.h"

namespace cckpi {

enum class TextForm { kOffsets32, kOffsets64, kCodes, kDictionary, kIntegers };

// Owns what `columns` points to.
class ColumnBatch {
 public:
  // `engine` takes the dictionaries of TextForm::kDictionary. With kIntegers
  // a field is in integers where all of its texts are decimal numbers.
  ColumnBatch(std::span<const Event> events, TextForm form, Engine& engine)
      : events_(events), form_(form), engine_(engine) {
    columns.rows = events.size();
    Number(columns.at_us, &Event::at_us, kNoTime);
    Number(columns.received_at_us, &Event::received_at_us, kNoTime);
    Number(columns.interval_s, &Event::interval_s, int64_t{0});
    Optional(columns.score_micro, &Event::score_micro);
    Optional(columns.scale_micro, &Event::scale_micro);
    Optional(columns.volume_micro, &Event::volume_micro);
    // Numbers for some, names for others.
    if (form == TextForm::kOffsets64 || form == TextForm::kCodes ||
        form == TextForm::kDictionary) {
      Names(columns.kind_name, [](const Event& event) {
        return std::string(EventKindName(event.kind));
      });
      Names(columns.by_name, [](const Event& event) {
        return std::string(ActorName(event.by));
      });
      Names(columns.flag_names,
            [](const Event& event) { return MessageFlagNames(event.flags); });
    } else {
      Byte(columns.kind,
           [](const Event& event) { return static_cast<uint8_t>(event.kind); });
      Byte(columns.by,
           [](const Event& event) { return static_cast<uint8_t>(event.by); });
      Byte(columns.flags, [](const Event& event) { return event.flags; });
    }
    Text(columns.id, &Event::id);
    Text(columns.interaction, &Event::interaction);
    Text(columns.customer, &Event::customer);
    Text(columns.channel, &Event::channel);
    Text(columns.source, &Event::source);
    Text(columns.team, &Event::team);
    Text(columns.agent, &Event::agent);
    Text(columns.priority, &Event::priority);
    Text(columns.message, &Event::message);
    Text(columns.state, &Event::state);
    Text(columns.reason, &Event::reason);
    Tags();
    Errors();
  }

  EventColumns columns;

 private:
  using MaybeText = std::optional<std::string>;

  Validity Bits(const std::vector<bool>& present) {
    if (std::find(present.begin(), present.end(), false) == present.end()) {
      return {};
    }
    std::vector<uint8_t>& bits = bits_.emplace_back(present.size() / 8 + 2);
    constexpr size_t kOffset = 3;
    for (size_t r = 0; r < present.size(); ++r) {
      size_t bit = r + kOffset;
      if (present[r]) {
        bits[bit / 8] = static_cast<uint8_t>(bits[bit / 8] | 1u << (bit % 8));
      }
    }
    return {bits.data(), kOffset};
  }

  void Number(NumberColumn<int64_t>& column, int64_t Event::*field,
              int64_t none) {
    std::vector<int64_t>& values = integers_.emplace_back();
    std::vector<bool> present;
    for (const Event& event : events_) {
      values.push_back(event.*field);
      present.push_back(event.*field != none);
    }
    column = {values, Bits(present)};
  }

  void Optional(NumberColumn<int64_t>& column,
                std::optional<int64_t> Event::*field) {
    std::vector<int64_t>& values = integers_.emplace_back();
    std::vector<bool> present;
    for (const Event& event : events_) {
      values.push_back((event.*field).value_or(0));
      present.push_back((event.*field).has_value());
    }
    column = {values, Bits(present)};
  }

  template <typename F>
  void Byte(NumberColumn<uint8_t>& column, F value) {
    std::vector<uint8_t>& values = bytes_.emplace_back();
    for (const Event& event : events_) values.push_back(value(event));
    column = {values, {}};
  }

  template <typename F>
  void Names(TextColumn& column, F name) {
    std::vector<MaybeText> texts;
    for (const Event& event : events_) texts.emplace_back(name(event));
    Fill(column, texts);
  }

  void Text(TextColumn& column, std::string_view Event::*field) {
    std::vector<MaybeText> texts;
    bool any = false;
    for (const Event& event : events_) {
      std::string_view text = event.*field;
      any |= !text.empty();
      texts.push_back(text.empty() ? MaybeText() : MaybeText(text));
    }
    if (any) Fill(column, texts);
  }

  static bool IsInteger(const MaybeText& text) {
    return !text || (text->size() < 18 &&
                     std::to_string(std::atoll(text->c_str())) == *text);
  }

  void Offsets32(TextColumn& column, const std::vector<MaybeText>& texts) {
    std::vector<int32_t>& offsets = offsets32_.emplace_back(1, 0);
    std::string& bytes = texts_.emplace_back();
    for (const MaybeText& text : texts) {
      bytes += text.value_or("");
      offsets.push_back(static_cast<int32_t>(bytes.size()));
    }
    column.offsets32 = offsets;
    column.bytes = bytes;
  }

  void Fill(TextColumn& column, const std::vector<MaybeText>& texts) {
    std::vector<bool> present;
    for (const MaybeText& text : texts) present.push_back(text.has_value());
    column.valid = Bits(present);
    if (form_ == TextForm::kIntegers &&
        std::all_of(texts.begin(), texts.end(), IsInteger)) {
      std::vector<int64_t>& values = integers_.emplace_back();
      for (const MaybeText& text : texts) {
        values.push_back(std::atoll(text.value_or("0").c_str()));
      }
      column.integers = values;
      return;
    }
    if (form_ == TextForm::kOffsets64) {
      std::vector<int64_t>& offsets = integers_.emplace_back(1, 0);
      std::string& bytes = texts_.emplace_back();
      for (const MaybeText& text : texts) {
        bytes += text.value_or("");
        offsets.push_back(static_cast<int64_t>(bytes.size()));
      }
      column.offsets64 = offsets;
      column.bytes = bytes;
      return;
    }
    if (form_ == TextForm::kOffsets32) return Offsets32(column, texts);
    std::map<std::string, uint32_t> known;
    std::vector<MaybeText> distinct;
    std::vector<uint32_t>& codes = codes_.emplace_back();
    for (const MaybeText& text : texts) {
      auto [entry, fresh] = known.try_emplace(
          text.value_or(""), static_cast<uint32_t>(distinct.size()));
      if (fresh) distinct.emplace_back(entry->first);
      codes.push_back(entry->second);
    }
    column.codes = codes;
    if (form_ == TextForm::kDictionary) {
      std::vector<std::string_view> views;
      for (const MaybeText& text : distinct) views.emplace_back(*text);
      // In two parts, as a dictionary grows.
      std::span<const std::string_view> all = views;
      column.dictionary = engine_.AddDictionary(all.first(all.size() / 2));
      engine_.ExtendDictionary(column.dictionary, all.subspan(all.size() / 2))
          .IgnoreError();
    } else {
      TextColumn& dictionary = dictionaries_.emplace_back();
      Offsets32(dictionary, distinct);
      column.texts = &dictionary;
    }
  }

  void Tags() {
    std::map<std::string, std::vector<MaybeText>> by_name;
    for (size_t r = 0; r < events_.size(); ++r) {
      for (const Tag& tag : events_[r].tags) {
        std::vector<MaybeText>& texts = by_name[std::string(tag.name)];
        texts.resize(events_.size());
        texts[r] = std::string(tag.value);
      }
    }
    for (const auto& [name, texts] : by_name) {
      TagColumn& tag = tags_.emplace_back();
      tag.name = texts_.emplace_back(name);
      Fill(tag.values, texts);
    }
    columns.tags = tags_;
  }

  void Errors() {
    std::map<std::string, std::vector<std::optional<int64_t>>> by_name;
    for (size_t r = 0; r < events_.size(); ++r) {
      for (const ErrorCount& error : events_[r].errors) {
        auto& counts = by_name[std::string(error.severity)];
        counts.resize(events_.size());
        counts[r] = error.count;
      }
    }
    for (const auto& [name, counts] : by_name) {
      ErrorColumn& error = errors_.emplace_back();
      error.severity = texts_.emplace_back(name);
      std::vector<int64_t>& values = integers_.emplace_back();
      std::vector<bool> present;
      for (const auto& count : counts) {
        values.push_back(count.value_or(0));
        present.push_back(count.has_value());
      }
      error.counts = {values, Bits(present)};
    }
    columns.errors = errors_;
  }

  std::span<const Event> events_;
  TextForm form_;
  Engine& engine_;
  std::deque<std::vector<uint8_t>> bits_;
  std::deque<std::vector<uint8_t>> bytes_;
  std::deque<std::vector<int64_t>> integers_;
  std::deque<std::vector<int32_t>> offsets32_;
  std::deque<std::vector<uint32_t>> codes_;
  std::deque<std::string> texts_;
  std::deque<TextColumn> dictionaries_;
  std::vector<TagColumn> tags_;
  std::vector<ErrorColumn> errors_;
};

}  // namespace cckpi

#endif  // CCKPI_TESTS_ENGINE_COLUMN_BATCH_H_
