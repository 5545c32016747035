"""What is edited in the table of revisions, or in the events that registered them, is told."""

import pytest
from sqlalchemy import delete, insert, select, update

from registry.audit.findings import Fault
from registry.db.tables import audit_events, revisions
from signing.levels import PadesLevel
from tests.registry.answers.test_known import forged_pdf, row_of
from tests.registry.reconcile.test_verification import rehash, rows, set_end, write
from tests.world import World


def faults(world: World) -> list[tuple[Fault, int]]:
    audit = world.home.audit
    report = audit.verify(audit.public_keys())
    return [(one.fault, one.first) for one in report.findings]


def registering_event(world: World) -> int:
    query = select(audit_events.c.sequence).where(audit_events.c.action == "licence.granted")
    with world.home.database.reading() as connection:
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_what_was_registered_is_borne_out(world: World, level: PadesLevel) -> None:
    world.grant(level=level)
    assert faults(world) == []


def test_a_forged_row_is_told(world: World) -> None:
    granted = world.grant()
    event = registering_event(world)
    for bound, expected in ((None, 0), (event, event), (event - 1, event - 1)):
        with world.home.database.writing() as connection:
            connection.execute(
                insert(revisions).values(row_of(granted, forged_pdf(granted), bound))
            )
        journal = [(Fault.CONTRADICTED, expected)] if bound == event else []
        assert faults(world) == [(Fault.UNREGISTERED, expected), *journal]
        with world.home.database.writing() as connection:
            connection.execute(delete(revisions).where(revisions.c.sequence == 9))


@pytest.mark.parametrize(
    "values", [{"sha256": "0" * 64}, {"length": 1}, {"sequence": 3}, {"event": None}]
)
def test_an_edited_row_is_told_with_what_is_missing(
    world: World, values: dict[str, object]
) -> None:
    world.grant()
    event = registering_event(world)
    with world.home.database.writing() as connection:
        connection.execute(update(revisions).values(values))
    named = 0 if values == {"event": None} else event
    journal = [(Fault.CONTRADICTED, event)] if named else []
    assert faults(world) == [(Fault.UNREGISTERED, named), (Fault.UNRECORDED, event), *journal]


def test_a_deleted_row_is_told(world: World) -> None:
    world.grant(level=PadesLevel.B_LTA)
    event = registering_event(world)
    with world.home.database.writing() as connection:
        connection.execute(delete(revisions).where(revisions.c.sequence == 0))
    assert faults(world) == [(Fault.UNRECORDED, event)]


def test_events_from_before_bear_out_their_longest_revision(sqlite_world: World) -> None:
    sqlite_world.grant(0, level=PadesLevel.B_LTA)
    with sqlite_world.home.database.writing() as connection:
        events = rows(connection)
        for event in events:
            after = event["after"]
            if isinstance(after, dict):
                event["after"] = {key: after[key] for key in after if key != "revisions"}
        rehash(events)
        write(connection, events)
        set_end(connection, events)
    told = {fault for fault, _ in faults(sqlite_world)}
    assert told <= {Fault.REWRITTEN}, "the signed heads alone, which tell of the rewritten events"
    with sqlite_world.home.database.writing() as connection:
        connection.execute(
            update(revisions).where(revisions.c.sequence == 1).values(sha256="0" * 64)
        )
    assert {fault for fault, _ in faults(sqlite_world)} - {Fault.REWRITTEN} == {
        Fault.UNREGISTERED,
        Fault.UNRECORDED,
    }
