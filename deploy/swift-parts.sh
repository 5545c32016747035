#!/bin/sh
# Installs OpenStack Swift for the tests of the object store, locked, in an environment of its own.
# Where that fails it says so; in CI the tests then fail rather than skip.
set -eu
cd "$(dirname "$0")/.."
place=tests/object_store/venv

[ "$place/.installed" -nt requirements/swift.txt ] && exit 0
if ! { "${PYTHON:-python3}" -m venv "$place" &&
    "$place/bin/python" -m pip --disable-pip-version-check install --quiet --no-compile \
        --require-hashes -r requirements/swift.txt >&2; }; then
    echo "The tests' object store could not be installed (requirements/swift.txt)." >&2
    [ "${CI:-}" != true ] || exit 1
    exit 0
fi
touch "$place/.installed"
