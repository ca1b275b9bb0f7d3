# Sourced by scripts that unpack Debian's packages without installing them. Package lists are their own: the system's stay as they are.

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The mirror of Debian that this system uses; nothing where it uses none.
debian_site() {
  apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian //p' | grep -v security | head -n 1
}

# Makes folders for apt in WORK, and sets the array `options` to what apt needs in order to use them: debian_options WORK
debian_options() {
  mkdir -p "$1"/{lists/partial,cache/archives/partial,etc/sources.d}
  options=(-o APT::Sandbox::User="$(id -un)" -o Dir::State::lists="$1/lists" -o Dir::Cache="$1/cache"
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Languages=none)
}

# Has apt use a release and section of this system's mirror, and nothing else: debian_release WORK RELEASE SECTION
debian_release() {
  local site keys=/usr/share/keyrings/debian-archive-keyring.gpg
  site="$(debian_site)"
  [ -n "$site" ] && [ -e "$keys" ] || return 1
  echo "deb [signed-by=$keys] $site $2 $3" >"$1/etc/sources.list"
  options+=(-o Dir::Etc::sourcelist="$1/etc/sources.list" -o Dir::Etc::sourceparts="$1/etc/sources.d")
}

# What apt said last, and why that ends the script: debian_fail LOG MESSAGE
debian_fail() {
  tail -n 5 "$1" >&2
  fail "$2; see above, then run this again"
}
