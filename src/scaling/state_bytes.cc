// Layout, all integers as zigzag varints of at most ten bytes, texts as length
// and bytes:
//
//   4 bytes magic, 1 byte version, the fields in the order of the structs,
//   8 bytes FNV-1a of everything before, little endian

#include "cckpi/scaling/state_bytes.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "cckpi/base/time.h"

namespace cckpi {
namespace {

constexpr std::string_view kStateMagic = "CKr1";
constexpr std::string_view kRulesMagic = "CKm1";
constexpr char kVersion = 1;
constexpr size_t kHead = 5;
constexpr size_t kTail = 8;

uint64_t Checksum(std::string_view bytes) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211u;
  }
  return hash;
}

class StateWriter {
 public:
  explicit StateWriter(std::string_view magic) : bytes_(magic) {
    bytes_ += kVersion;
  }

  void Integer(int64_t value) {
    uint64_t rest = (static_cast<uint64_t>(value) << 1) ^
                    static_cast<uint64_t>(value >> 63);
    for (; rest >= 0x80; rest >>= 7) {
      bytes_ += static_cast<char>((rest & 0x7f) | 0x80);
    }
    bytes_ += static_cast<char>(rest);
  }
  void Size(size_t size) { Integer(static_cast<int64_t>(size)); }
  void Text(std::string_view text) {
    Size(text.size());
    bytes_ += text;
  }
  void Texts(const std::vector<std::string>& texts) {
    Size(texts.size());
    for (const std::string& text : texts) Text(text);
  }
  void Value(const std::optional<ExactValue>& value) {
    Integer(value.has_value() ? 1 : 0);
    if (!value.has_value()) return;
    Integer(value->numerator_micro);
    Integer(value->denominator);
  }
  void Trouble(const std::optional<Incident>& incident) {
    Integer(incident.has_value() ? 1 : 0);
    if (!incident.has_value()) return;
    Text(incident->id);
    Integer(incident->level);
    Integer(incident->since_us);
    Integer(incident->opened_us);
    Value(incident->peak);
    Integer(incident->peak_us);
    Integer(incident->sequence);
    Integer(incident->told_level);
    Integer(incident->last_sent_us);
    Texts(incident->told);
    Size(incident->ladder.size());
    for (const LadderStep& step : incident->ladder) {
      Texts(step.notify);
      Integer(step.after_us);
    }
    Integer(incident->step);
    Integer(incident->step_since_us);
    Text(incident->acknowledged_by);
    Integer(incident->acknowledged_us);
  }
  void State(const RuleState& state) {
    Integer(static_cast<int64_t>(state.state));
    Integer(state.level);
    Integer(state.entered_us);
    Integer(state.last_us);
    Value(state.value);
    Integer(state.n);
    Integer(static_cast<int64_t>(state.silence));
    Value(state.peak);
    Integer(state.peak_us);
    Size(state.reached_us.size());
    for (const int64_t at_us : state.reached_us) Integer(at_us);
    for (size_t b = 0; b < state.reached_us.size(); ++b) {
      Integer(b < state.left_us.size() ? state.left_us[b] : kNoTime);
    }
    Trouble(state.incident);
    Trouble(state.owed);
  }

