// The nearest known name to a misspelt one, for error messages.

#ifndef CCKPI_EVENT_EDIT_DISTANCE_H_
#define CCKPI_EVENT_EDIT_DISTANCE_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace cckpi {

// The fewest insertions, deletions and substitutions of one byte that turn
// `a` into `b`.
size_t EditDistance(std::string_view a, std::string_view b);

// The name with the fewest edits from `text`, the first of equals; empty only
// when there are no names. Long texts are compared by their first 64 bytes.
std::string_view NearestName(std::span<const std::string_view> names,
                             std::string_view text);

}  // namespace cckpi

#endif  // CCKPI_EVENT_EDIT_DISTANCE_H_
