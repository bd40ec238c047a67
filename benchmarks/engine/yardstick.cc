// The yardstick: one job, as a host would run it.
//
//   yardstick [EVENTS...]           sizes; default 100000 1000000 10000000
//   yardstick --one EVENTS          one event at a time: p50, p99
//   yardstick --catalogue EVENTS    every KPI of the catalogue configured
//   yardstick --days DAYS EVENTS    spread over so many days; default 30
//   yardstick --open CASES          messages while so many cases are open
//   yardstick --messages N --open CASES    so many of them; default 1000000
//   yardstick --rounds N EVENTS     so many questions; default 10
//   yardstick --threads N EVENTS    which are answered on so many threads, and
//                                   timed on the clock; default 1
//   yardstick --count-last N EVENTS    under callgrind, which then counts only
//                                      the last N events or messages:
//       valgrind --tool=callgrind --instr-atstart=no
//         --toggle-collect='*Engine::Impl::Ingest*' yardstick --count-last ...
//                                      With 0 for N, the questions of the
//                                      rounds (toggle '*Engine::Impl::Ask*').
//
// Columns come in in batches of 4,096; only the time inside Ingest counts, with
// validation, order, duplicates and watermark. Then, in each round, 1,000 more
// events and one question for all KPIs of all groups; then twice each, of which
// the second counts, the last whole week and one in the middle. Groups are
// (channel, team) and agent; the KPIs are those of JobConfig().

#include <malloc.h>
#include <sys/resource.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/engine/job.h"
#include "benchmarks/engine/open_cases.h"
#include "benchmarks/engine/workload.h"
#include "cckpi/engine/engine.h"
#include "cli/threads.h"

namespace cckpi {
namespace {

constexpr size_t kBatch = 4096;

// Of this thread: what others do on the machine does not count.
double Now() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

// On the clock, read without a system call, which would cost as much as an
// event.
double Instant() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 +
         static_cast<double>(now.tv_nsec);
}

// Milliseconds for one answer.
double Ask(const Engine& engine, const Query& query, size_t* rows,
           size_t threads = 1) {
  const double begin = threads > 1 ? Instant() * 1e-9 : Now();
  absl::StatusOr<Report> report =
      threads > 1 ? engine.Ask(query, cli::OnThreads(threads))
                  : engine.Ask(query);
  const double spent = (threads > 1 ? Instant() * 1e-9 : Now()) - begin;
  *rows = report.ok() ? report->rows.size() : 0;
  return spent * 1e3;
}

// The week that holds an instant; its sums are there already.
double AskWeek(const Engine& engine, int64_t at_us, size_t* rows) {
  Query week;
  week.every = Frequency::kWeekly;
  week.begin_us = at_us;
  week.end_us = at_us + 1;
  week.by = JobConfig(false).groups[0];
  Ask(engine, week, rows);
  return Ask(engine, week, rows);
}

// Tells callgrind to count from here on, as soon as no more than so many
// events are left.
class Counting {
 public:
  explicit Counting(int64_t last) : last_(last) {}
  void Remaining(size_t events) {
    if (begun_ || static_cast<int64_t>(events) > last_) return;
    begun_ = true;
    CALLGRIND_START_INSTRUMENTATION;
  }
  void End() {
    if (begun_) CALLGRIND_STOP_INSTRUMENTATION;
  }

