#!/usr/bin/env bash
# Runs once, when the data folder is empty: for each service a role and a database that no other service can enter.
# Passwords come from /run/secrets/<service>_password. Names are fixed, so only the password has to be quoted.
set -euo pipefail

psql=(psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "${POSTGRES_USER:-postgres}")

"${psql[@]}" -d postgres <<'SQL'
REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
SQL

for service in coordination mapping facilitation monitoring; do
  password="$(tr -d '\r\n' < "${SECRETS:-/run/secrets}/${service}_password")"
  [ "${#password}" -ge 16 ] || { echo "the password of ${service} is missing or shorter than 16 characters" >&2; exit 1; }
  # Given on standard input, so that no process list shows it.
  "${psql[@]}" -d postgres -v service="$service" <<SQL
\\set password '${password//\'/\'\'}'
CREATE ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 60 PASSWORD :'password';
ALTER ROLE :"service" SET statement_timeout = '30s';
ALTER ROLE :"service" SET idle_in_transaction_session_timeout = '60s';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
  "${psql[@]}" -d "$service" -v service="$service" <<'SQL'
ALTER SCHEMA public OWNER TO :"service";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
done
