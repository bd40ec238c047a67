#!/usr/bin/env bash
# Fetches Abseil's source for builds with CCKPI_ABSEIL=bundled.
#
#   scripts/fetch_abseil.sh [DIRECTORY]
#
# Prints the folder that holds the source, for CCKPI_ABSEIL_SOURCE. DIRECTORY
# defaults to .cache/abseil in the project. What is there already is checked
# and used as it is.
#
# The source is Debian's source package `abseil` (scripts/debian_source.sh).
# Debian's patches stay (they carry security fixes), save the one that gives
# Debian's package its own string_view, optional and variant: a bundled Abseil
# uses those of std.
set -euo pipefail

readonly version=20220623.1
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$project/scripts/debian_source.sh"
mkdir -p "${1:-$project/.cache/abseil}"
directory=$(cd "${1:-$project/.cache/abseil}" && pwd)
source_directory=$directory/abseil-$version

check_source() {
  local options=$source_directory/absl/base/options.h
  [[ -f $source_directory/CMakeLists.txt && -f $options ]] ||
    fail "$source_directory does not hold Abseil's source"
  local name
  for name in OPTIONAL STRING_VIEW VARIANT; do
    grep -q "^#define ABSL_OPTION_USE_STD_$name 2\$" "$options" ||
      fail "$options: ABSL_OPTION_USE_STD_$name is not upstream's 2"
  done
}

if [[ ! -f $directory/complete ]]; then
  fetch_debian_source abseil "$directory"
  [[ -d $source_directory ]] ||
    fail "the archive has another version than $version:" \
      "$(ls -d "$directory"/abseil-* 2> /dev/null)"
  patch -d "$source_directory" -p1 --reverse --silent --force \
    < "$source_directory/debian/patches/configure.diff" >&2
  check_source
  touch "$directory/complete"
fi

check_source
echo "$source_directory"
