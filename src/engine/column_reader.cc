#include "src/engine/column_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cckpi {

DictionaryId ColumnDictionaries::Add(std::span<const std::string_view> texts) {
  dictionaries_.push_back(std::make_unique<ColumnDictionary>());
  const DictionaryId id = static_cast<DictionaryId>(dictionaries_.size());
  Extend(id, texts);
  return id;
}

bool ColumnDictionaries::Extend(DictionaryId dictionary,
                                std::span<const std::string_view> texts) {
  ColumnDictionary* known = Find(dictionary);
  if (known == nullptr) return false;
  for (std::string_view text : texts) known->texts.emplace_back(text);
  known->ids.resize(known->texts.size(), ColumnDictionary::kNewText);
  return true;
}

void ColumnReader::Fail(std::string_view name, std::string_view reason) {
  if (!fault_->empty()) return;
  *fault_ = absl::StrCat(std::string(name), ": ", std::string(reason));
}

bool ColumnReader::ReadUtf8(const TextColumn& column, std::string_view name,
                            size_t row, std::string_view* text) {
  auto cut = [&](auto offsets) {
    if (row + 1 >= offsets.size()) {
      Fail(name, absl::StrCat("the column has ", offsets.size() - 1, " rows"));
      return false;
    }
    auto from = offsets[row];
    auto to = offsets[row + 1];
    if (from < 0 || to < from ||
        static_cast<uint64_t>(to) > column.bytes.size()) {
      Fail(name,
           absl::StrCat("its offsets ", from, " and ", to, " are outside the ",
                        column.bytes.size(), " bytes of the column"));
      return false;
    }
    *text = column.bytes.substr(static_cast<size_t>(from),
                                static_cast<size_t>(to - from));
    return true;
  };
  return column.offsets32.empty() ? cut(column.offsets64)
                                  : cut(column.offsets32);
}

bool ColumnReader::ReadText(const TextColumn& column, std::string_view name,
                            size_t row, std::string_view* text) {
  *text = {};
  if (!column.given() || !column.valid[row]) return false;
  if (!column.codes.empty()) {
    if (row >= column.codes.size()) {
      Fail(name, absl::StrCat("the column has ", column.codes.size(), " rows"));
      return false;
    }
    uint32_t code = column.codes[row];
    size_t known = 0;
    if (column.texts != nullptr) {
      const TextColumn& texts = *column.texts;
      known = texts.offsets32.empty() ? texts.offsets64.size()
                                      : texts.offsets32.size();
      if (known > 0) --known;
      if (code < known) {
        return texts.valid[code] && ReadUtf8(texts, name, code, text);
      }
    } else {
      const ColumnDictionary* own = dictionaries_.Find(column.dictionary);
      if (own == nullptr) {
        Fail(name, absl::StrCat("there is no dictionary ",
                                static_cast<uint32_t>(column.dictionary)));
        return false;
      }
      known = own->texts.size();
      if (code < known) {
        *text = own->texts[code];
        return true;
      }
    }
    Fail(name,
         absl::StrCat("code ", code, " is not in its dictionary of ", known));
    return false;
  }
  if (!column.integers.empty()) {
    if (row >= column.integers.size()) {
      Fail(name,
           absl::StrCat("the column has ", column.integers.size(), " rows"));
      return false;
    }
    if (integers_used_ == integer_texts_.size()) integer_texts_.emplace_back();
    std::string& made = integer_texts_[integers_used_++];
    made.clear();
    absl::StrAppend(&made, column.integers[row]);
    *text = made;
    return true;
  }
  return ReadUtf8(column, name, row, text);
}

template <typename T>
bool ColumnReader::ReadNumber(const NumberColumn<T>& column,
                              std::string_view name, size_t row, T* value) {
  if (!column.given() || !column.valid[row]) return false;
  if (row >= column.values.size()) {
    Fail(name, absl::StrCat("the column has ", column.values.size(), " rows"));
    return false;
  }
  *value = column.values[row];
  return true;
}

const Event& ColumnReader::Read(size_t row, std::string* fault) {
  fault->clear();
  fault_ = fault;
  event_ = Event();
  tags_.clear();
  errors_.clear();
  integers_used_ = 0;
  std::string_view text;
  ReadNumber(columns_->at_us, "at", row, &event_.at_us);
  ReadNumber(columns_->received_at_us, "received_at", row,
             &event_.received_at_us);
  uint8_t number = 0;
  if (ReadNumber(columns_->kind, "kind", row, &number)) {
    event_.kind = static_cast<EventKind>(number);
  } else if (ReadText(columns_->kind_name, "kind", row, &text) &&
             !text.empty()) {
    if (auto kind = ParseEventKind(text)) {
      event_.kind = *kind;
    } else {
      Fail("kind", absl::StrCat("\"", std::string(text),
                                "\" is no kind of event, nearest is ",
                                std::string(NearestEventKind(text))));
    }
  } else {
    Fail("kind", "missing");
  }
  if (ReadNumber(columns_->by, "by", row, &number)) {
    event_.by = static_cast<Actor>(number);
  } else if (ReadText(columns_->by_name, "by", row, &text) && !text.empty()) {
    if (auto actor = ParseActor(text)) {
      event_.by = *actor;
    } else {
      Fail("by", absl::StrCat("\"", std::string(text), "\" is no actor"));
    }
  }
  if (ReadNumber(columns_->flags, "flags", row, &number)) {
    event_.flags = number;
  } else if (ReadText(columns_->flag_names, "flags", row, &text)) {
    while (!text.empty()) {
      size_t end = std::min(text.find(' '), text.size());
      std::string_view name = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (name.empty()) continue;
      uint8_t flag = ParseMessageFlag(name);
      if (flag == 0) {
        Fail("flags", absl::StrCat("\"", std::string(name), "\" is no flag"));
      }
      event_.flags |= flag;
    }
  }
  ReadText(columns_->id, "id", row, &event_.id);
  ReadText(columns_->interaction, "interaction", row, &event_.interaction);
  ReadText(columns_->customer, "customer", row, &event_.customer);
  ReadText(columns_->channel, "channel", row, &event_.channel);
  ReadText(columns_->source, "source", row, &event_.source);
  ReadText(columns_->team, "team", row, &event_.team);
  ReadText(columns_->agent, "agent", row, &event_.agent);
  ReadText(columns_->priority, "priority", row, &event_.priority);
  ReadText(columns_->message, "message", row, &event_.message);
  ReadText(columns_->state, "state", row, &event_.state);
  ReadText(columns_->reason, "reason", row, &event_.reason);
  for (const TagColumn& tag : columns_->tags) {
    if (ReadText(tag.values, tag.name, row, &text)) {
      tags_.push_back({tag.name, text});
    }
  }
  event_.tags = tags_;
  for (const ErrorColumn& error : columns_->errors) {
    int64_t count = 0;
    if (ReadNumber(error.counts, error.severity, row, &count)) {
      errors_.push_back({error.severity, count});
    }
  }
  event_.errors = errors_;
  int64_t value = 0;
  if (ReadNumber(columns_->score_micro, "score", row, &value)) {
    event_.score_micro = value;
  }
  if (ReadNumber(columns_->scale_micro, "scale", row, &value)) {
    event_.scale_micro = value;
  }
  if (ReadNumber(columns_->volume_micro, "volume", row, &value)) {
    event_.volume_micro = value;
  }
  ReadNumber(columns_->interval_s, "interval_s", row, &event_.interval_s);
  return event_;
}

}  // namespace cckpi
