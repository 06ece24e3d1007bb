#!/usr/bin/env bash
# Starts a PostgreSQL for the tests, from Debian's or Ubuntu's package, in a cluster of its own that listens on
# the loopback only, and prints its address. Needs root or sudo. Does nothing when it runs already.
# Usage: NINEFIFTEEN_TEST_DATABASE_URL=$(tools/postgres.sh) make test
set -euo pipefail
cd /

name=ninefifteen
port=5915
address="postgresql://$name:$name@127.0.0.1:$port/${name}_test"
as_root=() as_postgres=(runuser -u postgres --)
[ "$(id -u)" -eq 0 ] || { as_root=(sudo) as_postgres=(sudo -u postgres); }

if ! command -v pg_createcluster > /dev/null || ! compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null; then
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends postgresql < /dev/null >&2
fi
version=$(basename "$(dirname "$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -1)")")")

status=$(pg_lsclusters --no-header | awk -v v="$version" -v n="$name" '$1 == v && $2 == n { print $4 }')
if [ -z "$status" ]; then
  "${as_root[@]}" pg_createcluster "$version" "$name" --port "$port" --start-conf manual --locale C.UTF-8 \
    -o fsync=off -- --no-sync > /dev/null
fi
case $status in online*) ;; *) "${as_root[@]}" pg_ctlcluster "$version" "$name" start >&2 ;; esac

ask() { "${as_postgres[@]}" psql --port "$port" --no-psqlrc --quiet --tuples-only --no-align --command "$1"; }
[ -n "$(ask "SELECT 1 FROM pg_roles WHERE rolname = '$name'")" ] ||
  ask "CREATE ROLE $name LOGIN PASSWORD '$name'"
[ -n "$(ask "SELECT 1 FROM pg_database WHERE datname = '${name}_test'")" ] ||
  ask "CREATE DATABASE ${name}_test OWNER $name"
echo "PostgreSQL $(ask 'SHOW server_version') for the tests on port $port" >&2
echo "$address"
