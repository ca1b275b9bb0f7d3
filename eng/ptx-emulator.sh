#!/usr/bin/env bash
# Makes a libcuda.so.1 of Tests/EdgeSparse.PtxEmulator: a driver that runs PTX without a GPU, for tests. It lies in artifacts/ptx-emulator, and is
# made anew where a source is newer. The environment's EDGESPARSE_EMULATED_GPU says what its GPU is like (Driver/EmulatedGpu.cs).
# usage: eng/ptx-emulator.sh
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/eng/settings.sh"
sources="$root/Tests/EdgeSparse.PtxEmulator"
library="$root/artifacts/ptx-emulator/libcuda.so.1"

if [ -e "$library" ] && [ -z "$(find "$sources" -type f -newer "$library" -print -quit)" ]; then
  exit 0
fi

"$root/eng/prerequisites.sh"
case "$(uname -m)" in
  aarch64) runtime=linux-arm64 ;;
  x86_64) runtime=linux-x64 ;;
  *) echo "error: the emulated CUDA driver is made for x86_64 and aarch64, not for $(uname -m)" >&2; exit 1 ;;
esac
published="$root/artifacts/ptx-emulator/published"
dotnet publish "$sources" -c Release -r "$runtime" -p:PublishAot=true -p:NativeLib=Shared -o "$published" -nologo -v quiet
mv "$published/EdgeSparse.PtxEmulator.so" "$library"
