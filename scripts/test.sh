#!/usr/bin/env bash
# Runs every test: the whole set in the dev build; the library's tests again
# under AddressSanitizer and UndefinedBehaviorSanitizer; those that start
# threads under ThreadSanitizer; the wheel of Python; the library with Abseil
# from source; a minute of each fuzz target. The runners' own summaries come
# last.
#
#   scripts/test.sh [dev|asan|tsan|python|bundled|fuzz]...   default: all
#
# Under a sanitizer, tests over random logs take fewer of them
# (CCKPI_PROPERTY_PERCENT in CMakePresets.json).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
ensure_packages "${test_packages[@]}" || exit 1

summaries=$(mktemp -d)
trap 'rm -rf "$summaries"' EXIT
failed=()

step() {  # NAME COMMAND...
  local name=$1 begin=$SECONDS
  shift
  echo "=== $name"
  "$@" 2>&1 | tee "$summaries/log" || failed+=("$name")
  {
    echo "=== $name: $((SECONDS - begin)) s"
    grep -E 'tests passed|No tests were found|^bundled Abseil|[0-9] passed[, ]' \
      "$summaries/log"
  } >> "$summaries/all"
}

ctest_preset() {  # PRESET [CMAKE ARGUMENTS]
  cmake --preset "$@" > "$summaries/configure" || {
    cat "$summaries/configure"
    return 1
  }
  cmake --build --preset "$1" -- --quiet -k 0 &&
    ctest --preset "$1" -j 2
}

(($#)) || set -- dev asan tsan python bundled fuzz
for name in "$@"; do
  case $name in
    # Without debug information it takes half the time, and several files at a
    # time again; house.alone_* then checks each by itself. An eighth of what is
    # left g++ would look for what it can forget; it may take 1.6 GB instead.
    dev)
      step dev ctest_preset dev \
        -DCMAKE_CXX_FLAGS_DEBUG="-O0 --param=ggc-min-heapsize=1000000" \
        -DCCKPI_UNITY_BUILD=ON
      ;;
    asan | tsan) step "$name" ctest_preset "$name" ;;
    python) step python scripts/test_python.sh ;;
    bundled) step bundled scripts/test_bundled.sh ;;
    fuzz) step fuzz scripts/fuzz.sh "${CCKPI_FUZZ_SECONDS:-60}" ;;
    *)
      echo "test.sh: no such step: $name" >&2
      exit 2
      ;;
  esac
done

cat "$summaries/all"
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}"
  exit 1
fi
