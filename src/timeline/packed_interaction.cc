#include "src/timeline/packed_interaction.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "cckpi/calendar/opening_hours.h"
#include "src/base/load_bytes.h"

namespace cckpi {
namespace {

// Whoever adds a field packs it, here and in Unpack.
static_assert(sizeof(void*) != 8 ||
              (sizeof(Interaction) == 208 && sizeof(EpisodeBookings) == 104 &&
               sizeof(EpisodeEnd) == 88 && sizeof(TrackerSlot) == 16 &&
               sizeof(SpanBooking) == 16));

// The bytes: the head of 8 (what is small and the codes of instants), 8 of the
// instant that others are told by, the customer, an end's codes (3), instants
// that are told, texts, combinations, the rest.
constexpr size_t kBaseAt = 8;
constexpr size_t kCustomerAt = 16;
constexpr size_t kEndCodesBytes = 3;

// The last of the head say what few interactions have, or are too large for.
// Where all are 0 it is plain: most open ones are, and packing and unpacking
// those asks for nothing of it.
constexpr unsigned kSpecialBits = 9;
constexpr unsigned kSpecialAt = 64 - kSpecialBits;

// Of an instant or a number: told by bytes, or one of two others.
enum Code : uint32_t { kAbsent = 0, kAsFirst = 1, kAsSecond = 2, kTold = 3 };

enum class EndKind : uint8_t { kNone = 0, kHere = 1, kApart = 2 };

// Instants of extreme logs may wrap, there and back.
int64_t Plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) +
                              static_cast<uint64_t>(b));
}
int64_t Minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) -
                              static_cast<uint64_t>(b));
}

