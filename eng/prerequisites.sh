#!/usr/bin/env bash
# Makes sure of what building, testing and publishing need: the .NET 10 SDK, and for NativeAOT clang and zlib's headers.
# Installs missing Debian packages when it may (root, or sudo without a password); else prints the one command that would.
# usage: eng/prerequisites.sh [further Debian packages…]
set -euo pipefail

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

if ! command -v dotnet >/dev/null; then
  fail "the .NET 10 SDK is missing; install it from https://dotnet.microsoft.com/download/dotnet/10.0, then run this again"
fi
if ! dotnet --list-sdks | grep -q '^10\.'; then
  fail "the .NET 10 SDK is missing (found: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')); install it from https://dotnet.microsoft.com/download/dotnet/10.0, then run this again"
fi

missing=()
if ! command -v dpkg-query >/dev/null; then
  command -v clang >/dev/null || fail "clang is missing; install clang and the zlib development files with this system's package manager, then run this again"
  [ $# -eq 0 ] || printf 'note: this is no Debian system, so these were not looked for: %s\n' "$*" >&2
  exit 0
fi

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }

# A clang that came without a package (an LLVM release, clang-19 with a link) is as good.
command -v clang >/dev/null || missing+=(clang)
installed zlib1g-dev || [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
for package in "$@"; do
  installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  fail "missing: ${missing[*]}; run: sudo apt-get install -y ${missing[*]}"
fi

echo "installing ${missing[*]}" >&2
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive ${RUNLEVEL:+RUNLEVEL="$RUNLEVEL"} apt-get install -y --no-install-recommends "${missing[@]}" "$@"; }
# The package lists may be absent or old: refresh them only when the first attempt fails.
if ! install >/dev/null 2>&1; then
  "${as_root[@]}" apt-get update >&2 && install >&2 \
    || fail "installing ${missing[*]} failed; see above, then run: sudo apt-get install -y ${missing[*]}"
fi
