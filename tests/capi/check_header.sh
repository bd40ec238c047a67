#!/usr/bin/env bash
# Compiles cckpi.h, included twice, under every standard of C and C++ that a
# host may use.
#
#   check_header.sh INCLUDE_DIRECTORY CC CXX
set -euo pipefail
include=$1 cc=$2 cxx=$3
flags=(-pedantic -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Werror
  -I"$include" -fsyntax-only)
program=$'#include <cckpi.h>\n#include <cckpi.h>
int use(void);
int use(void) {
  cckpi_text text = CCKPI_TEXT("x");
  cckpi_query query;
  query.struct_size = sizeof(query);
  return (int)text.size + (int)query.struct_size + CCKPI_OK;
}'
for standard in c89 c99 c11 c17 c2x gnu89 gnu17; do
  "$cc" -std=$standard "${flags[@]}" -x c - <<< "$program"
done
for standard in c++98 c++03 c++11 c++14 c++17 c++20; do
  "$cxx" -std=$standard "${flags[@]/-W*-prototypes/-Wall}" -x c++ - \
    <<< "$program"
done
# The functions of the header alone, as a binding generator sees them.
"$cc" -E -P -I"$include" "$include/cckpi.h" > /dev/null
echo "cckpi.h compiles as C89 to C2x and as C++98 to C++20"
