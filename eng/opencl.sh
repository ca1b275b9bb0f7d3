#!/usr/bin/env bash
# Makes sure of what running OpenCL on a machine without a GPU needs: PoCL, which runs it on the processor, as artifacts/opencl, a folder
# with the root of a small Debian system to run programs in. PoCL before 4 lacks generic address spaces, which ILGPU asks for: where this
# system's is older, Debian 13's is unpacked. Nothing is installed here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source eng/debian.sh

# Running programs in it takes mounts of their own.
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
unshare --mount ${as_root[@]+"${as_root[@]}"} true 2>/dev/null || fail "this system lets no program have mounts of its own (unshare --mount)"

folder="$PWD/artifacts/opencl"
[ ! -d "$folder" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "this is no Debian system: put the root of one with PoCL into $folder"

mkdir -p artifacts
work="$(mktemp -d "$folder.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir "$work/system"
debian_options "$work"
# A system of its own has nothing installed.
touch "$work/status"
options+=(-o Dir::State::status="$work/status")
own="$(apt-cache policy pocl-opencl-icd 2>/dev/null | sed -n 's/^ *Candidate: //p')"
if ! dpkg --compare-versions "${own:-0}" ge 4; then
  debian_release "$work" trixie main || fail "this system's package sources have PoCL ${own:-of no version}, and 4 or newer is needed"
fi

echo "unpacking PoCL and what it depends on into $folder" >&2
if ! { apt-get -q "${options[@]}" update && apt-get -q -y --no-install-recommends --download-only "${options[@]}" install \
    base-files pocl-opencl-icd ocl-icd-libopencl1 libstdc++6 zlib1g libssl3t64; } >"$work/log" 2>&1; then
  debian_fail "$work/log" "this system's package sources did not give PoCL"
fi
for link in bin lib lib64 sbin; do
  mkdir -p "$work/system/usr/$link"
  ln -s "usr/$link" "$work/system/$link"
done
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -C "$work/system" -x --keep-directory-symlink --no-same-owner
done
mkdir -p "$work/system"/{proc,sys,dev,tmp,dotnet,edgesparse,data}
chmod 755 "$work/system"
mv -T "$work/system" "$folder"
