#!/usr/bin/env bash
# Makes what docker-compose.yml mounts as secrets, in deploy/secrets; what is there already stays as it is.
# The folder is closed to other users of this host; the files in it are readable, since containers run under other user ids.
set -euo pipefail
cd "$(dirname "$0")/secrets"
chmod 700 .
umask 022

make_one() { # name, value
  [ -e "$1" ] || printf '%s' "$2" > "$1"
}
random() { head -c 36 /dev/urandom | base64 | tr '+/' '-_'; }

make_one postgres_password "$(random)"
for service in coordination mapping facilitation monitoring; do
  make_one "${service}_password" "$(random)"
  make_one "${service}_database_url" "postgresql+asyncpg://${service}:$(cat "${service}_password")@postgres:5432/${service}"
  make_one "${service}_cursor_secret" "$(random)"
done
make_one facilitation_nik_key "$(random)"
make_one facilitation_nik_index_key "$(random)"
make_one grafana_password "$(random)"
echo "secrets are in deploy/secrets; keep a copy of facilitation_nik_key elsewhere: without it stored NIKs cannot be read again"
