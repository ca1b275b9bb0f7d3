#!/usr/bin/env bash
# Builds a package for a machine that has an NVIDIA GPU and nothing but its driver: the executable with CUDA, and blobs that carry their
# kernels as PTX. There, ./run.sh checks every kernel against the CPU's results and measures; where Python has PyTorch, also cuSPARSE,
# cuBLAS and cuDNN. With --jit it also has a program with .NET in it that checks ILGPU's just-in-time compiler.
# usage: Tests/Benchmarks/gpu.sh [--jit] [sm_NN] [OUT.tar.gz]      (then: tar xzf OUT.tar.gz && edgesparse-gpu/run.sh)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
source "$root/eng/settings.sh"
jit=no
[ "${1:-}" != --jit ] || { jit=yes; shift; }
architecture="${1:-sm_80}" out="$(realpath -m "${2:-edgesparse-gpu.tar.gz}")"
limit=60000000

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
package="$work/edgesparse-gpu"
runtime="linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')"
mkdir "$package"
dotnet run --project "$root/Tests/Benchmarks/EdgeSparse.Gpu" -c Release -- "$package" --gpu "$architecture"
dotnet publish "$root/Targets/EdgeSparse.Firmware" -nologo -v quiet -c Release -r "$runtime" \
  -p:PublishAot=true -p:EdgeSparseCuda=true -p:ArtifactsPath="$work/build" -o "$work/published"
cp "$work/published/edgesparse-run" "$package/"
cp "$root"/Tests/Benchmarks/EdgeSparse.Gpu/on-device/* "$package/"
git -C "$root" log -1 --format='%h %s' >"$package/commit" 2>/dev/null || echo unknown >"$package/commit"
tar -C "$work" -czf "$out.part" edgesparse-gpu
size="$(stat -c %s "$out.part")"
[ "$size" -le "$limit" ] || { rm "$out.part"; echo "error: the package has $size bytes, more than $limit" >&2; exit 1; }
if [ "$jit" = yes ]; then
  dotnet publish "$root/Tests/Benchmarks/EdgeSparse.Gpu.Jit" -nologo -v quiet -c Release -r "$runtime" --self-contained \
    -p:InvariantGlobalization=true -p:ArtifactsPath="$work/build" -o "$package/jit"
  tar -C "$work" -czf "$out.part" edgesparse-gpu
fi
mv "$out.part" "$out"
echo "$out: $(stat -c %s "$out") bytes, code for $architecture"
