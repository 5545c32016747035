"""Suspensions until a date: their end follows from the date, and is written down afterwards."""

from datetime import date, timedelta
from unittest import mock

import pytest
from sqlalchemy import select, update

from core.clock import civil_date
from core.errors import XinyinError
from registry.audit.findings import Fault
from registry.backup.licences import merge_licence
from registry.db.tables import compromised_licences, licences
from registry.journal.journal import JournalKind
from registry.journal.mirroring import Mirror
from registry.licences.ended_suspensions import settle_ended
from registry.licences.history import licence_at
from registry.licences.journal import ToldLicence, parse_licence
from registry.licences.licences import (
    LicenceChange,
    change_state,
    find_licence,
    is_in,
    select_licences,
)
from registry.licences.suspending import keep_suspended
from registry.model import ConflictError, Licence, LicenceState, Reason
from tests.permits import CHANGE_LICENCE, HANDLE_COMPROMISE
from tests.registry.granting.test_granting import CHINA
from tests.registry.reconcile.test_reconcile import faults
from tests.world import World

IN_FORCE, SUSPENDED, CANCELLED = (
    LicenceState.IN_FORCE,
    LicenceState.SUSPENDED,
    LicenceState.CANCELLED,
)
DAY = timedelta(days=1)


def change(
    world: World,
    one: Licence,
    what: LicenceChange,
    until: date | None = None,
    reason: Reason | None = Reason.WITHHELD,
) -> Licence:
    with world.home.database.writing() as connection:
        return change_state(
            connection,
            one.identifier,
            what,
            reason=reason,
            basis="依据",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
            today=world.home.today(),
            until=until,
        )


def suspend(world: World, one: Licence, until: date | None) -> Licence:
    return change(world, one, LicenceChange.SUSPEND, until)


def on_record(world: World, one: Licence) -> Licence:
    with world.home.database.reading() as connection:
        return find_licence(connection, one.identifier)


def settle_all(world: World) -> int:
    return settle_ended(world.home.database, world.home.clock, world.home.today())


def test_it_ends_after_its_last_day_whoever_looks(world: World) -> None:
    """Computed the same in SQL; written down once; each moment of it stays what it was."""
    granted, today = world.grant().licence, world.home.today()
    assert suspend(world, granted, today + 2 * DAY).suspended_until == today + 2 * DAY
    while_so = world.clock.now()
    world.clock.advance(2 * DAY)
    assert on_record(world, granted).effective_state(world.home.today()) is SUSPENDED
    assert settle_all(world) == 0
    world.clock.advance(DAY)
    ended, now = world.home.today(), world.clock.now()
    assert on_record(world, granted).state is SUSPENDED, "nobody wrote it down yet"
    assert on_record(world, granted).effective_state(ended) is IN_FORCE
    for on in (today, today + 2 * DAY, ended, granted.valid_until or ended):
        with world.home.database.reading() as connection:
            found = {
                state
                for state in LicenceState
                if select_licences(
                    connection, is_in(state, on), licences.c.identifier == granted.identifier
                )
            }
        assert found == {on_record(world, granted).effective_state(on)}
    assert (settle_all(world), settle_all(world)) == (1, 0)
    now_so = on_record(world, granted)
    assert (now_so.state, now_so.reason, now_so.suspended_until) == (IN_FORCE, None, None)
    with world.home.database.reading() as connection:
        then = licence_at(connection, now_so, while_so, civil_date(while_so, CHINA)).licence
        after = licence_at(connection, now_so, now, civil_date(now, CHINA)).licence
    assert then is not None
    assert then.effective_state(today) is SUSPENDED
    assert after is not None
    assert after.effective_state(ended) is IN_FORCE
    assert faults(world) == []


