#!/usr/bin/env bash
# Compares the binary interface of the library with the one on record.
#
#   check_abi.sh LIBRARY HEADERS RECORD [--update]
#
# Anything but an exact match fails: what only adds to the interface is put on
# record with --update, in the same commit. Values of enumerators are not in
# such a record; layout.c has them.
set -euo pipefail
library=$1 headers=$2 record=$3
dump=$(mktemp --suffix=.abi)
trap 'rm -f "$dump"' EXIT
abidw --headers-dir "$headers" --drop-private-types --exported-interfaces-only \
  --no-show-locs --no-corpus-path --no-comp-dir-path --out-file "$dump" \
  "$library"
# A library without debug information has an empty dump, equal to any other.
functions=$(grep -c '<function-decl name=.cckpi_' "$dump" || true)
symbols=$(nm --dynamic --defined-only "$library" | grep -c ' T ')
if ((functions != symbols)); then
  echo "$functions functions in the dump of $symbols in $library;" \
    "is it built with -g?"
  exit 1
fi
if [[ ${4:-} == --update ]]; then
  cp "$dump" "$record"
  echo "$functions functions on record in $record"
  exit 0
fi
abidiff --exported-interfaces-only --no-show-locs "$record" "$dump" || {
  echo "the binary interface is another than on record (abidiff: $?);" \
    "docs/c-api.md says what may change"
  exit 1
}
echo "$functions functions, as on record"
