#!/usr/bin/env bash
# Lets the fuzz targets search for inputs that break a promise: every decoder,
# and the engine against the oracle.
#
#   scripts/fuzz.sh [SECONDS [TARGET...]]   default: 60 seconds, all targets
#
# Three run at a time, each from the seed CCKPI_FUZZ_SEED (1). What a search finds
# interesting is kept in build/fuzz/TARGET and is where the next one starts from,
# beside the corpus in tests/fuzz/corpus. An input that breaks something is left in
# build/fuzz/TARGET-crash-*; it belongs into the corpus together with the fix.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
ensure_packages "${test_packages[@]}" || exit 1

seconds=${1:-60}
targets=("${@:2}")
if ((${#targets[@]} == 0)); then
  for source in tests/fuzz/*_fuzz.cc; do
    name=$(basename "$source" _fuzz.cc)
    targets+=("$name")
  done
fi

cmake --preset asan > /dev/null || exit 1
cmake --build --preset asan --target "${targets[@]/%/_fuzz}" -- --quiet ||
  exit 1

search() {  # TARGET
  mkdir -p "build/fuzz/$1"
  local dictionary=()
  [[ -f tests/fuzz/$1.dict ]] && dictionary=("-dict=tests/fuzz/$1.dict")
  if "build/asan/$1_fuzz" -seed="${CCKPI_FUZZ_SEED:-1}" \
    -max_total_time="$seconds" -timeout=60 \
    -rss_limit_mb=4096 -print_final_stats=1 -max_len=32768 \
    -artifact_prefix="build/fuzz/$1-crash-" "${dictionary[@]}" \
    "build/fuzz/$1" "tests/fuzz/corpus/$1" > "build/fuzz/$1.log" 2>&1
  then
    printf '%-10s %9s inputs, nothing broken\n' "$1" \
      "$(sed -n 's/stat::number_of_executed_units: *//p' "build/fuzz/$1.log")"
  else
    tail -n 30 "build/fuzz/$1.log"
    printf '%-10s BROKEN: see build/fuzz/%s.log\n' "$1" "$1"
    return 1
  fi
}
export -f search
export seconds
mkdir -p build/fuzz

printf '%s\n' "${targets[@]}" | xargs -P 3 -I '{}' bash -c 'search {}' |
  tee build/fuzz/summary
failed=$(grep -c BROKEN build/fuzz/summary)
echo "$((${#targets[@]} - failed)) passed, $failed failed"
((failed == 0))