  std::string Finish() && {
    uint64_t sum = Checksum(bytes_);
    for (size_t i = 0; i < kTail; ++i, sum >>= 8) {
      bytes_ += static_cast<char>(sum & 0xff);
    }
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Reads until the first thing that is wrong; after that everything is 0.
class StateReader {
 public:
  StateReader(std::string_view bytes, std::string_view magic) : rest_(bytes) {
    if (bytes.size() < kHead + kTail || bytes.substr(0, 4) != magic) {
      Fail("no saved alert state");
      return;
    }
    if (bytes[4] != kVersion) {
      Fail("saved by a version that is not known");
      return;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < kTail; ++i) {
      sum |=
          uint64_t{static_cast<unsigned char>(bytes[bytes.size() - kTail + i])}
          << (8 * i);
    }
    if (sum != Checksum(bytes.substr(0, bytes.size() - kTail))) {
      Fail("the checksum is wrong");
      return;
    }
    rest_ = bytes.substr(kHead, bytes.size() - kHead - kTail);
  }

  int64_t Integer() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        // The shortest form only, so that equal states have equal bytes.
        if (byte == 0 && shift != 0) break;
        return static_cast<int64_t>(value >> 1) ^
               -static_cast<int64_t>(value & 1);
      }
    }
    Fail("a number is broken");
    return 0;
  }
  int64_t Between(int64_t least, int64_t most) {
    const int64_t value = Integer();
    if (value < least || value > most) {
      Fail("a number is out of range");
      return least;
    }
    return value;
  }
  bool Flag() { return Between(0, 1) == 1; }
  // Of things that take at least one byte each.
  size_t Size() {
    const int64_t size = Integer();
    if (size < 0 || static_cast<uint64_t>(size) > rest_.size()) {
      Fail("it is cut");
      return 0;
    }
    return static_cast<size_t>(size);
  }
  std::string Text() {
    const size_t size = Size();
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (size_t left = Size(); left > 0 && ok(); --left) {
      texts.push_back(Text());
    }
    return texts;
  }
  int64_t Time() {
    const int64_t at_us = Integer();
    if (at_us != kNoTime && (at_us < kEarliestTime || at_us >= kLatestTime)) {
      Fail("an instant is out of range");
      return kNoTime;
    }
    return at_us;
  }
  std::optional<ExactValue> Value() {
    if (!Flag()) return std::nullopt;
    ExactValue value;
    value.numerator_micro = Integer();
    value.denominator = Between(1, std::numeric_limits<int64_t>::max());
    return value;
  }

  std::optional<Incident> Trouble(int32_t bands) {
    if (!Flag()) return std::nullopt;
    Incident incident;
    incident.id = Text();
    incident.level = static_cast<int32_t>(Between(0, bands - 1));
    incident.since_us = Time();
    incident.opened_us = Time();
    incident.peak = Value();
    incident.peak_us = Time();
    incident.sequence = Between(0, std::numeric_limits<int64_t>::max() - 1);
    incident.told_level = static_cast<int32_t>(Between(-1, bands - 1));
    incident.last_sent_us = Time();
    incident.told = Texts();
    for (size_t left = Size(); left > 0 && ok(); --left) {
      LadderStep step;
      step.notify = Texts();
      step.after_us = Between(0, kLatestTime);
      incident.ladder.push_back(std::move(step));
    }
    const auto steps = static_cast<int64_t>(incident.ladder.size());
    incident.step =
        static_cast<int32_t>(Between(0, std::max<int64_t>(steps - 1, 0)));
    incident.step_since_us = Time();
    incident.acknowledged_by = Text();
    incident.acknowledged_us = Time();
    if (!std::is_sorted(incident.told.begin(), incident.told.end()) ||
        std::adjacent_find(incident.told.begin(), incident.told.end()) !=
            incident.told.end()) {
      Fail("recipients are out of order");
    }
    const bool told = incident.told_level >= 0;
    if (incident.since_us == kNoTime || incident.opened_us == kNoTime ||
        told != (incident.last_sent_us != kNoTime) ||
        told != (incident.step_since_us != kNoTime)) {
      Fail("an incident contradicts itself");
    }
    return incident;
  }

  RuleState State() {
    RuleState state;
    state.state = static_cast<AlertState>(Between(0, 4));
    state.level =
        static_cast<int32_t>(Between(-1, std::numeric_limits<int32_t>::max()));
    state.entered_us = Time();
    state.last_us = Time();
    state.value = Value();
    state.n = Integer();
    state.silence = static_cast<Silence>(Between(0, 2));
    state.peak = Value();
    state.peak_us = Time();
    const size_t bands = Size();
    for (size_t b = 0; b < bands && ok(); ++b) {
      state.reached_us.push_back(Time());
    }
    for (size_t b = 0; b < bands && ok(); ++b) state.left_us.push_back(Time());
    const auto count = static_cast<int32_t>(bands);
    state.incident = Trouble(count);
    state.owed = Trouble(count);
    const bool fires = state.state == AlertState::kFiring ||
                       state.state == AlertState::kRecovering;
    const bool pending = state.state == AlertState::kPending;
    if (fires != state.incident.has_value() ||
        (fires && state.level != state.incident->level) ||
        (pending && (state.level < 0 || state.level >= count)) ||
        (!fires && !pending && state.level != -1) ||
        (state.owed.has_value() && state.owed->told_level < 0)) {
      Fail("a state contradicts itself");
    }
    return state;
  }

  GroupLabels Labels() {
    GroupLabels group;
    for (size_t left = Size(); left > 0 && ok(); --left) {
      std::string name = Text();
      std::optional<std::string> value;
      if (Flag()) value = Text();
      group.emplace_back(std::move(name), std::move(value));
    }
    return group;
  }

  bool ok() const { return status_.ok(); }
  // Everything must have been read.
  absl::Status Finish() {
    if (ok() && !rest_.empty()) Fail("it goes on after its end");
    return status_;
  }

 private:
  void Fail(std::string_view reason) {
    if (status_.ok()) {
      status_ = absl::DataLossError("alert state: " + std::string(reason));
    }
    rest_ = {};
  }

  std::string_view rest_;
  absl::Status status_;
};

}  // namespace

