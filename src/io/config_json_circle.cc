// A depth-first walk with its own stack: the depth is the host's to choose.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "src/io/config_json_sections.h"

namespace cckpi {

std::vector<size_t> FindCircle(const std::vector<std::vector<size_t>>& names) {
  enum class Mark : uint8_t { kNew, kOnPath, kDone };
  std::vector<Mark> marks(names.size(), Mark::kNew);
  for (size_t start = 0; start < names.size(); ++start) {
    if (marks[start] != Mark::kNew) continue;
    // The path from `start`, each with how many of its names were followed.
    std::vector<std::pair<size_t, size_t>> path = {{start, 0}};
    marks[start] = Mark::kOnPath;
    while (!path.empty()) {
      const size_t index = path.back().first;
      if (path.back().second == names[index].size()) {
        marks[index] = Mark::kDone;
        path.pop_back();
        continue;
      }
      const size_t next = names[index][path.back().second++];
      if (marks[next] == Mark::kNew) {
        marks[next] = Mark::kOnPath;
        path.emplace_back(next, 0);
      } else if (marks[next] == Mark::kOnPath) {
        std::vector<size_t> circle;
        size_t first = path.size() - 1;
        while (path[first].first != next) --first;
        for (size_t i = first; i < path.size(); ++i) {
          circle.push_back(path[i].first);
        }
        return circle;
      }
    }
  }
  return {};
}

}  // namespace cckpi
