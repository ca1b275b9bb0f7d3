#!/usr/bin/env bash
# Makes sure of an OpenSSH server for the tests of deploying, which start one of their own on the loopback address. The system's
# own service is not started: RUNLEVEL=1 has Debian's packages leave that out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ ! -x /usr/sbin/sshd ] || exit 0
RUNLEVEL=1 eng/prerequisites.sh openssh-server openssh-client
[ -x /usr/sbin/sshd ] || { echo "error: there is no /usr/sbin/sshd; install OpenSSH's server" >&2; exit 1; }
