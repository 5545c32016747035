"""Long runs: `python -m tests.kills --seed 1 --rows 20000 --kills 500 --database postgresql`."""

import argparse
import random
import sys
import time

from tests.databases import KINDS
from tests.kills.run import Kills, place


def main() -> int:
    """Kill batches on each database; an assertion tells what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--database", choices=KINDS, help="both, unless said")
    chosen = parser.parse_args()
    for kind in KINDS if chosen.database is None else (chosen.database,):
        begun = time.monotonic()
        with place(kind) as (directory, url):
            run = Kills(directory, url, chosen.rows, chosen.kills, random.Random(chosen.seed))
            run.run()
        sys.stdout.write(
            f"{kind}: {chosen.rows} rows, seed {chosen.seed}, killed {run.killed}: "
            f"all right after {time.monotonic() - begun:.0f} s\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
