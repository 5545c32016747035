"""What an operation costs does not grow with the register: SQLite counts its steps."""

import sqlite3
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.pool import Pool

from bench.sizes.curve import Curve
from signing.sandbox import Sandbox
from tests.world import copy_world

_FEW, _MANY = 200, 4_000
_A_TURN = 10
"""Steps of SQLite's machine, as its progress handler counts them."""


def _steps(curve: Curve) -> dict[str, int]:
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    def watch(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_progress_handler(count, _A_TURN)

    event.listen(Pool, "checkout", watch)
    steps: dict[str, int] = {}
    try:
        for name, work in curve.operations():
            work(0)
            before = counted[0]
            work(1)
            steps[name] = counted[0] - before
    finally:
        event.remove(Pool, "checkout", watch)
    return steps


def test_nothing_takes_more_steps_among_twenty_times_as_many_licences(
    sqlite_template: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    with copy_world(sqlite_template, tmp_path, sandbox=sandbox) as world:
        curve = Curve(world.home, None)
        curve.fill(_FEW)
        few = _steps(curve)
        curve.fill(_MANY)
        many = _steps(curve)
    assert len(few) == 9
    assert min(few.values()) > 0
    grown = {name: (few[name], many[name]) for name in few if many[name] > 1.5 * few[name]}
    assert grown == {}
