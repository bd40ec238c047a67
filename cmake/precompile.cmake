# Headers from elsewhere that most files of a target include are compiled once
# for all of these files, which then take about half the time:
# CCKPI_PRECOMPILE_HEADERS, by default in developers' builds without
# optimisation. In others g++ 12 warns of what is in such headers.

set(cckpi_precompile_by_default OFF)
if(CCKPI_DEVELOPER_MODE AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(cckpi_precompile_by_default ON)
endif()
option(CCKPI_PRECOMPILE_HEADERS "Compile headers from elsewhere in advance"
       ${cckpi_precompile_by_default})

# What the library's own headers include.
set(cckpi_common_headers
  <algorithm> <array> <functional> <map> <memory> <optional> <set> <span>
  <string> <string_view> <tuple> <utility> <variant> <vector>
  <absl/numeric/int128.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
  <absl/time/civil_time.h> <absl/time/time.h>)
# And its sources.
set(cckpi_library_headers ${cckpi_common_headers}
  <absl/container/btree_map.h> <absl/container/btree_set.h>
  <absl/container/flat_hash_map.h> <absl/container/inlined_vector.h>
  <absl/functional/function_ref.h>)

function(cckpi_precompile target)  # HEADERS...
  if(NOT CCKPI_PRECOMPILE_HEADERS)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # The same headers give the same file, so that ccache knows it.
    target_compile_options(${target} PRIVATE
      "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# `target` takes those of another, which is compiled with the same options.
function(cckpi_reuse_precompiled target from)
  if(CCKPI_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()
