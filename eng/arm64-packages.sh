#!/usr/bin/env bash
# Unpacks Debian packages for arm64 into a folder, on a Debian system of any kind, without installing them.
# usage: eng/arm64-packages.sh FOLDER PACKAGE[/ALTERNATIVE…]…    a package followed by +deps stands for what it depends on
# FOLDER appears when all is there, or not at all.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
folder="$(realpath -m "$1")"
shift
[ ! -d "$folder" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "this is no Debian system: put what is in the arm64 packages $* into $folder"

mkdir -p "$(dirname "$folder")"
work="$(mktemp -d "$folder.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{packages,files}
touch "$work/status"
debian_options "$work"
options+=(-o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State::status="$work/status")

echo "unpacking Debian's arm64 packages $* into $folder" >&2
cd "$work/packages"
fetch() {
  apt-get -q "${options[@]}" update || return 1
  local wanted name
  for wanted in "$@"; do
    if [[ "$wanted" == *+deps ]]; then
      for name in $(apt-cache "${options[@]}" depends "${wanted%+deps}" | sed -n 's/^ *Depends: \([^<]*\)$/\1/p'); do
        apt-get -q "${options[@]}" download "$name" || return 1
      done
      continue
    fi
    local found=no
    for name in ${wanted//\// }; do
      if apt-get -q "${options[@]}" download "$name"; then found=yes; break; fi
    done
    [ $found = yes ] || return 1
  done
}
if ! fetch "$@" >"$work/log" 2>&1; then
  debian_fail "$work/log" "this system's package sources did not give the arm64 packages $*"
fi
for package in *.deb; do
  dpkg -x "$package" "$work/files"
done
# Where /lib is a link to /usr/lib, packages have only the latter.
[ -e "$work/files/lib" ] || ln -s usr/lib "$work/files/lib"
mv -T "$work/files" "$folder"
