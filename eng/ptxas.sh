#!/usr/bin/env bash
# Makes sure of NVIDIA's assembler, which makes a GPU's code of PTX and needs no GPU, as artifacts/ptxas/ptxas, for the tests of code compiled
# ahead of time. It is not free software: Debian distributes it in its section non-free; it is used here, and becomes part of nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source eng/debian.sh

folder="$PWD/artifacts/ptxas"
[ ! -d "$folder" ] || exit 0
mkdir -p artifacts
work="$(mktemp -d "$folder.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir "$work/tool"
own="$(command -v ptxas || true)"
if [ -n "$own" ]; then
  ln -s "$own" "$work/tool/ptxas"
else
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "this is no Debian system: install NVIDIA's ptxas, of CUDA 11.8 or newer"
  [ "$(uname -m)" = x86_64 ] || fail "Debian has ptxas for x86-64 alone"
  debian_options "$work"
  debian_release "$work" bookworm non-free || fail "this system has no package source of Debian's"
  echo "unpacking NVIDIA's assembler from Debian's package nvidia-cuda-toolkit into $folder" >&2
  if ! (cd "$work" && apt-get -q "${options[@]}" update && apt-get -q "${options[@]}" download nvidia-cuda-toolkit) >"$work/log" 2>&1; then
    debian_fail "$work/log" "Debian's mirror did not give nvidia-cuda-toolkit"
  fi
  dpkg-deb --fsys-tarfile "$work"/nvidia-cuda-toolkit_*.deb | tar -C "$work" -x --no-same-owner ./usr/bin/ptxas
  mv "$work/usr/bin/ptxas" "$work/tool/ptxas"
fi
"$work/tool/ptxas" --version >/dev/null || fail "ptxas does not run here"
mv -T "$work/tool" "$folder"
