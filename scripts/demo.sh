#!/usr/bin/env bash
# Builds the tool and reports on a real log, customer care conversations on
# Twitter: KPIs, the weekly scorecard, the incidents of the scaling matrix. On a
# fresh Debian 12, as root, this is all there is to do.
#
#   scripts/demo.sh [ARGUMENTS for cckpi report]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
ensure_packages "${tool_packages[@]}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
  cmake --preset release && cmake --build --preset release --target cckpi_tool
} > "$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}

care=(examples/data/twitter_customer_care.csv.gz
  --map examples/data/twitter_customer_care.mapping.json
  --config examples/twitter_care.config.json)
build/release/cckpi report "${care[@]}" "$@"

# With arguments it is a report of one's own.
[[ $# -eq 0 ]] || exit 0
printf '\nThe scorecard of the last weeks\n\n'
build/release/cckpi scorecard "${care[@]}" --id first-level --from 2020-03-09

printf '\nWhat the scaling matrix would have said\n\n'
build/release/cckpi alerts "${care[@]}" --tick 15m --summary --top 5
