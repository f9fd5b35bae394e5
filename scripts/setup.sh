#!/usr/bin/env bash
# Sees to what the build needs from the system. Silent when everything is there.
#
#   scripts/setup.sh          everything
#   scripts/setup.sh core     only what the audio core needs
#
# Missing Debian packages are installed as root or with a sudo that asks nothing; otherwise the line to run is printed.
set -euo pipefail

oldest_swift="6.2"
core_packages=(libopus-dev libsamplerate0-dev pkg-config)
all_packages=("${core_packages[@]}" libsndfile1-dev libpocketsphinx-dev pocketsphinx-en-us flite1-dev flite sox
    espeak-ng libsqlite3-dev asterisk-core-sounds-en-wav openssl python3)

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

check_swift() {
    command -v swift >/dev/null 2>&1 \
        || fail "Swift is not installed; Parley needs Swift $oldest_swift or newer (https://www.swift.org/install)"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [[ -n $version ]] || fail "cannot read a version from 'swift --version'"
    [[ $(printf '%s\n%s\n' "$oldest_swift" "$version" | sort -V | head -n 1) == "$oldest_swift" ]] \
        || fail "Swift $version is too old; Parley needs $oldest_swift or newer (https://www.swift.org/install)"
}

is_installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

install() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            fail "these Debian packages are missing: $*" "install them with:" \
                "  sudo apt-get install -y --no-install-recommends $*"
        fi
    fi
    echo "setup: installing $*"
    # One broken source among several must not stop us: what it did not bring is told by the next command.
    "${as_root[@]}" apt-get update -qq || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null \
        || fail "installing failed; try: apt-get install -y --no-install-recommends $*"
}

case ${1:-all} in
all) packages=("${all_packages[@]}") ;;
core) packages=("${core_packages[@]}") ;;
*) fail "unknown argument '$1'; give 'core' or nothing" ;;
esac

check_swift
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    fail "this is not Debian or one of its relatives, so nothing can be checked or installed here" \
        "Parley is built on Debian 12 with: ${packages[*]}"
fi
missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]} > 0)); then
    install "${missing[@]}"
fi
