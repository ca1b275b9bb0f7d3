#!/usr/bin/env bash
# Builds everything once and runs every test project, or those named: ./test.sh [Runtime Compiler …]
# The last line says: N passed, N failed, N skipped. Exit code 1 when a test failed or a project ran none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source eng/settings.sh
# One compiler for all builds, those of tests too, is compiled itself once; it ends with this script. Counting for a second
# optimisation of code that runs for seconds takes longer than it saves: both halve the time of a build.
export UseSharedCompilation=true DOTNET_TieredPGO=0
log="" side="" beside_id=""
clean_up() {
  [ -z "$beside_id" ] || kill "$beside_id" || true
  dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true
  rm -f "$log" "$side"
}
trap clean_up EXIT

if [ -z "${EDGESPARSE_DATA:-}" ] && [ -d ../shared/data ]; then
  EDGESPARSE_DATA="$(cd ../shared/data && pwd)"
  export EDGESPARSE_DATA
fi

projects=()
if [ $# -gt 0 ]; then
  for name in "$@"; do
    [ -d "Tests/EdgeSparse.$name.Tests" ] \
      || { echo "error: no Tests/EdgeSparse.$name.Tests; there are: $(cd Tests && echo EdgeSparse.*.Tests)" >&2; exit 2; }
    projects+=("EdgeSparse.$name.Tests")
  done
else
  for folder in Tests/*.Tests/; do
    projects+=("$(basename "$folder")")
  done
fi

eng/prerequisites.sh
if [[ " ${projects[*]} " =~ " EdgeSparse."(Firmware|Samples)".Tests " && "$(uname -m)" != aarch64 ]]; then
  eng/arm64-emulation.sh || echo "note: the tests that run the runtime on emulated Arm64 processors will be skipped" >&2
fi
if [[ " ${projects[*]} " == *" EdgeSparse.Firmware.Tests "* && "$(uname -m)" != aarch64 ]]; then
  eng/arm64-machine.sh || echo "note: the tests that boot the firmware on an emulated Arm64 machine will be skipped" >&2
fi
if [[ " ${projects[*]} " =~ " EdgeSparse."(Cli|Firmware)".Tests " ]]; then
  eng/ssh-server.sh || echo "note: the tests of deploying will be skipped" >&2
fi
if [ $# -gt 0 ]; then
  for project in "${projects[@]}"; do
    dotnet build "Tests/$project" -c Release -nologo -v minimal
  done
else
  dotnet build EdgeSparse.sln -c Release -nologo -v minimal
fi

if [[ " ${projects[*]} " == *" EdgeSparse.Compiler.Tests "* ]]; then
  eng/prerequisites.sh libxnnpack0 || echo "note: the tests beside XNNPACK will be skipped" >&2
fi
if [[ " ${projects[*]} " == *" EdgeSparse.Firmware.Tests "* && -z "${EDGESPARSE_EMULATED_CUDA:-}" ]]; then
  eng/ptx-emulator.sh
  export EDGESPARSE_EMULATED_CUDA="$PWD/artifacts/ptx-emulator"
fi
if [[ " ${projects[*]} " == *" EdgeSparse.Runtime.Gpu.Tests "* && -z "${EDGESPARSE_PTXAS:-}" ]]; then
  if eng/ptxas.sh; then
    export EDGESPARSE_PTXAS="$PWD/artifacts/ptxas/ptxas"
  else
    echo "note: the tests that NVIDIA's assembler takes all kernels will be skipped" >&2
  fi
fi

passed=0 failed=0 skipped=0
broken=()
log="$(mktemp)" side="$(mktemp)"

# Runs one suite and counts its tests: suite NAME COMMAND…
suite() {
  local project="$1" code=0 start=$SECONDS
  shift
  echo
  echo "== $project"
  timeout --kill-after=10 1800 "$@" 2>&1 | tee "$log" || code=$?
  echo "== $project took $((SECONDS - start)) s"
  count "$project" "$code"
}

# Starts a suite that keeps no more than one core busy, while others run; ended_beside waits for it, prints it and counts it.
beside() {
  beside_name="$1"
  shift
  timeout --kill-after=10 1800 "$@" >"$side" 2>&1 &
  beside_id=$!
}

ended_beside() {
  local code=0
  wait "$beside_id" || code=$?
  beside_id=""
  echo
  echo "== $beside_name"
  tee "$log" <"$side"
  count "$beside_name" "$code"
}

# Adds up what the log of a suite says: count NAME EXIT_CODE
count() {
  local project="$1" code="$2" total bad left unrun ok line
  # The runner's summary: "NAME  Total: 3, Errors: 0, Failed: 1, Skipped: 1, Not Run: 0, Time: 0.2s"
  if [[ "$(grep -E 'Total: [0-9]+, Errors:' "$log" | tail -n 1)" =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+),\ Not\ Run:\ ([0-9]+) ]]; then
    total=${BASH_REMATCH[1]} bad=$((BASH_REMATCH[2] + BASH_REMATCH[3])) left=${BASH_REMATCH[4]} unrun=${BASH_REMATCH[5]}
    ok=$((total - BASH_REMATCH[3] - left - unrun))
    passed=$((passed + ok)) skipped=$((skipped + left))
    if [ "$total" -eq 0 ]; then
      broken+=("$project ran no test")
      bad=$((bad + 1))
    elif [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
      broken+=("$project ended with exit code $code though no test failed")
      bad=1
    fi
    failed=$((failed + bad))
    # Failed tests are named again at the end, where they are seen.
    while IFS= read -r line; do
      broken+=("${line#"${line%%[![:space:]]*}"}")
    done < <(grep -E '\[FAIL\]' "$log" || true)
  else
    failed=$((failed + 1))
    case $code in
      124 | 137) broken+=("$project was stopped after 30 minutes") ;;
      *) broken+=("$project crashed with exit code $code and no summary") ;;
    esac
  fi
}

for project in "${projects[@]}"; do
  if [ "$project" = EdgeSparse.Runtime.Gpu.Tests ]; then
    # All operators in whole networks; Tests/opencl.sh alone runs every test, for some minutes.
    if eng/opencl.sh; then
      beside "$project on OpenCL" Tests/opencl.sh -class '*NetworkTests'
    else
      echo "note: nothing is run on OpenCL" >&2
    fi
    # Every kernel against scalar references; whole networks run on the emulated GPU by the PTX of blobs, in EdgeSparse.Runtime.Cuda.Tests.
    suite "$project on emulated CUDA" Tests/cuda.sh -namespace EdgeSparse.Runtime.Tests.Kernels
  fi
  suite "$project" dotnet "artifacts/bin/$project/release/$project.dll" -noColor -noLogo
  [ -z "$beside_id" ] || ended_beside
done

echo
for line in ${broken[@]+"${broken[@]}"}; do
  echo "$line"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
