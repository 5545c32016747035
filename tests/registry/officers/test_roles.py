"""Roles: given by another, for a time, in one body, and ended with a reason."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.errors import NotAllowedError
from core.ids import AuthorityId, IdentityId
from core.permits import EVERYTHING, Action, Reach, Role
from registry.db.tables import identities
from registry.journal.journal import JournalKind
from registry.model import ConflictError, NotFoundError
from registry.officers.identities import IdentityEndedError, InvalidOfficerError
from registry.officers.roles import OwnRoleError, assignments_of, end_role, list_roles
from tests.permits import MANAGE_OFFICERS
from tests.registry.officers.office import AT, MARKET, TRANSPORT, Office, permit_of

HOUR = timedelta(hours=1)


def test_a_role_is_given_and_ended(office: Office) -> None:
    li = office.add("li")
    given = office.give(li, Role.SEALER, until=AT + HOUR)
    with office.database.reading() as connection:
        (held,) = assignments_of(connection, li)
    assert (held.role, held.authority_id, held.valid_until) == (Role.SEALER, MARKET, AT + HOUR)
    assert (given.given_by, given.given_at, given.ended_at) == ("local:tester", AT, None)
    office.clock.advance(HOUR)
    with office.database.writing() as connection:
        now = office.clock.now()
        ended = end_role(connection, given.assignment_id, "调岗", MANAGE_OFFICERS, now)
        again = end_role(connection, given.assignment_id, "又", MANAGE_OFFICERS, now + HOUR)
        assert assignments_of(connection, li) == ()
    assert ended == again
    assert (ended.ended_by, ended.ended_at, ended.why) == ("local:tester", AT + HOUR, "调岗")
    told = [(one.action, one.basis) for one in office.events("role.")]
    assert told == [("role.added", None), ("role.ended", "调岗")]
    entries = [one.facts for one in office.journal.read() if one.kind is JournalKind.ROLE]
    assert entries == [{"role": given.assignment_id, "at": (AT + HOUR).isoformat()}]
    office.check()


def test_an_identity_that_ended_has_no_role(office: Office) -> None:
    li = office.add("li")
    office.give(li, Role.SEALER)
    with office.database.writing() as connection:
        connection.execute(update(identities).values(state="DISABLED"))
    with office.database.reading() as connection:
        assert assignments_of(connection, li) == ()
    with pytest.raises(IdentityEndedError):
        office.give(li, Role.OPERATOR)
    by = permit_of(li, Action.MANAGE_OFFICERS)
    with pytest.raises(IdentityEndedError):
        office.give(li, Role.OPERATOR, by=by)


def test_an_administrator_who_ended_gives_and_ends_nothing(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    held = office.give(wang, Role.SEALER)
    with office.database.writing() as connection:
        this = update(identities).where(identities.c.identity_id == li)
        connection.execute(this.values(state="DISABLED"))
    by = permit_of(li, Action.MANAGE_OFFICERS)
    with pytest.raises(IdentityEndedError):
        office.give(wang, Role.OPERATOR, by=by)
    with pytest.raises(IdentityEndedError), office.database.writing() as connection:
        end_role(connection, held.assignment_id, "试", by, AT)


def test_nobody_gives_a_role_to_themselves(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    system, merged = office.add("system", li), office.add("li-twice")
    with office.database.writing() as connection:
        this = update(identities).where(identities.c.identity_id == merged)
        connection.execute(this.values(merged_into=li))
    by = permit_of(li, Action.MANAGE_OFFICERS)
    for one in (li, system, merged):
        with pytest.raises(OwnRoleError):
            office.give(one, Role.SEALER, by=by)
    assert office.give(wang, Role.SEALER, by=by).given_by == f"id:{li}"


def test_a_role_is_given_in_the_authority_of_the_permit(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    by = permit_of(li, Action.MANAGE_OFFICERS)
    for elsewhere in (TRANSPORT, None):
        with pytest.raises(NotAllowedError):
            office.give(wang, Role.SEALER, elsewhere, by=by)
    given = office.give(wang, Role.SEALER, TRANSPORT)
    with pytest.raises(NotAllowedError), office.database.writing() as connection:
        end_role(connection, given.assignment_id, "试", by, AT)


def test_what_cannot_be_given(office: Office) -> None:
    li = office.add("li")
    office.give(li, Role.SEALER)
    with pytest.raises(ConflictError):
        office.give(li, Role.SEALER)
    with pytest.raises(NotFoundError):
        office.give(li, Role.SEALER, AuthorityId("nowhere"))
    with pytest.raises(NotFoundError):
        office.give(IdentityId("nobody"), Role.SEALER)
    for since, until in ((None, AT), (AT + HOUR, AT + HOUR), (None, AT - HOUR)):
        with pytest.raises(InvalidOfficerError):
            office.give(li, Role.OPERATOR, since=since, until=until)
    system = office.add("system", li)
    for role in Role:
        if role in (Role.APPROVER, Role.REGISTRAR, Role.ADMINISTRATOR):
            with pytest.raises(InvalidOfficerError):
                office.give(system, role)
        else:
            office.give(system, role)
    with pytest.raises(NotFoundError), office.database.writing() as connection:
        end_role(connection, "none", "试", MANAGE_OFFICERS, AT)


def test_a_role_that_ran_out_may_be_given_again(office: Office) -> None:
    li = office.add("li")
    office.give(li, Role.SEALER, until=AT + HOUR)
    office.clock.advance(HOUR)
    office.give(li, Role.SEALER)
    office.check()


def test_a_reason_is_needed(office: Office) -> None:
    given = office.give(office.add("li"), Role.SEALER)
    for why in ("", "  ", "长" * 501):
        with pytest.raises(InvalidOfficerError), office.database.writing() as connection:
            end_role(connection, given.assignment_id, why, MANAGE_OFFICERS, AT)
    with office.database.writing() as connection:
        end_role(connection, given.assignment_id, "长" * 500, MANAGE_OFFICERS, AT)


def test_roles_in_reach(office: Office) -> None:
    li = office.add("li")
    here, there = office.give(li, Role.SEALER), office.give(li, Role.SEALER, TRANSPORT)
    everywhere = office.give(li, Role.AUDITOR, None)

    def seen(reach: Reach) -> set[str]:
        with office.database.reading() as connection:
            return {one.assignment_id for one in list_roles(connection, reach)}

    ids = {one.assignment_id for one in (here, there, everywhere)}
    assert seen(EVERYTHING) == ids
    assert seen(Reach(frozenset({MARKET}))) == {here.assignment_id}
    assert seen(Reach()) == set()
