"""An approval counts while who gave it might still decide, and ends with that right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from core.ids import IdentityId
from core.permits import Action, Role
from identity.people.groups import GroupRule
from identity.people.model import Pin, SignInWay
from identity.people.rights_check import OwnRequestError, SecondPersonRequiredError
from registry.db.tables import identities
from registry.desk.vouching import vouch_anew, vouched_of
from registry.officers.approval_use import (
    ApprovalEndedError,
    Deciders,
    approval_of,
    carry_out,
    find_void,
    reopen_void,
)
from registry.officers.departures import Departure, LeavingKind
from registry.officers.leaving import Leaving
from registry.officers.model import (
    AlreadyDecidedError,
    DeskRequest,
    DeskRequestState,
    IdentityState,
)
from registry.officers.request_rows import find_request
from registry.officers.requests import approve_request, reject_request
from registry.officers.roles import end_role
from tests.permits import GRANT, MANAGE_OFFICERS
from tests.registry.officers.office import (
    AT,
    DECIDERS,
    DIGEST,
    ISSUER,
    MARKET,
    TRANSPORT,
    Office,
    permit_of,
    signed_in,
)

BY_GROUP = Deciders(DECIDERS.zone, {ISSUER: (GroupRule("审批", Role.APPROVER, MARKET),)})


def leave(office: Office, departure: Departure) -> None:
    Leaving(
        database=office.database,
        ledger=None,  # type: ignore[arg-type]  # nobody has a certificate
        status_changes=lambda: None,  # type: ignore[arg-type,return-value]
        clock=office.clock,
    ).end_identity(departure, MANAGE_OFFICERS)


def approved(
    office: Office, who: IdentityId, groups: frozenset[str] = frozenset(), **rest: object
) -> DeskRequest:
    """Ask as somebody, and approve as `who`."""
    asked = office.ask(office.add(f"asker-{len(office.events('identity.added'))}"))
    identity = replace(signed_in("x"), identity_id=who, groups=groups, **rest)  # type: ignore[arg-type]
    with office.database.writing() as connection:
        return approve_request(
            connection,
            asked.request_id,
            "可",
            permit_of(who, Action.DECIDE),
            office.clock.now(),
            deciders=DECIDERS,
            vouched=vouched_of(identity, office.clock.now()),
        )


def counts(office: Office, request: DeskRequest, deciders: Deciders = DECIDERS) -> bool:
    """Tell whether an approval counts, by the look and by the act."""
    now = office.clock.now()
    with office.database.reading() as connection:
        try:
            looked = approval_of(connection, request.request_id, now, deciders) is not None
        except ApprovalEndedError:
            looked = False
    try:
        with office.database.writing() as connection:
            carry_out(connection, request.request_id, DIGEST, GRANT, now, deciders=deciders)
            raise Undo  # noqa: TRY301
    except Undo:
        acted = True
    except (ApprovalEndedError, AlreadyDecidedError):
        acted = False
    assert looked is acted
    return acted


class Undo(Exception):  # noqa: N818  # nothing is wrong
    """Nothing is kept of it."""


def ends_the_role(office: Office, who: IdentityId, role_id: str) -> None:
    del who
    with office.database.writing() as connection:
        end_role(connection, role_id, "调岗", MANAGE_OFFICERS, office.clock.now())


def leaves_the_authority(office: Office, who: IdentityId, role_id: str) -> None:
    del role_id
    leave(office, Departure(who, LeavingKind.LEFT_AUTHORITY, "调走", MARKET))


def is_disabled(office: Office, who: IdentityId, role_id: str) -> None:
    del role_id
    leave(office, Departure(who, LeavingKind.DISABLED, "离职"))


def is_merged(office: Office, who: IdentityId, role_id: str) -> None:
    del role_id
    into = office.add("into")
    leave(office, Departure(who, LeavingKind.MERGED, "重复", merged_into=into))


@pytest.mark.parametrize("ends", [ends_the_role, leaves_the_authority, is_disabled, is_merged])
def test_an_approval_ends_with_the_right_and_waits_for_another(
    office: Office, ends: Callable[[Office, IdentityId, str], None]
) -> None:
    wang, zhao = office.add("wang"), office.add("zhao")
    role = office.give(wang, Role.APPROVER)
    office.give(zhao, Role.APPROVER)
    request, other = approved(office, wang), approved(office, zhao)
    assert counts(office, request)
    ends(office, wang, role.assignment_id)
    assert not counts(office, request)
    assert counts(office, other), "another's stands"
    with office.database.writing() as connection:
        found = find_request(connection, request.request_id)
        assert (found.state, found.decided_by) == (DeskRequestState.WAITING, None)
        assert "重新批准" in (found.reason or "")
        permit = permit_of(zhao, Action.DECIDE)
        approve_request(connection, request.request_id, "可", permit, AT, deciders=DECIDERS)
    assert counts(office, request)
    office.check()


def test_what_another_role_lets_them_do_is_left_alone(office: Office) -> None:
    wang = office.add("wang")
    office.give(wang, Role.APPROVER)
    others = [office.give(wang, Role.SEALER), office.give(wang, Role.APPROVER, TRANSPORT)]
    request = approved(office, wang)
    for one in others:
        ends_the_role(office, wang, one.assignment_id)
    assert counts(office, request)


def test_an_approval_ends_with_a_role_that_runs_out(office: Office) -> None:
    wang, zhao = office.add("wang"), office.add("zhao")
    office.give(wang, Role.APPROVER, until=AT + timedelta(days=1))
    office.give(zhao, Role.APPROVER)
    request, second = approved(office, wang), approved(office, wang)
    office.clock.advance(timedelta(days=1))
    assert not counts(office, request)
    with (
        pytest.raises(SecondPersonRequiredError, match="needs a new decision"),
        office.database.reading() as connection,
    ):
        approval_of(connection, request.request_id, office.clock.now(), DECIDERS)

    permit, now = permit_of(zhao, Action.DECIDE), office.clock.now()
    with office.database.writing() as connection:
        approve_request(connection, request.request_id, "可", permit, now, deciders=DECIDERS)
        reject_request(connection, second.request_id, "不", permit, now, deciders=DECIDERS)
    assert counts(office, request)
    own = permit_of(IdentityId(request.requested_by.removeprefix("id:")), Action.DECIDE)
    ends_the_role(office, zhao, office.give(zhao, Role.REGISTRAR).assignment_id)
    with pytest.raises(AlreadyDecidedError), office.database.writing() as connection:
        approve_request(connection, request.request_id, "可", own, now, deciders=DECIDERS)
    leave(office, Departure(zhao, LeavingKind.DISABLED, "离职"))
    with pytest.raises(OwnRequestError), office.database.writing() as connection:
        approve_request(connection, request.request_id, "可", own, now, deciders=DECIDERS)
    office.check()


def test_a_group_s_role_counts_for_four_days_after_the_sign_in(office: Office) -> None:
    wang = office.add("wang")
    request = approved(office, wang, frozenset({"审批"}))
    assert not counts(office, request), "nobody has a role from a group here"
    assert counts(office, request, BY_GROUP)
    office.clock.advance(timedelta(days=4))
    assert not counts(office, request, BY_GROUP)

    def signs_in(*groups: str) -> None:
        identity = replace(signed_in("wang"), identity_id=wang, groups=frozenset(groups))
        with office.database.writing() as connection:
            vouch_anew(connection, identity, office.clock.now())

    signs_in("审批")
    assert counts(office, request, BY_GROUP)
    signs_in("别的")
    assert not counts(office, request, BY_GROUP)
    zhao = office.add("zhao")
    office.give(zhao, Role.APPROVER)
    other = approved(office, zhao)
    now = office.clock.now()
    with office.database.writing() as connection:
        void = find_void(connection, now, BY_GROUP)
        assert void == [request.request_id]
        assert reopen_void(connection, [*void, other.request_id], now, BY_GROUP) == void
        assert find_void(connection, now, BY_GROUP) == []
        assert reopen_void(connection, void, now, BY_GROUP) == [], "somebody was first"
        assert find_request(connection, request.request_id).state is DeskRequestState.WAITING
    signs_in("审批")
    assert not counts(office, request, BY_GROUP), "it waits for a decision, and was told so"
    assert counts(office, other, BY_GROUP)
    office.check()


def test_who_is_disabled_approves_nothing_by_a_group_either(office: Office) -> None:
    """Whatever else ends with them: roles of groups are not on record, so that none ends."""
    wang = office.add("wang")
    request = approved(office, wang, frozenset({"审批"}))
    assert counts(office, request, BY_GROUP)
    for state in (IdentityState.DISABLED, IdentityState.ACTIVE):
        with office.database.writing() as connection:
            this = update(identities).where(identities.c.identity_id == wang)
            connection.execute(this.values(state=state))
        assert counts(office, request, BY_GROUP) is (state is IdentityState.ACTIVE)


def test_the_emergency_s_credential_approves_nothing(office: Office) -> None:
    wang = office.add("wang")
    office.give(wang, Role.APPROVER)
    assert not counts(office, approved(office, wang, way=SignInWay.BREAK_GLASS))
    assert counts(office, approved(office, wang, pin=Pin(ISSUER, "sub-wang")))


def test_what_was_approved_before_it_was_kept_who_vouched_counts_by_roles_alone(
    office: Office,
) -> None:
    wang = office.add("wang")
    asked = office.ask(office.add("li"))
    now: datetime = office.clock.now()
    with office.database.writing() as connection:
        permit = permit_of(wang, Action.DECIDE)
        approve_request(connection, asked.request_id, "可", permit, now, deciders=BY_GROUP)
    assert not counts(office, asked, BY_GROUP)
    office.give(wang, Role.APPROVER)
    assert counts(office, asked)
