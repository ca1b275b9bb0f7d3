#!/usr/bin/env bash
# Makes sure of what running Arm64 programs on a machine of another kind needs: QEMU's user emulation, and the system libraries
# that self-contained .NET loads (C, C++, OpenSSL), as artifacts/arm64-libraries; and of the tools that publish for such machines here.
# Needs root only where a program is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v qemu-aarch64-static >/dev/null || eng/prerequisites.sh qemu-user-static
command -v qemu-aarch64-static >/dev/null || { echo "error: qemu-aarch64-static is missing; install QEMU's static user emulation" >&2; exit 1; }
{ command -v ld.lld && command -v aarch64-linux-gnu-gcc && [ -e /usr/aarch64-linux-gnu/lib/libc.so ]; } >/dev/null \
  || eng/prerequisites.sh lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# Debian 13 and Ubuntu 24.04 renamed libssl3, for a 64-bit time_t.
eng/arm64-packages.sh artifacts/arm64-libraries libc6 libgcc-s1 libstdc++6 zlib1g libzstd1 libssl3t64/libssl3
