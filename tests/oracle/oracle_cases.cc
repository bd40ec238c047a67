// backlog, first_contact_resolution, accuracy, satisfaction.

#include <algorithm>
#include <map>
#include <string_view>

#include "cckpi/calendar/opening_hours.h"
#include "oracle/oracle_kpis.h"

namespace cckpi::oracle {
namespace {

const char* PhaseFigure(Phase phase) {
  switch (phase) {
    case Phase::kBot:
      return "bot";
    case Phase::kQueue:
      return "queue";
    case Phase::kAgentTurn:
      return "agent_turn";
    case Phase::kCustomerTurn:
      return "customer_turn";
    case Phase::kHold:
      break;
  }
  return "hold";
}

bool InBacklog(const Step& step) { return step.episode >= 0 && step.entered; }

// opened and closed: the changes of a group's level, event by event.
void BacklogChanges(const Interaction& in, Table& table) {
  for (size_t i = 0; i < in.steps.size(); ++i) {
    const Step& step = in.steps[i];
    const bool was = i > 0 && InBacklog(in.steps[i - 1]);
    const bool is = InBacklog(step);
    for (size_t g = 0; g < table.groupings().size(); ++g) {
      const GroupBy& by = table.groupings()[g];
      const GroupKey old_key =
          was ? Table::KeyOf(by, in.steps[i - 1].after) : GroupKey();
      const GroupKey new_key = is ? Table::KeyOf(by, step.after) : GroupKey();
      if (was && is && old_key == new_key) continue;
      const Window window = table.WindowOf(step.at_us);
      if (was) {
        table.BookIn(window, g, old_key, [&](Cell& cell) {
          if (is) {
            cell["moved"] -= 1;
          } else {
            cell["closed"] += 1;
          }
        });
      }
      if (is) {
        table.BookIn(window, g, new_key,
                     [&](Cell& cell) { cell[was ? "moved" : "opened"] += 1; });
      }
    }
  }
}

void BacklogLevels(const Scene& scene, const Interaction& in, Table& table) {
  for (size_t i = 0; i < in.steps.size(); ++i) {
    const Step& step = in.steps[i];
    if (!InBacklog(step)) continue;
    const Episode& episode = in.episodes[static_cast<size_t>(step.episode)];
    const int64_t entry_us = in.At(episode.entry);
    const int64_t to_us = i + 1 < in.steps.size() ? in.At(i + 1) : kNever;
    table.AtWindowEnds(
        step.at_us, to_us, [&](const Window& window, int64_t instant) {
          const int64_t business_age =
              scene.clock.Elapsed(Clock::kBusiness, step.after.Key(), entry_us,
                                  instant, {{entry_us, instant}});
          table.BookIn(window, step.after, [&](Cell& cell) {
            cell["count"] += 1;
            cell[PhaseFigure(step.phase)] += 1;
            if (step.wait_open) cell["open_waits"] += 1;
            cell.values.push_back(instant - entry_us);
            cell.business_values.push_back(business_age);
          });
        });
  }
}

// An episode that entered.
struct Contact {
  const Interaction* interaction;
  const Step* entry;
  // The step from which it is known whose contact it is: the entry, or the
  // later step of the open episode that named the customer; null: never.
  const Step* known;
};

bool IsBefore(const Step& a, const Step& b) {
  return CompareEvents(a.event, b.event) < 0;
}

// Whether the contact is a repeat of what was closed with `close`.
bool Repeats(const Contact& contact, const Interaction& in, const Step& close,
             int64_t window_us) {
  const int64_t limit_us = close.at_us + window_us;
  if (!IsBefore(close, *contact.entry)) return false;
  // Of one that was forgotten before its customer was known, the name is all
  // that is left to find it by.
  const bool by_name =
      in.customer.empty() && contact.interaction->name == in.name;
  if (contact.interaction == &in || by_name) {
    return contact.entry->at_us <= limit_us;
  }
  if (in.customer.empty() || in.customer != contact.interaction->customer ||
      contact.known == nullptr) {
    return false;
  }
  // Nobody could tell while one of the two customers was unknown.
  const Step& named = in.steps[in.customer_known];
  return !IsBefore(*contact.known, named) && contact.known->at_us <= limit_us;
}

// An outbound message, before the episode entered, is no answer.
bool AnsweredBy(const Episode& episode, Response response) {
  const bool human = !episode.human_responses.empty() &&
                     episode.human_responses.back() > episode.entry;
  const bool bot = !episode.bot_responses.empty() &&
                   episode.bot_responses.back() > episode.entry;
  switch (response) {
    case Response::kAny:
      return human || bot;
    case Response::kBot:
      return bot && !human;
    default:
      return human;
  }
}

// Uninterrupted runs of human responses.
int Runs(const Episode& episode) {
  int runs = 0;
  bool in_run = false;
  size_t customers = 0;
  for (size_t step : episode.human_responses) {
    while (customers < episode.customer_messages.size() &&
           episode.customer_messages[customers] < step) {
      in_run = false;
      ++customers;
    }
    if (!in_run) ++runs;
    in_run = true;
  }
  return runs;
}

}  // namespace

void BookBacklog(const Scene& scene, const KpiSpec&, Table& table) {
  for (const Interaction& interaction : scene.interactions) {
    BacklogLevels(scene, interaction, table);
    BacklogChanges(interaction, table);
  }
}

void BookContacts(const Scene& scene, const KpiSpec& spec, Table& table) {
  std::vector<Contact> contacts;
  for (const Interaction& in : scene.interactions) {
    for (const Episode& episode : in.episodes) {
      if (episode.entry == kNoStep) continue;
      const Step* known = nullptr;
      if (in.customer_known <= episode.close) {
        known = in.customer_known == kNoStep
                    ? nullptr
                    : &in.steps[std::max(episode.entry, in.customer_known)];
      }
      contacts.push_back({&in, &in.steps[episode.entry], known});
    }
  }
  const int64_t window_us = scene.config.fcr_window_us;
  for (const Interaction& in : scene.interactions) {
    if (in.discarded) continue;
    for (const Episode& episode : in.episodes) {
      if (episode.entry == kNoStep || episode.close == kNoStep) continue;
      const int64_t close_us = in.At(episode.close);
      const Dims dims =
          in.steps[episode.close].before.WithAgent(episode.resolver);
      std::string figure;
      const bool left_waiting = spec.response == Response::kHuman
                                    ? !episode.last_message_is_humans
                                    : episode.last_message_is_customers;
      const bool failed =
          (episode.auto_closed && left_waiting) ||
          (spec.contact == ContactRule::kStrict &&
           !episode.transfers.empty()) ||
          (spec.contact == ContactRule::kOneTouch && Runs(episode) > 1);
      const bool repeated = std::any_of(
          contacts.begin(), contacts.end(), [&](const Contact& contact) {
            return Repeats(contact, in, in.steps[episode.close], window_us);
          });
      if (!AnsweredBy(episode, spec.response)) {
        // For a bot's score, what people answered is neither.
        if (spec.response == Response::kBot &&
            AnsweredBy(episode, Response::kHuman)) {
          continue;
        }
        figure = "unanswered";
      } else if (failed || repeated) {
        figure = "no";
      } else {
        figure = scene.now_us > close_us + window_us ? "yes" : "pending";
      }
      table.Book(close_us, dims, [&](Cell& cell) { cell[figure] += 1; });
    }
  }
}

namespace {

// What is remembered of a message; steps, kNoStep: none.
struct Memory {
  size_t response = kNoStep;
  size_t review = kNoStep;  // the latest

