#!/usr/bin/env bash
# Runs the vendor's own live tests of the Management API (Python) against the emulator: without a database, and with MariaDB behind
# the endpoints. Needs python3; the second part needs mariadbd. Both are kept in a temporary directory.
#
#   tests/emulator/tests/vendor_suite.sh [--without-database | --with-database]
set -euo pipefail
cd "$(dirname "$0")/../../.."
which=${1:-both}
emulator=${EMULATOR:-}
if [ -z "$emulator" ]; then
  cargo build -q -p singlestore-management-emulator
  emulator=${CARGO_TARGET_DIR:-target}/debug/singlestore-management-emulator
fi
emulator=$(realpath "$emulator")
work=$(mktemp -d)
server=
end() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT

python=${VENDOR_PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv "$work/venv"
  python=$work/venv/bin/python
  # pytest-xdist defines a hook that the suite's own configuration uses.
  "$python" -m pip install -q singlestoredb==1.18.1 pytest pytest-xdist
fi

# Runs one module of the suite; further words are options of the emulator, then `--`, then options of pytest.
suite() {
  local module=$1 options=()
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  "$emulator" --log none --ready-after 200ms --polls 1 "${options[@]}" exec -- \
    env -u SINGLESTOREDB_WORKSPACE_GROUP SINGLESTOREDB_URL=admin:unused@127.0.0.1:3306/unused SINGLESTOREDB_PORT=3306 \
    "$python" -m pytest -q -m management -p no:cacheprovider --pyargs "singlestoredb.tests.$module" "$@"
}

if [ "$which" != --with-database ]; then
  echo "== without a database: everything but test_connect"
  suite test_management_v1 -- -n 2 -k "not test_connect"
  suite test_management_v2 -- -n 2 -k "not test_connect"
fi

if [ "$which" != --without-database ]; then
  if ! command -v mariadbd >/dev/null; then
    echo "== with a database: skipped, there is no mariadbd"
    exit 0
  fi
  echo "== with MariaDB behind the endpoints, one version after the other: one server has one admin"
  printf 'quote'\''and\\backslash' > "$work/password"
  printf "ALTER USER root@localhost IDENTIFIED BY 'quote''and\\\\\\\\backslash';\nCREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY 'quote''and\\\\\\\\backslash';\nGRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\n" > "$work/init.sql"
  user=$(id -un)
  mariadb-install-db --no-defaults --user="$user" --datadir="$work/data" --auth-root-authentication-method=normal >/dev/null
  # The vendor's client takes the port from its settings, and the endpoint is a bare host, as the service's is.
  mariadbd --no-defaults --user="$user" --datadir="$work/data" --socket="$work/socket" --pid-file="$work/pid" \
    --bind-address=127.0.0.1 --port=3306 --skip-name-resolve --init-file="$work/init.sql" 2>"$work/log" &
  server=$!
  for _ in $(seq 150); do
    if (exec 3<>/dev/tcp/127.0.0.1/3306) 2>/dev/null; then break; fi
    kill -0 "$server" || { cat "$work/log"; exit 1; }
    sleep 0.2
  done
  for module in test_management_v1 test_management_v2; do
    suite "$module" --sql-endpoint 127.0.0.1 --sql-password-file "$work/password" -- -k ""
  done
fi
