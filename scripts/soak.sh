#!/usr/bin/env bash
# Runs the random tests over seeds that they do not usually take, as long as one
# likes. tests/oracle/settings.h says what they take from the environment.
#
#   scripts/soak.sh [SECONDS [TEST...]]   default: 600 seconds each, all of them
#   scripts/soak.sh 3600 durable_property
#
# Two run at a time, optimised. Each is started again and again, every time with
# its usual number of runs from another seed on, until its time has passed. The
# first seed is random; CCKPI_SOAK_SEED gives one, to repeat a soak. A test that
# fails goes no further: its log stays in build/soak-logs, and what repeats the
# failure, in as few runs as it takes, is printed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
ensure_packages "${test_packages[@]}" || exit 1
unset CCKPI_PROPERTY_RUNS CCKPI_PROPERTY_PERCENT

seconds=${1:-600}
tests=("${@:2}")
if ((${#tests[@]} == 0)); then
  mapfile -t tests < <(grep -rl --include='*_test.cc' \
    '^#include "oracle/settings.h"' tests | xargs -n 1 basename -s .cc | sort)
fi
tests=("${tests[@]%_test}")
first_seed=${CCKPI_SOAK_SEED:-$(($(od -An -N4 -tu4 /dev/urandom) >> 1))}
readonly apart=100000  # more than any test takes at a time

# What warns is for the dev build to find; g++ that optimises warns of more than
# there is.
cmake -S . -B build/soak -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O2 -g -w -D_GLIBCXX_ASSERTIONS" \
  -DCCKPI_DEVELOPER_MODE=ON -DCCKPI_UNITY_BUILD=ON \
  -DCCKPI_BUILD_BENCHMARKS=OFF -DCCKPI_BUILD_TOOL=OFF > /dev/null || exit 1
cmake --build build/soak --target "${tests[@]/%/_test}" -- --quiet || exit 1

# Gives up, by leaving the subshell it is in, on what takes too long.
passes() {  # TEST FILTER SEED RUNS
  local status
  CCKPI_PROPERTY_SEED=$3 CCKPI_PROPERTY_RUNS=$4 timeout "$limit" \
    "build/soak/$1_test" --gtest_filter="$2" > /dev/null
  status=$?
  ((status != 124)) || exit
  return "$status"
}

# Prints the first seed and the number of the fewest runs that fail: one run, if
# it fails by itself; else all from SEED on, as in tests that draw one run after
# the other from one generator.
fewest_runs() {  # TEST FILTER SEED
  local passing=0 failing=1 middle
  while passes "$1" "$2" "$3" "$failing"; do
    passing=$failing
    failing=$((2 * failing))
    ((failing <= apart)) || return
  done
  while ((failing - passing > 1)); do
    middle=$(((passing + failing) / 2))
    if passes "$1" "$2" "$3" "$middle"; then
      passing=$middle
    else
      failing=$middle
    fi
  done
  if passes "$1" "$2" $(($3 + passing)) 1; then
    echo "$3 $failing"
  else
    echo "$(($3 + passing)) 1"
  fi
}

soak() {  # TEST
  local log=build/soak-logs/$1.log
  local batches=0 seed=$first_seed begin status fewest filter
  while ((batches == 0 || SECONDS < seconds)); do
    begin=$SECONDS
    # The braces also catch what the shell says of a crash.
    { CCKPI_PROPERTY_SEED=$seed timeout 3600 "build/soak/$1_test"; } \
      > "$log" 2>&1
    status=$?
    ((status == 0)) || break
    ((++batches, seed += apart))
  done
  if ((status == 0)); then
    rm "$log"
    printf '%-26s %5d starts, nothing failed\n' "$1" "$batches" |
      tee -a build/soak-logs/summary
    return
  fi

  # The test that failed, or the one in which it crashed.
  filter=$(sed -n 's/^\[  FAILED  \] \([^ ,]*\).*/\1/p' "$log" | head -n 1)
  filter=${filter:-$(sed -n 's/^\[ RUN      \] //p' "$log" | tail -n 1)}
  limit=$((60 + 4 * (SECONDS - begin)))
  fewest=$(fewest_runs "$1" "$filter" "$seed" 2> /dev/null)
  ((status <= 128)) || status="signal $(kill -l "$status")"
  echo "--- the end of $log:"
  tail -n 30 "$log"
  printf '%-26s %5d starts, then FAILED (%s) from seed %d on:\n' \
    "$1" "$batches" "$status" "$seed" | tee -a build/soak-logs/summary
  echo "  CCKPI_PROPERTY_SEED=$seed build/soak/$1_test"
  [[ -z $fewest ]] ||
    echo "  CCKPI_PROPERTY_SEED=${fewest% *} CCKPI_PROPERTY_RUNS=${fewest#* }" \
      "build/soak/$1_test --gtest_filter='$filter'"
  return 1
}
export -f passes fewest_runs soak
export seconds first_seed apart
rm -rf build/soak-logs
mkdir -p build/soak-logs

echo "CCKPI_SOAK_SEED=$first_seed"
printf '%s\n' "${tests[@]}" | xargs -P 2 -I '{}' bash -c 'soak {}'
passed=$(grep -c 'nothing failed' build/soak-logs/summary)
echo "$passed passed, $((${#tests[@]} - passed)) failed"
((passed == ${#tests[@]}))