 private:
  int64_t last_;
  bool begun_ = false;
};

void Batches(int64_t events, int64_t days, bool catalogue, int64_t counted,
             size_t rounds, size_t threads) {
  WorkloadShape shape = ShapeOf(events);
  shape.days = days;
  Workload log(shape);
  absl::StatusOr<Engine> engine = Engine::Create(JobConfig(catalogue));
  if (!engine.ok()) {
    std::fprintf(stderr, "%s\n", engine.status().ToString().c_str());
    return;
  }
  log.Register(*engine);
  const size_t late = std::min<size_t>(1000, log.size() / (2 * rounds));
  const size_t history = log.size() - rounds * late;
  const size_t bytes_before = mallinfo2().uordblks + mallinfo2().hblkhd;
  double spent = 0;
  int64_t taken = 0;
  Counting counting(counted);
  for (size_t begin = 0; begin < history; begin += kBatch) {
    counting.Remaining(history - begin);
    const EventColumns& columns =
        log.Columns(begin, std::min(begin + kBatch, history));
    double from = Now();
    taken += engine->Ingest(columns).accepted;
    spent += Now() - from;
  }
  counting.End();
  const size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd - bytes_before;
  size_t rows = 0;
  Query all;
  all.every = Frequency::kAll;
  const double first = Ask(*engine, all, &rows, threads);
  std::vector<double> asked;
  counting.Remaining(0);
  for (size_t round = 0; round < rounds; ++round) {
    const size_t begin = history + round * late;
    engine->Ingest(log.Columns(begin, begin + late));
    asked.push_back(Ask(*engine, all, &rows, threads));
  }
  counting.End();
  std::sort(asked.begin(), asked.end());
  size_t week_rows = 0;
  const double week = AskWeek(*engine, log.end_us() - 9 * kDay, &week_rows);
  const double middle =
      AskWeek(*engine, log.end_us() - days * kDay / 2, &week_rows);
  Engine::Sizes sizes = engine->sizes();
  std::printf(
      "%10zu events %7.3f s %7.2f M events/s  accepted %lld  interactions %zu "
      " cells %zu  timers %zu  %zu MB\n"
      "           first answer %.0f ms; each time after 1,000 more events all "
      "KPIs: %zu rows in %.2f ms at the median, %.2f ms at worst\n"
      "           the last week by channel and team: %.2f ms; one in the "
      "middle: %zu rows in %.2f ms\n",
      history, spent, static_cast<double>(history) / spent / 1e6,
      static_cast<long long>(taken), sizes.interactions, sizes.cells,
      sizes.timers, bytes >> 20, first, rows, asked[rounds / 2], asked.back(),
      week, week_rows, middle);
  std::fflush(stdout);
}

// One event a call, as an Event or as columns of one row.
void OneByOne(int64_t events, bool columns) {
  Workload log(ShapeOf(events));
  absl::StatusOr<Engine> engine = Engine::Create(JobConfig(false));
  if (!engine.ok()) return;
  log.Register(*engine);
  std::vector<double> nanoseconds;
  nanoseconds.reserve(log.size());
  for (size_t n = 0; n < log.size(); ++n) {
    const EventColumns* row = columns ? &log.Columns(n, n + 1) : nullptr;
    const Event* event = columns ? nullptr : &log.At(n);
    const double from = Instant();
    if (columns) {
      engine->Ingest(*row);
    } else {
      engine->Ingest({event, 1});
    }
    nanoseconds.push_back(Instant() - from);
  }
  std::sort(nanoseconds.begin(), nanoseconds.end());
  auto at = [&](double share) {
    return nanoseconds[static_cast<size_t>(
        share * static_cast<double>(nanoseconds.size() - 1))];
  };
  const double begin = Instant();
  constexpr int kReadings = 1'000'000;
  for (int n = 1; n < kReadings; ++n) Instant();
  std::printf(
      "one by one as %s: %zu events, p50 %.0f ns, p90 %.0f ns, p99 %.0f ns, "
      "p999 %.0f ns; %.0f ns of each are the clock's\n",
      columns ? "columns" : "events", log.size(), at(0.5), at(0.9), at(0.99),
      at(0.999), (Instant() - begin) / kReadings);
}

void Open(int64_t cases, int64_t messages_sent, int64_t counted) {
  OpenCases log(cases);
  // With the lateness of the job, five minutes, most messages would only wait:
  // so many cases send a million in seconds.
  Config config = JobConfig(false);
  config.allowed_lateness_us = kSecond;
  absl::StatusOr<Engine> engine = Engine::Create(config);
  if (!engine.ok()) return;
  log.Register(*engine);
  Counting counting(counted);
  // Seconds inside Ingest.
  auto ingest = [&](int64_t events, int64_t more) {
    double spent = 0;
    for (int64_t begin = 0; begin < events; begin += kBatch) {
      counting.Remaining(static_cast<size_t>(events - begin + more));
      const EventColumns& columns = log.Next(static_cast<size_t>(
          std::min<int64_t>(events - begin, static_cast<int64_t>(kBatch))));
      const double from = Now();
      engine->Ingest(columns);
      spent += Now() - from;
    }
    return spent;
  };
  const size_t bytes_before = mallinfo2().uordblks + mallinfo2().hblkhd;
  const double opening = ingest(log.opening(), messages_sent);
  const size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd - bytes_before;
  const double messages = ingest(messages_sent, 0);
  counting.End();
  std::printf(
      "%10zu cases open, %zu MB: %.0f ns for an event that opens them, "
      "%.0f ns for a message; %zu of them wait\n",
      engine->sizes().interactions, bytes >> 20,
      opening / static_cast<double>(log.opening()) * 1e9,
      messages / static_cast<double>(std::max<int64_t>(messages_sent, 1)) * 1e9,
      engine->sizes().pending_events);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  std::vector<int64_t> sizes;
  bool one = false;
  bool open = false;
  bool catalogue = false;
  int64_t days = WorkloadShape().days;
  int64_t messages = 1'000'000;
  int64_t counted = -1;  // callgrind counts as it was told
  size_t rounds = 10;
  size_t threads = 1;
  for (int a = 1; a < argc; ++a) {
    std::string_view argument = argv[a];
    if (argument == "--messages" && a + 1 < argc) {
      messages = std::max<int64_t>(std::atoll(argv[++a]), 0);
      continue;
    }
    if (argument == "--count-last" && a + 1 < argc) {
      counted = std::max<int64_t>(std::atoll(argv[++a]), 0);
      continue;
    }
    if (argument == "--rounds" && a + 1 < argc) {
      rounds = static_cast<size_t>(std::max(std::atoll(argv[++a]), 1LL));
      continue;
    }
    if (argument == "--threads" && a + 1 < argc) {
      threads = static_cast<size_t>(std::max(std::atoll(argv[++a]), 1LL));
      continue;
    }
    if (argument == "--days" && a + 1 < argc) {
      days = std::clamp<int64_t>(std::atoll(argv[++a]), 10, 3650);
      continue;
    }
    one |= argument == "--one";
    open |= argument == "--open";
    catalogue |= argument == "--catalogue";
    if (std::atoll(argv[a]) > 0) sizes.push_back(std::atoll(argv[a]));
  }
  if (sizes.empty()) sizes = {100'000, 1'000'000, 10'000'000};
  for (int64_t events : sizes) {
    if (open) {
      Open(events, messages, counted);
    } else if (one) {
      for (bool columns : {false, true}) OneByOne(events, columns);
    } else {
      Batches(events, days, catalogue, counted, rounds, threads);
    }
  }
  return 0;
}

}  // namespace
}  // namespace cckpi

int main(int argc, char** argv) { return cckpi::Main(argc, argv); }
