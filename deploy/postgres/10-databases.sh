#!/usr/bin/env bash
# Runs once, when the data folder is empty: for each service a role and a database that no other service can enter.
# Passwords come from /run/secrets/<service>_password.
set -euo pipefail

psql=(psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "${POSTGRES_USER:-postgres}")

"${psql[@]}" -d postgres <<'SQL'
REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
SQL

for service in coordination mapping facilitation monitoring; do
  export PASSWORD_FILE="${SECRETS:-/run/secrets}/${service}_password"
  [ "$(wc -c < "$PASSWORD_FILE")" -ge 16 ] || { echo "the password of ${service} is missing or shorter than 16 characters" >&2; exit 1; }
  # psql reads the file itself: the password is in no process list and needs no escaping.
  "${psql[@]}" -d postgres -v service="$service" <<'SQL'
\set password `tr -d '\r\n' < "$PASSWORD_FILE"`
CREATE ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 60 PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
  "${psql[@]}" -d "$service" -v service="$service" <<'SQL'
ALTER SCHEMA public OWNER TO :"service";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
done
