#!/bin/sh
# Fetches the outside judges of the tests (tests/witness): EU DSS of signatures, veraPDF of PDF/A and
# PDF/UA; pinned by version and hash, with the programs that ask them compiled beside. Needs the
# network once; later runs only compare. Where that fails it says so; in CI the tests then fail
# rather than skip.
set -eu
witnesses="$(dirname "$0")/../tests/witness"

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
made() {
    [ -f classes/.made ] && [ -z "$(find src pom.xml lib.sha256 -newer classes/.made)" ]
}
make_judge() (
    cd "$witnesses/$1" || exit
    made || { fetch && compile; }
)
for judge in dss verapdf; do
    if ! make_judge "$judge"; then
        echo "The tests' outside judge could not be made (tests/witness/$judge)." >&2
        [ "${CI:-}" != true ] || exit 1
    fi
done
