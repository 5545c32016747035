"""Rendering a licence and sealing it at each level."""

from collections.abc import Iterator
from functools import partial

from bench.floor import sealing_floor
from bench.home import FACE, BenchHome
from bench.measure import Baseline, Row
from bench.stock import OurTimeStamper, Stock, dummy_timestamper
from ca.profiles.profiles import Suite
from signing.levels import PadesLevel


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `render` and `seal.*`; ML-DSA-65 against P-256, both B-LT."""
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
    post_quantum = BenchHome(Suite.ML_DSA)
    yield Row(
        "seal.ml_dsa",
        partial(post_quantum.seal, PadesLevel.B_LT),
        (Baseline("ecdsa-p256", partial(home.seal, PadesLevel.B_LT)),),
        tail=True,
    )


def row_name(level: PadesLevel) -> str:
    """Return a level as it stands in rows' names: `b_lt`."""
    return level.lower().replace("-", "_")