def test_another_end_may_be_set_while_it_runs(world: World) -> None:
    granted, today = world.grant().licence, world.home.today()
    suspend(world, granted, today + 5 * DAY)
    for until in (today + 9 * DAY, today + 1 * DAY, None, today):
        assert suspend(world, granted, until).suspended_until == until
        with pytest.raises(ConflictError):
            suspend(world, granted, until)
        assert faults(world) == []
    for unfit in (today - DAY, today + 3661 * DAY):
        with pytest.raises(XinyinError):
            suspend(world, granted, unfit)
    world.clock.advance(DAY)
    # A change after the end begins with what it ended in, and that is written down before it.
    again = suspend(world, granted, None)
    assert (again.state, again.suspended_until) == (SUSPENDED, None)
    assert change(world, granted, LicenceChange.REINSTATE, reason=None).state is IN_FORCE
    suspend(world, granted, today + 9 * DAY)
    cancelled = change(world, granted, LicenceChange.CANCEL, reason=Reason.FORFEITED)
    assert (cancelled.state, cancelled.suspended_until) == (CANCELLED, None)
    world.clock.advance(30 * DAY)
    assert settle_all(world) == 0
    assert on_record(world, granted).effective_state(world.home.today()) is CANCELLED
    assert faults(world) == []


def test_a_new_version_may_follow_once_it_has_ended(sqlite_world: World) -> None:
    world = sqlite_world
    granted, today = world.grant().licence, world.home.today()
    suspend(world, granted, today)
    request = world.request(replaces=granted.identifier, reason=Reason.CHANGED, request_key="k" * 9)
    with pytest.raises(ConflictError):
        world.home.granting.grant(request)
    world.clock.advance(DAY)
    made = world.home.granting.grant(request).licence
    assert on_record(world, granted).replaced_by == made.identifier
    assert faults(world) == []


def test_a_compromised_seal_takes_the_end_away(sqlite_world: World) -> None:
    """It would come back into force with a document that nobody can rely on."""
    world = sqlite_world
    granted, today = world.grant().licence, world.home.today()
    suspended = suspend(world, granted, today + DAY)
    with world.home.database.writing() as connection:
        keep_suspended(connection, suspended, HANDLE_COMPROMISE, world.clock.now())
    world.clock.advance(5 * DAY)
    assert on_record(world, granted).effective_state(world.home.today()) is SUSPENDED
    assert settle_all(world) == 0
    assert faults(world) == []


def test_an_edited_end_is_told(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant().licence
    suspend(world, granted, None)
    world.clock.advance(timedelta(minutes=5))
    this = update(licences).where(licences.c.identifier == granted.identifier)
    with world.home.database.writing() as connection:
        connection.execute(this.values(suspended_until=world.home.today()))
    assert faults(world) != []


def test_a_restore_brings_the_end_back(sqlite_world: World) -> None:
    """Of the journal's last word: what was suspended after the backup ends when it was to end."""
    world = sqlite_world
    granted, until = world.grant().licence, world.home.today() + DAY
    suspend(world, granted, until)
    journal = world.home.journal
    said = [one for one in journal.read() if one.kind is JournalKind.LICENCE][-1]
    told = parse_licence(said.facts)
    assert told.suspended_until == until
    undated = ToldLicence(told.identifier, IN_FORCE, None, told.changed_at - DAY, None)
    with world.home.database.writing() as connection:
        assert merge_licence(connection, undated)
        assert merge_licence(connection, told)
        row = connection.execute(
            select(licences.c.state, licences.c.suspended_until).where(
                licences.c.identifier == granted.identifier
            )
        ).one()
        assert (row.state, row.suspended_until) == (SUSPENDED, until)
        assert connection.execute(select(compromised_licences)).all() == []


def test_an_end_brought_forward_and_cut_off_before_the_journal_is_no_edit(
    sqlite_world: World,
) -> None:
    """It loosens, so that the journal hears of it after the commit; then it may not hear at all."""
    world = sqlite_world
    granted, today = world.grant().licence, world.home.today()
    suspend(world, granted, today + 9 * DAY)
    with mock.patch.object(Mirror, "committed"):
        suspend(world, granted, today + DAY)
    world.clock.advance(timedelta(minutes=10))
    found = faults(world)
    assert [one for one, _ in found] == [Fault.DISAGREES]
