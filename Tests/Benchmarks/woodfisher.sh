#!/usr/bin/env bash
# Accuracy of ResNet-20 on CIFAR-10 after pruning by the recipes of Samples/ResNet20, for docs/results/woodfisher.md; prints the means
# over the seeds. What is run and kept: compress-runs.sh.
# usage: Tests/Benchmarks/woodfisher.sh RESNET20.safetensors FOLDER [RECIPE:SPARSITY ...]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/compress-runs.sh"
if [ ${#runs[@]} -eq 0 ]; then
  for recipe in magnitude-oneshot woodfisher-oneshot woodfisher-best; do
    for sparsity in 0.5 0.6 0.7 0.8; do runs+=("$recipe:$sparsity"); done
  done
  runs+=(magnitude-gradual:0.9 woodfisher-gradual:0.9 magnitude-gradual-short:0.9 woodfisher-gradual-short:0.9)
fi

for seed in "${seeds[@]}"; do
  for run in "${runs[@]}"; do
    run_once "${run%%:*}-${run##*:}-$seed" "${run%%:*}" "$seed" "prune.sparsity=${run##*:}"
  done
done

printf '%-28s %8s  %s\n' recipe sparsity 'accuracy in %: mean, spread, each seed'
for run in "${runs[@]}"; do
  printf '%-28s %8s  %s\n' "${run%%:*}" "${run##*:}" "$(summary "${run%%:*}-${run##*:}")"
done
