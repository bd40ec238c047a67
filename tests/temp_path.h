// A path for a file or folder of this process: tests of several builds may run
// beside each other.

#ifndef CCKPI_TESTS_TEMP_PATH_H_
#define CCKPI_TESTS_TEMP_PATH_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace cckpi {

inline std::string TempPath(std::string_view name) {
  return ::testing::TempDir() + std::to_string(::getpid()) + "." +
         std::string(name);
}

}  // namespace cckpi

#endif  // CCKPI_TESTS_TEMP_PATH_H_
