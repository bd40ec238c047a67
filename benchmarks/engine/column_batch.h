// ColumnBatch: room for a batch of rows as columns, as a log makes them.

#ifndef CCKPI_BENCHMARKS_ENGINE_COLUMN_BATCH_H_
#define CCKPI_BENCHMARKS_ENGINE_COLUMN_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cckpi/engine/engine.h"
#include "cckpi/engine/event_columns.h"

namespace cckpi {

struct ColumnBatch {
  // Texts that the codes of a column stand for, given to the engine.
  struct Codes {
    void Register(Engine& engine, const std::vector<std::string>& texts) {
      dictionary = engine.AddDictionary(
          std::vector<std::string_view>(texts.begin(), texts.end()));
    }
    void Show(TextColumn& column) const {
      column.codes = codes;
      column.dictionary = dictionary;
    }

    DictionaryId dictionary = DictionaryId::kNone;
    std::vector<uint32_t> codes;
  };

  void Resize(size_t rows) {
    at_us.resize(rows);
    kind.resize(rows);
    interaction.assign(rows, -1);
    has_interaction.assign(rows / 8 + 1, 0);
    for (Codes* codes : {&channel, &team, &agent, &state}) {
      codes->codes.resize(rows);
    }
  }
  void SetInteraction(size_t row, int64_t number) {
    interaction[row] = number;
    has_interaction[row / 8] =
        static_cast<uint8_t>(has_interaction[row / 8] | 1u << (row % 8));
  }
  // Valid until the next Resize.
  const EventColumns& Columns() {
    columns = EventColumns();
    columns.rows = at_us.size();
    columns.at_us.values = at_us;
    columns.kind.values = kind;
    columns.interaction.integers = interaction;
    columns.interaction.valid.bits = has_interaction.data();
    channel.Show(columns.channel);
    team.Show(columns.team);
    agent.Show(columns.agent);
    state.Show(columns.state);
    return columns;
  }

  std::vector<int64_t> at_us;
  std::vector<uint8_t> kind;
  std::vector<int64_t> interaction;      // -1: none
  std::vector<uint8_t> has_interaction;  // a bit for each row
  Codes channel, team, agent, state;
  EventColumns columns;
};

}  // namespace cckpi

#endif  // CCKPI_BENCHMARKS_ENGINE_COLUMN_BATCH_H_
