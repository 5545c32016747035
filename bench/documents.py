"""Official documents signed: taken in, written anew, sealed, stored and registered."""

import os
import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.pdfsigner_stock import pdfsigner_process
from bench.sealing import row_name
from bench.stock import Stock, dummy_timestamper
from cli.demo_world import examples_directory
from core.ids import SealId
from home.wiring import Home
from registry.bodies.authorities import add_mandate, find_seal
from registry.granting.document_orders import DocumentOrder
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.levels import PadesLevel
from tests.permits import GRANT, MANAGE_AUTHORITY
from tests.signing.intake.drawings import plain
from tests.world import build_template

_TYPE = examples_directory() / "types" / "official-document.toml"
_PAGES = 4
_FILE = plain(_PAGES)
_TITLE = b"(A notice)"


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `document.sign.*`; the database is SQLite on disk; baselines are spared that."""
    with TemporaryDirectory(prefix="xinyin-bench-") as directory, pdfsigner_process(_FILE) as rust:
        build_template(Path(directory), None)
        registry = Home(Path(directory) / "home", {})
        try:
            _add_type(registry)
            numbers = count(100_000)
            stock = Stock(home, dummy_timestamper(home), _FILE)
            for level in (PadesLevel.B_LT, PadesLevel.B_LTA):
                order = DocumentOrder("official-document", GRANT, level=level)
                yield Row(
                    f"document.sign.{row_name(level)}",
                    partial(_sign, registry, order, numbers),
                    (
                        Baseline("pyhanko-stock", partial(stock.seal, level)),
                        rust.baseline(level),
                    ),
                    calls=2,
                    clock=partial(_seconds, registry),
                    rounds=5,
                )
        finally:
            registry.close()


def _add_type(registry: Home) -> None:
    kind, now = parse_type(_TYPE.read_text("utf-8")), registry.clock.now()
    with registry.database.writing() as connection:
        put_type(connection, kind, MANAGE_AUTHORITY, now)
        seal = find_seal(connection, SealId("qinglan-market"))
        add_mandate(connection, kind.code, seal, MANAGE_AUTHORITY, now)


def _seconds(registry: Home) -> float:
    """Return the CPU seconds of this process and of the intake's with its forks."""
    others = 0
    for pid in registry.intake.pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        others += sum(map(int, fields[11:15]))  # user and system, its own and its children's
    return time.process_time() + others / os.sysconf("SC_CLK_TCK")


def _sign(registry: Home, order: DocumentOrder, numbers: Iterator[int]) -> None:
    """Sign a file that was not signed before: each has a title of its own."""
    title = b"(N %06d)" % next(numbers)
    data = _FILE.replace(_TITLE, title.ljust(len(_TITLE)))
    registry.document_signing.sign(data, order, title="")
