// A consumer that may be killed at any moment and still counts every event
// exactly once: the state goes to disk together with the position up to which
// the log has been read, in one step.
//
//   durable LOG STATE      reads the log, prints the report as JSON
//
// Started again after a kill it goes on from STATE. tests/examples/kill_test.py
// kills it for a living.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "cckpi/engine/engine.h"
#include "cckpi/io/event_reader.h"
#include "cckpi/io/render.h"

namespace {

constexpr size_t kBatch = 500;

// Either the old file or the new one is there, whatever happens meanwhile.
bool ReplaceFile(const std::string& path, const std::string& bytes) {
  const std::string temporary = path + ".new";
  const int file =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return false;
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n =
        ::write(file, bytes.data() + written, bytes.size() - written);
    if (n <= 0) break;
    written += static_cast<size_t>(n);
  }
  const bool whole = written == bytes.size() && ::fsync(file) == 0;
  return ::close(file) == 0 && whole &&
         std::rename(temporary.c_str(), path.c_str()) == 0;
}

cckpi::Config TheConfig() {
  cckpi::Config config;
  config.allowed_lateness_us = cckpi::kHour;
  return config;
}

int Fail(const std::string& what) {
  std::cerr << "durable: " << what << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 0;  // nothing to do
  const std::string log = argv[1];
  const std::string state = argv[2];

  auto engine = cckpi::Engine::Create(TheConfig());
  if (std::ifstream file(state, std::ios::binary); file) {
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    engine = cckpi::Engine::Restore(TheConfig(), bytes);
  }
  if (!engine.ok()) return Fail(std::string(engine.status().message()));
  int64_t done = 0;
  if (auto found = engine->positions().find(log);
      found != engine->positions().end()) {
    done = std::atoll(found->second.c_str());
  }

  auto reader = cckpi::OpenEvents(log, {});
  if (!reader.ok()) return Fail(std::string(reader.status().message()));
  cckpi::EventBatch batch;
  while (true) {
    auto more = (*reader)->Read(&batch, kBatch);
    if (!more.ok()) return Fail(std::string(more.status().message()));
    if (!*more) break;
    if (batch.rows.empty() || batch.rows.back() <= done) continue;
    size_t first = 0;
    while (batch.rows[first] <= done) ++first;
    engine->Ingest(
        std::span(batch.events).subspan(first),
        {.source = log, .rows = std::span(batch.rows).subspan(first)});
    done = batch.rows.back();
    cckpi::SnapshotOptions host;
    host.positions[log] = std::to_string(done);
    auto bytes = engine->Save(host);
    if (!bytes.ok() || !ReplaceFile(state, *bytes)) return Fail("cannot save");
  }
  engine->Finish();
  auto report = engine->Ask({});
  if (!report.ok()) return Fail(std::string(report.status().message()));
  std::cout << cckpi::RenderJson(*report);
  return 0;
}
