#!/usr/bin/env bash
# Runs the tests of EdgeSparse.Runtime.Gpu, or those named, on CUDA without a GPU: what ILGPU compiles just in time is run by the emulated driver
# that eng/ptx-emulator.sh makes, which refuses what a GPU may answer in any way. All of them take some minutes.
# usage: Tests/cuda.sh [-class PATTERN…]      (with a GPU and its driver: EDGESPARSE_TEST_ACCELERATOR=cuda ./test.sh Runtime.Gpu)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/eng/settings.sh"
suite="$root/artifacts/bin/EdgeSparse.Runtime.Gpu.Tests/release/EdgeSparse.Runtime.Gpu.Tests.dll"

"$root/eng/ptx-emulator.sh"
[ -e "$suite" ] || dotnet build "$root/Tests/EdgeSparse.Runtime.Gpu.Tests" -c Release -nologo -v minimal
export EDGESPARSE_TEST_ACCELERATOR=cuda LD_LIBRARY_PATH="$root/artifacts/ptx-emulator${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec dotnet "$suite" -noColor -noLogo "$@"
