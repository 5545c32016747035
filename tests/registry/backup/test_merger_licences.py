"""What a restore makes of licences: those that were pending, and those that a journal tells of."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from core.ids import LicenceIdentifier
from core.permits import Actor
from registry.backup.licences import merge_licence, restored_licence, void_pending
from registry.backup.merging import Merger
from registry.db.tables import licences, series
from registry.journal.journal import JournalKind
from registry.licences.journal import ToldLicence, licence_entry
from registry.model import LicenceState, Reason
from tests.world import World, reserved

IN_FORCE, SUSPENDED, PENDING = LicenceState.IN_FORCE, LicenceState.SUSPENDED, LicenceState.PENDING
CANCELLED, REPLACED, VOID = LicenceState.CANCELLED, LicenceState.REPLACED, LicenceState.VOID
UNKNOWN = LicenceIdentifier("1.2.156.3005.2.99999999.99999999999999999X.000000001.001.0")
HOUR = timedelta(hours=1)


def reserve(
    world: World, connection: Connection, index: int = 0, state: LicenceState = PENDING,
    **rest: object,
) -> LicenceIdentifier:  # fmt: skip
    """Put a licence on record in some state, without a document."""
    request = world.request(index, "food-operation", **rest)
    made = reserved(world.home.reservations, connection, request).licence.identifier
    connection.execute(update(licences).where(licences.c.identifier == made).values(state=state))
    return made


def row_of(connection: Connection, identifier: str) -> dict[str, object]:
    row = connection.execute(select(licences).where(licences.c.identifier == identifier))
    return dict(row.mappings().one())


def holds_its_number(connection: Connection, identifier: str) -> bool:
    of = series.c.series_id == row_of(connection, identifier)["series_id"]
    return bool(connection.execute(select(series.c.open).where(of)).scalar_one())


def told(
    identifier: LicenceIdentifier, state: LicenceState, at: datetime,
    reason: Reason | None = None, replaced_by: LicenceIdentifier | None = None,
) -> ToldLicence:  # fmt: skip
    return ToldLicence(identifier, state, reason, at, replaced_by)


def test_what_was_pending_is_void_and_its_request_may_come_again(sqlite_world: World) -> None:
    world, later = sqlite_world, sqlite_world.clock.now() + HOUR
    with world.home.database.writing() as connection:
        first = reserve(world, connection, 0, request_key="k")
        before = reserve(world, connection, 1, IN_FORCE)
        next_one = reserve(world, connection, 1, replaces=before, reason=Reason.CORRECTED)
        suspended = reserve(world, connection, 2, SUSPENDED)
        kept = [row_of(connection, one) for one in (before, suspended)]
        events = void_pending(connection, later)
        for one in (first, next_one):
            row = row_of(connection, one)
            assert (row["state"], row["changed_at"]) == (VOID, later)
            assert row["basis"] == "恢复备份时作废 voided by a restore"
            assert row["request_key"] is row["request_digest"] is row["claim"] is None
        assert [row_of(connection, one) for one in (before, suspended)] == kept
        assert not holds_its_number(connection, first)
        assert holds_its_number(connection, before), "its next version has the same"
        assert holds_its_number(connection, suspended)
        assert sorted(one.subject for one in events) == sorted([first, next_one])
        for event in events:
            assert (event.at, event.actor) == (later, Actor("restore"))
            assert event.action == "licence.voided"
            assert event.basis == "恢复备份时作废 voided by a restore"
        again = reserve(world, connection, 0, request_key="k")
        assert again != first
        assert void_pending(connection, later)[0].subject == again


@pytest.mark.parametrize(
    ("state", "reason", "stays_open"),
    [
        (SUSPENDED, Reason.UNDER_REVIEW, True),
        (CANCELLED, Reason.FORFEITED, False),
        (REPLACED, Reason.CHANGED, False),
        (IN_FORCE, None, True),
    ],
)
def test_a_licence_comes_to_what_was_said_of_it(
    sqlite_world: World, state: LicenceState, reason: Reason | None, *, stays_open: bool
) -> None:
    """One that is closed and has no next version on record holds its number no longer."""
    world, later = sqlite_world, sqlite_world.clock.now() + HOUR
    with world.home.database.writing() as connection:
        licence, other = (reserve(world, connection, index, IN_FORCE) for index in (0, 1))
        known = row_of(connection, other)
        assert merge_licence(connection, told(licence, state, later, reason, UNKNOWN))
        row = row_of(connection, licence)
        assert (row["state"], row["reason"], row["changed_at"]) == (state, reason, later)
        assert (row["basis"], row["replaced_by"]) == (
            "依恢复日志恢复 restored from the journal",
            None,
        )
        assert holds_its_number(connection, licence) == stays_open
        assert row_of(connection, other) == known
        assert holds_its_number(connection, other)


@pytest.mark.parametrize("successor", [IN_FORCE, CANCELLED, VOID])
def test_what_was_replaced_names_the_next_version_that_is_left(
    sqlite_world: World, successor: LicenceState
) -> None:
    world, later = sqlite_world, sqlite_world.clock.now() + HOUR
    with world.home.database.writing() as connection:
        licence = reserve(world, connection, 0, IN_FORCE)
        by = reserve(world, connection, 0, replaces=licence, reason=Reason.CHANGED)
        connection.execute(
            update(licences).where(licences.c.identifier == by).values(state=successor)
        )
        assert merge_licence(connection, told(licence, REPLACED, later, Reason.CHANGED, by))
        left = successor is not VOID
        assert row_of(connection, licence)["replaced_by"] == (by if left else None)
        assert holds_its_number(connection, licence) == left


@pytest.mark.parametrize("closed", [CANCELLED, REPLACED, VOID])
def test_what_is_closed_stays_so_whatever_is_said(
    sqlite_world: World, closed: LicenceState
) -> None:
    world, later = sqlite_world, sqlite_world.clock.now() + HOUR
    with world.home.database.writing() as connection:
        licence = reserve(world, connection, 0, closed)
        known = row_of(connection, licence)
        assert not merge_licence(connection, told(licence, IN_FORCE, later))
        assert row_of(connection, licence) == known
        assert not merge_licence(connection, told(UNKNOWN, CANCELLED, later, Reason.FORFEITED))


def test_the_journals_last_word_of_each_licence_counts(sqlite_world: World) -> None:
    world, at = sqlite_world, sqlite_world.clock.now()
    journal, later = world.home.journal, at + HOUR
    with world.home.database.writing() as connection:
        first, second, third = (reserve(world, connection, n, IN_FORCE) for n in range(3))
        for licence, state, reason, when in (
            (first, SUSPENDED, Reason.UNDER_REVIEW, at),
            (second, IN_FORCE, None, at),  # as it is
            (first, CANCELLED, Reason.SURRENDERED, later),
            (third, IN_FORCE, None, later),  # after a suspension
        ):
            facts = licence_entry(licence, state, reason, when, None)
            journal.append(JournalKind.LICENCE, facts)
        merger = Merger(connection, journal_complete=True)
        merger.merge_journal(journal)
        assert merger.merged.licences == [first, third]
        event, other = merger.events(later + HOUR)
        assert other == restored_licence(connection, third, later + HOUR)
    assert (event.at, event.actor, event.subject) == (later + HOUR, Actor("restore"), first)
    assert event.action == "licence.restored"
    assert event.basis == "依恢复日志恢复 restored from the journal"
    assert event.after == {
        "state": CANCELLED,
        "reason": Reason.SURRENDERED,
        "replaced_by": None,
        "changed_at": later.isoformat(),
    }
