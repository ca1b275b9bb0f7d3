#!/usr/bin/env bash
# Process start to first result, to the end of the process: edgesparse-run against the least C# ONNX Runtime program (built for
# Release and compiled just in time, as `dotnet build` makes it). Runs are interleaved; the medians and their ratio are printed.
# usage: Tests/Benchmarks/startup.sh EDGESPARSE-RUN MODEL.esb MODEL.onnx INPUT.npy [RUNS]
set -euo pipefail
[ $# -ge 4 ] || { sed -n '4s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
source "$root/eng/settings.sh"
firmware="$(realpath "$1")" blob="$(realpath "$2")" onnx="$(realpath "$3")" input="$(realpath "$4")" runs="${5:-30}"

dotnet build "$root/Tests/Benchmarks/EdgeSparse.Startup.OnnxRuntime" -c Release -nologo -v quiet >&2
program="$root/artifacts/bin/EdgeSparse.Startup.OnnxRuntime/release/EdgeSparse.Startup.OnnxRuntime.dll"
times="$(mktemp -d)"
trap 'rm -rf "$times"' EXIT

# Appends the microseconds that a command took; its output is kept for the comparison below.
measure() {
  local name="$1" started ended
  shift
  started=${EPOCHREALTIME/./}
  "$@" >"$times/$name.out"
  ended=${EPOCHREALTIME/./}
  echo $((ended - started)) >>"$times/$name"
}
median() { sort -n "$times/$1" | sed -n "$(((runs + 1) / 2))p"; }

for ((run = 0; run <= runs; run++)); do
  measure edgesparse "$firmware" "$blob" --input "$input"
  measure onnxruntime dotnet "$program" "$onnx" "$input"
  if [ "$run" -eq 0 ]; then # the first run of each fills the disk cache and is not counted
    rm "$times/edgesparse" "$times/onnxruntime"
  fi
done

ours="$(grep -o 'class [0-9]*' "$times/edgesparse.out" | head -n 1)"
theirs="$(grep -o 'class [0-9]*' "$times/onnxruntime.out" | head -n 1)"
[ "$ours" = "$theirs" ] || { echo "error: the programs disagree: $ours and $theirs" >&2; exit 1; }
a="$(median edgesparse)" b="$(median onnxruntime)"
echo "processor:    $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"
echo "runs:         $runs, interleaved, medians"
echo "edgesparse:   $((a / 1000)).$(printf '%03d' $((a % 1000))) ms"
echo "onnxruntime:  $((b / 1000)).$(printf '%03d' $((b % 1000))) ms (C#, just-in-time compiled)"
echo "ratio:        $((b / a)).$((b * 10 / a % 10))"
