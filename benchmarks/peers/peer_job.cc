// The engine's part of the comparison with others (run.py).
//
//   peer_job EVENTS DIRECTORY
//
// Writes the log of about EVENTS events into DIRECTORY as peers get it
// (events.bin, states.bin: see Row), runs the job on it through columns, and
// writes the answers (cckpi_groups.csv: by channel, team and hour;
// cckpi_agents.csv: by agent and day) and the seconds (cckpi.json).

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "benchmarks/engine/job.h"
#include "benchmarks/engine/workload.h"
#include "cckpi/engine/engine.h"

namespace cckpi {
namespace {

constexpr size_t kBatch = 4096;

// A row of events.bin and of states.bin; numbers as the machine has them.
struct Row {
  int64_t at_us;
  int64_t interaction;  // -1: of an agent
  uint16_t agent;       // 0: none
  uint8_t kind;
  uint8_t channel;  // from 1
  uint8_t team;     // from 1; the team in charge, which peers need not look for
  uint8_t state;
  uint16_t unused = 0;
};
static_assert(sizeof(Row) == 24);

double Now() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

class File {
 public:
  explicit File(const std::string& path)
      : file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) {
      std::perror(path.c_str());
      std::exit(2);
    }
  }
  ~File() { std::fclose(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::FILE* get() { return file_; }

 private:
  std::FILE* file_;
};

void Export(Workload& log, const std::string& directory) {
  File events(directory + "/events.bin");
  File states(directory + "/states.bin");
  absl::flat_hash_map<int64_t, uint8_t> teams;
  std::vector<Row> rows[2];
  for (size_t begin = 0; begin < log.size(); begin += kBatch) {
    const EventColumns& columns =
        log.Columns(begin, std::min(begin + kBatch, log.size()));
    for (auto& kind : rows) kind.clear();
    for (size_t r = 0; r < columns.rows; ++r) {
      const int64_t interaction = columns.interaction.integers[r];
      uint8_t team = static_cast<uint8_t>(columns.team.codes[r]);
      if (interaction >= 0) {
        uint8_t& known = teams[interaction];
        if (team != 0) known = team;
        team = known;
      }
      rows[interaction < 0 ? 1 : 0].push_back(
          {.at_us = columns.at_us.values[r],
           .interaction = interaction,
           .agent = static_cast<uint16_t>(columns.agent.codes[r]),
           .kind = columns.kind.values[r],
           .channel = static_cast<uint8_t>(columns.channel.codes[r]),
           .team = team,
           .state = static_cast<uint8_t>(columns.state.codes[r])});
    }
    std::fwrite(rows[0].data(), sizeof(Row), rows[0].size(), events.get());
    std::fwrite(rows[1].data(), sizeof(Row), rows[1].size(), states.get());
  }
}

int64_t FigureOf(const ReportRow& row, std::string_view name) {
  for (const Figure& figure : row.figures) {
    if (figure.name != name) continue;
    if (auto* number = std::get_if<int64_t>(&figure.value)) return *number;
    if (auto* number = std::get_if<absl::int128>(&figure.value)) {
      return static_cast<int64_t>(*number);
    }
  }
  return 0;
}

// "value": a duration in microseconds; "within": how many of `count`.
struct Column {
  const char* name;
  const char* id;
  const char* figure;
};
constexpr Column kShared[] = {
    {"frt_count", "frt_mean", "count"},
    {"frt_sum", "frt_mean", "sum_us"},
    {"frt_p50", "frt_p50", "value"},
    {"frt_p90", "frt_p90", "value"},
    {"frt_max", "frt_max", "value"},
    {"frt_within", "frt_15m", "within"},
    {"resolution_count", "resolution", "count"},
    {"resolution_sum", "resolution", "sum_us"},
    {"resolution_p90", "resolution_p90", "value"},
    {"response_count", "response", "count"},
    {"response_sum", "response", "sum_us"},
    {"response_p90", "response_p90", "value"},
    {"handle_count", "handle", "count"},
    {"handle_sum", "handle", "sum_us"},
    {"reopened", "reopened", "count"},
};
constexpr Column kOfGroups[] = {
    {"arrivals", "arrivals", "count"},
    {"late_answered", "beyond", "late_answered"},
    {"overdue", "beyond", "overdue_unanswered"},
    {"backlog", "backlog", "count"},
};
constexpr Column kOfAgents[] = {
    {"available", "states", "available"},
    {"busy", "states", "busy"},
    {"training", "states", "training"},
    {"break", "states", "break"},
};

int64_t ValueIn(const ReportRow& row, std::string_view figure) {
  if (figure == "value") return std::llround(row.value.value_or(0) * 1e6);
  if (figure == "within") {
    return std::llround(row.value.value_or(0) *
                        static_cast<double>(FigureOf(row, "count")));
  }
  if (row.id == "states") {
    for (const Figure& name : row.definition) {
      if (name.name != "state") continue;
      const auto* state = std::get_if<std::string>(&name.value);
      return state != nullptr && *state == figure ? FigureOf(row, "sum_us") : 0;
    }
    return 0;
  }
  return FigureOf(row, figure);
}

// Rows of the report side by side, one line for each group and window.
void WriteAnswers(const Report& report, bool agents, const std::string& path) {
  std::vector<Column> columns(std::begin(kShared), std::end(kShared));
  if (agents) {
    columns.insert(columns.end(), std::begin(kOfAgents), std::end(kOfAgents));
  } else {
    columns.insert(columns.end(), std::begin(kOfGroups), std::end(kOfGroups));
  }
  using Key = std::tuple<std::string, std::string, int64_t>;
  std::map<Key, std::vector<int64_t>> lines;
  for (const ReportRow& row : report.rows) {
    Key key{row.group[0].second.value_or(""),
            agents ? "" : row.group[1].second.value_or(""), row.begin_us};
    std::vector<int64_t>& line = lines[key];
    line.resize(columns.size());
    for (size_t c = 0; c < columns.size(); ++c) {
      if (row.id == columns[c].id) line[c] += ValueIn(row, columns[c].figure);
    }
  }
  File file(path);
  std::fprintf(file.get(), agents ? "agent,begin" : "channel,team,begin");
  for (const Column& column : columns) {
    std::fprintf(file.get(), ",%s", column.name);
  }
  for (const auto& [key, line] : lines) {
    const auto& [first, second, begin_us] = key;
    std::fprintf(file.get(), "\n%s,%s%s%lld", first.c_str(), second.c_str(),
                 agents ? "" : ",", static_cast<long long>(begin_us));
    for (int64_t value : line) {
      std::fprintf(file.get(), ",%lld", static_cast<long long>(value));
    }
  }
  std::fprintf(file.get(), "\n");
}

int Main(int argc, char** argv) {
  if (argc != 3 || std::atoll(argv[1]) <= 0) {
    std::fprintf(stderr, "usage: peer_job EVENTS DIRECTORY\n");
    return 2;
  }
  const std::string directory = argv[2];
  Workload log(ShapeOf(std::atoll(argv[1])));
  Export(log, directory);
  Config config = JobConfig(false);
  // Peers would have to join handlings with presence, else.
  config.agent_presence.handle_time = HandleTimePresence::kAny;
  absl::StatusOr<Engine> engine = Engine::Create(config);
  if (!engine.ok()) {
    std::fprintf(stderr, "%s\n", engine.status().ToString().c_str());
    return 1;
  }
  log.Register(*engine);
  double ingested = 0;
  int64_t taken = 0;
  for (size_t begin = 0; begin < log.size(); begin += kBatch) {
    const EventColumns& columns =
        log.Columns(begin, std::min(begin + kBatch, log.size()));
    const double from = Now();
    taken += engine->Ingest(columns).accepted;
    ingested += Now() - from;
  }
  Query groups;
  groups.by = config.groups[0];
  groups.every = Frequency::kHourly;
  Query agents;
  agents.by = config.groups[1];
  agents.every = Frequency::kDaily;
  const std::array<Query, 2> queries = {groups, agents};
  const double from = Now();
  absl::StatusOr<std::vector<Report>> reports = engine->AskAll(queries);
  const double answered = Now() - from;
  if (!reports.ok()) {
    std::fprintf(stderr, "%s\n", reports.status().ToString().c_str());
    return 1;
  }
  WriteAnswers((*reports)[0], false, directory + "/cckpi_groups.csv");
  WriteAnswers((*reports)[1], true, directory + "/cckpi_agents.csv");
  File file(directory + "/cckpi.json");
  std::fprintf(file.get(),
               "{\"events\": %lld, \"ingest_s\": %.6f, \"answer_s\": %.6f, "
               "\"rows\": %zu, \"now_us\": %lld}\n",
               static_cast<long long>(taken), ingested, answered,
               (*reports)[0].rows.size() + (*reports)[1].rows.size(),
               static_cast<long long>(engine->now_us()));
  return 0;
}

}  // namespace
}  // namespace cckpi

int main(int argc, char** argv) { return cckpi::Main(argc, argv); }
