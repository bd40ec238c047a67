#!/usr/bin/env bash
# Fetches the sources of simdjson and zlib, for builds with
# CCKPI_IO_LIBRARIES=bundled.
#
#   scripts/fetch_io_libraries.sh [DIRECTORY]
#
# Prints the folder that holds them as `simdjson` and `zlib`, for
# CCKPI_IO_LIBRARIES_SOURCE. DIRECTORY defaults to .cache/io_libraries in the
# project. What is there already is used as it is. The sources are Debian's
# source packages (scripts/debian_source.sh).
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$project/scripts/debian_source.sh"
mkdir -p "${1:-$project/.cache/io_libraries}"
directory=$(cd "${1:-$project/.cache/io_libraries}" && pwd)

for name in simdjson zlib; do
  [[ -e $directory/$name/complete ]] && continue
  rm -rf "${directory:?}/$name"
  fetch_debian_source "$name" "$directory"
  mv "$directory/$name"-*/ "$directory/$name"
  rm -f "$directory/$name"[-_]*
  touch "$directory/$name/complete"
done
[[ -f $directory/simdjson/src/simdjson.cpp && -f $directory/zlib/inflate.c ]] ||
  fail "$directory does not hold simdjson and zlib"
echo "$directory"
