#!/usr/bin/env bash
# Fetches Abseil's source for builds with CCKPI_ABSEIL=bundled.
#
#   scripts/fetch_abseil.sh [DIRECTORY]
#
# Prints the folder that holds the source, for CCKPI_ABSEIL_SOURCE. DIRECTORY
# defaults to .cache/abseil in the project. What is there already is checked
# and used as it is.
#
# The source is Debian's source package `abseil`: apt checks it against the
# archive's signature. The deb-src entries that this needs live in an apt
# configuration of their own inside DIRECTORY, so nothing of the system
# changes and no root is needed. Debian's patches stay (they carry security
# fixes), save the one that gives Debian's package its own string_view,
# optional and variant: a bundled Abseil uses those of std.
set -euo pipefail

readonly version=20220623.1
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-$project/.cache/abseil}"
directory=$(cd "${1:-$project/.cache/abseil}" && pwd)
source_directory=$directory/abseil-$version

fail() {
  echo "fetch_abseil: $*" >&2
  exit 1
}

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

# The system's Debian entries, as entries of sources, in either of apt's two
# formats.
write_source_entries() {
  local parts=$1 file
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -f $file ]] || continue
    grep -q 'debian-archive-keyring\|deb\.debian\.org' "$file" || continue
    sed -E 's/^Types:.*/Types: deb-src/' "$file" \
      > "$parts/$(basename "$file")"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -f $file ]] || continue
    sed -nE '/debian\.org|debian-archive-keyring/s/^deb +/deb-src /p' "$file" \
      > "$parts/from_$(basename "$file" .list).list"
  done
  grep -qs deb-src "$parts"/* || fail "no Debian entry in /etc/apt to fetch" \
    "from; set CCKPI_ABSEIL_SOURCE to a source tree of Abseil instead"
}

if [[ ! -f $directory/complete ]]; then
  command -v apt-get > /dev/null || fail "apt-get is needed;" \
    "elsewhere, set CCKPI_ABSEIL_SOURCE to a source tree of Abseil"
  command -v dpkg-source > /dev/null || fail "dpkg-source (dpkg-dev) is needed"
  command -v patch > /dev/null || fail "patch is needed"

  rm -rf "${directory:?}"/{parts,lists,cache} "${directory:?}"/abseil[-_]*
  mkdir -p "$directory"/{parts,lists/partial,cache/archives/partial}
  write_source_entries "$directory/parts"
  apt=(apt-get -qq
    -o "Dir::Etc::SourceList=$directory/none.list"
    -o "Dir::Etc::SourceParts=$directory/parts"
    -o "Dir::State::Lists=$directory/lists"
    -o "Dir::Cache=$directory/cache"
    -o "APT::Sandbox::User=$(id -un)"
    -o Acquire::Retries=3)
  : > "$directory/none.list"
  (
    cd "$directory"
    "${apt[@]}" update
    "${apt[@]}" source --only-source abseil
  ) >&2
  [[ -d $source_directory ]] ||
    fail "the archive has another version than $version:" \
      "$(ls -d "$directory"/abseil-* 2> /dev/null)"
  patch -d "$source_directory" -p1 --reverse --silent --force \
    < "$source_directory/debian/patches/configure.diff" >&2
  check_source
  rm -rf "${directory:?}"/{parts,lists,cache,none.list}
  touch "$directory/complete"
fi

check_source
echo "$source_directory"
