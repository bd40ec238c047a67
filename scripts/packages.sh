# Debian 12's packages for building and testing; to be sourced.
#
#   ensure_packages NAMES...   installs what is missing, without a question;
#                              does nothing, and needs no root, if all is there

tool_packages=(
  ca-certificates cmake g++ ninja-build pkg-config
  libabsl-dev libcli11-dev libsimdjson-dev libxxhash-dev nlohmann-json3-dev
  openssl zlib1g-dev tzdata)

# The chart library of HTML reports comes from npm, which may be there already
# without Debian's package.
command -v npm > /dev/null || tool_packages+=(npm)

test_packages=(
  "${tool_packages[@]}"
  abigail-tools chromium chromium-driver
  ccache clang-14 clang-format-14 dpkg-dev libclang-rt-14-dev lld patch
  python3 python3-pip python3-venv
  libbenchmark-dev libgmock-dev libgtest-dev)

ensure_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$name" 2> /dev/null |
      grep -qx installed || missing+=("$name")
  done
  ((${#missing[@]})) || return 0

  echo "installing ${missing[*]}" >&2
  local root=()
  ((EUID == 0)) || root=(sudo)
  "${root[@]}" apt-get -qq -o Acquire::Retries=3 update >&2
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends --yes "${missing[@]}" >&2
}
