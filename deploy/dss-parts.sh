#!/bin/sh
# Fetches EU DSS, the outside judge of the tests (tests/witness/dss), pinned by version and hash,
# and compiles the program that asks it. Needs the network once; later runs only compare.
# Where that fails it says so; in CI the tests then fail rather than skip.
set -eu
cd "$(dirname "$0")/../tests/witness/dss"

[ -f classes/.made ] && [ -z "$(find src pom.xml lib.sha256 -newer classes/.made)" ] && exit 0

complete() { # every file of the list and no other
    sha256sum --check --strict --quiet lib.sha256 >&2 && [ "$(ls lib | wc -l)" = "$(wc -l <lib.sha256)" ]
}
fetch() {
    [ -d lib ] && complete && return
    rm -rf lib
    mvn --batch-mode --quiet dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory=lib >&2 && complete
}
compile() {
    rm -rf classes
    javac --release 17 -cp 'lib/*' -d classes src/*.java >&2 && touch classes/.made
}
if ! fetch || ! compile; then
    echo "The tests' outside judge could not be made (EU DSS, tests/witness/dss)." >&2
    [ "${CI:-}" != true ] || exit 1
fi
