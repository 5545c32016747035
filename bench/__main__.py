"""`python -m bench [PREFIX …]`: every benchmark, or the rows whose names begin so.

A group of rows is a module with `rows(home)`; a new one is named in `GROUPS`.
"""

import logging
import sys
from collections.abc import Callable, Iterator

from bench import batch, crl, documents, granting, issuing, known, report, sealing, token, verifying
from bench.home import BenchHome
from bench.measure import Latency, Row, Split, measure
from bench.serving import signed_in, trust, under_attack
from signing.sealing.steady import settle

GROUPS: tuple[Callable[[BenchHome], Iterator[Row | Latency | Split]], ...] = (
    sealing.rows,
    granting.rows,
    batch.rows,
    documents.rows,
    verifying.rows,
    known.rows,
    token.rows,
    crl.rows,
    issuing.rows,
    trust.rows,
    signed_in.rows,
    under_attack.rows,
)


def main(prefixes: tuple[str, ...]) -> None:
    """Measure the chosen rows and write each as soon as it is known."""
    # Stock pyHanko warns on every signature that it was told not to use the network.
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    home = BenchHome()
    report.write_head()
    for group in GROUPS:
        for row in group(home):
            if prefixes and not row.name.startswith(prefixes):
                continue
            settle()
            if isinstance(row, Latency):
                report.write_latency(row)
            elif isinstance(row, Split):
                report.write_split(row)
            else:
                report.write(measure(row))


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
