#!/usr/bin/env bash
# Fetches Apache ECharts, which draws the charts of HTML reports, from npm.
#
#   scripts/fetch_echarts.sh [DIRECTORY]
#
# Prints the folder that holds echarts.min.js and notice.txt (the licences of
# all that is in it), for CCKPI_ECHARTS. DIRECTORY defaults to .cache/echarts
# in the project. What is there already is used as it is. The packages are
# pinned by version and by the SHA-512 that npm publishes for them.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-$project/.cache/echarts}"
directory=$(cd "${1:-$project/.cache/echarts}" && pwd)
readonly result=$directory/echarts-6.1.0

fail() {
  echo "fetch_echarts: $*" >&2
  exit 1
}

# fetch NAME VERSION SHA512 FILES...: those files of the package, into NAME/
fetch() {
  local name=$1 version=$2 wanted=$3 sum
  shift 3
  (cd "$work" && npm pack --silent "$name@$version" > /dev/null) ||
    fail "npm cannot fetch $name@$version"
  sum=$(openssl dgst -sha512 -binary "$work/$name-$version.tgz" |
    openssl base64 -A)
  [[ $sum == "$wanted" ]] || fail "$name@$version has the wrong SHA-512: $sum"
  mkdir "$work/$name"
  tar -xzf "$work/$name-$version.tgz" -C "$work/$name" --strip-components=1 \
    "${@/#/package/}"
}

if [[ ! -d $result ]]; then
  for tool in npm openssl tar; do
    command -v "$tool" > /dev/null || fail "$tool is needed"
  done
  work=$(mktemp -d "$directory/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  fetch echarts 6.1.0 \
    'q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA==' \
    dist/echarts.min.js LICENSE NOTICE licenses
  # It has ZRender inside, whose licence comes with its own package.
  fetch zrender 6.1.0 \
    'oEGMDB6pOP2S6OwRR4PdVv610zrjnA3Bh+JnSG12fYJlBKjtNAoEb5fSUoCOOINlH96I2fU38/A2UpRKs67xYQ==' \
    LICENSE
  mkdir "$work/result"
  cp "$work/echarts/dist/echarts.min.js" "$work/result/"
  {
    cat "$work/echarts/NOTICE"
    printf '\n\nThe licence of Apache ECharts\n\n'
    cat "$work/echarts/LICENSE"
    printf '\n\nd3.js, parts of which are in it\n\n'
    cat "$work/echarts/licenses/LICENSE-d3"
    printf '\n\nZRender, which is in it\n\n'
    cat "$work/zrender/LICENSE"
  } | tr -d '\r' > "$work/result/notice.txt"
  # Another run may have been faster.
  mv -T "$work/result" "$result" 2> /dev/null || [[ -d $result ]] ||
    fail "cannot write $result"
fi

[[ -s $result/echarts.min.js && -s $result/notice.txt ]] ||
  fail "$result is damaged; remove it"
echo "$result"
