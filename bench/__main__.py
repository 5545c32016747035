"""`python -m bench [PREFIX …]`: every benchmark, or the rows whose names begin so.

A group of rows is a module with `rows(home)`; a new one is named in `GROUPS`.
"""

import logging
import sys
from collections.abc import Callable, Iterator

from bench import crl, granting, issuing, known, report, sealing, token, trust, verifying
from bench.home import BenchHome
from bench.measure import Row, measure
from signing.steady import settle

GROUPS: tuple[Callable[[BenchHome], Iterator[Row]], ...] = (
    sealing.rows,
    granting.rows,
    verifying.rows,
    known.rows,
    token.rows,
    crl.rows,
    issuing.rows,
    trust.rows,
)


def main(prefixes: tuple[str, ...]) -> None:
    """Measure the chosen rows and write each as soon as it is known."""
    # Stock pyHanko warns on every signature that it was told not to use the network.
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    home = BenchHome()
    report.write_head()
    for group in GROUPS:
        for row in group(home):
            if not prefixes or row.name.startswith(prefixes):
                settle()
                report.write(measure(row))


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
