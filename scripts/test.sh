#!/usr/bin/env bash
# Runs every test: those of the library under AddressSanitizer and
# UndefinedBehaviorSanitizer; all else, and what sanitizers run less often, in
# the dev build; those that start threads under ThreadSanitizer; the wheel of
# Python; the library with Abseil from source; a minute of each fuzz target. The
# runners' own summaries come last.
#
#   scripts/test.sh [dev|asan|tsan|python|bundled|fuzz]...   default: all
#
# Without asan, dev is all tests but fuzzing and those of Python.
# Two steps run beside each other, as none of them keeps all processors busy all
# the time. What a step says comes under its name, and stays in build/test-logs.
# Under a sanitizer, tests over random logs take fewer of them
# (CCKPI_PROPERTY_PERCENT in CMakePresets.json).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

# What runs beside what. Fuzz targets come out of the build of asan, and bundled
# compiles what python has compiled.
readonly first_track=(dev python bundled tsan) second_track=(asan fuzz)

(($#)) || set -- "${first_track[@]}" "${second_track[@]}"
declare -A wanted
for name in "$@"; do
  if [[ " ${first_track[*]} ${second_track[*]} " != *" $name "* ]]; then
    echo "test.sh: no such step: $name" >&2
    exit 2
  fi
  wanted[$name]=1
done
ensure_packages "${test_packages[@]}" || exit 1

readonly logs=build/test-logs
rm -rf "$logs"
mkdir -p "$logs"

ctest_preset() {  # PRESET [CMAKE ARGUMENTS]
  cmake --preset "$@" > "$logs/$1.configure" || {
    cat "$logs/$1.configure"
    return 1
  }
  cmake --build --preset "$1" -- --quiet -k 0 &&
    ctest --preset "$1" -j 2
}

run() {  # STEP
  case $1 in
    # Without debug information it takes half the time, and several files at a
    # time again; house.includes sees to what each needs. -Og takes no longer
    # than -O0, and what it makes runs in a third of the time. An eighth of what is
    # left g++ would look for what it can forget; it may take 1.6 GB instead.
    # Tests that asan runs as they are it does not compile and run once more.
    dev)
      ctest_preset dev \
        -DCMAKE_CXX_FLAGS_DEBUG="-Og --param=ggc-min-heapsize=1000000" \
        -DCCKPI_UNITY_BUILD=ON \
        -DCCKPI_TESTS_BEYOND_ASAN="${wanted[asan]:-0}"
      ;;
    asan | tsan) ctest_preset "$1" ;;
    python) scripts/test_python.sh ;;
    bundled) scripts/test_bundled.sh ;;
    fuzz) scripts/fuzz.sh "${CCKPI_FUZZ_SECONDS:-60}" ;;
  esac
}

step() {  # STEP
  local begin=$SECONDS outcome=passed
  echo "=== $1 begins"
  run "$1" 2>&1 | tee "$logs/$1" | sed -u "s/^/$1: /" || {
    outcome=FAILED
    touch "$logs/$1.failed"
  }
  {
    echo "=== $1: $outcome after $((SECONDS - begin)) s"
    grep -E 'tests passed|No tests were found|^bundled Abseil|[0-9] passed[, ]' \
      "$logs/$1"
  } > "$logs/$1.summary"
  head -n 1 "$logs/$1.summary"
}

track() {  # STEP...
  local name
  for name in "$@"; do
    if [[ ${wanted[$name]:-} ]]; then step "$name"; fi
  done
}

# Each track is a group of processes, as what runs in the background does not hear
# of Ctrl-C by itself.
set -m
track "${first_track[@]}" &
first=$!
track "${second_track[@]}" &
second=$!
trap 'kill -- "-$first" "-$second"; exit 130' INT TERM
wait

failed=()
for name in "${first_track[@]}" "${second_track[@]}"; do
  [[ ${wanted[$name]:-} ]] || continue
  cat "$logs/$name.summary" || touch "$logs/$name.failed"
  if [[ -f $logs/$name.failed ]]; then failed+=("$name"); fi
done
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}"
  exit 1
fi
