"""A loss is accepted by an event that the journal knows, never by SQL."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from registry.audit.chain import RESTORED, RESTORER
from registry.audit.events import record
from registry.audit.findings import Fault
from registry.db.tables import audit_events, register_facts
from registry.facts.loss import (
    ACCEPTED,
    LOSS,
    VERSIONS_UNKNOWN,
    UnacceptedLossError,
    accept_loss,
    note_loss,
    refuse_with_loss,
)
from tests.registry.reconcile.test_reconcile import faults
from tests.world import World


def lose(world: World, *, complete: bool = False) -> None:
    """Tell of a restoration, without a journal unless it is `complete`."""
    at = world.clock.now()
    with world.home.database.writing() as connection:
        record(
            connection,
            at=at,
            actor=RESTORER,
            action=RESTORED,
            subject="register",
            after={"backup_made_at": at.isoformat(), "journal_complete": complete},
        )
        if not complete:
            note_loss(connection, at)


def accept(world: World) -> None:
    home = world.home
    accept_loss(
        home.database, home.journal, actor=home.actor, basis="测试", clock=home.clock, gap=1
    )


def forget(world: World, name: str) -> None:
    with world.home.database.writing() as connection:
        connection.execute(delete(register_facts).where(register_facts.c.name == name))


def test_a_mark_that_was_taken_away_stands_by_its_event(world: World) -> None:
    lose(world, complete=True)
    refuse_with_loss(world.home.database)
    lose(world)
    assert faults(world) == []
    forget(world, LOSS)
    with pytest.raises(UnacceptedLossError, match=f"{world.clock.now():%Y-%m-%d}"):
        refuse_with_loss(world.home.database)
    ((fault, said),) = faults(world)
    assert fault is Fault.ERASED
    assert LOSS in said
    lose(world, complete=True)
    forget(world, LOSS)
    with pytest.raises(UnacceptedLossError):  # a later restoration accepts nothing
        refuse_with_loss(world.home.database)
    accept(world)
    refuse_with_loss(world.home.database)
    assert faults(world) == []


def test_events_that_are_not_what_was_recorded_accept_nothing(world: World) -> None:
    lose(world)
    with world.home.database.writing() as connection:
        connection.execute(delete(register_facts).where(register_facts.c.name == LOSS))
        (row,) = connection.execute(
            select(audit_events).where(audit_events.c.action == RESTORED)
        ).mappings()
        this = audit_events.c.sequence == row["sequence"]
        facts = row["after"] | {"journal_complete": True}
        connection.execute(update(audit_events).where(this).values(after=facts))
    with pytest.raises(UnacceptedLossError):
        refuse_with_loss(world.home.database)
    with world.home.database.writing() as connection:
        connection.execute(update(audit_events).where(this).values(after=row["after"]))
        other = (
            audit_events.c.sequence
            == select(audit_events.c.sequence)
            .order_by(audit_events.c.sequence)
            .limit(1)
            .scalar_subquery()
        )
        connection.execute(update(audit_events).where(other).values(action=ACCEPTED))
    with pytest.raises(UnacceptedLossError):
        refuse_with_loss(world.home.database)


def test_an_acceptance_that_the_journal_does_not_know_is_told(world: World) -> None:
    """However well its event is chained."""
    lose(world)
    with world.home.database.writing() as connection:
        connection.execute(delete(register_facts).where(register_facts.c.name == LOSS))
        record(
            connection,
            at=world.clock.now(),
            actor=world.home.actor,
            action=ACCEPTED,
            subject="register",
            after={"backup_made_at": "x", "gap": 1},
        )
    told = dict(faults(world))
    assert "the journal knows of no such acceptance" in told[Fault.CONTRADICTED]
    assert VERSIONS_UNKNOWN in told[Fault.EDITED]


def test_when_a_loss_was_accepted_is_kept(world: World) -> None:
    """By it, versions are left out that may have been given after the backup."""
    lose(world)
    world.clock.advance(timedelta(hours=1))
    accept(world)
    assert faults(world) == []
    forget(world, VERSIONS_UNKNOWN)
    ((fault, said),) = faults(world)
    assert fault is Fault.EDITED
    assert VERSIONS_UNKNOWN in said
    with world.home.database.writing() as connection:
        values = {"name": VERSIONS_UNKNOWN, "value": "2001-01-01T00:00:00+00:00"}
        connection.execute(register_facts.insert().values(values))
    assert VERSIONS_UNKNOWN in dict(faults(world))[Fault.EDITED]
