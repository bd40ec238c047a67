# simdjson and zlib, one of two ways, as simdjson::simdjson and ZLIB::ZLIB:
#
#   CCKPI_IO_LIBRARIES=package   the installed packages (the default)
#   CCKPI_IO_LIBRARIES=bundled   built from source with the library: static,
#                                their symbols hidden. The source is
#                                CCKPI_IO_LIBRARIES_SOURCE, a folder with
#                                `simdjson` and `zlib`, or what
#                                scripts/fetch_io_libraries.sh fetches.
#
# A parent project that has them already keeps them in both cases.

set(CCKPI_IO_LIBRARIES "package" CACHE STRING
    "simdjson and zlib from: package | bundled")
set_property(CACHE CCKPI_IO_LIBRARIES PROPERTY STRINGS package bundled)
set(CCKPI_IO_LIBRARIES_SOURCE "" CACHE PATH
    "Sources of simdjson and zlib, for CCKPI_IO_LIBRARIES=bundled")

function(cckpi_bundle_library name)
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

if(CCKPI_IO_LIBRARIES STREQUAL "package")
  find_package(simdjson REQUIRED)
  find_package(ZLIB REQUIRED)
  set(cckpi_io_libraries_installable TRUE)
elseif(CCKPI_IO_LIBRARIES STREQUAL "bundled")
  set(cckpi_io_source "${CCKPI_IO_LIBRARIES_SOURCE}")
  if(NOT cckpi_io_source)
    execute_process(
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/scripts/fetch_io_libraries.sh
      OUTPUT_VARIABLE cckpi_io_source OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE cckpi_io_result)
    if(NOT cckpi_io_result EQUAL 0)
      message(FATAL_ERROR "the sources of simdjson and zlib could not be "
        "fetched; set CCKPI_IO_LIBRARIES_SOURCE, or use "
        "CCKPI_IO_LIBRARIES=package")
    endif()
  endif()
  message(STATUS "simdjson and zlib: bundled from ${cckpi_io_source}")
  if(NOT TARGET simdjson::simdjson)
    set(source ${cckpi_io_source}/simdjson)
    add_library(cckpi_simdjson STATIC ${source}/src/simdjson.cpp)
    target_include_directories(cckpi_simdjson SYSTEM
      PUBLIC ${source}/include PRIVATE ${source}/src)
    cckpi_bundle_library(cckpi_simdjson)
    add_library(simdjson::simdjson ALIAS cckpi_simdjson)
  endif()
  if(NOT TARGET ZLIB::ZLIB)
    set(source ${cckpi_io_source}/zlib)
    set(files adler32 crc32 deflate inffast inflate inftrees trees zutil)
    list(TRANSFORM files PREPEND ${source}/)
    list(TRANSFORM files APPEND .c)
    add_library(cckpi_zlib STATIC ${files})
    target_include_directories(cckpi_zlib SYSTEM PUBLIC ${source})
    target_compile_definitions(cckpi_zlib PRIVATE HAVE_HIDDEN)
    cckpi_bundle_library(cckpi_zlib)
    add_library(ZLIB::ZLIB ALIAS cckpi_zlib)
  endif()
  set(cckpi_io_libraries_installable FALSE)
else()
  message(FATAL_ERROR
    "CCKPI_IO_LIBRARIES is package or bundled, not \"${CCKPI_IO_LIBRARIES}\"")
endif()
