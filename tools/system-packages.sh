#!/bin/sh
# Makes sure that what Python packages cannot bring is there: bubblewrap, venv, and for the tests a browser and
# a PostgreSQL server.
# Installs it where that is possible without asking (Debian, as root); says what to do elsewhere.
set -eu

missing=""
for need in "$@"; do
    case "$need" in
        bwrap) command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap" ;;
        chromium) command -v chromium >/dev/null 2>&1 || missing="$missing chromium" ;;
        venv) "${PYTHON:-python3}" -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv" ;;
        postgres) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
            missing="$missing postgresql" ;;
    esac
done
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086  (one word a package)
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "These system packages are needed:$missing." >&2
    echo "On Debian or Ubuntu: sudo apt-get install$missing" >&2
    exit 1
fi
