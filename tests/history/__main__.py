"""Long runs: `python -m tests.history --seed 1 --steps 10000 --database postgresql`.

A history that fails tells its seed and its step, and can be played again up to there.
"""

import argparse
import sys

from tests.databases import KINDS
from tests.history.run import LENGTH, run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first history")
    parser.add_argument("--steps", type=int, default=10_000, help="how many in all")
    parser.add_argument("--length", type=int, default=LENGTH, help="steps of one history")
    parser.add_argument("--database", choices=KINDS, help="both, unless said")
    return parser.parse_args()


def main() -> int:
    """Play histories; 1 if any failed."""
    chosen = _arguments()
    kinds = KINDS if chosen.database is None else (chosen.database,)
    failed = sum(run(chosen.seed, chosen.steps, chosen.length, kind) for kind in kinds)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
