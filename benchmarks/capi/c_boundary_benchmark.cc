// What the C interface costs beside the C++ call: the same events, one by one
// and in columns and Arrow batches of 4,096, of numbers and of text, into equal
// engines.

#include <benchmark/benchmark.h>
#include <cckpi.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/kpi/catalogue.h"

namespace {

using cckpi::kSecond;

constexpr int64_t kBegin = 1772442000000000;
constexpr size_t kBatch = 4096;
constexpr size_t kEvents = 64 * kBatch;

// Conversations of four events each, 16 of them at a time.
struct Workload {
  Workload() {
    for (size_t i = 0; i < kEvents; ++i) {
      at_us.push_back(kBegin + static_cast<int64_t>(i) * kSecond / 4);
      kind.push_back(i / 16 % 2 == 0 ? 0 : 6);
      ticket.push_back(static_cast<int64_t>(i / 64 * 16 + i % 16));
      channel.push_back(static_cast<uint32_t>(i % 3));
    }
    for (int64_t number : ticket) names.push_back(std::to_string(number));
  }
  std::vector<int64_t> at_us;
  std::vector<uint8_t> kind;
  std::vector<int64_t> ticket;
  std::vector<uint32_t> channel;
  std::vector<std::string> names;
};

const Workload& Work() {
  static const Workload* work = new Workload();
  return *work;
}

const char* const kChannels[] = {"facebook", "twitter", "whatsapp"};
constexpr char kConfig[] =
    R"({"groups": [["channel"]], "kpis": [{"kpi": "first_response_time"},)"
    R"({"kpi": "service_level"}, {"kpi": "messages"}]})";

cckpi::Config CppConfig() {
  cckpi::Config config;
  config.groups = {{{cckpi::Dimension::Field::kChannel, ""}}};
  config.groups_given = true;
  for (cckpi::Kpi kpi : {cckpi::Kpi::kFirstResponseTime,
                         cckpi::Kpi::kServiceLevel, cckpi::Kpi::kMessages}) {
    config.kpis.push_back(cckpi::DefaultSpec(kpi));
  }
  config.kpis_given = true;
  return config;
}

cckpi_engine* NewEngine() {
  cckpi_config* config = nullptr;
  cckpi_engine* engine = nullptr;
  cckpi_config_create(kConfig, sizeof(kConfig) - 1, &config, nullptr);
  cckpi_engine_create(config, nullptr, &engine, nullptr);
  cckpi_config_destroy(config);
  return engine;
}

void Done(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(kEvents));
}

void BM_Event_Cpp(benchmark::State& state) {
  const Workload& work = Work();
  for (auto _ : state) {
    cckpi::Engine engine = *cckpi::Engine::Create(CppConfig());
    for (size_t i = 0; i < kEvents; ++i) {
      cckpi::Event event;
      event.at_us = work.at_us[i];
      event.kind = static_cast<cckpi::EventKind>(work.kind[i]);
      event.interaction = work.names[i];
      event.channel = kChannels[work.channel[i]];
      benchmark::DoNotOptimize(engine.Ingest({&event, 1}));
    }
  }
  Done(state);
}
BENCHMARK(BM_Event_Cpp)->Unit(benchmark::kMillisecond);

void BM_Event_C(benchmark::State& state) {
  const Workload& work = Work();
  for (auto _ : state) {
    cckpi_engine* engine = NewEngine();
    for (size_t i = 0; i < kEvents; ++i) {
      cckpi_event event;
      std::memset(&event, 0, sizeof(event));
      event.struct_size = sizeof(event);
      event.at_us = work.at_us[i];
      event.kind = work.kind[i];
      event.interaction = {work.names[i].data(), work.names[i].size()};
      event.channel = cckpi_text_of(kChannels[work.channel[i]]);
      benchmark::DoNotOptimize(cckpi_engine_ingest_events(
          engine, &event, 1, nullptr, nullptr, nullptr, nullptr, nullptr));
    }
    cckpi_engine_destroy(engine);
  }
  Done(state);
}
BENCHMARK(BM_Event_C)->Unit(benchmark::kMillisecond);

