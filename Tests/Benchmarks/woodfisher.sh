#!/usr/bin/env bash
# Accuracy of ResNet-20 on CIFAR-10 after pruning by the recipes of Samples/ResNet20, for docs/results/woodfisher.md. Each run's
# report is FOLDER/RECIPE-SPARSITY-SEED.json; a run that is there already is not repeated, and one that was stopped goes on. At
# the end, one line of JSON a run is in FOLDER/results.jsonl, and the means over the seeds are printed.
# usage: Tests/Benchmarks/woodfisher.sh RESNET20.safetensors FOLDER [RECIPE:SPARSITY ...]
# Variables: SEEDS="1 2 3", DATA=cifar-10, DEVICE=cpu, SET="prune.gradients=500 ..." for --set of every run, EDGESPARSE="dotnet
# X/edgesparse.dll" for a command other than this clone's. Runs with another DATA or SET need a folder of their own.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '5,7s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
weights="$(realpath "$1")"
mkdir -p "$2"
folder="$(realpath "$2")"
shift 2
runs=("$@")
if [ ${#runs[@]} -eq 0 ]; then
  for recipe in magnitude-oneshot woodfisher-oneshot woodfisher-best; do
    for sparsity in 0.5 0.6 0.7 0.8; do runs+=("$recipe:$sparsity"); done
  done
  runs+=(magnitude-gradual:0.9 woodfisher-gradual:0.9)
fi
read -ra seeds <<<"${SEEDS:-1 2 3}"
read -ra changes <<<"${SET:-}"
read -ra command <<<"${EDGESPARSE:-$root/edgesparse}"
commit="$(git -C "$root" rev-parse --short HEAD)"
processor="$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"

# The number at an error of a report, in hundredths of a percent.
error_of() { # REPORT dense|sparse
  local number
  number="$(tr -d '\n' <"$1" | sed -E "s/.*\"$2\": *\{[^}]*\"error\": *([0-9.eE+-]+).*/\1/")"
  LC_ALL=C printf '%.0f' "${number}e4"
}
percent() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

for seed in "${seeds[@]}"; do
  for run in "${runs[@]}"; do
    recipe="${run%%:*}" sparsity="${run##*:}"
    name="$recipe-$sparsity-$seed"
    [ ! -e "$folder/$name.json" ] || continue
    echo "$name" >&2
    options=(--set "prune.sparsity=$sparsity")
    for change in "${changes[@]}"; do options+=(--set "$change"); done
    started=$SECONDS
    "${command[@]}" compress --recipe "$root/Samples/ResNet20/$recipe.json" --weights "$weights" --data "${DATA:-cifar-10}" \
      --device "${DEVICE:-cpu}" --seed "$seed" "${options[@]}" -o "$folder/$name.esb" --json >"$folder/$name.part"
    printf '{"recipe":"%s","sparsity":%s,"seed":%s,"changes":"%s","dense":%s,"accuracy":%s,"seconds":%s,"commit":"%s","processor":"%s","date":"%s"}\n' \
      "$recipe" "$sparsity" "$seed" "${changes[*]}" "$(percent $((10000 - $(error_of "$folder/$name.part" dense))))" \
      "$(percent $((10000 - $(error_of "$folder/$name.part" sparse))))" $((SECONDS - started)) "$commit" "$processor" "$(date -u +%F)" \
      >>"$folder/results.jsonl"
    mv "$folder/$name.part" "$folder/$name.json"
    rm -f "$folder/$name.esb"
  done
done

printf '%-28s %8s  %s\n' recipe sparsity 'accuracy in % (mean; each seed)'
for run in "${runs[@]}"; do
  recipe="${run%%:*}" sparsity="${run##*:}" sum=0 each=""
  for seed in "${seeds[@]}"; do
    accuracy=$((10000 - $(error_of "$folder/$recipe-$sparsity-$seed.json" sparse)))
    sum=$((sum + accuracy)) each="$each $(percent $accuracy)"
  done
  printf '%-28s %8s  %s;%s\n' "$recipe" "$sparsity" "$(percent $((sum / ${#seeds[@]})))" "$each"
done
