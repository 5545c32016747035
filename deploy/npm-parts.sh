#!/bin/sh
# Installs the post-quantum witness of the tests (tests/witness), locked; no script of it is run.
# Where that fails it says so; in CI the tests then fail rather than skip.
set -eu
cd "$(dirname "$0")/../tests/witness"

[ node_modules/.package-lock.json -nt package-lock.json ] && exit 0
if ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
    echo "The tests' post-quantum witness could not be installed (npm ci in tests/witness)." >&2
    [ "${CI:-}" != true ] || exit 1
    exit 0
fi
touch node_modules/.package-lock.json
