"""A whole grant (rendered, sealed, stored, registered), and a document confirmed by its digest."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.floor import sealing_floor
from bench.home import FACE, BenchHome
from bench.measure import Baseline, Row, Split
from bench.stock import Stock, dummy_timestamper
from bench.stock_page import StockPage
from bench.verifying import stock_process
from home.wiring import Home
from registry.answers.answers import Outcome
from registry.granting.reservation import GrantRequest
from registry.model import Application
from signing.levels import PadesLevel
from tests.clock import StoppedClock
from tests.permits import GRANT
from tests.world import World, build_template

LEVEL = PadesLevel.B_LT


def rows(home: BenchHome) -> Iterator[Row | Split]:
    """Yield `grant`, its parts, and `verify.digest`; the database is SQLite on disk."""
    with TemporaryDirectory(prefix="xinyin-bench-") as directory:
        build_template(Path(directory), None)
        registry = Home(Path(directory) / "home", {})
        try:
            yield from _grant(home, registry)
            yield from _verify_digest(home, registry)
        finally:
            registry.close()


def requests_of(registry: Home, first: int = 0) -> Iterator[GrantRequest]:
    """Yield requests for the examples of one licence type, over and over, each for its holder."""
    world = World(registry, StoppedClock())
    for number, application in enumerate(cycle(world.applications()), first):
        yield GrantRequest(of_another(application, number), GRANT, "bench", level=LEVEL)


def of_another(application: Application, number: int) -> Application:
    """Return the same for a holder of its own: a holder has one licence of a kind in force."""
    holder = replace(application.holders[0], code=f"{number:018d}")
    return replace(application, holders=(holder,))


def _grant(home: BenchHome, registry: Home) -> Iterator[Row | Split]:
    requests = requests_of(registry)

    def grant() -> None:
        registry.granting.grant(next(requests))

    stock, page = Stock(home, dummy_timestamper(home)), StockPage()

    def render_and_seal() -> None:
        """Stock ReportLab and pyHanko know no registry: they are spared the rest."""
        page.render(FACE)
        stock.seal(LEVEL)

    yield Row(
        "grant",
        grant,
        (
            Baseline("stock", render_and_seal),
            Baseline("crypto-floor", sealing_floor(home, LEVEL), calls=20),
        ),
        calls=5,
        tail=True,
    )
    yield Split("grant", grant)


def _verify_digest(home: BenchHome, registry: Home) -> Iterator[Row]:
    sha256 = registry.granting.grant(next(requests_of(registry, first=10**6))).sha256

    def verify() -> None:
        answer = registry.verifier.by_digest(sha256)
        if answer.outcome is not Outcome.IN_FORCE:
            raise AssertionError(answer)

    pdf = home.seal(LEVEL).pdf
    known = home.hierarchy.validation.for_seal(home.certificate)
    with stock_process(home, known, [pdf], calls=2) as stock:
        yield Row("verify.digest", verify, (stock,))
