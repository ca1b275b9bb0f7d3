#!/usr/bin/env bash
# Makes sure of what running Arm64 programs on a machine of another kind needs: QEMU's user emulation, and the system libraries
# that self-contained .NET loads (C, C++, OpenSSL), as artifacts/arm64-libraries. Needs root only where QEMU is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

libraries="$PWD/artifacts/arm64-libraries"
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

command -v qemu-aarch64-static >/dev/null || eng/prerequisites.sh qemu-user-static
command -v qemu-aarch64-static >/dev/null || fail "qemu-aarch64-static is missing; install QEMU's static user emulation"
[ ! -d "$libraries" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg >/dev/null \
  || fail "this is no Debian system: put the arm64 libraries libc6, libgcc-s1, libstdc++6 and libssl3 into $libraries"

mkdir -p artifacts
work="$(mktemp -d artifacts/arm64-libraries.XXXXXX)"
work="$PWD/$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,packages,root}
touch "$work/status"
# Package lists of its own: the system's stay as they are, and so does what it believes to have installed.
apt_arm64() {
  apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User="$(id -un)" \
    -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Languages=none "$@"
}

echo "unpacking Debian's arm64 libraries into artifacts/arm64-libraries" >&2
cd "$work/packages"
# Debian 13 and Ubuntu 24.04 renamed libssl3, for a 64-bit time_t.
if ! {
  apt_arm64 update \
    && apt_arm64 download libc6 libgcc-s1 libstdc++6 zlib1g libzstd1 \
    && { apt_arm64 download libssl3t64 || apt_arm64 download libssl3; }
} >"$work/log" 2>&1; then
  tail -n 5 "$work/log" >&2
  fail "this system's package sources gave no arm64 libraries; see above, then run again: eng/arm64-emulation.sh"
fi
for package in *.deb; do
  dpkg -x "$package" "$work/root"
done
# Where /lib is a link to /usr/lib, packages have only the latter.
[ -e "$work/root/lib" ] || ln -s usr/lib "$work/root/lib"
mv -T "$work/root" "$libraries"