  // The window runs from here, and a verdict is booked here.
  size_t place() const { return response != kNoStep ? response : review; }
};

void BookVerdict(const Interaction& in, const Memory& memory,
                 const KpiSpec& spec, Table& table) {
  if (memory.review == kNoStep) return;
  int64_t errors = 0;
  for (const ErrorCount& error : in.steps[memory.review].event.errors) {
    if (spec.severities.empty() ||
        std::find(spec.severities.begin(), spec.severities.end(),
                  error.severity) != spec.severities.end()) {
      errors += error.count;
    }
  }
  const Step& at = in.steps[memory.place()];
  table.Book(at.at_us, at.before.WithAgent(at.event.agent), [&](Cell& cell) {
    cell["reviewed"] += 1;
    if (errors == 0) cell["without_errors"] += 1;
  });
}

void Reviews(const Interaction& in, int64_t window_us, const KpiSpec& spec,
             Table& table) {
  std::map<std::string_view, Memory> messages;
  for (size_t i = 0; i < in.steps.size(); ++i) {
    const Step& step = in.steps[i];
    // A human response counts also where it came without an open episode: it
    // opened one.
    const bool response = IsHumanResponse(step.event);
    if (response) {
      table.Book(step.at_us, step.before.WithAgent(step.event.agent),
                 [](Cell& cell) { cell["eligible"] += 1; });
    }
    if (!response && step.kind != EventKind::kReviewed) continue;
    Memory alone;
    Memory& memory =
        step.event.message.empty() ? alone : messages[step.event.message];
    if (memory.place() != kNoStep &&
        step.at_us > in.steps[memory.place()].at_us + window_us) {
      BookVerdict(in, memory, spec, table);  // for good
      memory = Memory();
    }
    if (!response) {
      memory.review = i;
    } else if (memory.response == kNoStep) {
      memory.response = i;
    }
    if (step.event.message.empty()) BookVerdict(in, alone, spec, table);
  }
  for (const auto& [message, memory] : messages) {
    BookVerdict(in, memory, spec, table);
  }
}

std::string_view LastReplier(const Interaction& in, const Episode& episode,
                             size_t before) {
  std::string_view agent;
  for (size_t step : episode.human_responses) {
    if (step < before) agent = in.steps[step].event.agent;
  }
  return agent;
}

void Surveys(const Interaction& in, Table& table) {
  std::map<size_t, size_t> last;  // episode → its last survey; kNoStep: none
  for (size_t i = 0; i < in.steps.size(); ++i) {
    if (in.steps[i].kind != EventKind::kSurveyed) continue;
    // The open episode, else the latest, else the interaction.
    size_t latest = kNoStep;
    for (size_t e = 0; e < in.episodes.size(); ++e) {
      if (in.episodes[e].open < i) latest = e;
    }
    last[latest] = i;
  }
  for (const auto& [e, i] : last) {
    const Step& step = in.steps[i];
    const int64_t score = step.event.score_micro.value_or(0);
    const int64_t scale = step.event.scale_micro.value_or(5'000'000);
    const std::string_view replier =
        e == kNoStep ? "" : LastReplier(in, in.episodes[e], i);
    table.Book(step.at_us, step.before.WithAgent(replier), [&](Cell& cell) {
      cell["count"] += 1;
      cell["sum_micro"] += score;
      if (score >= scale) cell["top_box"] += 1;
    });
  }
  for (const Episode& episode : in.episodes) {
    if (episode.close == kNoStep || episode.discarded) continue;
    const Step& step = in.steps[episode.close];
    table.Book(step.at_us,
               step.before.WithAgent(LastReplier(in, episode, episode.close)),
               [](Cell& cell) { cell["closed"] += 1; });
  }
}

}  // namespace

void BookQuality(const Scene& scene, const KpiSpec& spec, Table& table) {
  for (const Interaction& interaction : scene.interactions) {
    if (spec.kpi == Kpi::kAccuracy) {
      Reviews(interaction, scene.config.review_window_us, spec, table);
    } else {
      Surveys(interaction, table);
    }
  }
}

}  // namespace cckpi::oracle
