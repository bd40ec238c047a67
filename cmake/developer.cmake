# For developers: CCKPI_SANITIZE=address,undefined or thread builds everything
# with these sanitizers, and ccache is used where it is installed, lld in Debug
# builds.

set(CCKPI_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(CCKPI_SANITIZE)
  add_compile_options(-fsanitize=${CCKPI_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CCKPI_SANITIZE})
endif()

# The library says where it has been, for tests/fuzz. In tests that would be a
# quarter of the time it takes to compile them.
function(cckpi_cover target)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang AND CCKPI_SANITIZE MATCHES address)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# Relative paths, so that another clone of the project hits the cache too. What
# sloppiness allows is to cache what is compiled with precompiled headers.
find_program(CCKPI_CCACHE ccache)
if(CCKPI_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_CURRENT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros
      ${CCKPI_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

# A hundred tests are linked, each in a sixth of the time. What is optimised is
# linked as users link it; with lld 14 an exception that g++ -O2 throws through
# libcckpi.so can abort the program (_Unwind_Resume).
find_program(CCKPI_LLD ld.lld)
if(CCKPI_LLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_link_options(-fuse-ld=lld)
endif()
