#!/usr/bin/env bash
# The Decay Pruning Method around each host, on ResNet-20 and CIFAR-10 in three short passes, for docs/results/structured.md: the host
# alone, with smooth pruning, and with self-rectifying beside it; prints the means over the seeds. What is run and kept: compress-runs.sh.
# usage: Tests/Benchmarks/structured.sh RESNET20.safetensors FOLDER [HOST:alone|HOST:sp|HOST:sp+sr ...]
# Variables: STEPS=10, of the decay.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/compress-runs.sh"
if [ ${#runs[@]} -eq 0 ]; then
  for host in depgraph oto gate-decorator; do runs+=("$host:alone" "$host:sp" "$host:sp+sr"); done
fi

for seed in "${seeds[@]}"; do
  for run in "${runs[@]}"; do
    decay=()
    case "${run##*:}" in
      alone) ;;
      sp) decay=("prune.decay.steps=${STEPS:-10}") ;;
      sp+sr) decay=("prune.decay.steps=${STEPS:-10}" prune.decay.rectify=true) ;;
      *) echo "error: '$run' is none of HOST:alone, HOST:sp and HOST:sp+sr" >&2; exit 2 ;;
    esac
    run_once "${run%%:*}-${run##*:}-$seed" "${run%%:*}-short" "$seed" ${decay[@]+"${decay[@]}"}
  done
done

printf '%-16s %-8s  %s\n' host decay 'accuracy in %: mean, spread, each seed'
for run in "${runs[@]}"; do
  printf '%-16s %-8s  %s\n' "${run%%:*}" "${run##*:}" "$(summary "${run%%:*}-${run##*:}")"
done
