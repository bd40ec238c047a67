#!/usr/bin/env bash
# Tests CCKPI_ABSEIL=bundled and CCKPI_IO_LIBRARIES=bundled: builds the library
# and the tool with Abseil, simdjson and zlib from source, runs a consumer, and
# checks that a shared library made of them needs none of these and shows none.
# What is compiled is the same as for the wheel of Python, in a folder of the same
# depth, as relative paths count: so ccache has it for whoever comes second.
#
#   scripts/test_bundled.sh [BUILD_DIRECTORY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/bundled-test/cmake}

launcher=$(command -v ccache || true)
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake -S tests/install/bundled -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_C_FLAGS_DEBUG=-Og -DCMAKE_CXX_FLAGS_DEBUG=-Og \
  -DCMAKE_C_COMPILER_LAUNCHER="$launcher" \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCCKPI_SOURCE="$PWD" > /dev/null
cmake --build "$build" -- --quiet

for consumer in consumer c_consumer; do
  output=$("$build/$consumer")
  [[ $output == "first response: 512 s" ]] || {
    echo "the $consumer printed '$output'"
    exit 1
  }
done
python3 -B tests/capi/check_symbols.py capi/include/cckpi.h capi/cckpi.map \
  "$build/cckpi/capi/libcckpi.so" --bundled
library=$build/libembedded.so
if readelf --dynamic "$library" | grep -E 'NEEDED.*(absl|simdjson|libz)'
then
  echo "$library needs libraries of the system"
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
echo "bundled Abseil and all: the consumer runs," \
  "the shared library is self-contained"
