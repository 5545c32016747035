"""`python -m tests.mutation MODULE…`: mutate modules, and list what no test noticed.

Results go to `.mutation/MODULE.jsonl` as they come; a mutant that was killed is not tried again
while its source stays the same. `python -m tests.mutation --fresh` begins anew.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.stage import ForkStage, in_child

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
RESULTS = ROOT / ".mutation"
PACKAGES = (
    "ca",
    "cli",
    "core",
    "home",
    "identity",
    "issuing_api",
    "keys",
    "registry",
    "signing",
    "verify_api",
)
CONFIRM_SECONDS = 300
OPTIONS = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--timeout", "0"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a module beforehand."""

    tests: tuple[str, ...]
    """Files that the first stage collects."""
    processes: tuple[str, ...]
    """Tests that start processes of their own: for the second stage."""
    choice: tuple[str, ...]
    """Which of them: on SQLite only, where the engine makes no difference."""


def main() -> None:
    """Mutate what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", help="paths such as ca/issuing/issue.py; default: all known"
    )
    parser.add_argument("--sample", type=int, help="try so many of each module's mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="do without the second stage")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    chosen = parser.parse_args()
    known: dict[str, Any] = tomllib.loads((HERE / "modules.toml").read_text(encoding="utf-8"))
    RESULTS.mkdir(exist_ok=True)
    worst = 100.0
    for module in chosen.modules or known:
        told = known[module]
        choice = () if told.get("postgresql") else ("-k", "not postgresql")
        plan = Plan(tuple(told["tests"]), tuple(told.get("processes", ())), choice)
        if chosen.fresh:
            _results_file(module).unlink(missing_ok=True)
        # A copy of the project for the second stage, of this run's own.
        with tempfile.TemporaryDirectory(prefix="tree-", dir=RESULTS) as tree:
            stage = None if chosen.quick else Path(tree)
            share = mutate(module, plan, sample=chosen.sample, seed=chosen.seed, tree=stage)
        worst = min(worst, share)
    sys.exit(0 if worst >= 90 else 1)


def mutate(module: str, plan: Plan, *, sample: int | None, seed: int, tree: Path | None) -> float:
    """Try a module's mutants; print the survivors and return how many of 100 were killed.

    The second stage works in the folder `tree`; None does without it.
    """
    found = mutants(ROOT, module)
    if sample is not None and sample < len(found):
        found = random.Random(seed).sample(found, sample)
    killed = _known_killed(module)
    excused = {one["key"] for one in _equivalents()}
    left = [one for one in found if _digest(one) not in killed and one.key not in excused]
    passing: dict[str, tuple[str, ...]] = {}

    def tell(mutant: Mutant, dead: bool, tests: tuple[str, ...]) -> None:  # noqa: FBT001
        passing[mutant.key] = tests
        if dead:
            _keep(mutant, killed)

    if left:
        _first_stage(module, plan, left, tell)
    survivors = []
    for mutant in left:
        if _digest(mutant) in killed:
            continue
        by_it = passing.get(mutant.key, ())
        if tree is not None and _confirmed_dead(mutant, plan, by_it, tree):
            _keep(mutant, killed)
        else:
            survivors.append(mutant)
            _say(f"SURVIVED {mutant.module}:{mutant.line}\n  - {mutant.before}\n  + {mutant.after}")
            _say(f"  key = {mutant.key!r}; passed by {len(by_it)} tests")
    equivalent = sum(one.key in excused for one in found)
    counted = len(found) - equivalent
    share = 100.0 if not counted else 100 * (counted - len(survivors)) / counted
    _say(
        f"{module}: {counted - len(survivors)} of {counted} killed, {share:.1f} % "
        f"({equivalent} equivalent, {len(mutants(ROOT, module))} in all)"
    )
    return share


def _first_stage(
    module: str,
    plan: Plan,
    left: list[Mutant],
    tell: Callable[[Mutant, bool, tuple[str, ...]], None],
) -> None:
    stage = ForkStage(ROOT, module, left, tell)
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="xy-mutants-") as directory:
        pytest.main([*OPTIONS, "--basetemp", directory, *plan.choice, *plan.tests], plugins=[stage])


def _confirmed_dead(mutant: Mutant, plan: Plan, passing: tuple[str, ...], tree: Path) -> bool:
    """Run tests that import the changed source, from a copy of the project, from the beginning."""
    for package in PACKAGES:
        shutil.rmtree(tree / package, ignore_errors=True)
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("tests", "examples", "pyproject.toml", "deploy", "docs", "bench"):
        if not (tree / name).exists():
            (tree / name).symlink_to(ROOT / name)
    (tree / mutant.module).write_text(mutant.source, encoding="utf-8")
    tests = (*plan.choice, *plan.tests) if mutant.function is None else passing
    others = (*plan.choice, *plan.processes) if plan.processes else ()
    for chosen in (tests, others):
        if chosen and in_child(partial(_run_anew, chosen, tree), CONFIRM_SECONDS) != 0:
            return True
    return False


def _run_anew(tests: tuple[str, ...], tree: Path) -> int:
    """Run tests in this forked process, on the copy; what others wrote stays imported."""
    for name in list(sys.modules):
        if name.partition(".")[0] in (*PACKAGES, "tests", "bench"):
            del sys.modules[name]
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    with (RESULTS / "last-run.txt").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    with tempfile.TemporaryDirectory(prefix="xy-mutants-") as directory:
        return int(pytest.main(["-x", *OPTIONS, "--basetemp", directory, *tests]))


def _equivalents() -> list[dict[str, str]]:
    told = tomllib.loads((HERE / "equivalents.toml").read_text(encoding="utf-8"))
    found: list[dict[str, str]] = told["mutant"]
    return found


def _results_file(module: str) -> Path:
    return RESULTS / f"{module.replace('/', '.')}.jsonl"


def _digest(mutant: Mutant) -> str:
    return hashlib.sha256(mutant.source.encode()).hexdigest()


def _known_killed(module: str) -> set[str]:
    path = _results_file(module)
    if not path.exists():
        return set()
    return {json.loads(line)["digest"] for line in path.read_text(encoding="utf-8").splitlines()}


def _keep(mutant: Mutant, killed: set[str]) -> None:
    killed.add(_digest(mutant))
    line = json.dumps({"digest": _digest(mutant), "key": mutant.key}, ensure_ascii=False)
    with _results_file(mutant.module).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