void StoreU64(char* bytes, uint64_t word) {
  if (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  std::memcpy(bytes, &word, sizeof(word));
}

// The small values of the head, one behind the other.
class BitWriter {
 public:
  void Put(uint64_t value, unsigned bits) {
    word_ |= value << at_;
    at_ += bits;
  }
  uint64_t word() const { return word_; }

 private:
  uint64_t word_ = 0;
  unsigned at_ = 0;
};
class BitReader {
 public:
  explicit BitReader(uint64_t word) : word_(word) {}
  uint32_t Take(unsigned bits) {
    const uint32_t value =
        static_cast<uint32_t>(word_ & ((uint64_t{1} << bits) - 1));
    word_ >>= bits;
    return value;
  }

 private:
  uint64_t word_;
};

class ByteAppender {
 public:
  explicit ByteAppender(char* at) : at_(at) {}
  void Put(uint64_t value, size_t bytes) {
    StoreU64(at_, value);
    at_ += bytes;
  }
  template <typename T>
  void PutAddress(T* pointer) {
    std::memcpy(at_, &pointer, sizeof(pointer));
    at_ += sizeof(pointer);
  }
  char* at() const { return at_; }

 private:
  char* at_;
};

class BytePicker {
 public:
  explicit BytePicker(const char* at) : at_(at) {}
  uint64_t Look() const { return LoadU64(at_); }
  // Up to 4 bytes.
  uint32_t Take(size_t bytes) {
    const uint32_t value =
        LoadU32(at_) & static_cast<uint32_t>((uint64_t{1} << 8 * bytes) - 1);
    at_ += bytes;
    return value;
  }
  template <typename T>
  T* TakeAddress() {
    T* pointer;
    std::memcpy(&pointer, at_, sizeof(pointer));
    at_ += sizeof(pointer);
    return pointer;
  }
  void Skip(size_t bytes) { at_ += bytes; }

 private:
  const char* at_;
};

// Instants: those that have to be told are kept until all are known.
class InstantWriter {
 public:
  explicit InstantWriter(int64_t base_us) : base_us_(base_us) {}

  Code Add(int64_t value_us, int64_t first_us, int64_t second_us,
           int64_t absent_us = kNoTime) {
    return AddIf(value_us != absent_us, value_us, first_us, second_us);
  }
  Code AddIf(bool is_there, int64_t value_us, int64_t first_us,
             int64_t second_us) {
    if (!is_there) return kAbsent;
    if (value_us == first_us) return kAsFirst;
    if (value_us == second_us) return kAsSecond;
    const int64_t told = Minus(value_us, base_us_);
    all_ |= static_cast<uint64_t>(told ^ (told >> 63));
    told_[count_++] = static_cast<uint64_t>(told);
    return kTold;
  }
  // How many bytes each takes with its sign, 1 to 8.
  size_t width() const {
    return static_cast<size_t>(std::bit_width(all_)) / 8 + 1;
  }
  void Write(ByteAppender& bytes) const {
    const size_t size = width();
    for (size_t n = 0; n < count_; ++n) bytes.Put(told_[n], size);
  }

 private:
  int64_t base_us_;
  uint64_t all_ = 0;
  size_t count_ = 0;
  std::array<uint64_t, 15> told_;
};

class InstantReader {
 public:
  InstantReader(int64_t base_us, size_t width, BytePicker& bytes)
      : base_us_(base_us),
        width_(width),
        unused_bits_(64 - 8 * static_cast<unsigned>(width)),
        bytes_(bytes) {}

  int64_t Take(uint32_t code, int64_t first_us, int64_t second_us,
               int64_t absent_us = kNoTime) {
    if (code == kTold) {
      // The highest bit that was told is the sign.
      const int64_t told =
          static_cast<int64_t>(bytes_.Look() << unused_bits_) >> unused_bits_;
      bytes_.Skip(width_);
      return Plus(base_us_, told);
    }
    return code == kAbsent    ? absent_us
           : code == kAsFirst ? first_us
                              : second_us;
  }

 private:
  int64_t base_us_;
  size_t width_;
  unsigned unused_bits_;
  BytePicker& bytes_;
};

// A number that may be the same as another.
template <typename T>
Code PutBeside(T number, T other, ByteAppender& bytes) {
  const uint32_t value = static_cast<uint32_t>(number);
  if (value == 0) return kAbsent;
  if (number == other) return kAsFirst;
  bytes.Put(value, 4);
  return kTold;
}
template <typename T>
T TakeBeside(uint32_t code, T other, BytePicker& bytes) {
  if (code == kTold) return static_cast<T>(bytes.Take(4));
  return code == kAsFirst ? other : T{};
}

// Can the bytes tell all of it?
bool FitsInside(const EpisodeEnd& end) {
  return end.spans.size() <= 1 && !end.spans.is_apart() &&
         end.values_us.empty() && !end.values_us.is_apart();
}

// Was the deadline met, or missed, or is it void?
bool IsDecided(TrackerSlot::State state) {
  return state > TrackerSlot::State::kPending;
}

// When an interaction is looked at next, as a rule: at a deadline, or to be
// forgotten.
int64_t UsualWake(const UsualSpans& usual, const Interaction& i,
                  int64_t close_us) {
  if (i.state == InteractionState::kNew || i.state == InteractionState::kOpen) {
    return Plus(Plus(i.wait_us, usual.within_us[0]), 1);
  }
  return Plus(std::max(close_us, i.last_message_us), usual.forget_us);
}

}  // namespace

UsualSpans::UsualSpans(const TimelinePlan& plan)
    : forget_us(plan.forget_after_us), contact_us(plan.contact_window_us + 1) {
  for (size_t t = 0; t < within_us.size() && t < plan.trackers.size(); ++t) {
    within_us[t] = plan.trackers[t].within_us;
  }
}

