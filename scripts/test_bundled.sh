#!/usr/bin/env bash
# Tests CCKPI_ABSEIL=bundled: builds the library and the tool with Abseil from
# source, runs a consumer, and checks that a shared library made of them needs
# no Abseil and shows none.
#
#   scripts/test_bundled.sh [BUILD_DIRECTORY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/bundled-test}

launcher=$(command -v ccache || true)
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake -S tests/install/bundled -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
  -DCCKPI_SOURCE="$PWD" > /dev/null
cmake --build "$build" -- --quiet

output=$("$build/consumer")
[[ $output == "first response: 512 s" ]] || {
  echo "the consumer printed '$output'"
  exit 1
}
library=$build/libembedded.so
if readelf --dynamic "$library" | grep 'NEEDED.*absl'; then
  echo "$library needs an Abseil of the system"
  exit 1
fi
if nm --dynamic --defined-only --demangle "$library" | grep -v embedded_main
then
  echo "$library shows more than its one function"
  exit 1
fi
if readelf --dyn-syms --wide "$library" | grep UNIQUE; then
  echo "$library has symbols that are unique in the whole process"
  exit 1
fi
echo "bundled Abseil: the consumer runs, the shared library is self-contained"
