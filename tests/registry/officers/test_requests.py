"""Requests: of one content, decided by another, once, and carried out once."""

import subprocess
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.errors import NotAllowedError
from core.permits import EVERYTHING, Action, Permit, Reach, Role
from identity.people.rights_check import OwnRequestError
from registry.db.paging import Place
from registry.db.tables import grant_requests, identities
from registry.model import ConflictError
from registry.officers.approval_use import approval_of, carry_out
from registry.officers.identities import IdentityEndedError, InvalidOfficerError
from registry.officers.model import (
    AlreadyDecidedError,
    DeskRequest,
    DeskRequestState,
    NoSuchRequestError,
)
from registry.officers.request_rows import find_request, lapse_due, list_requests
from registry.officers.requests import KEPT, approve_request, reject_request, withdraw_request
from tests.forked import Forked
from tests.permits import DECIDE, GRANT, REQUEST
from tests.registry.officers.office import (
    AT,
    DECIDERS,
    DIGEST,
    MARKET,
    TRANSPORT,
    Office,
    permit_of,
)

APPROVER = "tests.registry.officers.approver"
HOUR = timedelta(hours=1)


def approve(office: Office, request: DeskRequest, permit: Permit = DECIDE) -> DeskRequest:
    with office.database.writing() as connection:
        return approve_request(
            connection, request.request_id, "可", permit, office.clock.now(), deciders=DECIDERS
        )


