"""A registered file handed to the verifier: answered from its digest, over many distinct files.

`verify.known_file` sees each file for the first time (nothing kept of it in the process but what
all files of a seal have in common), `verify.known_file.again` the same files once more. Both read
the register, SQLite on disk, each time.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.granting import requests_of
from bench.home import BenchHome
from bench.measure import ROUNDS, Row
from bench.verifying import stock_process
from home.wiring import Home
from registry.answers.known import KnownFiles
from registry.ledger.trust import TrustReader
from signing.levels import PadesLevel
from signing.validation import validate_pdf
from tests.world import build_template

FILES = 50
"""Of 100 KB each: more than any cache of a processor's core holds."""
_CALLS = 25
"""In a round: after each, the baseline leaves nothing of ours in a core's caches."""


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `verify.known_file` and `verify.known_file.again`."""
    with TemporaryDirectory(prefix="xinyin-bench-") as directory:
        build_template(Path(directory), None)
        registry = Home(Path(directory) / "home", {})
        try:
            yield from _rows(home, registry, _grant(registry))
        finally:
            registry.close()


def _grant(registry: Home) -> list[bytes]:
    requests = requests_of(registry)
    return [registry.granting.grant(next(requests)).pdf for _ in range(FILES)]


def _rows(home: BenchHome, registry: Home, files: list[bytes]) -> Iterator[Row]:
    pdf = home.seal(PadesLevel.B_LT).pdf
    known = home.hierarchy.validation.for_seal(home.certificate)
    with stock_process(home, known, [pdf], calls=1) as stock:
        yield Row("verify.known_file", _first_time(registry, files), (stock,), calls=_CALLS)
        yield Row("verify.known_file.again", _again(registry, files), (stock,), calls=_CALLS)


def _open(registry: Home) -> KnownFiles:
    return KnownFiles(
        roots=registry.root_files,
        clock=registry.clock,
        validate=validate_pdf,
        trust=TrustReader(registry.ledger, registry.clock),
    )


def _find(registry: Home, known: KnownFiles, pdf: bytes) -> None:
    with registry.database.reading() as connection:
        found = known.find(connection, pdf, quick=True)
    if found is None or not (found.seal_holds and found.guarded):
        raise AssertionError(found)


def _first_time(registry: Home, files: list[bytes]) -> Callable[[], object]:
    """Each turn of the files begins with nothing known of any."""
    opened = [_open(registry) for _ in range(1 + ROUNDS * _CALLS // FILES)]
    turns = ((known, pdf) for known in opened for pdf in files)
    return lambda: _find(registry, *next(turns))


def _again(registry: Home, files: list[bytes]) -> Callable[[], None]:
    known, turn = _open(registry), cycle(files)
    for pdf in files:
        _find(registry, known, pdf)
    return lambda: _find(registry, known, next(turn))
