"""The sweep over approvals that count no more: it holds no writer up, however many there are."""

import secrets
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from registry.db.database import Database
from registry.db.tables import grant_requests
from registry.desk.judging import SheetAsk
from registry.officers.approval_use import Deciders, reopen_void
from registry.officers.model import DeskRequestState
from tests.registry.desk.batch.batch_world import TYPE, BatchWorld, sheet
from tests.world import World

MANY = 300
_COLUMN = grant_requests.c


def _approve_many(batches: BatchWorld) -> None:
    """Have one request approved, and copy it."""
    desk = batches.desk
    made = desk.batches.ask(batches.standing("li"), SheetAsk(TYPE, sheet(count=1)), "batch-001")
    desk.approve(batches.standing("wang"), made.request_id, "材料齐全")
    with batches.world.home.database.writing() as connection:
        this = select(grant_requests).where(_COLUMN.request_id == made.request_id)
        row = dict(connection.execute(this).mappings().one())
        copies = [
            row | {"request_id": secrets.token_hex(10), "request_key": None}
            for _ in range(MANY - 1)
        ]
        connection.execute(insert(grant_requests), copies)


def _in_state(batches: BatchWorld, state: DeskRequestState) -> int:
    with batches.world.home.database.reading() as connection:
        query = select(func.count()).where(_COLUMN.state == state)
        return connection.execute(query).scalar_one()


def test_hundreds_of_approvals_are_judged_while_others_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = BatchWorld(world)
    batches.staff()
    _approve_many(batches)
    batches.end_roles("wang")
    with world.home.database.writing() as connection:  # as a role that ran out leaves them
        connection.execute(update(grant_requests).values(state=DeskRequestState.APPROVED))
    stand_by, judged, at_once = Deciders.stand_by, [0], []

    def told(self: Deciders, *given: Any) -> bool:
        judged[0] += 1
        if judged[0] in (1, MANY // 2, MANY):
            with other.writing(timedelta(milliseconds=50)) as connection:
                values = {"reason": f"written meanwhile {judged[0]}"}
                connection.execute(update(grant_requests).values(values))
        return stand_by(self, *given)

    def counted(connection: Any, void: list[str], *given: Any) -> list[str]:
        at_once.append(len(void))
        return reopen_void(connection, void, *given)

    monkeypatch.setattr(Deciders, "stand_by", told)
    monkeypatch.setattr("registry.desk.desk.reopen_void", counted)
    with closing(Database(world.home.database.url)) as other:
        batches.desk.forget_lapsed()
    assert (judged[0], max(at_once), sum(at_once)) == (2 * MANY, 20, MANY)
    assert _in_state(batches, DeskRequestState.WAITING) == MANY
