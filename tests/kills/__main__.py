"""Long runs: `python -m tests.kills --seed 1 --rows 20000 --kills 500 --database postgresql`; with
`--faults`, database, disks and token fail in the middle of batches instead.
"""

import argparse
import random
import subprocess
import sys
import time

from tests.databases import KINDS
from tests.kills.faults import run_faults
from tests.kills.run import Kills, place


def main() -> int:
    """Kill batches on each database; an assertion tells what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--database", choices=KINDS, help="both, unless said")
    parser.add_argument("--faults", action="store_true", help="faults of the surroundings instead")
    chosen = parser.parse_args()
    if chosen.database is None:  # each in a process of its own, which takes one PKCS#11 module
        again = [sys.executable, "-m", "tests.kills", *sys.argv[1:], "--database"]
        return max(subprocess.call([*again, kind]) for kind in KINDS)
    begun, chance = time.monotonic(), random.Random(chosen.seed)
    if chosen.faults:
        what = f"faults {run_faults(chosen.database, chance)}"
    else:
        with place(chosen.database) as (directory, url):
            run = Kills(directory, url, chosen.rows, chosen.kills, chance)
            run.run()
        what = f"{chosen.rows} rows, killed {run.killed}"
    took = f"{time.monotonic() - begun:.0f} s"
    sys.stdout.write(f"{chosen.database}: seed {chosen.seed}, {what}: all right after {took}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
