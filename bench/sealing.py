"""Rendering a licence and sealing it at each level."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from random import Random

from bench.floor import sealing_floor, signing_rows
from bench.home import FACE, BenchHome
from bench.measure import ROUNDS, Baseline, Row
from bench.pdfsigner_stock import LEVELS, pdfsigner_process
from bench.stock import OurTimeStamper, Stock, dummy_timestamper
from bench.stock_page import StockPage
from ca.profiles.profiles import Suite
from signing.face import LicenceFace
from signing.levels import PadesLevel

_CHARACTERS = 3500
"""As many as are in common use."""


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `render`, of one face and of ever other holders', `sign.*`, and `seal.*`; ML-DSA-65
    against P-256, both B-LT.
    """
    page = StockPage()
    yield Row(
        "render",
        partial(home.renderer.render, FACE),
        (Baseline("stock", partial(page.render, FACE)),),
        calls=5,
    )
    ours, theirs = (cycle(list(islice(of_many_holders(), 1 + 5 * ROUNDS))) for _ in range(2))
    yield Row(
        "render.holders",
        lambda: home.renderer.render(next(ours)),
        (Baseline("stock", lambda: page.render(next(theirs))),),
        calls=5,
    )
    yield from signing_rows()
    yield from _seals(home)
    post_quantum = BenchHome(Suite.ML_DSA)
    yield Row(
        "seal.ml_dsa",
        partial(post_quantum.seal, PadesLevel.B_LT),
        (Baseline("ecdsa-p256", partial(home.seal, PadesLevel.B_LT)),),
        tail=True,
    )


def _seals(home: BenchHome) -> Iterator[Row]:
    stock = Stock(home, dummy_timestamper(home))
    our_tsa = Stock(home, OurTimeStamper(home))
    with pdfsigner_process() as rust:
        for level in PadesLevel:
            yield Row(
                f"seal.{row_name(level)}",
                partial(home.seal, level),
                (
                    Baseline("stock", partial(stock.seal, level)),
                    Baseline("pyhanko-our-tsa", partial(our_tsa.seal, level)),
                    *([rust.baseline(level)] if level in LEVELS else []),
                    Baseline("crypto-floor", sealing_floor(home, level), calls=20),
                ),
                tail=True,
            )


def of_many_holders() -> Iterator[LicenceFace]:
    """Yield faces of one type, for holders whose words have nothing in common but chance."""
    chance = Random(FACE.number)
    characters = [chr(point) for point in range(0x4E00, 0x4E00 + _CHARACTERS)]
    while True:
        fields = (
            replace(one, value="".join(chance.choices(characters, k=len(one.value))))
            for one in FACE.fields
        )
        code = "".join(chance.choices("0123456789", k=14))
        yield replace(FACE, fields=tuple(fields), number=f"JY{code}", link=FACE.link[:-14] + code)


def row_name(level: PadesLevel) -> str:
    """Return a level as it stands in rows' names: `b_lt`."""
    return level.lower().replace("-", "_")
