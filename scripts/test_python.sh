#!/usr/bin/env bash
# Builds the wheel of bindings/python and tests it: it is self-contained, goes
# into a clean environment and works there, and passes all tests of the package
# with every Arrow library (versions in requirements-test.txt).
#
# It is compiled as scripts/test_bundled.sh compiles, with -Og, which takes less
# time than -O2, so that ccache has everything for whoever comes second. What users
# get is `pip wheel bindings/python`.
#
#   scripts/test_python.sh [BUILD_DIRECTORY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/python}
binding=bindings/python
mkdir -p "$build"
build=$(cd "$build" && pwd)

[[ -x $build/venv/bin/python ]] || python3 -m venv "$build/venv"
pip=("$build/venv/bin/python" -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --requirement "$binding/requirements-test.txt"

# To ccache it is the same compiler by the same name only.
export CC=cc CXX=c++
rm -rf "$build/wheel"
"${pip[@]}" wheel "$binding" --no-deps --no-build-isolation \
  --wheel-dir "$build/wheel" --config-settings build-dir="$build/cmake" \
  --config-settings cmake.build-type=Debug \
  --config-settings cmake.define.CMAKE_C_FLAGS_DEBUG=-Og \
  --config-settings cmake.define.CMAKE_CXX_FLAGS_DEBUG=-Og
wheels=("$build"/wheel/cckpi-*-py3-none-*.whl)
((${#wheels[@]} == 1)) && [[ -f ${wheels[0]} ]] || {
  echo "expected one wheel for every Python, got ${wheels[*]}"
  exit 1
}
"$build/venv/bin/python" -B $binding/tests/check_wheel.py "${wheels[0]}"

# A clean environment, without anything else and without a network.
rm -rf "$build/clean"
python3 -m venv "$build/clean"
"$build/clean/bin/python" -m pip --disable-pip-version-check --quiet install \
  --no-index "${wheels[0]}"
(cd / && env -u PYTHONPATH -u CCKPI_LIBRARY "$build/clean/bin/python" -I -B \
  "$OLDPWD/$binding/tests/check_installed.py")

"${pip[@]}" install --force-reinstall --no-deps "${wheels[0]}"
# pytest and not python -m pytest: the package is the installed one, not the
# one in this folder.
cd "$binding"
env -u PYTHONPATH -u CCKPI_LIBRARY PYTHONDONTWRITEBYTECODE=1 \
  "$build/venv/bin/pytest" -o cache_dir="$build/pytest"
