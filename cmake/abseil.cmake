# Abseil, one of two ways, as the targets absl::*:
#
#   CCKPI_ABSEIL=package   the installed package (the default)
#   CCKPI_ABSEIL=bundled   built from source with the library: static,
#                          position independent, its symbols hidden. The
#                          source is CCKPI_ABSEIL_SOURCE, or what
#                          scripts/fetch_abseil.sh fetches.
#
# A parent project that has Abseil already keeps it in both cases.

set(CCKPI_ABSEIL "package" CACHE STRING "Abseil from: package | bundled")
set_property(CACHE CCKPI_ABSEIL PROPERTY STRINGS package bundled)
set(CCKPI_ABSEIL_SOURCE "" CACHE PATH
    "Source tree of Abseil, for CCKPI_ABSEIL=bundled")

if(TARGET absl::status)
  message(STATUS "Abseil: the parent project's")
  set(cckpi_abseil_installable TRUE)
elseif(CCKPI_ABSEIL STREQUAL "package")
  find_package(absl REQUIRED)
  set(cckpi_abseil_installable TRUE)
elseif(CCKPI_ABSEIL STREQUAL "bundled")
  set(cckpi_abseil_source "${CCKPI_ABSEIL_SOURCE}")
  if(NOT cckpi_abseil_source)
    execute_process(
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/scripts/fetch_abseil.sh
      OUTPUT_VARIABLE cckpi_abseil_source OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE cckpi_abseil_result)
    if(NOT cckpi_abseil_result EQUAL 0)
      message(FATAL_ERROR "Abseil's source could not be fetched; "
        "set CCKPI_ABSEIL_SOURCE, or use CCKPI_ABSEIL=package")
    endif()
  endif()
  message(STATUS "Abseil: bundled from ${cckpi_abseil_source}")
  # A function, so that what Abseil's build needs set stays in here.
  function(cckpi_add_bundled_abseil source)
    set(BUILD_SHARED_LIBS OFF)
    set(BUILD_TESTING OFF)
    set(ABSL_PROPAGATE_CXX_STD ON)
    set(ABSL_ENABLE_INSTALL OFF)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
    set(CMAKE_CXX_VISIBILITY_PRESET hidden)
    set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
    set(CMAKE_WARN_DEPRECATED OFF)
    set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
    add_subdirectory("${source}" "${CMAKE_CURRENT_BINARY_DIR}/abseil"
      EXCLUDE_FROM_ALL SYSTEM)
  endfunction()
  cckpi_add_bundled_abseil("${cckpi_abseil_source}")
  set(cckpi_abseil_installable FALSE)
else()
  message(FATAL_ERROR
    "CCKPI_ABSEIL is package or bundled, not \"${CCKPI_ABSEIL}\"")
endif()
