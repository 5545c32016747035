#!/bin/sh
# Installs the tests' parts from npm, locked: the post-quantum witness (tests/witness), the OpenID
# provider (tests/identity/provider) and axe (tests/accessibility). No script of theirs is run at
# installing. Where that fails it says so; in CI the tests then fail rather than skip.
set -eu
cd "$(dirname "$0")/../tests"

for part in witness identity/provider accessibility; do
    (
        cd "$part"
        [ node_modules/.package-lock.json -nt package-lock.json ] && exit 0
        if ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
            echo "A part of the tests could not be installed (npm ci in tests/$part)." >&2
            [ "${CI:-}" != true ] || exit 1
            exit 0
        fi
        touch node_modules/.package-lock.json
    )
done
