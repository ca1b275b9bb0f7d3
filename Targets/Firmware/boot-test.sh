#!/usr/bin/env bash
# Boots an emulated Arm64 machine (Cortex-A72, 512 MiB) whose only program is the firmware: PID 1 of an initramfs with its model and
# input. It prints its result on the serial line and powers the machine off.
# usage: Targets/Firmware/boot-test.sh EXECUTABLE MODEL.esb INPUT [further options of edgesparse-run…]
# Prints what the firmware printed, and on standard error how long that took and, with --bench N --json, how much memory it had at
# most, by the account of the machine's own kernel. Exit code 0 when the machine came up, the firmware ended with 0, and the machine
# powered itself off.
set -euo pipefail
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
[ $# -ge 3 ] || { sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
executable="$(realpath "$1")" model="$(realpath "$2")" input="$(realpath "$3")"
shift 3

"$root/eng/arm64-machine.sh"
kernel="$(ls "$root"/artifacts/arm64-kernel/boot/vmlinuz-* | head -n 1)"
cross=/usr/aarch64-linux-gnu/lib
[ -e $cross/ld-linux-aarch64.so.1 ] || fail "the arm64 C library is missing; run: sudo apt-get install -y libc6-dev-arm64-cross"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/files/{dev,lib,proc,sys}
cp "$executable" "$work/files/init"
chmod 755 "$work/files/init"
cp "$model" "$work/files/model.esb"
# The firmware tells formats by their ending.
sample="input.${input##*.}"
cp "$input" "$work/files/$sample"
for library in ld-linux-aarch64.so.1 libc.so.6 libm.so.6; do
  cp "$cross/$library" "$work/files/lib/"
done
(cd "$work/files" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$work/initramfs"

# What stands after -- goes to PID 1. A panic powers off too, by -no-reboot, and is seen by the missing last line.
start=$(date +%s%N)
code=0
timeout --foreground 110 qemu-system-aarch64 -M virt -cpu cortex-a72 -m 512 -nographic -no-reboot -nic none -monitor none -serial "file:$work/serial" \
  -kernel "$kernel" -initrd "$work/initramfs" \
  -append "console=ttyAMA0 quiet loglevel=3 panic=-1 -- /model.esb --input /$sample $*" </dev/null >"$work/log" 2>&1 || code=$?
milliseconds=$((($(date +%s%N) - start) / 1000000))
tr -d '\r' <"$work/serial" >"$work/output"
# What the kernel says begins with a time in brackets.
grep -Ev '^edgesparse-run: ended with |^\[ *[0-9]+\.[0-9]+\] ' "$work/output" || true
[ $code -ne 124 ] || fail "the machine did not power off within 110 s"
[ $code -eq 0 ] || { cat "$work/log" >&2; fail "the emulator ended with $code"; }
grep -q '^edgesparse-run: ended with 0$' "$work/output" || fail "the firmware did not end with 0 as PID 1"
grep -q 'reboot: Power down' "$work/output" || fail "the firmware did not power the machine off"
echo "boot to power-off: $milliseconds ms" >&2
sed -n 's/.*"peakResidentBytes":\([0-9]*\).*/resident memory at its peak: \1 bytes/p' "$work/output" >&2
