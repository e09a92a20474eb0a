#!/usr/bin/env bash
# Programs that the tests use and Python packages do not bring: installs what is missing where it may (root on Debian or Ubuntu),
# and otherwise says what to install. Prints nothing when all is there.
set -euo pipefail
missing() { ! command -v "$1" >/dev/null 2>&1; }

packages=()
# One reader in the handbook is run from its Java source, so that a runtime without the compiler is not enough.
without_compiler() { case "$(java --list-modules 2>/dev/null)" in *jdk.compiler@*) return 1 ;; esac; }
without_compiler && packages+=(openjdk-17-jdk-headless)
missing mvn && packages+=(maven)
missing node && packages+=(nodejs)
missing npm && packages+=(npm)
missing chromium && packages+=(chromium)
missing kcat && packages+=(kafkacat)
missing jq && packages+=(jq)
compgen -G "/usr/lib/postgresql/*/bin/pg_ctl" >/dev/null || packages+=(postgresql)
[ ${#packages[@]} -eq 0 ] && ! missing promtool && exit 0

if [ "$(id -u)" -ne 0 ] || missing apt-get; then
  echo "the tests need more programs; on Debian: sudo apt-get install ${packages[*]} prometheus (of the last one only promtool is used)" >&2
  exit 2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
[ ${#packages[@]} -eq 0 ] || apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null
if missing promtool; then
  # Debian has it in the package of the server, which would start one.
  unpacked=$(mktemp -d)
  (cd "$unpacked" && apt-get -qq download -o APT::Sandbox::User=root prometheus >/dev/null && dpkg -x prometheus_*.deb . && install usr/bin/promtool /usr/local/bin/)
  rm -rf "$unpacked"
fi
for program in java mvn node npm chromium kcat jq promtool; do
  if missing "$program"; then echo "$program is still missing after the installation" >&2; exit 2; fi
done
compgen -G "/usr/lib/postgresql/*/bin/pg_ctl" >/dev/null || { echo "pg_ctl is still missing after the installation" >&2; exit 2; }
if without_compiler; then echo "the java on the PATH has no compiler (module jdk.compiler): put a JDK of 17 or newer first" >&2; exit 2; fi