std::string SaveRuleState(const RuleState& state) {
  StateWriter writer(kStateMagic);
  writer.State(state);
  return std::move(writer).Finish();
}

absl::StatusOr<RuleState> RestoreRuleState(std::string_view bytes) {
  StateReader reader(bytes, kStateMagic);
  RuleState state = reader.State();
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return state;
}

absl::StatusOr<RuleState> WithBands(RuleState state,
                                    const std::vector<std::string>& levels,
                                    const std::vector<Band>& bands) {
  const size_t before = state.reached_us.size();
  if ((before != 0 && before != levels.size()) ||
      state.left_us.size() != before) {
    return absl::DataLossError("alert state: it has other bands than its rule");
  }
  if (before == 0 || bands.empty()) return state;
  // By old band, the new one.
  std::vector<int32_t> now(levels.size(), -1);
  for (size_t b = 0; b < levels.size(); ++b) {
    const auto found =
        std::find_if(bands.begin(), bands.end(),
                     [&](const Band& band) { return band.level == levels[b]; });
    if (found != bands.end()) {
      now[b] = static_cast<int32_t>(found - bands.begin());
    } else if (b > 0) {
      now[b] = now[b - 1];
    }
  }
  const auto moved = [&](int32_t level) {
    return level < 0 ? level
                     : std::max(now[static_cast<size_t>(level)], int32_t{0});
  };
  std::vector<int64_t> reached(bands.size(), kNoTime);
  std::vector<int64_t> left(bands.size(), kNoTime);
  for (size_t b = 0; b < levels.size(); ++b) {
    if (now[b] < 0 || bands[static_cast<size_t>(now[b])].level != levels[b]) {
      continue;
    }
    reached[static_cast<size_t>(now[b])] = state.reached_us[b];
    left[static_cast<size_t>(now[b])] = state.left_us[b];
  }
  state.reached_us = std::move(reached);
  state.left_us = std::move(left);
  state.level = moved(state.level);
  for (std::optional<Incident>* incident : {&state.incident, &state.owed}) {
    if (!incident->has_value()) continue;
    (*incident)->level = moved((*incident)->level);
    (*incident)->told_level = moved((*incident)->told_level);
  }
  return state;
}

std::string SaveRules(const SavedRules& rules) {
  StateWriter writer(kRulesMagic);
  writer.Integer(rules.last_tick_us);
  writer.Size(rules.rules.size());
  for (const SavedRule& rule : rules.rules) {
    writer.Text(rule.id);
    writer.Texts(rule.levels);
    writer.Size(rule.states.size());
    for (const SavedRuleState& saved : rule.states) {
      writer.Size(saved.group.size());
      for (const auto& [name, value] : saved.group) {
        writer.Text(name);
        writer.Integer(value.has_value() ? 1 : 0);
        if (value.has_value()) writer.Text(*value);
      }
      writer.State(saved.state);
    }
  }
  return std::move(writer).Finish();
}

absl::StatusOr<SavedRules> RestoreRules(std::string_view bytes) {
  StateReader reader(bytes, kRulesMagic);
  SavedRules rules;
  rules.last_tick_us = reader.Time();
  for (size_t left = reader.Size(); left > 0 && reader.ok(); --left) {
    SavedRule rule;
    rule.id = reader.Text();
    rule.levels = reader.Texts();
    for (size_t more = reader.Size(); more > 0 && reader.ok(); --more) {
      SavedRuleState saved;
      saved.group = reader.Labels();
      saved.state = reader.State();
      rule.states.push_back(std::move(saved));
    }
    rules.rules.push_back(std::move(rule));
  }
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return rules;
}

}  // namespace cckpi