def test_a_request_is_made_approved_and_carried_out(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    office.give(wang, Role.APPROVER)
    made = office.ask(li)
    assert (made.state, made.requested_by) == (DeskRequestState.WAITING, f"id:{li}")
    office.clock.advance(HOUR)
    approved = approve(office, made, permit_of(wang, Action.DECIDE))
    assert (approved.state, approved.decided_by, approved.decided_at, approved.reason) == (
        DeskRequestState.APPROVED,
        f"id:{wang}",
        AT + HOUR,
        "可",
    )
    with office.database.reading() as connection:
        approval = approval_of(connection, made.request_id, AT, DECIDERS)
    assert approval is not None
    assert (approval.action, approval.authority_id, approval.digest) == (
        Action.GRANT,
        MARKET,
        made.digest,
    )
    assert made.digest.startswith("~"), "a token: who knows all but a code cannot try codes"
    assert DIGEST not in repr([one.after for one in office.events("request.")])
    assert approval.by_another
    with office.database.writing() as connection:
        done = carry_out(connection, made.request_id, DIGEST, GRANT, AT + HOUR, deciders=DECIDERS)
        assert approval_of(connection, made.request_id, AT, DECIDERS) is None
    assert (done.state, done.reason) == (DeskRequestState.DONE, "可")
    assert (done.decided_by, done.decided_at) == (f"id:{wang}", AT + HOUR)
    with pytest.raises(AlreadyDecidedError) as again, office.database.writing() as connection:
        carry_out(connection, made.request_id, DIGEST, GRANT, AT + HOUR, deciders=DECIDERS)
    assert again.value.details == {"state": "DONE", "at": done.changed_at.isoformat()}
    assert wang not in again.value.text.zh + again.value.text.en, "wang only approved"
    told = [(one.action, one.before, one.after) for one in office.events("request.")[1:]]
    assert told == [
        (
            "request.approved",
            {"state": "WAITING"},
            {"state": "APPROVED", "decided_by": f"id:{wang}"},
        ),
        ("request.done", {"state": "APPROVED"}, {"state": "DONE"}),
    ]
    office.check()


def test_what_was_asked_before_digests_were_tokens_is_carried_out(office: Office) -> None:
    made, wang = office.ask(None), office.add("wang")
    office.give(wang, Role.APPROVER)
    other = DIGEST[:-1] + ("0" if DIGEST[-1] != "0" else "1")
    with office.database.writing() as connection:
        connection.execute(update(grant_requests).values(digest=DIGEST))
    approve(office, made, permit_of(wang, Action.DECIDE))
    with office.database.writing() as connection:
        with pytest.raises(ConflictError, match="not what was asked for"):
            carry_out(connection, made.request_id, other, GRANT, AT, deciders=DECIDERS)
        done = carry_out(connection, made.request_id, DIGEST, GRANT, AT, deciders=DECIDERS)
    assert done.state is DeskRequestState.DONE


def test_nobody_decides_on_their_own(office: Office) -> None:
    """Nor through another name: a merged identity, a system that they own, another of theirs."""
    li, wang, twice = office.add("li"), office.add("wang"), office.add("li-twice")
    system, other = office.add("system", li), office.add("other-system", twice)
    with office.database.writing() as connection:
        this = update(identities).where(identities.c.identity_id == twice)
        connection.execute(this.values(merged_into=li))
    for asks in (li, system, twice, other):
        for decides in (li, asks):
            permit = permit_of(decides, Action.DECIDE)
            request = office.ask(asks)
            with pytest.raises(OwnRequestError):
                approve(office, request, permit)
            with pytest.raises(OwnRequestError), office.database.writing() as connection:
                reject_request(connection, request.request_id, "不", permit, AT, deciders=DECIDERS)
    for asks in (li, system, twice, other):
        assert approve(office, office.ask(asks), permit_of(wang, Action.DECIDE)).decided_by
    mine = office.ask(None)
    with pytest.raises(OwnRequestError):
        approve(office, mine)


def test_who_comes_second_is_told_by_whom_and_when(office: Office) -> None:
    li, wang, zhao = (office.add(one) for one in ("li", "wang", "zhao"))
    office.give(wang, Role.APPROVER)
    request = office.ask(li)
    approve(office, request, permit_of(wang, Action.DECIDE))
    office.clock.advance(HOUR)
    with pytest.raises(AlreadyDecidedError) as raised:
        approve(office, request, permit_of(zhao, Action.DECIDE))
    assert raised.value.details == {"by": f"id:{wang}", "state": "APPROVED", "at": AT.isoformat()}
    assert raised.value.code == "conflict"


def test_two_processes_decide_at_once(office: Office) -> None:
    """One is first; the other is told so."""
    li, wang, zhao = (office.add(one) for one in ("li", "wang", "zhao"))
    office.give(wang, Role.APPROVER)
    office.give(zhao, Role.APPROVER)
    url = office.database.url
    for _ in range(3):
        request = office.ask(li)
        processes = [
            Forked(
                [url, request.request_id, who, what],
                program=APPROVER,
                stdin=subprocess.PIPE,
                stderr=None,
            )
            for who, what in ((wang, "approve"), (zhao, "reject"))
        ]
        for one in processes:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in processes:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        said = [one.communicate(timeout=60)[0].strip() for one in processes]
        with office.database.reading() as connection:
            found = find_request(connection, request.request_id)
        first = 0 if found.decided_by == f"id:{wang}" else 1
        state = ("APPROVED", "REJECTED")[first]
        assert found.state == state
        assert said[first] == state
        assert said[1 - first] == f"conflict {found.decided_by} {state}"
    office.check()


def test_the_rights_of_a_request(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    request = office.ask(li)
    for permit in (
        permit_of(wang, Action.DECIDE, TRANSPORT),
        permit_of(wang, Action.REQUEST),
        REQUEST,
    ):
        with pytest.raises(NotAllowedError):
            approve(office, request, permit)
    with pytest.raises(NotAllowedError):
        approve(office, office.ask(None, None), permit_of(wang, Action.DECIDE))
    approve(office, request, permit_of(wang, Action.DECIDE))
    for permit in (permit_of(li, Action.GRANT, TRANSPORT), permit_of(li, Action.CHANGE_LICENCE)):
        with pytest.raises(NotAllowedError), office.database.writing() as connection:
            carry_out(connection, request.request_id, DIGEST, permit, AT, deciders=DECIDERS)


def test_an_approval_is_of_one_content(office: Office) -> None:
    request = office.ask(office.add("li"))
    with pytest.raises(AlreadyDecidedError) as waits, office.database.writing() as connection:
        carry_out(connection, request.request_id, DIGEST, GRANT, AT, deciders=DECIDERS)
    assert waits.value.details == {"state": "WAITING"}, "nobody decided it"
    assert request.requested_by not in waits.value.text.zh
    approve(office, request)
    with pytest.raises(ConflictError), office.database.writing() as connection:
        carry_out(connection, request.request_id, "cd" * 32, GRANT, AT, deciders=DECIDERS)


def test_a_key_leads_to_one_request(office: Office) -> None:
    li = office.add("li")
    first = office.ask(li, key="k")
    assert office.ask(li, key="k") == first
    assert office.ask(li, TRANSPORT, key="k").request_id != first.request_id
    for other in ({"digest": "cd" * 32}, {"action": Action.CHANGE_LICENCE}):
        with pytest.raises(ConflictError):
            office.ask(li, key="k", **other)
    assert len(office.events("request.added")) == 2


def test_a_request_is_withdrawn_by_whoever_made_it(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    waiting, approved = office.ask(li), office.ask(li)
    approve(office, approved)
    ours = permit_of(li, Action.REQUEST)
    for one in (waiting, approved):
        with pytest.raises(NoSuchRequestError), office.database.writing() as connection:
            withdraw_request(connection, one.request_id, "误", permit_of(wang, Action.REQUEST), AT)
        with office.database.writing() as connection:
            found = withdraw_request(connection, one.request_id, "误", ours, AT)
            assert withdraw_request(connection, one.request_id, "误", ours, AT) == found
        assert (found.state, found.reason) == (DeskRequestState.WITHDRAWN, "误")
        assert found.decided_by == (None if one == waiting else "local:tester")
        with pytest.raises(AlreadyDecidedError):
            approve(office, one)
    rejected = office.ask(li)
    with office.database.writing() as connection:
        reject_request(connection, rejected.request_id, "不符", DECIDE, AT, deciders=DECIDERS)
    with pytest.raises(AlreadyDecidedError), office.database.writing() as connection:
        withdraw_request(connection, rejected.request_id, "误", ours, AT)
    theirs = office.ask(li)
    with office.database.writing() as connection:
        by_operator = withdraw_request(connection, theirs.request_id, "误", REQUEST, AT)
    assert by_operator.state is DeskRequestState.WITHDRAWN
    office.check()


def test_a_request_lapses(office: Office) -> None:
    li = office.add("li")
    waiting, approved, late = office.ask(li), office.ask(li), office.ask(li)
    approve(office, approved)
    approve(office, late)
    office.clock.advance(KEPT - timedelta(seconds=1))
    with office.database.writing() as connection:
        assert lapse_due(connection, office.clock.now()) == []
    office.clock.advance(timedelta(seconds=1))
    now = office.clock.now()
    with pytest.raises(ConflictError):
        approve(office, waiting)
    with pytest.raises(ConflictError), office.database.writing() as connection:
        carry_out(connection, approved.request_id, DIGEST, GRANT, now, deciders=DECIDERS)
    with office.database.writing() as connection:
        assert approval_of(connection, late.request_id, now, DECIDERS) is None
        ids = sorted(one.request_id for one in (waiting, approved, late))
        assert lapse_due(connection, now) == ids
        assert lapse_due(connection, now) == []
    office.check()


def test_who_was_disabled_meanwhile_decides_nothing(office: Office) -> None:
    li, wang = office.add("li"), office.add("wang")
    request = office.ask(li)
    with office.database.writing() as connection:
        connection.execute(update(identities).values(state="DISABLED"))
    with pytest.raises(IdentityEndedError):
        approve(office, request, permit_of(wang, Action.DECIDE))
    with pytest.raises(IdentityEndedError):
        office.ask(li)
    with pytest.raises(IdentityEndedError), office.database.writing() as connection:
        withdraw_request(connection, request.request_id, "误", permit_of(li, Action.REQUEST), AT)


def test_a_reason_is_needed(office: Office) -> None:
    request = office.ask(office.add("li"))
    with pytest.raises(InvalidOfficerError), office.database.writing() as connection:
        approve_request(connection, request.request_id, " ", DECIDE, AT, deciders=DECIDERS)
    with pytest.raises(InvalidOfficerError), office.database.writing() as connection:
        withdraw_request(connection, request.request_id, "", REQUEST, AT)


def test_a_request_waits_for_thirty_days(office: Office) -> None:
    made = office.ask(office.add("li"))
    assert made.lapses_at == AT + timedelta(days=30)


def test_requests_in_reach(office: Office) -> None:
    li = office.add("li")
    here, there, everywhere = office.ask(li), office.ask(li, TRANSPORT), office.ask(None, None)

    def seen(reach: Reach, **rest: object) -> set[str]:
        with office.database.reading() as connection:
            return {one.request_id for one in list_requests(connection, reach, **rest)}  # type: ignore[arg-type]

    assert seen(EVERYTHING) == {one.request_id for one in (here, there, everywhere)}
    assert seen(Reach(frozenset({MARKET}))) == {here.request_id}
    assert seen(Reach()) == set()
    assert seen(EVERYTHING, state=DeskRequestState.APPROVED) == set()
    office.clock.advance(-HOUR)
    first = office.ask(li)
    place = Place(first.requested_at, first.request_id)
    second, third, fourth = sorted(one.request_id for one in (here, there, everywhere))
    assert seen(EVERYTHING, limit=1) == {first.request_id}, "the oldest first"
    assert seen(EVERYTHING, after=place) == {second, third, fourth}
    assert seen(EVERYTHING, after=place, limit=1) == {second}
    assert seen(EVERYTHING, after=Place(here.requested_at, third)) == {fourth}
