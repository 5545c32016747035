"""Rendering a licence and sealing it at each level."""

from collections.abc import Iterator
from functools import partial

from bench.floor import sealing_floor
from bench.home import FACE, BenchHome
from bench.measure import Baseline, Row
from bench.stock import OurTimeStamper, Stock, dummy_timestamper
from signing.pades import PadesLevel


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `render` and `seal.*`."""
    yield Row("render", partial(home.renderer.render, FACE), calls=5)
    stock = Stock(home, dummy_timestamper(home))
    our_tsa = Stock(home, OurTimeStamper(home))
    for level in PadesLevel:
        yield Row(
            f"seal.{row_name(level)}",
            partial(home.seal, level),
            (
                Baseline("pyhanko-stock", partial(stock.seal, level)),
                Baseline("pyhanko-our-tsa", partial(our_tsa.seal, level)),
                Baseline("crypto-floor", sealing_floor(home, level), calls=20),
            ),
            tail=True,
        )


def row_name(level: PadesLevel) -> str:
    """Return a level as it stands in rows' names: `b_lt`."""
    return level.lower().replace("-", "_")
