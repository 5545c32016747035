"""`python -m tests.fuzz`: a long run of mutants with a seed of its own, or one of them again."""

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path

from tests.fuzz.campaign import Campaign, Tally, campaign, save
from tests.fuzz.seeds import Seed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="number of the run")
    parser.add_argument("--count", type=int, default=100_000, help="how many mutants")
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument("--minutes", type=float, default=math.inf, help="end after so many")
    parser.add_argument("--workers", type=int, default=1, help="how many at once")
    parser.add_argument("--seeds", type=Path, help="folder of further PDFs to start from")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="where findings go")
    return parser.parse_args()


def _progress(tally: Tally, keep: Path) -> None:
    if tally.count % 1000 == 0:
        save(tally.findings, keep)
        told = tally.described()
        sys.stderr.write(
            f"{tally.count} in {told['seconds']} s, findings {told['faults']}, "
            f"slowest {told['slowest_seconds']} s, worker {told['worker_mib']} MiB\n"
        )


def _more(folder: Path | None) -> tuple[Seed, ...]:
    paths = sorted(folder.glob("*.pdf")) if folder is not None else []
    return tuple(Seed(path.stem, path.read_bytes()) for path in paths)


def _run(fuzzed: Campaign, arguments: argparse.Namespace) -> Tally:
    last = arguments.first + arguments.count
    return fuzzed.run(
        arguments.seed,
        range(arguments.first, last),
        lambda tally: _progress(tally, arguments.keep),
        arguments.minutes * 60,
    )


def main() -> int:
    """Run, save what was found, print the figures as JSON; 1 if anything was found."""
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="xy-fuzz-") as directory,
        campaign(Path(directory), arguments.workers, _more(arguments.seeds)) as fuzzed,
    ):
        tally = _run(fuzzed, arguments)
        save(tally.findings, arguments.keep)
    sys.stdout.write(json.dumps(tally.described(), ensure_ascii=False, indent=1) + "\n")
    return 1 if tally.findings or tally.faults_of_resources() else 0


if __name__ == "__main__":
    sys.exit(main())
