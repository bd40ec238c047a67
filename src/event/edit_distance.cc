#include "src/event/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace cckpi {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view NearestName(std::span<const std::string_view> names,
                             std::string_view text) {
  text = text.substr(0, 64);
  std::string_view nearest;
  size_t fewest = static_cast<size_t>(-1);
  for (std::string_view name : names) {
    size_t edits = EditDistance(name, text);
    if (edits < fewest) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace cckpi
