// EventBuilder: one record, field by field, into an event of a batch.
//
// The fields of a record point into the reader's buffers. Only a record that
// turns out to be a valid event is copied, in one piece, into the batch.

#ifndef CCKPI_IO_EVENT_BUILDER_H_
#define CCKPI_IO_EVENT_BUILDER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/event/event.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/text_arena.h"

namespace cckpi {

// The fields of a record, as the formats name them.
enum class Field : uint8_t {
  kAt,
  kKind,
  kId,
  kReceivedAt,
  kInteraction,
  kCustomer,
  kChannel,
  kSource,
  kTeam,
  kAgent,
  kPriority,
  kBy,
  kFlags,
  kMessage,
  kErrors,  // with a severity
  kScore,
  kScale,
  kState,
  kIntervalS,
  kVolume,
  kReason,
  kTags,     // with a name
  kUnknown,  // no field of the format
};
inline constexpr size_t kFieldCount = static_cast<size_t>(Field::kUnknown);

std::string_view FieldName(Field field);
Field ParseField(std::string_view name);
std::span<const std::string_view> FieldNames();

// Whether the field is text, or an identifying integer, taken as it is.
constexpr bool IsText(Field field) {
  switch (field) {
    case Field::kId:
    case Field::kInteraction:
    case Field::kCustomer:
    case Field::kChannel:
    case Field::kSource:
    case Field::kTeam:
    case Field::kAgent:
    case Field::kPriority:
    case Field::kMessage:
    case Field::kState:
    case Field::kReason:
      return true;
    default:
      return false;
  }
}

// What a message shows of a text that it found: enough to recognise it, always
// UTF-8, on one line.
std::string ShortText(std::string_view text);
std::string QuoteShort(std::string_view text);  // in quotation marks

class EventBuilder {
 public:
  // `name` is the source that refusals bear.
  explicit EventBuilder(std::string name) : name_(std::move(name)) {}

  // Begins the next record.
  void Start() {
    event_ = Event();
    has_kind_ = false;
    errors_.clear();
    tags_.clear();
  }

  // Sets a field from text; an empty text leaves it absent. False, with the
  // reason in why(), when the text does not fit the field. `name` is the
  // severity of kErrors or the name of kTags.
  bool Set(Field field, std::string_view text, std::string_view name = {});

  // For encodings that have types of their own.
  void SetKind(EventKind kind) {
    event_.kind = kind;
    has_kind_ = true;
  }
  bool SetKindName(std::string_view name);
  bool AddFlag(std::string_view name);
  void AddFlags(uint8_t flags) { event_.flags |= flags; }
  void SetText(Field field, std::string_view text);
  void AddTag(std::string_view name, std::string_view value) {
    tags_.push_back({name, value});
  }
  void AddError(std::string_view severity, int64_t count) {
    errors_.push_back({severity, count});
  }
  Event& event() { return event_; }
  // A wrong value: sets why() to "field: reason" and returns false.
  bool Fail(Field field, std::string_view reason, std::string_view name = {});

  // Adds the event to the batch if it is valid, else refuses it.
  void Commit(int64_t row, EventBatch* batch);

  // Refuses the record for why().
  void Refuse(int64_t row, EventBatch* batch) { Refuse(row, why_, batch); }
  void Refuse(int64_t row, std::string reason, EventBatch* batch);

  const std::string& why() const { return why_; }

 private:
  bool SetTime(Field field, std::string_view text, int64_t* at_us);
  bool SetNumber(Field field, std::string_view text,
                 std::optional<int64_t>* micro);
  bool SetFlags(std::string_view names);
  void CopyInto(EventBatch* batch);

  std::string name_;
  Event event_;
  bool has_kind_ = false;
  std::vector<ErrorCount> errors_;
  std::vector<Tag> tags_;
  std::string why_;
};

}  // namespace cckpi

#endif  // CCKPI_IO_EVENT_BUILDER_H_
