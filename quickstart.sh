#!/usr/bin/env bash
# The main job from end to end on embedded data: trains LeNet-300-100 on generated digits, prunes and retrains it, packs it,
# checks it against ONNX Runtime, builds the device executable and runs it, and prints one table. Takes a few minutes.
# Options are handed on: ./quickstart.sh --json, ./quickstart.sh -o FOLDER
set -euo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
"$root/eng/prerequisites.sh"
exec "$root/edgesparse" quickstart "$@"
