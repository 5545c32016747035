"""A restored register lets nobody act again who had left, nor a role that had ended."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from core.ids import IdentityId
from core.permits import Role
from registry.audit.chain import append
from registry.backup.merging import Merger
from registry.db.tables import audit_chain, audit_events, identities, metadata
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import IdentityEndedError, recognise
from registry.officers.journal import lapse_open
from registry.officers.leaving import Leaving
from registry.officers.roles import assignments_of, end_role
from registry.officers.states import enable_identity
from tests.permits import MANAGE_OFFICERS
from tests.registry.officers.office import AT, Office, signed_in

LATER = AT + timedelta(days=1)


def after_a_backup(office: Office, happens: Callable[[], None]) -> None:
    """Let something happen, and restore what was before it with the journal of after it."""
    tables = [one for one in metadata.sorted_tables if one.name != "audit_heads"]
    with office.database.reading() as connection:
        kept = [(one, connection.execute(select(one)).mappings().all()) for one in tables]
    happens()
    with office.database.writing() as connection:
        connection.execute(update(identities).values(merged_into=None, owner=None))
        for one in reversed(tables):
            connection.execute(delete(one))
        for one, rows in kept:
            if rows:
                connection.execute(insert(one), [dict(row) for row in rows])
        merger = Merger(connection, journal_complete=True)
        merger.merge_journal(office.journal)
        if events := [*merger.merge_lives(LATER), *lapse_open(connection, LATER)]:
            append(connection, events)
    assert {audit_chain.name, audit_events.name} <= {one.name for one in tables}
    office.check()


def leave(office: Office, departure: Departure) -> None:
    def none() -> None:
        raise AssertionError

    Leaving(
        database=office.database,
        ledger=None,  # type: ignore[arg-type]  # nobody has a certificate
        status_changes=none,  # type: ignore[arg-type]
        clock=office.clock,
    ).end_identity(departure, MANAGE_OFFICERS)


def disable(office: Office, who: IdentityId) -> None:
    leave(office, Departure(who, LeavingKind.DISABLED, "离职"))


def enters(connection: Connection, name: str) -> bool:
    try:
        recognise(connection, signed_in(name), LATER, secrets.token_bytes)
    except IdentityEndedError:
        return False
    return True


def test_a_role_that_ended_stays_ended(office: Office) -> None:
    li = office.add("li")
    ended, kept = office.give(li, Role.SEALER), office.give(li, Role.OPERATOR)

    def happens() -> None:
        with office.database.writing() as connection:
            end_role(connection, ended.assignment_id, "调岗", MANAGE_OFFICERS, AT)

    after_a_backup(office, happens)
    with office.database.reading() as connection:
        assert [one.role for one in assignments_of(connection, li)] == [kept.role]


def test_who_was_disabled_stays_so(office: Office) -> None:
    li = office.add("li")
    office.give(li, Role.SEALER)
    after_a_backup(office, lambda: disable(office, li))
    with office.database.writing() as connection:
        assert not enters(connection, "li")
        assert assignments_of(connection, li) == ()


def test_who_came_after_the_backup_and_left_does_not_come_back_as_new(office: Office) -> None:
    after_a_backup(office, lambda: disable(office, office.add("li")))
    with office.database.writing() as connection:
        assert not enters(connection, "li")
        assert enters(connection, "wang")


def test_who_was_merged_stays_so(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    merge = Departure(li, LeavingKind.MERGED, "重复", merged_into=wang)
    after_a_backup(office, lambda: leave(office, merge))
    with office.database.reading() as connection:
        column = identities.c
        query = select(column.state, column.merged_into).where(column.identity_id == li)
        assert tuple(connection.execute(query).one()) == ("MERGED", wang)


def test_who_was_merged_into_somebody_that_is_lost_is_disabled(office: Office) -> None:
    li = office.add("li")

    def happens() -> None:
        leave(office, Departure(li, LeavingKind.MERGED, "重复", merged_into=office.add("wang")))

    after_a_backup(office, happens)
    with office.database.writing() as connection:
        assert not enters(connection, "li")


@pytest.mark.parametrize("again", [False, True])
def test_who_came_back_is_back_unless_disabled_again(office: Office, *, again: bool) -> None:
    li = office.add("li")
    disable(office, li)

    def happens() -> None:
        with office.database.writing() as connection:
            enable_identity(connection, li, "回来", MANAGE_OFFICERS, AT)
        if again:
            disable(office, li)

    after_a_backup(office, happens)
    with office.database.writing() as connection:
        assert enters(connection, "li") is not again


def test_an_open_request_has_to_be_made_again(office: Office) -> None:
    li = office.add("li")
    request = office.ask(li)
    after_a_backup(office, lambda: None)
    lapsed = office.events("request.lapsed")
    assert [(one.subject, one.actor) for one in lapsed] == [
        (f"request:{request.request_id}", "restore")
    ]
