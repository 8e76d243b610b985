#!/usr/bin/env bash
# Sets up what the tests beside this file need: npm's packages go beside it, Postgres comes from the system.
# Says what is missing and exits with 69 where they cannot be had.
set -euo pipefail
cd "$(dirname "$0")"

missing() {
    echo "A Bluesky of one's own cannot be set up here: $1." >&2
    exit 69
}

{ command -v node && command -v npm; } >/dev/null || missing "there is no Node.js with npm (20 will do)"
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || missing "Node.js $(node --version) is older than 20"
command -v setpriv >/dev/null || missing "there is no setpriv, of util-linux"

has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
if ! has_postgres && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian's postgresql." >&2
    (apt-get -qq update && apt-get -qq install --no-install-recommends postgresql) >&2 ||
        missing "Debian's postgresql cannot be installed"
fi
has_postgres || missing "there is no Postgres: install Debian's postgresql"
[ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1 || missing "Postgres refuses to be root, and there is no user postgres"

done_for=node_modules/.set_up_for
if ! cmp -s package-lock.json "$done_for"; then
    npm ci --no-audit --no-fund --loglevel=error >&2 || missing "npm cannot have the packages"
    # The one package that is of no use before its script has fetched or built its binary.
    npm rebuild better-sqlite3 --ignore-scripts=false --loglevel=error >&2 || missing "better-sqlite3 cannot be built"
    cp package-lock.json "$done_for"
fi
