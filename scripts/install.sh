#!/bin/sh
# Installs sms-bridge for this user: fetches the archive for this machine, checks its SHA-256, and puts the
# executable into ~/.local/bin. Nothing is changed unless the sum is right.
#
#   SMS_BRIDGE_RELEASES  where the archives and SHA256SUMS are
#   SMS_BRIDGE_VERSION   the version to install
#   SMS_BRIDGE_BIN_DIR   where to put the executable
set -eu

version=${SMS_BRIDGE_VERSION:-}
base=${SMS_BRIDGE_RELEASES:-}
bin_dir=${SMS_BRIDGE_BIN_DIR:-${HOME:+$HOME/.local/bin}}

fail() {
  echo "install: $1" >&2
  [ -z "${2:-}" ] || echo "  → $2" >&2
  exit 1
}

[ -n "$base" ] || [ -n "$version" ] ||
  fail "it is not known where the releases are, and which version to install" \
    "set SMS_BRIDGE_RELEASES to their URL, and SMS_BRIDGE_VERSION"
[ -n "$base" ] || fail "it is not known where the releases are" "set SMS_BRIDGE_RELEASES to their URL"
[ -n "$version" ] || fail "it is not known which version to install" "set SMS_BRIDGE_VERSION"
[ -n "$bin_dir" ] || fail "it is not known where to install, as HOME is not set" "set SMS_BRIDGE_BIN_DIR"
case $base in
  https://* | http://127.0.0.1:* | http://localhost:*) ;;
  *) fail "cannot fetch from $base as it must be an https URL" "set SMS_BRIDGE_RELEASES" ;;
esac

case $(uname -s) in
  Linux) system=unknown-linux-gnu ;;
  Darwin) system=apple-darwin ;;
  *) fail "there is no archive for $(uname -s)" "build it: deno task compile" ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x86_64 ;;
  arm64 | aarch64) machine=aarch64 ;;
  *) fail "there is no archive for $(uname -m)" "build it: deno task compile" ;;
esac

name=sms-bridge-$version-$machine-$system
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fetch() {
  if command -v curl >/dev/null; then
    curl -fsSL --proto '=https,http' --retry 2 -o "$work/$1" "$base/$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$work/$1" "$base/$1"
  else
    fail "neither curl nor wget is here" "install one of them"
  fi || fail "cannot fetch $base/$1" "check the address and the version"
}

echo "Fetching $name" >&2
fetch SHA256SUMS
fetch "$name.tar.gz"

wanted=$(awk -v name="$name.tar.gz" '$2 == name { print $1 }' "$work/SHA256SUMS")
[ -n "$wanted" ] || fail "SHA256SUMS does not name $name.tar.gz" "check the version"
if command -v sha256sum >/dev/null; then
  found=$(sha256sum "$work/$name.tar.gz")
else
  found=$(shasum -a 256 "$work/$name.tar.gz")
fi
[ "${found%% *}" = "$wanted" ] ||
  fail "the archive's SHA-256 is not the one in SHA256SUMS; nothing was installed" "fetch it again"

tar -xzf "$work/$name.tar.gz" -C "$work"
mkdir -p "$bin_dir"
# A program that runs cannot be written to, but it can be replaced.
cp "$work/$name/sms-bridge" "$bin_dir/.sms-bridge.new"
chmod 755 "$bin_dir/.sms-bridge.new"
mv -f "$bin_dir/.sms-bridge.new" "$bin_dir/sms-bridge"

echo "Installed $bin_dir/sms-bridge"
case :$PATH: in
  *:"$bin_dir":*) echo "Next: sms-bridge setup" ;;
  *) echo "Next: $bin_dir/sms-bridge setup" ;;
esac
