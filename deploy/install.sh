#!/bin/sh
# Installs Xinyin into a new environment: sh install.sh DIRECTORY, e.g. /opt/xinyin-0.1.0.
# Beside this script lie the wheel, run.txt and SHA256SUMS, as `make dist` makes them; with a folder
# wheels/ (python3 -m pip download -d wheels --require-hashes -r run.txt) nothing is fetched.
set -eu

target=${1:?"usage: sh install.sh DIRECTORY"}
here=$(cd "$(dirname "$0")" && pwd)
[ ! -e "$target" ] || { echo "$target is there already; choose another directory." >&2; exit 1; }

(cd "$here" && sha256sum --check --strict --quiet SHA256SUMS)
"${PYTHON:-python3}" -m venv "$target"
pip() { "$target/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
if [ -d "$here/wheels" ]; then
    pip install --require-hashes --no-index --find-links "$here/wheels" -r "$here/run.txt"
else
    pip install --require-hashes -r "$here/run.txt"
fi
pip install --no-deps --no-index "$here"/xinyin-*.whl
"$target/bin/xinyin" --version