namespace {

// May it be packed as plain? What nobody reads counts too, so that of some the
// answer is no that are packed to the same bytes either way.
bool IsPlain(const Interaction& i) {
  const EpisodeBookings& booked = i.booked;
  if (booked.end || i.rare || booked.trackers.is_apart()) return false;
  uint32_t combinations = static_cast<uint32_t>(i.dimensions) |
                          static_cast<uint32_t>(booked.arrival_dimensions) |
                          static_cast<uint32_t>(booked.first_span.dimensions);
  for (const TrackerSlot& slot : booked.trackers) {
    combinations |= static_cast<uint32_t>(slot.dimensions) |
                    static_cast<uint32_t>(slot.replier);
  }
  return i.flags != 0 && i.episode == 1 && i.schedule == 0 &&
         (i.channel | i.source | i.priority) <= 0xFF &&
         (i.team | i.owner | combinations) <= 0xFFFF;
}

template <bool kPlain>
size_t PackAs(const UsualSpans& usual, Interaction& i, char* bytes) {
  EpisodeBookings& booked = i.booked;
  EpisodeEnd* const end = !kPlain && booked.end ? &booked.MakeEnd() : nullptr;
  const EndKind end_kind = end == nullptr     ? EndKind::kNone
                           : FitsInside(*end) ? EndKind::kHere
                                              : EndKind::kApart;
  const bool has_rare = !kPlain && i.rare;
  const bool apart = !kPlain && booked.trackers.is_apart();
  const size_t trackers = apart ? 0 : booked.trackers.size();
  const SpanBooking& span = booked.first_span;
  const bool has_span = span.state != SpanBooking::State::kNone;

  const int64_t open_us = booked.open_us;
  const int64_t contact_us = booked.contact_us;
  const int64_t human_us = booked.human_start_us;
  const int64_t base_us = open_us != kNoTime ? open_us : i.last_message_us;
  InstantWriter instants(base_us);
  BitWriter codes;
  codes.Put(instants.Add(contact_us, open_us, base_us), 2);
  codes.Put(instants.Add(i.queue_us, contact_us, open_us), 2);
  codes.Put(instants.Add(human_us, contact_us, i.queue_us), 2);
  codes.Put(instants.Add(i.assigned_us, i.queue_us, human_us), 2);
  codes.Put(instants.Add(i.last_human_us, i.assigned_us, human_us), 2);
  codes.Put(instants.Add(i.last_message_us, i.last_human_us, base_us), 2);
  codes.Put(instants.Add(i.wait_us, i.last_message_us, contact_us), 2);
  codes.Put(instants.AddIf(has_span, span.end_us, i.last_human_us, human_us),
            2);
  BitWriter end_codes;
  const SpanBooking* second = nullptr;
  int64_t close_us = kNoTime;
  if (end_kind == EndKind::kHere) {
    if (!end->spans.empty()) second = &end->spans[0];
    close_us = end->close_us;
    end_codes.Put(instants.Add(close_us, i.last_message_us, i.last_human_us),
                  2);
    end_codes.Put(instants.Add(end->contact_expires_us,
                               Plus(close_us, usual.contact_us), close_us),
                  2);
    const int64_t second_end_us = second != nullptr ? second->end_us : kNoTime;
    end_codes.Put(instants.Add(second_end_us, close_us, i.last_human_us), 2);
  }
  const TrackerSlot* const slots = booked.trackers.data();
  uint64_t states = 0;
  uint64_t deadlines = 0;
  uint32_t combinations = 0;  // all bits of them
  for (size_t t = 0; t < trackers; ++t) {
    const TrackerSlot& slot = slots[t];
    if (slot.state == TrackerSlot::State::kIdle) continue;
    const int64_t within_us = usual.within_us[t];
    states |= static_cast<uint64_t>(slot.state) << (3 * t);
    deadlines |=
        uint64_t{instants.Add(slot.deadline_us, Plus(human_us, within_us),
                              Plus(i.wait_us, within_us), kNever)}
        << (2 * t);
    if (!IsDecided(slot.state)) continue;
    combinations |= static_cast<uint32_t>(slot.dimensions);
    if (slot.state == TrackerSlot::State::kLateAnswered) {
      combinations |= static_cast<uint32_t>(slot.replier);
    }
  }
  codes.Put(deadlines, 4);
  codes.Put(instants.Add(i.wake_us, Plus(Plus(human_us, usual.within_us[0]), 1),
                         UsualWake(usual, i, close_us)),
            2);

  ByteAppender to(bytes + kCustomerAt);
  if (i.customer != CustomerId::kNone) {
    to.Put(static_cast<uint32_t>(i.customer), 4);
  }
  char* const end_codes_at = to.at();
  if (end_kind == EndKind::kHere) to.Put(0, kEndCodesBytes);
  instants.Write(to);
  const bool long_values =
      !kPlain && (i.channel | i.source | i.priority) > 0xFF;
  const size_t value_size = long_values ? 4 : 1;
  to.Put(i.channel, value_size);
  to.Put(i.source, value_size);
  to.Put(i.priority, value_size);
  const bool long_people = !kPlain && (i.team | i.owner) > 0xFFFF;
  const size_t people_size = long_people ? 4 : 2;
  to.Put(i.team, people_size);
  to.Put(i.owner, people_size);
  const Code sender = PutBeside(i.last_sender, i.owner, to);
  const Code loaded = PutBeside(i.first_loaded, i.owner, to);
  combinations |= static_cast<uint32_t>(i.dimensions) |
                  static_cast<uint32_t>(booked.arrival_dimensions);
  if (has_span) combinations |= static_cast<uint32_t>(span.dimensions);
  const bool long_combinations = !kPlain && combinations > 0xFFFF;
  const size_t combination_size = long_combinations ? 4 : 2;
  auto put_combination = [&](DimensionsId id) {
    to.Put(static_cast<uint32_t>(id), combination_size);
  };
  put_combination(i.dimensions);
  put_combination(booked.arrival_dimensions);
  if (has_span) put_combination(span.dimensions);
  for (size_t t = 0; t < trackers; ++t) {
    const TrackerSlot& slot = slots[t];
    if (!IsDecided(slot.state)) continue;
    put_combination(slot.dimensions);
    if (slot.state == TrackerSlot::State::kLateAnswered) {
      put_combination(slot.replier);
    }
  }
  const bool has_flags = kPlain || i.flags != 0;
  if (has_flags) to.Put(i.flags, 4);
  const bool unusual = !kPlain && (i.episode != 1 || i.schedule != 0);
  if (unusual) {
    to.Put(i.episode, 4);
    to.Put(i.schedule, 2);
  }
  if (has_rare) to.PutAddress(i.rare.Detach());
  if (apart) {
    const auto list = booked.trackers.Detach();
    to.PutAddress(list.data);
    to.Put(list.size, 4);
    to.Put(list.capacity, 4);
  }
  if (end_kind == EndKind::kApart) to.PutAddress(booked.end.Detach());
  if (end_kind == EndKind::kHere) {
    const DimensionsId credited = span.dimensions;
    end_codes.Put(end->spans.size(), 1);
    end_codes.Put(second != nullptr ? static_cast<uint64_t>(second->state) : 0,
                  2);
    end_codes.Put(PutBeside(end->contact_dimensions,
                            has_span ? credited : i.dimensions, to),
                  2);
    end_codes.Put(PutBeside(end->resolver, i.last_sender, to), 2);
    end_codes.Put(PutBeside(end->contact_outcomes, uint32_t{1}, to), 2);
    end_codes.Put(second != nullptr
                      ? PutBeside(second->dimensions,
                                  has_span ? credited : i.dimensions, to)
                      : kAbsent,
                  2);
    const uint64_t word = end_codes.word();
    for (size_t b = 0; b < kEndCodesBytes; ++b) {
      end_codes_at[b] = static_cast<char>(word >> (8 * b));
    }
    booked.end.Clear();
  }
  const size_t size = static_cast<size_t>(to.at() - bytes);

  BitWriter head;
  head.Put((size - 1) / kPackedStep, kPackedStepsBits);
  head.Put(static_cast<uint64_t>(i.state), 2);
  head.Put(i.resolved_before, 1);
  head.Put(i.entered_before, 1);
  head.Put(static_cast<uint64_t>(i.wake_place), 2);
  head.Put(static_cast<uint64_t>(booked.bot), 3);
  head.Put(static_cast<uint64_t>(span.state), 2);
  head.Put(trackers, 2);
  head.Put(states, 6);
  head.Put(instants.width() - 1, 3);
  head.Put(open_us != kNoTime, 1);
  head.Put(i.customer != CustomerId::kNone, 1);
  head.Put(sender, 2);
  head.Put(loaded, 2);
  head.Put(codes.word(), 22);
  if constexpr (!kPlain) {
    head.Put(has_rare, 1);
    head.Put(static_cast<uint64_t>(end_kind), 2);
    head.Put(apart, 1);
    head.Put(!has_flags, 1);
    head.Put(unusual, 1);
    head.Put(long_values, 1);
    head.Put(long_people, 1);
    head.Put(long_combinations, 1);
  }
  StoreU64(bytes, head.word());
  StoreU64(bytes + kBaseAt, static_cast<uint64_t>(base_us));
  return size;
}

}  // namespace

