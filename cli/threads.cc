#include "cli/threads.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

namespace cckpi::cli {

RunTasks OnThreads(size_t threads) {
  return [threads](std::span<const std::function<void()>> tasks) {
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      for (size_t t = next++; t < tasks.size(); t = next++) tasks[t]();
    };
    std::vector<std::thread> others;
    const size_t wanted = std::min(threads, tasks.size());
    others.reserve(wanted);
    try {
      while (others.size() + 1 < wanted) others.emplace_back(work);
    } catch (const std::system_error&) {
      // Those that there are do all of it.
    }
    work();
    for (std::thread& other : others) other.join();
  };
}

}  // namespace cckpi::cli