void BM_Columns_Cpp(benchmark::State& state) {
  const Workload& work = Work();
  const std::vector<std::string_view> texts(std::begin(kChannels),
                                            std::end(kChannels));
  std::vector<uint8_t> status(kBatch);
  for (auto _ : state) {
    cckpi::Engine engine = *cckpi::Engine::Create(CppConfig());
    const cckpi::DictionaryId dictionary = engine.AddDictionary(texts);
    for (size_t i = 0; i < kEvents; i += kBatch) {
      cckpi::EventColumns batch;
      batch.rows = kBatch;
      batch.at_us.values = {work.at_us.data() + i, kBatch};
      batch.kind.values = {work.kind.data() + i, kBatch};
      batch.interaction.integers = {work.ticket.data() + i, kBatch};
      batch.channel.codes = {work.channel.data() + i, kBatch};
      batch.channel.dictionary = dictionary;
      benchmark::DoNotOptimize(engine.Ingest(batch, {}, status));
    }
  }
  Done(state);
}
BENCHMARK(BM_Columns_Cpp)->Unit(benchmark::kMillisecond);

void BM_Columns_C(benchmark::State& state) {
  const Workload& work = Work();
  cckpi_dictionary* dictionary = nullptr;
  cckpi_dictionary_create(&dictionary, nullptr);
  uint32_t codes[3];
  std::vector<cckpi_text> texts;
  for (const char* channel : kChannels) texts.push_back(cckpi_text_of(channel));
  cckpi_dictionary_intern(dictionary, texts.data(), 3, codes, nullptr);
  std::vector<uint32_t> channels;
  for (uint32_t channel : work.channel) channels.push_back(codes[channel]);
  std::vector<uint8_t> status(kBatch);
  for (auto _ : state) {
    cckpi_engine* engine = NewEngine();
    for (size_t i = 0; i < kEvents; i += kBatch) {
      cckpi_text_column interaction = {};
      interaction.struct_size = sizeof(interaction);
      interaction.integers = work.ticket.data() + i;
      cckpi_text_column channel = {};
      channel.struct_size = sizeof(channel);
      channel.codes = channels.data() + i;
      channel.dictionary = dictionary;
      cckpi_event_columns columns = {};
      columns.struct_size = sizeof(columns);
      columns.row_count = kBatch;
      columns.at_us = work.at_us.data() + i;
      columns.kind = work.kind.data() + i;
      columns.interaction = &interaction;
      columns.channel = &channel;
      benchmark::DoNotOptimize(cckpi_engine_ingest_columns(
          engine, &columns, nullptr, status.data(), nullptr, nullptr, nullptr));
    }
    cckpi_engine_destroy(engine);
  }
  cckpi_dictionary_destroy(dictionary);
  Done(state);
}
BENCHMARK(BM_Columns_C)->Unit(benchmark::kMillisecond);

// A table in Arrow's layout whose buffers lie elsewhere.
class ArrowTable {
 public:
  struct Column {
    const char* name;
    const char* format;
    const void* values;           // of text: the offsets
    const char* bytes = nullptr;  // of text
    // Of codes: their dictionary.
    ArrowSchema* texts = nullptr;
    ArrowArray* texts_data = nullptr;
  };

  explicit ArrowTable(const std::vector<Column>& columns)
      : columns_(columns.size()) {
    schema_ = Schema("+s");
    for (size_t c = 0; c < columns.size(); ++c) {
      const Column& from = columns[c];
      Places& to = columns_[c];
      to.buffers = {nullptr, from.values, from.bytes};
      to.schema = Schema(from.format);
      to.schema.name = from.name;
      to.schema.dictionary = from.texts;
      to.array = Array(from.bytes == nullptr ? 2 : 3, to.buffers.data());
      to.array.dictionary = from.texts_data;
      schemas_.push_back(&to.schema);
      arrays_.push_back(&to.array);
    }
    schema_.n_children = static_cast<int64_t>(schemas_.size());
    schema_.children = schemas_.data();
  }
  ArrowTable(const ArrowTable&) = delete;
  ArrowTable& operator=(const ArrowTable&) = delete;

  static ArrowSchema Schema(const char* format) {
    ArrowSchema schema = {};
    schema.format = format;
    schema.release = [](ArrowSchema* s) { s->release = nullptr; };
    return schema;
  }
  static ArrowArray Array(int64_t count, const void** buffers) {
    ArrowArray array = {};
    array.n_buffers = count;
    array.buffers = buffers;
    array.release = [](ArrowArray* a) { a->release = nullptr; };
    return array;
  }

  // The rows [0, kEvents), kBatch of them at a time.
  void Ingest(cckpi_engine* engine) {
    const void* no_buffer[] = {nullptr};
    for (size_t i = 0; i < kEvents; i += kBatch) {
      ArrowArray batch = Array(1, no_buffer);
      batch.length = kBatch;
      batch.n_children = static_cast<int64_t>(arrays_.size());
      batch.children = arrays_.data();
      for (ArrowArray* array : arrays_) {
        array->offset = static_cast<int64_t>(i);
        array->length = kBatch;
      }
      benchmark::DoNotOptimize(
          cckpi_engine_ingest_arrow(engine, &schema_, &batch, nullptr,
                                    status_.data(), nullptr, nullptr, nullptr));
    }
  }