size_t PackInteraction(const UsualSpans& usual, Interaction& i, char* bytes) {
  return IsPlain(i) ? PackAs<true>(usual, i, bytes)
                    : PackAs<false>(usual, i, bytes);
}

namespace {

// `end_at` is where an end is made that is told by the bytes; nullptr: by `i`.
template <bool kPlain>
void UnpackAs(const UsualSpans& usual, const char* bytes, EpisodeEnd* end_at,
              Interaction& i) {
  EpisodeBookings& booked = i.booked;
  BitReader head(LoadU64(bytes));
  const int64_t base_us = static_cast<int64_t>(LoadU64(bytes + kBaseAt));
  BytePicker from(bytes + kCustomerAt);

  head.Take(kPackedStepsBits);
  i.state = static_cast<InteractionState>(head.Take(2));
  i.resolved_before = head.Take(1) != 0;
  i.entered_before = head.Take(1) != 0;
  i.wake_place = static_cast<TimerPlace>(head.Take(2));
  booked.bot = static_cast<BotOutcome>(head.Take(3));
  const auto span_state = static_cast<SpanBooking::State>(head.Take(2));
  const bool has_span = span_state != SpanBooking::State::kNone;
  const uint32_t trackers = head.Take(2);
  const uint32_t states = head.Take(6);
  const size_t width = head.Take(3) + 1;
  const bool opened = head.Take(1) != 0;
  i.customer = head.Take(1) != 0 ? static_cast<CustomerId>(from.Take(4))
                                 : CustomerId::kNone;
  const uint32_t sender = head.Take(2);
  const uint32_t loaded = head.Take(2);
  BitReader codes(head.Take(22));
  const bool has_rare = !kPlain && head.Take(1) != 0;
  const EndKind end_kind =
      kPlain ? EndKind::kNone : static_cast<EndKind>(head.Take(2));
  const bool apart = !kPlain && head.Take(1) != 0;
  const bool has_flags = kPlain || head.Take(1) == 0;
  const bool unusual = !kPlain && head.Take(1) != 0;
  const size_t value_size = !kPlain && head.Take(1) != 0 ? 4 : 1;
  const size_t people_size = !kPlain && head.Take(1) != 0 ? 4 : 2;
  const size_t combination_size = !kPlain && head.Take(1) != 0 ? 4 : 2;

  BitReader end_codes(0);
  EpisodeEnd* end = nullptr;
  if (end_kind == EndKind::kHere) {
    end_codes = BitReader(from.Take(kEndCodesBytes));
    if (end_at != nullptr) {
      end = std::construct_at(end_at, nullptr);
      booked.end.Attach(end);
    } else {
      end = &booked.MakeEnd();
    }
  }
  InstantReader instants(base_us, width, from);
  const int64_t open_us = opened ? base_us : kNoTime;
  const int64_t contact_us = instants.Take(codes.Take(2), open_us, base_us);
  i.queue_us = instants.Take(codes.Take(2), contact_us, open_us);
  const int64_t human_us = instants.Take(codes.Take(2), contact_us, i.queue_us);
  booked.open_us = open_us;
  booked.contact_us = contact_us;
  booked.human_start_us = human_us;
  i.assigned_us = instants.Take(codes.Take(2), i.queue_us, human_us);
  i.last_human_us = instants.Take(codes.Take(2), i.assigned_us, human_us);
  i.last_message_us = instants.Take(codes.Take(2), i.last_human_us, base_us);
  i.wait_us = instants.Take(codes.Take(2), i.last_message_us, contact_us);
  const uint32_t span_code = codes.Take(2);
  booked.first_span.state = span_state;
  booked.first_span.end_us =
      instants.Take(span_code, i.last_human_us, human_us, SpanBooking().end_us);
  int64_t close_us = kNoTime;
  int64_t second_end_us = kNoTime;
  if (end != nullptr) {
    close_us =
        instants.Take(end_codes.Take(2), i.last_message_us, i.last_human_us);
    end->close_us = close_us;
    end->contact_expires_us = instants.Take(
        end_codes.Take(2), Plus(close_us, usual.contact_us), close_us);
    second_end_us = instants.Take(end_codes.Take(2), close_us, i.last_human_us);
  }
  if (booked.trackers.size() != trackers) booked.trackers.resize(trackers);
  TrackerSlot* const slots = booked.trackers.data();
  const uint32_t deadlines = codes.Take(4);
  for (size_t t = 0; t < trackers; ++t) {
    slots[t] = TrackerSlot();
    slots[t].state = static_cast<TrackerSlot::State>(states >> (3 * t) & 7);
    if (slots[t].state == TrackerSlot::State::kIdle) continue;
    const int64_t within_us = usual.within_us[t];
    slots[t].deadline_us =
        instants.Take(deadlines >> (2 * t) & 3, Plus(human_us, within_us),
                      Plus(i.wait_us, within_us), kNever);
  }
  i.wake_us =
      instants.Take(codes.Take(2), Plus(Plus(human_us, usual.within_us[0]), 1),
                    UsualWake(usual, i, close_us));

  i.channel = from.Take(value_size);
  i.source = from.Take(value_size);
  i.priority = from.Take(value_size);
  i.team = from.Take(people_size);
  i.owner = from.Take(people_size);
  i.last_sender = TakeBeside(sender, i.owner, from);
  i.first_loaded = TakeBeside(loaded, i.owner, from);
  auto take_combination = [&] {
    return static_cast<DimensionsId>(from.Take(combination_size));
  };
  i.dimensions = take_combination();
  booked.arrival_dimensions = take_combination();
  booked.first_span.dimensions =
      has_span ? take_combination() : DimensionsId::kNone;
  for (size_t t = 0; t < trackers; ++t) {
    TrackerSlot& slot = slots[t];
    if (!IsDecided(slot.state)) continue;
    slot.dimensions = take_combination();
    if (slot.state == TrackerSlot::State::kLateAnswered) {
      slot.replier = take_combination();
    }
  }
  i.flags = has_flags ? from.Take(4) : 0;
  i.episode = 1;
  i.schedule = 0;
  if (unusual) {
    i.episode = from.Take(4);
    i.schedule = static_cast<uint16_t>(from.Take(2));
  }
  if (has_rare) i.rare.Attach(from.TakeAddress<Rare>());
  if (apart) {
    SpareList<TrackerSlot, 2>::Apart list;
    list.data = from.TakeAddress<TrackerSlot>();
    list.size = from.Take(4);
    list.capacity = from.Take(4);
    booked.trackers.Attach(list);
  }
  if (end_kind == EndKind::kApart) {
    booked.end.Attach(from.TakeAddress<EpisodeEnd>());
  }
  if (end == nullptr) return;
  const DimensionsId credited =
      has_span ? booked.first_span.dimensions : i.dimensions;
  const bool has_second = end_codes.Take(1) != 0;
  const auto state = static_cast<SpanBooking::State>(end_codes.Take(2));
  end->contact_dimensions = TakeBeside(end_codes.Take(2), credited, from);
  end->resolver = TakeBeside(end_codes.Take(2), i.last_sender, from);
  end->contact_outcomes = TakeBeside(end_codes.Take(2), uint32_t{1}, from);
  if (!has_second) return;
  const DimensionsId dimensions = TakeBeside(end_codes.Take(2), credited, from);
  end->spans.push_back({second_end_us, dimensions, state});
}

void Unpack(const UsualSpans& usual, const char* bytes, EpisodeEnd* end_at,
            Interaction& i) {
  if (LoadU64(bytes) >> kSpecialAt == 0) {
    UnpackAs<true>(usual, bytes, end_at, i);
  } else {
    UnpackAs<false>(usual, bytes, end_at, i);
  }
}

}  // namespace

void UnpackInteraction(const UsualSpans& usual, const char* bytes,
                       Interaction& i) {
  Unpack(usual, bytes, nullptr, i);
}

const Interaction& BorrowedInteraction::Read(const UsualSpans& usual,
                                             const char* bytes) {
  Interaction* i = std::construct_at(&interaction_);
  Unpack(usual, bytes, &end_, *i);
  return *i;
}

}  // namespace cckpi
