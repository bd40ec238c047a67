// cckpi generate: an event log of any size, for trying out and measuring.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cckpi/base/status_macros.h"
#include "cckpi/base/time.h"
#include "cckpi/calendar/zone.h"
#include "cckpi/io/event_writer.h"
#include "cli/commands.h"
#include "cli/generator.h"

namespace cckpi::cli {
namespace {

constexpr size_t kWriteBytes = size_t{1} << 16;

struct GenerateOptions {
  GeneratorOptions generator;
  std::string begin = "2026-03-02";
  std::string disorder = "0s";
  std::string format = "jsonl";
  std::string path;
  bool no_agents = false;
  bool no_forecasts = false;
};

// A file or standard output, written piece by piece.
class Sink {
 public:
  static absl::StatusOr<Sink> Open(const std::string& path) {
    Sink sink(path);
    if (path.empty()) {
      sink.file_ = stdout;
    } else if ((sink.file_ = std::fopen(path.c_str(), "wb")) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": cannot be written"));
    }
    return sink;
  }
  Sink(Sink&& other)
      : path_(std::move(other.path_)),
        file_(std::exchange(other.file_, nullptr)) {}
  ~Sink() {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }

  // False when the reader went away or the disk is full.
  bool Write(const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }
  absl::Status Close() {
    const bool ok = std::fflush(file_) == 0;
    if (!ok && !path_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, ": cannot be written"));
    }
    return absl::OkStatus();
  }

 private:
  explicit Sink(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::FILE* file_ = nullptr;
};

absl::Status Generate(const GenerateOptions& options) {
  GeneratorOptions wanted = options.generator;
  CCKPI_ASSIGN_OR_RETURN(const Zone utc, LoadZone("UTC"));
  CCKPI_ASSIGN_OR_RETURN(wanted.begin_us,
                         ParseInstant("--begin", options.begin, utc));
  if (wanted.begin_us % kDay != 0) {
    return absl::InvalidArgumentError(
        "--begin: must be a date, the first day of the log");
  }
  const absl::StatusOr<int64_t> disorder = ParseSpan(options.disorder);
  if (!disorder.ok() || *disorder < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--disorder: \"", options.disorder, "\" is no span such as \"30s\""));
  }
  wanted.disorder_us = *disorder;
  wanted.agent_states = !options.no_agents;
  wanted.forecasts = !options.no_forecasts;
  const bool csv = options.format == "csv";
  if (!csv && options.format != "jsonl") {
    return absl::InvalidArgumentError(absl::StrCat(
        "--format: \"", options.format, "\" is none of jsonl, csv"));
  }
  const std::vector<std::string> tags = {kGeneratedTag};
  const std::vector<std::string> severities(kGeneratedSeverities.begin(),
                                            kGeneratedSeverities.end());
  const CsvEventWriter writer(tags, severities);
  CCKPI_ASSIGN_OR_RETURN(Sink sink, Sink::Open(options.path));
  std::string text = csv ? writer.Header() : "";
  Generator generator(wanted);
  Event event;
  while (generator.Next(&event)) {
    if (csv) {
      text += writer.Row(event);
    } else {
      AppendJsonLine(event, &text);
    }
    if (text.size() < kWriteBytes) continue;
    if (!sink.Write(text)) break;
    text.clear();
  }
  sink.Write(text);
  return sink.Close();
}

}  // namespace

void AddGenerateCommand(CLI::App* app, ExitStatus* exit_status) {
  CLI::App* command = app->add_subcommand(
      "generate", "Make up an event log of any size, for trials");
  auto options = std::make_shared<GenerateOptions>();
  GeneratorOptions& generator = options->generator;
  command
      ->add_option("--interactions", generator.interactions,
                   "How many cases; each has about 8 events")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}))
      ->capture_default_str();
  command->add_option("--days", generator.days, "Days in which they arrive")
      ->check(CLI::Range(int64_t{1}, int64_t{3650}))
      ->capture_default_str();
  command->add_option("--agents", generator.agents, "Agents in four teams")
      ->check(CLI::Range(int64_t{4}, int64_t{20'000}))
      ->capture_default_str();
  command->add_option("--begin", options->begin, "The first day")
      ->type_name("DATE")
      ->capture_default_str();
  command
      ->add_option("--seed", generator.seed, "The same seed gives the same log")
      ->capture_default_str();
  command
      ->add_option("--disorder", options->disorder,
                   "Events are received up to this much later, and written "
                   "in that order")
      ->type_name("SPAN")
      ->capture_default_str();
  command->add_flag("--no-agents", options->no_agents, "No agent states");
  command->add_flag("--no-forecasts", options->no_forecasts, "No forecasts");
  command->add_option("--format", options->format, "jsonl or csv")
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--output", options->path, "Write to this file")
      ->type_name("FILE");
  command->callback([=] {
    const absl::Status status = Generate(*options);
    *exit_status = status.ok() ? ExitStatus::kOk : Fail(status);
  });
}

}  // namespace cckpi::cli
