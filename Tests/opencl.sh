#!/usr/bin/env bash
# Runs the tests of EdgeSparse.Runtime.Gpu, or those named, on OpenCL: every kernel against scalar references, whole networks against the
# CPU's sessions. On a machine without a GPU, by PoCL on the processor, in the small Debian system that eng/opencl.sh unpacks.
# usage: Tests/opencl.sh [-class PATTERN…]      (with a GPU and its OpenCL driver: EDGESPARSE_TEST_ACCELERATOR=opencl ./test.sh Runtime.Gpu)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
source "$root/eng/settings.sh"
suite=artifacts/bin/EdgeSparse.Runtime.Gpu.Tests/release/EdgeSparse.Runtime.Gpu.Tests.dll

"$root/eng/opencl.sh"
[ -e "$root/$suite" ] || dotnet build "$root/Tests/EdgeSparse.Runtime.Gpu.Tests" -c Release -nologo -v minimal
system="$root/artifacts/opencl"
sdk="$(dirname "$(readlink -f "$(command -v dotnet)")")"
data="${EDGESPARSE_DATA:-}"
name=()
[ "$(id -u)" -eq 0 ] || name=(--map-root-user)

# Mounts are of this process alone, and end with it. PoCL's first way to run the threads of a group, "loopvec", cannot compile all kernels.
exec unshare --mount ${name[@]+"${name[@]}"} bash -euc '
  system="$1" root="$2" sdk="$3" data="$4" suite="$5"
  shift 5
  for folder in proc sys dev; do mount --rbind "/$folder" "$system/$folder"; done
  mount --rbind "$root" "$system/edgesparse"
  mount --rbind "$sdk" "$system/dotnet"
  [ -z "$data" ] || mount --rbind "$data" "$system/data"
  export EDGESPARSE_TEST_ACCELERATOR=opencl POCL_WORK_GROUP_METHOD=cbs POCL_CACHE_DIR=/tmp/pocl DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 HOME=/tmp
  [ -z "$data" ] || export EDGESPARSE_DATA=/data
  exec chroot "$system" /dotnet/dotnet "/edgesparse/$suite" -noColor -noLogo "$@" 2> >(grep -v -E "^\[SubCFG\]|warnings? generated" >&2)
' opencl "$system" "$root" "$sdk" "$data" "$suite" "$@"
