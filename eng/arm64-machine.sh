#!/usr/bin/env bash
# Makes sure of what booting a whole Arm64 machine on another kind of machine needs: QEMU's system emulation, cpio, and Debian's
# arm64 kernel, as artifacts/arm64-kernel/boot/vmlinuz-*. Needs root only where QEMU or cpio are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

{ command -v qemu-system-aarch64 && command -v cpio; } >/dev/null || eng/prerequisites.sh qemu-system-arm cpio
for tool in qemu-system-aarch64 cpio; do
  command -v $tool >/dev/null || { echo "error: $tool is missing; install QEMU's system emulation of Arm and cpio" >&2; exit 1; }
done
# The package of that name has no kernel: it depends on the one of the day.
eng/arm64-packages.sh artifacts/arm64-kernel linux-image-arm64+deps
