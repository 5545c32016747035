"""Validating sealed documents at each level, in this process (the service does so in workers).

Each level over fifty distinct files, so that nothing kept of one file helps with the next but what
all files of an authority have in common. Stock pyHanko validates the same files in turns.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

from cryptography.hazmat.primitives.serialization import Encoding

from bench.floor import verifying_floor
from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.sealing import row_name
from bench.stock import OurTimeStamper, Stock
from ca.validation.validation_data import ValidationData
from signing.levels import PadesLevel
from signing.report import Indication
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf

FILES = 50
SIGNATURES = 25
"""In one file; a document that passes through many hands bears fewer."""


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `verify.b_b` to `verify.b_lta` and `verify.25_signatures`."""
    known = home.hierarchy.validation.for_seal(home.certificate)
    for level in PadesLevel:
        files = [home.seal(level).pdf for _ in range(FILES)]
        floor = Baseline("crypto-floor", verifying_floor(home, level, files[0]), calls=10)
        with stock_process(home, known, files) as stock:
            yield Row(
                f"verify.{row_name(level)}", ours(home, known, files), (stock, floor), calls=5
            )
    signed = Stock(home, OurTimeStamper(home)).sign_often(SIGNATURES)
    with stock_process(home, known, [signed]) as stock:
        yield Row(
            f"verify.{SIGNATURES}_signatures", ours(home, known, [signed]), (stock,), 1, rounds=5
        )


def ours(home: BenchHome, known: ValidationData, files: Sequence[bytes]) -> Callable[[], object]:
    """Return the validation of the next document, all checks that a public answer rests on."""
    trust = TrustMaterial(
        anchors=(home.hierarchy.root.public_bytes(Encoding.DER),),
        certificates=known.certificates,
        crls=known.crls,
        ocsps=known.ocsps,
    )
    following = cycle(files)

    def work() -> None:
        report = validate_pdf(next(following), trust, home.clock.now())
        passed = [one.indication is Indication.TOTAL_PASSED for one in report.signatures]
        if not passed or not all(passed):
            raise AssertionError(report)

    return work


@contextmanager
def stock_process(
    home: BenchHome, known: ValidationData, files: Sequence[bytes], calls: int = 3
) -> Iterator[Baseline]:
    """Run stock pyHanko as a process that has loaded nothing of ours; it takes files in turns."""
    told = {
        "certificates": _hexadecimal(
            [home.hierarchy.root.public_bytes(Encoding.DER), *known.certificates]
        ),
        "crls": _hexadecimal(known.crls),
        "ocsps": _hexadecimal(known.ocsps),
        "files": _hexadecimal(files),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bench.stock_verifier"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def ask(line: str, awaited: str) -> None:
            print(line, file=requests, flush=True)
            if answers.readline().strip() != awaited:
                raise AssertionError("stock pyHanko did not validate the file")

        ask(json.dumps(told), "ready")
        following = cycle(range(len(files)))
        yield Baseline(
            "pyhanko-stock",
            lambda: ask(str(next(following)), "valid"),
            calls=calls,
            clock=lambda: time.clock_gettime((~process.pid << 3) | 2),
        )


def _hexadecimal(values: Sequence[bytes]) -> list[str]:
    return [value.hex() for value in values]
