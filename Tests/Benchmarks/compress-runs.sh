# Sourced by scripts that run `edgesparse compress` many times and compare accuracies. Each run's report is FOLDER/NAME.json; a run that
# is there already is not repeated, and one that was stopped goes on. One line of JSON a run goes to FOLDER/results.jsonl.
# Takes the caller's arguments, WEIGHTS.safetensors FOLDER [RUN ...], into weights, folder and runs; the caller's line "# usage:" is shown
# where they are missing. Variables of the user: SEEDS="1 2 3", DATA=cifar-10, DEVICE=cpu, SET="prune.gradients=500 ..." for --set of
# every run, EDGESPARSE="dotnet X/edgesparse.dll" for a command other than this clone's. Another DATA or SET needs a folder of its own.
[ $# -ge 2 ] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
weights="$(realpath "$1")"
mkdir -p "$2"
folder="$(realpath "$2")"
runs=("${@:3}")
read -ra seeds <<<"${SEEDS:-1 2 3}"
read -ra changes <<<"${SET:-}"
read -ra command <<<"${EDGESPARSE:-$root/edgesparse}"
commit="$(git -C "$root" rev-parse --short HEAD)"
processor="$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"

# The number at an error of a report, in hundredths of a percent: error_of REPORT dense|sparse
error_of() {
  local number
  number="$(tr -d '\n' <"$1" | sed -E "s/.*\"$2\": *\{[^}]*\"error\": *([0-9.eE+-]+).*/\1/")"
  LC_ALL=C printf '%.0f' "${number}e4"
}

# The accuracy after pruning of a run, in hundredths of a percent: accuracy_of NAME
accuracy_of() { echo $((10000 - $(error_of "$folder/$1.json" sparse))); }

percent() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

# run_once NAME RECIPE SEED KEY=VALUE…      (RECIPE: a file of Samples/ResNet20 without its extension)
run_once() {
  local name="$1" recipe="$2" seed="$3" started=$SECONDS change
  shift 3
  [ ! -e "$folder/$name.json" ] || return 0
  echo "$name" >&2
  local options=()
  for change in "$@" ${changes[@]+"${changes[@]}"}; do options+=(--set "$change"); done
  "${command[@]}" compress --recipe "$root/Samples/ResNet20/$recipe.json" --weights "$weights" --data "${DATA:-cifar-10}" \
    --device "${DEVICE:-cpu}" --seed "$seed" ${options[@]+"${options[@]}"} -o "$folder/$name.esb" --json >"$folder/$name.part"
  printf '{"name":"%s","recipe":"%s","seed":%s,"changes":"%s","dense":%s,"accuracy":%s,"seconds":%s,"commit":"%s","processor":"%s","date":"%s"}\n' \
    "$name" "$recipe" "$seed" "$* ${changes[*]-}" "$(percent $((10000 - $(error_of "$folder/$name.part" dense))))" \
    "$(percent $((10000 - $(error_of "$folder/$name.part" sparse))))" $((SECONDS - started)) "$commit" "$processor" "$(date -u +%F)" \
    >>"$folder/results.jsonl"
  mv "$folder/$name.part" "$folder/$name.json"
  rm -f "$folder/$name.esb"
}

# Mean, spread (highest less lowest) and each accuracy of runs that differ by their seed: summary PREFIX      (runs are PREFIX-SEED)
summary() {
  local sum=0 low=10000 high=0 each="" seed accuracy
  for seed in "${seeds[@]}"; do
    accuracy="$(accuracy_of "$1-$seed")"
    sum=$((sum + accuracy)) each="$each $(percent "$accuracy")"
    low=$((accuracy < low ? accuracy : low)) high=$((accuracy > high ? accuracy : high))
  done
  echo "$(percent $((sum / ${#seeds[@]})))  $(percent $((high - low))) $each"
}
