"""What an operation costs does not grow with the register: SQLite counts its steps."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from bench.sizes.curve import Curve
from registry.licences.ended_suspensions import settle_ended
from registry.licences.expiring import ExpiryNotices, list_expiring
from signing.sandbox import Sandbox
from tests.world import World, copy_world

LISTING = {
    "list what expires",
    *(f"search: {name}" for name in ("name", "part of a name", "common part", "all", "state")),
    *(f"search: common part, {state}" for state in ("suspended", "expired")),
}
"""Lists of what is found, up to a limit, of which there is less among few."""
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
    assert len(few) == 29
    assert min(few.values()) > 0
    grown = {name: (few[name], many[name]) for name in few if many[name] > 1.5 * few[name]}
    assert {name for name in grown if name not in LISTING} == set()


def test_what_expires_is_found_by_its_day_alone(sqlite_world: World) -> None:
    """Not by its state, which nearly all licences have."""
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "licences.valid_until >=" in statement or "licences.suspended_until <" in statement:
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[3] for row in rows))

    database, today = sqlite_world.home.database, sqlite_world.home.today()
    event.listen(Engine, "before_cursor_execute", explain)
    try:
        with database.reading() as connection:
            list_expiring(connection, today, 60)
        ExpiryNotices(database, sqlite_world.clock).note(today)
        settle_ended(database, sqlite_world.clock, today)
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    assert len(plans) == 4
    assert all("ix_licences_term (valid_until>" in one for one in plans[:3])
    assert "ix_licences_suspended_until (suspended_until<" in plans[3]
    assert not any("TEMP B-TREE" in one for one in plans[:3])
