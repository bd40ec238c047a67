#include "cckpi/io/event_writer.h"

#include <algorithm>
#include <span>

#include "cckpi/base/time.h"
#include "cckpi/io/render_text.h"
#include "src/event/event_texts.h"

namespace cckpi {
namespace {

// Writes `"name":` after a comma, unless it is the first.
class JsonLine {
 public:
  explicit JsonLine(std::string* out) : out_(out) { *out_ += '{'; }

  std::string* Key(std::string_view name) {
    if (!first_) *out_ += ',';
    first_ = false;
    AppendJsonText(name, out_);
    *out_ += ':';
    return out_;
  }
  void Text(std::string_view name, std::string_view text) {
    if (!text.empty()) AppendJsonText(text, Key(name));
  }
  void Time(std::string_view name, int64_t at_us) {
    if (at_us != kNoTime) AppendJsonText(FormatTime(at_us), Key(name));
  }
  void Number(std::string_view name, std::optional<int64_t> micro) {
    if (micro.has_value()) *Key(name) += FormatMicro(*micro);
  }
  void Close() { *out_ += '}'; }

 private:
  std::string* out_;
  bool first_ = true;
};

void AppendFlags(uint8_t flags, std::string* out) {
  std::string_view separator = "[";
  for (int bit = 0; bit < 8; ++bit) {
    auto flag = static_cast<uint8_t>(flags & 1u << bit);
    if (flag == 0) continue;
    *out += separator;
    AppendJsonText(MessageFlagNames(flag), out);
    separator = ",";
  }
  *out += ']';
}

// received_at comes between the id and the others.
constexpr std::span kTextsAfterId = std::span(kEventTexts).subspan<1>();

constexpr std::string_view kColumns =
    "at,kind,id,received_at,interaction,customer,channel,source,team,agent,"
    "priority,message,state,reason,by,flags,score,scale,interval_s,volume";

}  // namespace

void AppendJsonLine(const Event& event, std::string* out) {
  JsonLine object(out);
  object.Time("at", event.at_us);
  object.Text("kind", EventKindName(event.kind));
  object.Text("id", event.id);
  object.Time("received_at", event.received_at_us);
  for (const auto& [name, text] : kTextsAfterId) {
    object.Text(name, event.*text);
  }
  object.Text("by", ActorName(event.by));
  if (event.flags != 0) AppendFlags(event.flags, object.Key("flags"));
  if (!event.errors.empty()) {
    JsonLine errors(object.Key("errors"));
    for (const ErrorCount& error : event.errors) {
      *errors.Key(error.severity) += std::to_string(error.count);
    }
    errors.Close();
  }
  object.Number("score", event.score_micro);
  object.Number("scale", event.scale_micro);
  if (event.interval_s != 0) {
    *object.Key("interval_s") += std::to_string(event.interval_s);
  }
  object.Number("volume", event.volume_micro);
  if (!event.tags.empty()) {
    JsonLine tags(object.Key("tags"));
    // An empty value is a value, unlike an absent tag.
    for (const Tag& tag : event.tags) {
      AppendJsonText(tag.value, tags.Key(tag.name));
    }
    tags.Close();
  }
  object.Close();
  *out += '\n';
}

std::string WriteJsonLine(const Event& event) {
  std::string line;
  AppendJsonLine(event, &line);
  return line;
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string field = "\"";
  for (char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  field += '"';
  return field;
}

CsvEventWriter::CsvEventWriter(std::span<const std::string> tag_names,
                               std::span<const std::string> severities)
    : tag_names_(tag_names.begin(), tag_names.end()),
      severities_(severities.begin(), severities.end()) {}

std::string CsvEventWriter::Header() const {
  std::string header(kColumns);
  for (const std::string& severity : severities_) {
    header += ',';
    header += CsvField("errors." + severity);
  }
  for (const std::string& tag : tag_names_) {
    header += ',';
    header += CsvField("tag." + tag);
  }
  header += '\n';
  return header;
}

std::string CsvEventWriter::Row(const Event& event) const {
  auto time = [](int64_t at_us) {
    return at_us == kNoTime ? std::string() : FormatTime(at_us);
  };
  auto number = [](std::optional<int64_t> micro) {
    return micro.has_value() ? FormatMicro(*micro) : std::string();
  };
  std::string row = time(event.at_us);
  auto add = [&row](std::string_view text) {
    row += ',';
    row += CsvField(text);
  };
  add(EventKindName(event.kind));
  add(event.id);
  add(time(event.received_at_us));
  for (const auto& [name, text] : kTextsAfterId) add(event.*text);
  add(ActorName(event.by));
  add(MessageFlagNames(event.flags));
  add(number(event.score_micro));
  add(number(event.scale_micro));
  add(event.interval_s == 0 ? "" : std::to_string(event.interval_s));
  add(number(event.volume_micro));
  for (const std::string& severity : severities_) {
    auto found = std::find_if(
        event.errors.begin(), event.errors.end(),
        [&](const ErrorCount& error) { return error.severity == severity; });
    add(found == event.errors.end() ? "" : std::to_string(found->count));
  }
  for (const std::string& name : tag_names_) {
    auto found = std::find_if(event.tags.begin(), event.tags.end(),
                              [&](const Tag& tag) { return tag.name == name; });
    add(found == event.tags.end() ? "" : found->value);
  }
  row += '\n';
  return row;
}

}  // namespace cckpi
