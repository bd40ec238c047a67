#!/usr/bin/env bash
# Builds and runs consumers of the C++ library and of the C interface.
#
#   consumers.sh installed      installs BUILD, then find_package, pkg-config
#   consumers.sh subdirectory   add_subdirectory with shared libraries, its
#                               install, then find_package, pkg-config
#
# Environment: CMAKE CC CXX CXXFLAGS_DEBUG PKG_CONFIG SOURCE BUILD BESIDE
# GENERATOR UNITY SCRATCH.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
launcher=$(command -v ccache || true)
export CCACHE_BASEDIR=$SOURCE CCACHE_NOHASHDIR=1
readonly expected="first response: 512 s"
rm -rf "$SCRATCH"
mkdir -p "$SCRATCH"

run() {  # NAME PROGRAM
  local output
  output=$("$2")
  if [[ $output != "$expected" ]]; then
    echo "$1 printed '$output', not '$expected'" >&2
    exit 1
  fi
  echo "$1: builds and runs"
}

configure() {  # SOURCE BINARY ARGUMENTS...
  "$CMAKE" -S "$1" -B "$2" -G "$GENERATOR" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_FLAGS_DEBUG="$CXXFLAGS_DEBUG" \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
    "${@:3}" > "$2.log" 2>&1 || { cat "$2.log"; exit 1; }
}

consume() {  # KIND PREFIX
  configure "$here/find_package" "$SCRATCH/find_package" \
    -DCMAKE_PREFIX_PATH="$2" -DCCKPI_SOURCE="$SOURCE"
  "$CMAKE" --build "$SCRATCH/find_package" > "$SCRATCH/find_package.log" ||
    { cat "$SCRATCH/find_package.log"; exit 1; }
  run "$1 find_package" "$SCRATCH/find_package/consumer"
  run "$1 find_package, C" "$SCRATCH/find_package/c_consumer"
  run "$1 find_package, C, static" "$SCRATCH/find_package/c_static_consumer"

  local path flags
  path=$(dirname "$(find "$2" -name cckpi.pc)")
  read -ra flags <<< "$(PKG_CONFIG_PATH=$path \
    "$PKG_CONFIG" --cflags --libs cckpi-core)"
  "$CXX" -std=c++20 "$here/consumer.cc" -o "$SCRATCH/pkg_config" \
    "${flags[@]}" "-Wl,-rpath,$(dirname "$path")"
  run "$1 pkg-config" "$SCRATCH/pkg_config"
  local kind
  for kind in cckpi cckpi-static; do
    read -ra flags <<< "$(PKG_CONFIG_PATH=$path \
      "$PKG_CONFIG" --cflags --libs "$kind")"
    "$CC" -std=c99 "$SOURCE/examples/c/quickstart.c" -o "$SCRATCH/$kind" \
      "${flags[@]}" "-Wl,-rpath,$(dirname "$path")"
    run "$1 pkg-config $kind, C" "$SCRATCH/$kind"
  done
}

case $1 in
  installed)
    "$CMAKE" --install "$BUILD" --prefix "$SCRATCH/first" > /dev/null
    mv "$SCRATCH/first" "$SCRATCH/moved"
    consume static "$SCRATCH/moved"
    if [[ -x $SCRATCH/moved/bin/cckpi ]]; then
      "$SCRATCH/moved/bin/cckpi" kpis > /dev/null
      echo "the installed tool runs"
    fi
    ;;
  subdirectory)
    # As this build is compiled, so that ccache has it. Make works in the
    # library's own folder, whatever folder is the consumer's.
    readonly consumer=$SCRATCH/build
    rm -rf "$BESIDE"
    GENERATOR="Unix Makefiles" configure "$here/subdirectory" "$consumer" \
      -DCCKPI_SOURCE="$SOURCE" -DCCKPI_BINARY="$BESIDE" \
      -DCCKPI_UNITY_BUILD="$UNITY"
    "$CMAKE" --build "$consumer" --parallel "$(nproc)" > "$SCRATCH/build.log" ||
      { tail -n 50 "$SCRATCH/build.log"; exit 1; }
    run add_subdirectory "$consumer/consumer"
    run "add_subdirectory, C" "$consumer/c_consumer"
    "$CMAKE" --install "$consumer" --prefix "$SCRATCH/prefix" > /dev/null
    consume shared "$SCRATCH/prefix"
    rm -rf "$BESIDE"
    ;;
  *)
    echo "consumers.sh: unknown kind '$1'" >&2
    exit 2
    ;;
esac
