#include "cli/threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

namespace cckpi::cli {

RunTasks OnThreads(size_t threads) {
  return [threads](std::span<const std::function<void()>> tasks) {
    std::atomic<size_t> next = 0;
    std::mutex failing;
    std::exception_ptr failure;  // the first one, of any thread
    const auto work = [&] {
      try {
        for (size_t t = next++; t < tasks.size(); t = next++) tasks[t]();
      } catch (...) {
        const std::lock_guard<std::mutex> lock(failing);
        if (failure == nullptr) failure = std::current_exception();
        next = tasks.size();
      }
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
    if (failure != nullptr) std::rethrow_exception(failure);
  };
}

}  // namespace cckpi::cli
