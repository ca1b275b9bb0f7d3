#!/usr/bin/env bash
# Makes sure of what running OpenCL on a machine without a GPU needs: PoCL, which runs it on the processor, as artifacts/opencl, a folder
# with the root of a small Debian system to run programs in. PoCL before 4 lacks generic address spaces, which ILGPU asks for: where this
# system's is older, Debian 13's is unpacked. Nothing is installed here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

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
mkdir -p "$work"/{lists/partial,cache/archives/partial,system,etc/sources.d}
touch "$work/status"
# Package lists of its own: the system's stay as they are, and so does what it believes to have installed.
options=(-o APT::Sandbox::User="$(id -un)" -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
  -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Languages=none)

# The mirror that this system uses, of a release that has what is needed.
site="$(apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian //p' | grep -v security | head -n 1)"
own="$(apt-cache policy pocl-opencl-icd 2>/dev/null | sed -n 's/^ *Candidate: //p')"
if ! dpkg --compare-versions "${own:-0}" ge 4; then
  [ -n "$site" ] && [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || fail "this system's package sources have PoCL ${own:-of no version}, and 4 or newer is needed"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site trixie main" >"$work/etc/sources.list"
  options+=(-o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts="$work/etc/sources.d")
fi

echo "unpacking PoCL and what it depends on into $folder" >&2
if ! { apt-get -q "${options[@]}" update && apt-get -q -y --no-install-recommends --download-only "${options[@]}" install \
    base-files pocl-opencl-icd ocl-icd-libopencl1 libstdc++6 zlib1g libssl3t64; } >"$work/log" 2>&1; then
  tail -n 5 "$work/log" >&2
  fail "this system's package sources did not give PoCL; see above, then run this again"
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
