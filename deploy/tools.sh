#!/usr/bin/env bash
# Programs that the tests use and Python packages do not bring: installs what is missing where it may (root on Debian or Ubuntu),
# and otherwise says what to install. Prints nothing when all is there.
set -euo pipefail
missing() { ! command -v "$1" >/dev/null 2>&1; }

packages=()
missing java && packages+=(openjdk-17-jre-headless)
missing mvn && packages+=(maven)
missing node && packages+=(nodejs)
missing npm && packages+=(npm)
missing chromium && packages+=(chromium)
missing kcat && packages+=(kafkacat)
[ ${#packages[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || missing apt-get; then
  echo "the tests need more programs; on Debian: sudo apt-get install ${packages[*]}" >&2
  exit 2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null
for program in java mvn node npm chromium kcat; do
  if missing "$program"; then echo "$program is still missing after the installation" >&2; exit 2; fi
done
