"""Leaving: each thing that must end does, and a call that was cut off goes on."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import event, insert

from ca.issuing.revocation import Revocation
from ca.ledger import CertificateState
from core.errors import NotAllowedError, UnreachableError
from core.ids import AuthorityId, IdentityId, IssuerId
from core.permits import EVERYTHING, Action, Actor, Permit, Role
from core.text import Text
from identity.people.permits import finishing_permit, provider_permit
from registry.db.tables import certificates
from registry.journal.journal import JournalKind
from registry.ledger.ledger import SqlLedger
from registry.ledger.status_changes import StatusChange
from registry.model import ConflictError, NotFoundError
from registry.officers.approval_use import approval_of
from registry.officers.certificates import bind_certificate, unfinished
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import (
    IdentityEndedError,
    InvalidOfficerError,
    find_identity,
    recognise,
)
from registry.officers.leaving import Leaving
from registry.officers.model import DeskRequestState, IdentityState, NoSuchIdentityError
from registry.officers.request_rows import find_request, list_requests
from registry.officers.requests import approve_request
from registry.officers.roles import assignments_of, list_roles
from registry.officers.states import enable_identity
from tests.permits import DECIDE, ENROL, MANAGE_OFFICERS, OPERATOR
from tests.registry.officers.office import (
    AT,
    DECIDERS,
    MARKET,
    TRANSPORT,
    Office,
    permit_of,
    signed_in,
)
from tests.registry.officers.office import ISSUER as HOME_ISSUER

ISSUER = IssuerId("issuing-1")
DISABLED, LEFT, MERGED = LeavingKind.DISABLED, LeavingKind.LEFT_AUTHORITY, LeavingKind.MERGED


class CutOffError(Exception):
    """The process ends here."""


@dataclass
class Changes:
    """Revokes in the ledger, and publishes nothing."""

    ledger: SqlLedger
    fails: bool = False
    published: list[int] = field(default_factory=list)

    def revoke(self, entry: object, asked: Revocation, basis: str, permit: Permit) -> StatusChange:
        if self.fails:
            raise UnreachableError(Text("不通", "out of reach"))
        intent = entry.intent  # type: ignore[attr-defined]
        after = self.ledger.revoke(
            intent.issuer, intent.serial, asked.reason, AT, permit, basis=basis
        )
        self.published.append(intent.serial)
        return StatusChange(after)


@dataclass
class Sessions:
    """Sessions in memory."""

    open: dict[IdentityId, int]
    fails: bool = False
    name: str = "sessions"

    def end(self, departure: Departure, identities_ended: Sequence[IdentityId]) -> int:
        assert departure.why
        if self.fails:
            raise UnreachableError(Text("不通", "out of reach"))
        return sum(self.open.pop(one, 0) for one in identities_ended)


@dataclass
class Parts:
    """An office with somebody in it who will leave."""

    office: Office
    li: IdentityId
    wang: IdentityId
    system: IdentityId
    sessions: Sessions
    changes: Changes
    cut_at: str = ""

    def leaving(self) -> Leaving:
        return Leaving(
            database=self.office.database,
            ledger=self.changes.ledger,
            status_changes=lambda: self.changes,  # type: ignore[arg-type,return-value]
            clock=self.office.clock,
            elsewhere=[self.sessions],
            on_step=self.cut,
        )

    def cut(self, step: str) -> None:
        if step == self.cut_at:
            raise CutOffError

    def certify(self, who: IdentityId, serial: int, profile: str = "officer") -> None:
        with self.office.database.writing() as connection:
            bind_certificate(connection, who, (ISSUER, serial), MARKET, ENROL, AT)
            connection.execute(
                insert(certificates).values(
                    issuer=ISSUER,
                    serial=f"{serial:x}",
                    profile=profile,
                    subject="CN=x",
                    spki_sha256=f"{serial:064x}",
                    tbs_sha256="0" * 64,
                    not_before=AT,
                    not_after=AT + timedelta(days=1),
                    state=CertificateState.ISSUED,
                    certificate=b"x",
                    intended_at=AT,
                    issued_at=AT,
                )
            )

    def states(self) -> dict[IdentityId, IdentityState]:
        with self.office.database.reading() as connection:
            people = (self.li, self.wang, self.system)
            return {one: find_identity(connection, one).state for one in people}

    def in_force(self) -> set[tuple[IdentityId, Role]]:
        with self.office.database.reading() as connection:
            found = list_roles(connection, EVERYTHING, ended=False)
        return {(one.identity_id, one.role) for one in found}

    def open_requests(self) -> set[str]:
        with self.office.database.reading() as connection:
            found = list_requests(connection, EVERYTHING)
        states = (DeskRequestState.WAITING, DeskRequestState.APPROVED)
        return {one.requested_by for one in found if one.state in states}


@pytest.fixture
def parts(office: Office) -> Parts:
    li, wang = office.add("li"), office.add("wang")
    system = office.add("system", li)
    office.give(li, Role.SEALER)
    office.give(li, Role.APPROVER, TRANSPORT)
    office.give(li, Role.AUDITOR, None)
    office.give(system, Role.OPERATOR)
    office.give(wang, Role.SEALER)
    for who in (li, system, wang):
        office.ask(who)
        approved = office.ask(who, TRANSPORT)
        with office.database.writing() as connection:
            approve_request(connection, approved.request_id, "可", DECIDE, AT, deciders=DECIDERS)
    made = Parts(
        office,
        li,
        wang,
        system,
        Sessions({li: 2, system: 1, wang: 1}),
        Changes(SqlLedger(office.database)),
    )
    made.certify(li, 0xA)
    made.certify(li, 0xB, "officer-short")
    made.certify(system, 0xC)
    made.certify(wang, 0xD)
    return made


def departure(parts: Parts, kind: LeavingKind) -> Departure:
    match kind:
        case LeavingKind.DISABLED:
            return Departure(parts.li, kind, "离职")
        case LeavingKind.MERGED:
            return Departure(parts.li, kind, "重复", merged_into=parts.wang)
        case LeavingKind.LEFT_AUTHORITY:
            return Departure(parts.li, kind, "调走", MARKET)


@pytest.mark.parametrize("kind", [DISABLED, MERGED])
def test_everything_ends(parts: Parts, kind: LeavingKind) -> None:
    office = parts.office
    report = parts.leaving().end_identity(departure(parts, kind), MANAGE_OFFICERS)
    ended = IdentityState.DISABLED if kind is DISABLED else IdentityState.MERGED
    assert parts.states() == {
        parts.li: ended,
        parts.wang: IdentityState.ACTIVE,
        parts.system: IdentityState.DISABLED,
    }
    assert parts.in_force() == {(parts.wang, Role.SEALER)}
    assert parts.open_requests() == {f"id:{parts.wang}"}
    assert report.complete
    assert (len(report.roles), len(report.requests)) == (4, 4)
    assert sorted(report.revoked) == ["issuing-1/a", "issuing-1/c"]
    assert report.run_out == ["issuing-1/b"]
    assert sorted(parts.changes.published) == [0xA, 0xC]
    assert report.elsewhere == {"sessions": 3}
    assert parts.sessions.open == {parts.wang: 1}
    why = departure(parts, kind).why
    kinds = ("identity.ended", "role.ended", "request.withdrawn", "certificate.revoked")
    told = [one for one in office.events() if one.action in kinds]
    assert len(told) == 2 + 4 + 4 + 2
    assert {one.basis for one in told} == {why}
    with office.database.reading() as connection:
        for one in (parts.li, parts.system):
            assert assignments_of(connection, one) == ()
        assert unfinished(connection, AT) == []
    with pytest.raises(IdentityEndedError), office.database.writing() as connection:
        recognise(connection, signed_in("li"), AT, secrets.token_bytes)
    office.check()


def test_what_is_in_another_authority_stays_when_one_leaves_one(parts: Parts) -> None:
    report = parts.leaving().end_identity(departure(parts, LEFT), MANAGE_OFFICERS)
    assert set(parts.states().values()) == {IdentityState.ACTIVE}
    assert parts.in_force() == {
        (parts.li, Role.APPROVER),
        (parts.li, Role.AUDITOR),
        (parts.wang, Role.SEALER),
    }
    assert (len(report.roles), len(report.requests)) == (2, 2)
    with parts.office.database.reading() as connection:
        theirs = [
            one for one in list_requests(connection, EVERYTHING) if one.authority_id == MARKET
        ]
    withdrawn = {one.requested_by for one in theirs if one.state is DeskRequestState.WITHDRAWN}
    assert withdrawn == {f"id:{one}" for one in (parts.li, parts.system)}
    assert parts.open_requests() == {f"id:{one}" for one in (parts.li, parts.wang, parts.system)}
    assert sorted(report.revoked) == ["issuing-1/a", "issuing-1/c"], "they name that authority"
    parts.office.check()


@pytest.mark.parametrize("kind", [DISABLED, MERGED, LEFT])
def test_again_nothing_is_left(parts: Parts, kind: LeavingKind) -> None:
    leaving = parts.leaving()
    leaving.end_identity(departure(parts, kind), MANAGE_OFFICERS)
    before = parts.office.events()
    again = leaving.end_identity(departure(parts, kind), MANAGE_OFFICERS)
    assert (again.roles, again.requests, again.revoked) == ([], [], [])
    assert again.elsewhere == {"sessions": 0}
    assert parts.office.events() == before


@pytest.mark.parametrize("kind", [DISABLED, MERGED, LEFT])
@pytest.mark.parametrize("step", ["registered", "revoked", "ended elsewhere"])
def test_cut_off_it_goes_on(parts: Parts, step: str, kind: LeavingKind) -> None:
    parts.cut_at = step
    with pytest.raises(CutOffError):
        parts.leaving().end_identity(departure(parts, kind), MANAGE_OFFICERS)
    office = parts.office
    with office.database.reading() as connection:
        kept = [one.authority_id for one in assignments_of(connection, parts.li)]
        assert kept == ([TRANSPORT, None] if kind is LEFT else []), "nothing more is permitted"
        left = [parts.li, parts.system] if step == "registered" else []
        assert unfinished(connection, AT) == sorted(left)
    parts.cut_at = ""
    assert parts.leaving().end_identity(departure(parts, kind), MANAGE_OFFICERS).complete
    assert sorted(parts.changes.published) == [0xA, 0xC]
    assert parts.sessions.open == {parts.wang: 1}
    with office.database.reading() as connection:
        assert unfinished(connection, AT) == []
    office.check()


def test_what_cannot_be_ended_now_does_not_keep_the_rest(parts: Parts) -> None:
    parts.changes.fails = True
    report = parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    assert report.failed == {"issuing-1/a": "unreachable", "issuing-1/c": "unreachable"}
    assert report.elsewhere == {"sessions": 3}
    assert not report.complete
    parts.changes.fails, parts.sessions.fails = False, True
    report = parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    assert report.failed == {"sessions": "unreachable"}
    assert sorted(report.revoked) == ["issuing-1/a", "issuing-1/c"]


@pytest.mark.parametrize("kind", [DISABLED, MERGED, LEFT])
def test_nothing_is_locked_after_the_chain(parts: Parts, kind: LeavingKind) -> None:
    """Whoever ends a role at the same moment holds its row and waits for the chain."""
    said: list[str] = []

    def hear(*given: object) -> None:
        said.append(str(given[2]))

    parts.cut_at = "registered"
    event.listen(parts.office.database.engine, "before_cursor_execute", hear)
    with pytest.raises(CutOffError):
        parts.leaving().end_identity(departure(parts, kind), MANAGE_OFFICERS)
    event.remove(parts.office.database.engine, "before_cursor_execute", hear)
    first = next(number for number, one in enumerate(said) if "audit_chain" in one)
    assert [one for one in said[first:] if "audit_" not in one] == []
    assert any("UPDATE grant_requests" in one for one in said[:first])


def test_the_journal_hears_of_it_before_it_takes_effect(parts: Parts) -> None:
    parts.leaving().end_identity(departure(parts, MERGED), MANAGE_OFFICERS)
    entries = list(parts.office.journal.read())
    told = [one.facts for one in entries if one.kind is JournalKind.IDENTITY]
    assert [(one["identity"], one["state"], one["merged_into"]) for one in told] == [
        (parts.li, "MERGED", parts.wang),
        (parts.system, "DISABLED", None),
    ]
    assert sum(one.kind is JournalKind.ROLE for one in entries) == 4


def test_the_rights_to_end_somebody(parts: Parts) -> None:
    leaving = parts.leaving()
    of_one = Permit(OPERATOR, Action.MANAGE_OFFICERS, MARKET)
    for kind in (DISABLED, MERGED):
        with pytest.raises(NotAllowedError):
            leaving.end_identity(departure(parts, kind), of_one)
    elsewhere = Departure(parts.li, LEFT, "调走", TRANSPORT)
    with pytest.raises(NotAllowedError):
        leaving.end_identity(elsewhere, of_one)
    with pytest.raises(NotAllowedError):
        leaving.end_identity(departure(parts, DISABLED), DECIDE)
    with pytest.raises(NotAllowedError), parts.office.database.writing() as connection:
        enable_identity(connection, parts.li, "回来", of_one, AT)
    leaving.end_identity(departure(parts, LEFT), of_one)


def test_what_cannot_be_asked(parts: Parts) -> None:
    leaving, li = parts.leaving(), parts.li
    for wrong in (
        Departure(li, DISABLED, "x", MARKET),
        Departure(li, DISABLED, "x", merged_into=parts.wang),
        Departure(li, MERGED, "x"),
        Departure(li, LEFT, "x"),
        Departure(li, DISABLED, " "),
    ):
        with pytest.raises(InvalidOfficerError):
            leaving.end_identity(wrong, MANAGE_OFFICERS)
    for into in (li, parts.system):
        with pytest.raises(ConflictError):
            leaving.end_identity(Departure(li, MERGED, "x", merged_into=into), MANAGE_OFFICERS)
    leaving.end_identity(departure(parts, MERGED), MANAGE_OFFICERS)
    zhao = parts.office.add("zhao")
    with pytest.raises(ConflictError):
        leaving.end_identity(Departure(li, MERGED, "x", merged_into=zhao), MANAGE_OFFICERS)
    with pytest.raises(ConflictError):
        leaving.end_identity(Departure(zhao, MERGED, "x", merged_into=li), MANAGE_OFFICERS)
    with pytest.raises(ConflictError), parts.office.database.writing() as connection:
        enable_identity(connection, li, "回来", MANAGE_OFFICERS, AT)


def test_a_slip_is_not_taken_for_an_order(parts: Parts) -> None:
    leaving = parts.leaving()
    typo = Departure(parts.li, LEFT, "调走", AuthorityId("markt"))
    with pytest.raises(NotFoundError, match="markt"):
        leaving.end_identity(typo, MANAGE_OFFICERS)
    leaving.end_identity(departure(parts, MERGED), MANAGE_OFFICERS)
    with pytest.raises(ConflictError, match=parts.wang):
        leaving.end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)


def test_what_a_stolen_account_approved_does_not_come_back_by_a_merge(parts: Parts) -> None:
    leaving = parts.leaving()
    leaving.end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    with pytest.raises(ConflictError):
        leaving.end_identity(departure(parts, MERGED), MANAGE_OFFICERS)


def test_a_system_does_not_come_back_without_its_owner(parts: Parts) -> None:
    parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    with parts.office.database.writing() as connection:
        with pytest.raises(ConflictError, match="Enable them first"):
            enable_identity(connection, parts.system, "再用", MANAGE_OFFICERS, AT)
        enable_identity(connection, parts.li, "回来", MANAGE_OFFICERS, AT)
        enable_identity(connection, parts.system, "再用", MANAGE_OFFICERS, AT)
    assert parts.states()[parts.system] is IdentityState.ACTIVE


def test_who_ended_ends_nobody(parts: Parts) -> None:
    leaving = parts.leaving()
    leaving.end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    theirs = Permit(Actor(f"id:{parts.li}"), Action.MANAGE_OFFICERS)
    with pytest.raises(IdentityEndedError):
        leaving.end_identity(Departure(parts.wang, DISABLED, "x"), theirs)
    with pytest.raises(IdentityEndedError), parts.office.database.writing() as connection:
        enable_identity(connection, parts.li, "回来", theirs, AT)
    assert parts.states()[parts.wang] is IdentityState.ACTIVE


def test_who_comes_back_has_no_role(parts: Parts) -> None:
    office = parts.office
    parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    with office.database.writing() as connection:
        enable_identity(connection, parts.li, "回来", MANAGE_OFFICERS, AT)
        enable_identity(connection, parts.li, "回来", MANAGE_OFFICERS, AT)
        assert assignments_of(connection, parts.li) == ()
    assert parts.states()[parts.li] is IdentityState.ACTIVE
    assert parts.states()[parts.system] is IdentityState.DISABLED
    assert len(office.events("identity.enabled")) == 1
    told = [one.facts for one in office.journal.read() if one.kind is JournalKind.IDENTITY]
    assert told[-1]["state"] == "ACTIVE"
    assert told[-1]["seen"] is not None
    office.check()


def test_a_certificate_is_of_one_identity(parts: Parts) -> None:
    def bind(who: IdentityId, permit: Permit = ENROL) -> None:
        with parts.office.database.writing() as connection:
            bind_certificate(connection, who, (ISSUER, 0xA), MARKET, permit, AT)

    bind(parts.li)
    with pytest.raises(ConflictError):
        bind(parts.wang)
    with pytest.raises(NotAllowedError):
        bind(parts.li, permit_of(parts.li, Action.ENROL, TRANSPORT))
    parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    with pytest.raises(IdentityEndedError):
        bind(parts.li)
    assert len(parts.office.events("officer.added")) == 4


def test_who_has_the_cas_key_revokes_what_another_could_not(parts: Parts) -> None:
    """The issuing role has no key of a CA: what it ends lets nobody act, and is revoked later."""
    parts.changes.fails = True
    report = parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    assert (report.complete, report.complete_here) == (False, True)
    assert report.unrevoked == [f"{ISSUER}/a", f"{ISSUER}/c"]
    with pytest.raises(UnreachableError):
        parts.leaving().revoke_left(finishing_permit())
    parts.changes.fails = False
    parts.leaving().revoke_left(finishing_permit())
    assert sorted(parts.changes.published) == [0xA, 0xC]
    with parts.office.database.reading() as connection:
        assert unfinished(connection, AT) == []
    parts.leaving().revoke_left(finishing_permit())
    assert len(parts.changes.published) == 2, "once"


def test_what_lives_elsewhere_is_not_done_by_whoever_has_the_key(parts: Parts) -> None:
    parts.sessions.fails = True
    report = parts.leaving().end_identity(departure(parts, DISABLED), MANAGE_OFFICERS)
    assert (report.complete, report.complete_here) == (False, False)


def test_a_provider_ends_its_own_people_in_whole(parts: Parts) -> None:
    permit, leaving = provider_permit("gov"), parts.leaving()
    for refused in (
        Departure(parts.li, DISABLED, "x", issuer="https://other.example"),
        Departure(parts.li, DISABLED, "x"),
    ):
        with pytest.raises(NoSuchIdentityError):
            leaving.end_identity(refused, permit)
    for kind in (LEFT, MERGED):
        asked = replace(departure(parts, kind), issuer=HOME_ISSUER)
        with pytest.raises(InvalidOfficerError):
            leaving.end_identity(asked, permit)
    assert set(parts.states().values()) == {IdentityState.ACTIVE}
    own = Departure(parts.li, DISABLED, "event", issuer=HOME_ISSUER)
    assert leaving.end_identity(own, permit).complete
    assert parts.states()[parts.li] is IdentityState.DISABLED
    told = parts.office.events("identity.ended")[0]
    assert (told.actor, told.basis) == ("provider:gov", "event")


def test_a_provider_enables_whom_it_disabled_itself(parts: Parts) -> None:
    database, leaving = parts.office.database, parts.leaving()
    gov, other = provider_permit("gov"), provider_permit("other")

    def enable(who: IdentityId, permit: Permit) -> None:
        with database.writing() as connection:
            enable_identity(connection, who, "scim", permit, AT)

    leaving.end_identity(Departure(parts.li, DISABLED, "scim", issuer=HOME_ISSUER), gov)
    leaving.end_identity(Departure(parts.wang, DISABLED, "离职"), MANAGE_OFFICERS)
    for who, permit in ((parts.wang, gov), (parts.li, other)):
        with pytest.raises(NotAllowedError):
            enable(who, permit)
    enable(parts.li, gov)
    assert parts.states()[parts.li] is IdentityState.ACTIVE
    assert (parts.li, Role.SEALER) not in parts.in_force()
    leaving.end_identity(Departure(parts.li, DISABLED, "离职"), MANAGE_OFFICERS)
    with pytest.raises(NotAllowedError):
        enable(parts.li, gov)
    with pytest.raises(NotAllowedError):
        leaving.end_identity(
            Departure(parts.li, DISABLED, "x", issuer=HOME_ISSUER), Permit(gov.actor, Action.READ)
        )


def test_the_last_who_administers_everything_is_told(parts: Parts) -> None:
    office = parts.office
    office.give(parts.li, Role.ADMINISTRATOR, None)
    office.give(parts.wang, Role.ADMINISTRATOR, MARKET)
    second = office.add("second")
    office.give(second, Role.ADMINISTRATOR, None, until=AT + timedelta(days=1))
    leaving = parts.leaving()
    ended = [
        leaving.end_identity(Departure(one, DISABLED, "离职"), MANAGE_OFFICERS).last_administrator
        for one in (parts.wang, second, parts.li)
    ]
    assert ended == [False, False, True]


def test_what_they_had_approved_does_not_come_back_with_them(parts: Parts) -> None:
    office, approver = parts.office, parts.office.add("approver")
    office.give(approver, Role.APPROVER)
    asked = office.ask(parts.wang, key="a")
    with office.database.writing() as connection:
        permit = permit_of(approver, Action.DECIDE)
        approve_request(connection, asked.request_id, "可", permit, AT, deciders=DECIDERS)
    left = parts.leaving().end_identity(Departure(approver, DISABLED, "账号被盗"), MANAGE_OFFICERS)
    assert left.reopened == [asked.request_id]
    with office.database.writing() as connection:
        assert approval_of(connection, asked.request_id, AT, DECIDERS) is None
        enable_identity(connection, approver, "返岗", MANAGE_OFFICERS, AT)
    office.give(approver, Role.APPROVER)
    with office.database.reading() as connection:
        assert approval_of(connection, asked.request_id, AT, DECIDERS) is None
        found = find_request(connection, asked.request_id)
    assert (found.state, found.decided_by) == (DeskRequestState.WAITING, None)
    assert "账号被盗" in (found.reason or "")
    assert [one.basis for one in office.events("request.reopened")] == [found.reason]
    office.check()
