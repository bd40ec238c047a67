# Debian source packages, for libraries that are built along; to be sourced.
#
#   fetch_debian_source NAME DIRECTORY   unpacks the source package NAME in
#                                        DIRECTORY
#
# apt checks the source against the archive's signature. The deb-src entries
# that this needs live in an apt configuration of their own inside DIRECTORY,
# so nothing of the system changes and no root is needed.

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
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
    "from; name a source tree of your own instead (docs/embedding.md)"
}

fetch_debian_source() {
  local name=$1 directory=$2
  command -v apt-get > /dev/null || fail "apt-get is needed; elsewhere, name" \
    "a source tree of your own (docs/embedding.md)"
  command -v dpkg-source > /dev/null || fail "dpkg-source (dpkg-dev) is needed"
  command -v patch > /dev/null || fail "patch is needed"

  rm -rf "${directory:?}"/{parts,lists,cache} "${directory:?}/$name"[-_]*
  mkdir -p "$directory"/{parts,lists/partial,cache/archives/partial}
  write_source_entries "$directory/parts"
  local apt=(apt-get -qq
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
    "${apt[@]}" source --only-source "$name"
  ) >&2
  rm -rf "${directory:?}"/{parts,lists,cache,none.list}
}
