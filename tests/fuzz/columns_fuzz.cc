// Columns that are too short, offsets that go anywhere, codes that do not
// exist: every row is accepted, late or refused, and the engine goes on.

#include <algorithm>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"
#include "fuzz/fuzz_input.h"

namespace cckpi::fuzz {
namespace {

// A column of the fuzzer's making and the memory that it needs.
class AnyText {
 public:
  AnyText(FuzzInput& input, DictionaryId dictionary) {
    const size_t rows = input.Byte() % 12;
    const uint8_t form = input.Byte() % 8;
    if (form >= 2) bytes_ = input.Bytes(input.Byte() % 40);
    column_.bytes = bytes_;
    for (size_t r = 0; r < rows; ++r) {
      const uint64_t number = input.Number(form == 3 ? 4 : 1);
      offsets32_.push_back(static_cast<int32_t>(number));
      offsets64_.push_back(static_cast<int64_t>(number) - 2);
      codes_.push_back(static_cast<uint32_t>(number % 7));
    }
    switch (form) {
      case 0:
        return;
      case 1:
        column_.integers = offsets64_;
        break;
      case 2:
      case 3:
        column_.offsets32 = offsets32_;
        break;
      case 4:
        column_.offsets64 = offsets64_;
        break;
      case 5:
        column_.codes = codes_;
        column_.dictionary = dictionary;
        break;
      case 6:
        texts_.offsets32 = offsets32_;
        texts_.bytes = bytes_;
        column_.codes = codes_;
        column_.texts = &texts_;
        break;
      default:  // sound: a text of a byte for each row
        offsets32_.clear();
        for (size_t r = 0; r <= bytes_.size(); ++r) {
          offsets32_.push_back(static_cast<int32_t>(r));
        }
        column_.offsets32 = offsets32_;
        break;
    }
    if (input.Byte() % 4 == 0) {
      valid_.assign(64, static_cast<uint8_t>(input.Byte()));
      column_.valid = {valid_.data(), input.Byte() % size_t{16}};
    }
  }
  AnyText(const AnyText&) = delete;
  AnyText& operator=(const AnyText&) = delete;

  const TextColumn& column() const { return column_; }

 private:
  std::string_view bytes_;
  std::vector<int32_t> offsets32_;
  std::vector<int64_t> offsets64_;
  std::vector<uint32_t> codes_;
  std::vector<uint8_t> valid_;
  TextColumn texts_;
  TextColumn column_;
};

void Run(FuzzInput input) {
  absl::StatusOr<Engine> engine = Engine::Create(Config());
  Require(engine.ok(), "an engine is made");
  const DictionaryId dictionary =
      engine->AddDictionary(std::vector<std::string_view>{"a", "b", "", "c"});

  for (int batch = 0; batch < 4 && !input.empty(); ++batch) {
    EventColumns columns;
    columns.rows = input.Byte() % 12;
    std::vector<int64_t> at_us(input.Byte() % 14);
    for (int64_t& at : at_us) {
      at = 1'772'442'000 * kSecond +
           static_cast<int64_t>(input.Number(2)) * kSecond;
      if (at % 97 == 0) at = static_cast<int64_t>(input.Number(8));
    }
    std::vector<uint8_t> kinds(input.Byte() % 14);
    for (uint8_t& kind : kinds) kind = input.Byte() % 24;
    std::vector<uint8_t> flags(input.Byte() % 14);
    for (uint8_t& flag : flags) flag = input.Byte();
    columns.at_us.values = at_us;
    columns.kind.values = kinds;
    if (input.Byte() % 4 == 0) columns.flags.values = flags;
    AnyText interaction(input, dictionary), agent(input, dictionary),
        channel(input, dictionary), state(input, dictionary),
        id(input, dictionary), tag(input, dictionary);
    columns.interaction = interaction.column();
    columns.agent = agent.column();
    columns.channel = channel.column();
    columns.state = state.column();
    if (input.Byte() % 2 == 0) columns.id = id.column();
    const TagColumn tags[] = {{"plan", tag.column()}};
    if (input.Byte() % 2 == 0) columns.tags = tags;
    std::vector<uint8_t> status(columns.rows, 255);
    const IngestResult result = engine->Ingest(columns, {}, status);
    Require(result.accepted + result.late + result.refused ==
                static_cast<int64_t>(columns.rows),
            "every row has one outcome");
    Require(std::all_of(status.begin(), status.end(),
                        [](uint8_t s) { return s <= 2; }),
            "every row has a status");
    Require(std::count(status.begin(), status.end(), 0) == result.accepted,
            "the statuses are those of the counts");
  }
  Require(engine->Ask(Query()).ok(), "a question is answered");
}

}  // namespace
}  // namespace cckpi::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cckpi::fuzz::Run(cckpi::fuzz::FuzzInput(data, size));
  return 0;
}