 private:
  struct Places {
    ArrowSchema schema;
    ArrowArray array;
    std::array<const void*, 3> buffers;
  };
  std::vector<Places> columns_;
  ArrowSchema schema_;
  std::vector<ArrowSchema*> schemas_;
  std::vector<ArrowArray*> arrays_;
  std::vector<uint8_t> status_ = std::vector<uint8_t>(kBatch);
};

void IngestArrow(benchmark::State& state, ArrowTable& table) {
  for (auto _ : state) {
    cckpi_engine* engine = NewEngine();
    table.Ingest(engine);
    cckpi_engine_destroy(engine);
  }
  Done(state);
}

void BM_Arrow_C(benchmark::State& state) {
  const Workload& work = Work();
  const int32_t offsets[] = {0, 8, 15, 23};
  const void* text_buffers[] = {nullptr, offsets, "facebooktwitterwhatsapp"};
  ArrowArray texts = ArrowTable::Array(3, text_buffers);
  texts.length = 3;
  ArrowSchema text_schema = ArrowTable::Schema("u");
  ArrowTable table(
      {{"at", "tsu:UTC", work.at_us.data()},
       {"kind", "C", work.kind.data()},
       {"interaction", "l", work.ticket.data()},
       {"channel", "i", work.channel.data(), nullptr, &text_schema, &texts}});
  IngestArrow(state, table);
}
BENCHMARK(BM_Arrow_C)->Unit(benchmark::kMillisecond);

// The same rows as a data frame has them: kinds, interactions and channels as
// utf8, and an id each.
struct TextWorkload {
  struct Column {
    std::vector<int32_t> offsets = {0};
    std::string bytes;
    void Add(std::string_view text) {
      bytes += text;
      offsets.push_back(static_cast<int32_t>(bytes.size()));
    }
  };
  TextWorkload() {
    const Workload& work = Work();
    for (size_t i = 0; i < kEvents; ++i) {
      kind.Add(work.kind[i] == 0 ? "customer_message" : "agent_message");
      interaction.Add("case-" + work.names[i]);
      channel.Add(kChannels[work.channel[i]]);
      id.Add("event-" + std::to_string(i));
    }
  }
  Column kind;
  Column interaction;
  Column channel;
  Column id;
};

const TextWorkload& Texts() {
  static const TextWorkload* texts = new TextWorkload();
  return *texts;
}

void BM_TextColumns_Cpp(benchmark::State& state) {
  const Workload& work = Work();
  const TextWorkload& texts = Texts();
  std::vector<uint8_t> status(kBatch);
  for (auto _ : state) {
    cckpi::Engine engine = *cckpi::Engine::Create(CppConfig());
    for (size_t i = 0; i < kEvents; i += kBatch) {
      const auto fill = [i](const TextWorkload::Column& from,
                            cckpi::TextColumn* to) {
        to->offsets32 = {from.offsets.data() + i, kBatch + 1};
        to->bytes = from.bytes;
      };
      cckpi::EventColumns batch;
      batch.rows = kBatch;
      batch.at_us.values = {work.at_us.data() + i, kBatch};
      fill(texts.kind, &batch.kind_name);
      fill(texts.interaction, &batch.interaction);
      fill(texts.channel, &batch.channel);
      fill(texts.id, &batch.id);
      benchmark::DoNotOptimize(engine.Ingest(batch, {}, status));
    }
  }
  Done(state);
}
BENCHMARK(BM_TextColumns_Cpp)->Unit(benchmark::kMillisecond);

void BM_TextArrow_C(benchmark::State& state) {
  const TextWorkload& texts = Texts();
  const auto text = [](const char* name, const TextWorkload::Column& column) {
    return ArrowTable::Column{name, "u", column.offsets.data(),
                              column.bytes.data()};
  };
  ArrowTable table({{"at", "tsu:UTC", Work().at_us.data()},
                    text("kind", texts.kind),
                    text("interaction", texts.interaction),
                    text("channel", texts.channel),
                    text("id", texts.id)});
  IngestArrow(state, table);
}
BENCHMARK(BM_TextArrow_C)->Unit(benchmark::kMillisecond);

}  // namespace
