#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: checks every kernel, then measures. Exit code 1 when a check fails.
# usage: ./run.sh [checks]      RUNS=300 runs are timed of each
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
runs="${RUNS:-300}"
echo "commit: $(cat commit)"
echo "date: $(date -u +%Y-%m-%dT%H:%MZ)"
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.max.sm --format=csv,noheader

check() { # BLOB: "passed DEVIATION", "skipped BLOB: why" or "FAILED BLOB: why"
  local answer deviation
  answer="$(./edgesparse-run "$1" --self-test --device cuda 2>&1)" || { echo "FAILED $1: $answer"; return; }
  [[ "$answer" != "no self-test"* ]] || { echo "skipped $1: its outputs are no finite numbers"; return; }
  deviation="$(sed -n 's/.*largest deviation is \([0-9.E+-]*\) .*/\1/p' <<<"$answer")"
  awk -v d="$deviation" 'BEGIN { exit !(d != "" && d <= 1e-4) }' && echo "passed $deviation" || echo "FAILED $1: $answer"
}
export -f check
echo; echo "== checks: the largest deviation from the CPU's results, as a share of the largest output; 1e-4 is allowed"
results="$(printf '%s\n' checks/*.esb networks/*.esb layers/*.esb | xargs -P "$(nproc)" -I{} bash -c 'check {}')"
grep -v '^passed' <<<"$results" || true
failed="$(grep -c '^FAILED' <<<"$results" || true)"
awk -v failed="$failed" '/^passed/ { n++; if ($2 + 0 > worst) worst = $2 + 0 } END { print n + 0 " passed, " failed " failed, the largest deviation is " worst + 0 }' <<<"$results"
if [ -d jit ]; then
  echo; echo "== the same through ILGPU's just-in-time compiler"
  jit/EdgeSparse.Gpu.Jit cuda checks/*.esb networks/*.esb || failed=$((failed + 1))
fi
[ "${1:-}" != checks ] || exit "$((failed > 0))"

bench() { ./edgesparse-run "$1" --bench "$runs" --device cuda --json; }
field() { sed -n "s/.*\"$1\":\([0-9.eE+-]*\).*/\1/p"; }
echo; echo "== products, µs of their kernel (rows x columns x pixels - sparsity)"
for blob in layers/*.esb; do echo "$(basename "$blob" .esb) $(bench "$blob" | sed -n 's/.*"name":"layer","microseconds":\([0-9.]*\).*/\1/p')"; done | sort -V
echo; echo "== networks, batch 1, µs: kernels of a run, a run with the copies from and to the host"
for blob in networks/*.esb; do
  answer="$(bench "$blob")"
  echo "$(basename "$blob" .esb) $(field kernelMicroseconds <<<"$answer") $(field medianMicroseconds <<<"$answer")"
done

if command -v python3 >/dev/null && python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  echo; python3 peers.py
else
  echo; echo "python3 has no PyTorch with CUDA here: no cuSPARSE and no cuBLAS"
fi
[ "$failed" -eq 0 ]
