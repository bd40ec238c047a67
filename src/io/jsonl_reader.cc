// Events out of JSON Lines.

#include <simdjson.h>

#include <utility>

#include "src/io/json_value.h"
#include "src/io/line_splitter.h"
#include "src/io/readers.h"
#include "src/io/stream_reader.h"

namespace cckpi {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

class JsonLinesReader : public StreamReader {
 public:
  JsonLinesReader(std::unique_ptr<InputBuffer> input, std::string name,
                  size_t max_record_bytes, int64_t first_line)
      : StreamReader(std::move(input), std::move(name)),
        lines_(this->input(), max_record_bytes, first_line) {}

 private:
  bool ReadRecord(EventBatch* batch) override;
  int64_t line() const override { return lines_.line(); }

  bool ReadObject(simdjson::dom::object object);
  bool ReadField(Field field, element value);
  bool ReadTime(Field field, element value, int64_t* at_us);
  bool ReadNumber(Field field, element value, std::optional<int64_t>* micro);
  bool ReadFlags(element value);
  bool ReadErrors(element value);
  bool ReadTags(element value);

  LineSplitter lines_;
  simdjson::dom::parser parser_;
  TextArena scratch_;  // numbers written as text, for one record
};

bool JsonLinesReader::ReadRecord(EventBatch* batch) {
  LineSplitter::Outcome outcome = lines_.Next();
  if (outcome == LineSplitter::Outcome::kEnd) return false;
  builder()->Start();
  scratch_.Clear();
  int64_t row = lines_.line();
  if (outcome == LineSplitter::Outcome::kTooLong) {
    builder()->Refuse(row, "the line is too long", batch);
    return true;
  }
  std::string_view text = lines_.text();
  if (text.find_first_not_of(" \t\r") == text.npos) return true;

  element root;
  // The line is followed by padding, so it is parsed where it lies.
  auto code = parser_.parse(text.data(), text.size(), false).get(root);
  if (code == simdjson::MEMALLOC) return BreakForMemory();
  if (code != simdjson::SUCCESS) {
    builder()->Refuse(row, JsonFault(code), batch);
    return true;
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    builder()->Refuse(row, "expected one JSON object on each line", batch);
    return true;
  }
  if (ReadObject(object)) {
    builder()->Commit(row, batch);
  } else {
    builder()->Refuse(row, batch);
  }
  return true;
}

// Keys that are no field are the host's own and are passed over; a field
// given twice says two things and is refused.
bool JsonLinesReader::ReadObject(simdjson::dom::object object) {
  uint32_t seen = 0;
  for (auto [key, value] : object) {
    Field field = ParseField(key);
    if (field == Field::kUnknown) continue;
    uint32_t bit = uint32_t{1} << static_cast<int>(field);
    if ((seen & bit) != 0) return builder()->Fail(field, "given twice");
    seen |= bit;
    if (!ReadField(field, value)) return false;
  }
  return true;
}

bool JsonLinesReader::ReadField(Field field, element value) {
  if (value.is_null()) return true;
  if (IsText(field)) {
    auto text = TextOrInteger(value, &scratch_);
    if (!text.has_value()) {
      return builder()->Fail(field, "expected text or an integer");
    }
    builder()->SetText(field, *text);
    return true;
  }
  Event& event = builder()->event();
  switch (field) {
    case Field::kAt:
      return ReadTime(field, value, &event.at_us);
    case Field::kReceivedAt:
      return ReadTime(field, value, &event.received_at_us);
    case Field::kKind:
    case Field::kBy: {
      std::string_view text;
      if (value.get(text) != simdjson::SUCCESS) {
        return builder()->Fail(field, "expected text");
      }
      return builder()->Set(field, text);
    }
    case Field::kFlags:
      return ReadFlags(value);
    case Field::kErrors:
      return ReadErrors(value);
    case Field::kTags:
      return ReadTags(value);
    case Field::kScore:
      return ReadNumber(field, value, &event.score_micro);
    case Field::kScale:
      return ReadNumber(field, value, &event.scale_micro);
    case Field::kVolume:
      return ReadNumber(field, value, &event.volume_micro);
    case Field::kIntervalS:
      if (value.get(event.interval_s) != simdjson::SUCCESS) {
        return builder()->Fail(field, "expected an integer");
      }
      return true;
    default:
      return true;
  }
}

bool JsonLinesReader::ReadTime(Field field, element value, int64_t* at_us) {
  if (value.type() == element_type::STRING) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return false;
    return builder()->Set(field, text);
  }
  if (value.get(*at_us) != simdjson::SUCCESS) {
    return builder()->Fail(field, "expected text or an integer");
  }
  return true;
}

bool JsonLinesReader::ReadNumber(Field field, element value,
                                 std::optional<int64_t>* micro) {
  *micro = NumberMicro(value);
  if (micro->has_value()) return true;
  return builder()->Fail(field, "expected a number of at most six decimals");
}

bool JsonLinesReader::ReadFlags(element value) {
  simdjson::dom::array flags;
  if (value.get(flags) != simdjson::SUCCESS) {
    return builder()->Fail(Field::kFlags, "expected a list of text");
  }
  for (element flag : flags) {
    std::string_view name;
    if (flag.get(name) != simdjson::SUCCESS) {
      return builder()->Fail(Field::kFlags, "expected a list of text");
    }
    if (!builder()->AddFlag(name)) return false;
  }
  return true;
}

bool JsonLinesReader::ReadErrors(element value) {
  simdjson::dom::object errors;
  if (value.get(errors) != simdjson::SUCCESS) {
    return builder()->Fail(Field::kErrors, "expected an object");
  }
  for (auto [severity, count] : errors) {
    if (count.is_null()) continue;
    int64_t number = 0;
    if (count.get(number) != simdjson::SUCCESS) {
      return builder()->Fail(Field::kErrors, "expected an integer", severity);
    }
    builder()->AddError(severity, number);
  }
  return true;
}

bool JsonLinesReader::ReadTags(element value) {
  simdjson::dom::object tags;
  if (value.get(tags) != simdjson::SUCCESS) {
    return builder()->Fail(Field::kTags, "expected an object");
  }
  for (auto [tag, content] : tags) {
    if (content.is_null()) continue;
    auto text = ScalarText(content, &scratch_);
    if (!text.has_value()) {
      return builder()->Fail(Field::kTags, "expected text", tag);
    }
    builder()->AddTag(tag, *text);
  }
  return true;
}

}  // namespace

std::unique_ptr<EventReader> MakeJsonLinesReader(
    std::unique_ptr<InputBuffer> input, std::string name,
    size_t max_record_bytes, int64_t first_line) {
  return std::make_unique<JsonLinesReader>(std::move(input), std::move(name),
                                           max_record_bytes, first_line);
}

}  // namespace cckpi
