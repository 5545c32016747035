"""The emergency's credential in SQL, on both engines."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from core.errors import NotAllowedError
from core.ids import IdentityId
from core.permits import Action, Actor, Permit, Role
from identity.accounts.break_glass import GROUP, BreakGlass, emergency_identity, make_credential
from identity.accounts.model import BREAK_GLASS_ACR, BREAK_GLASS_ALIAS, BREAK_GLASS_ISSUER
from identity.accounts.passwords import Passwords
from identity.people.groups import GroupRule
from identity.people.model import Identity, IdentityKind, Pin, actor_name
from identity.sessions.sessions import Grounds, Sessions, SignedOutMeanwhileError
from registry.audit.events import list_events
from registry.db.database import Database
from registry.db.tables import identities
from registry.desk.rights import Rights
from registry.desk.sign_in.break_glass import (
    EmergencyEnded,
    SqlBreakGlass,
    acknowledge,
    end,
    is_prepared,
    list_uses,
    prepare,
)
from registry.desk.sign_in.session_store import SqlSessions
from registry.health.register import check_break_glass
from registry.model import ConflictError, NotFoundError
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.leaving import Leaving
from registry.officers.requests import NewDeskRequest, make_request
from registry.officers.roles import OwnRoleError
from registry.officers.sight import READ
from tests.clock import StoppedClock
from tests.permits import MANAGE_OFFICERS

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
PASSWORDS = Passwords(time_cost=1, memory_kib=64, lanes=1)
REASON = "身份服务中断，须停用一名人员"


class Emergency:
    """A register with a credential that was prepared."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, StoppedClock(AT)
        groups = {BREAK_GLASS_ISSUER: (GroupRule(GROUP, Role.ADMINISTRATOR, None),)}
        strong = {BREAK_GLASS_ISSUER: (BREAK_GLASS_ACR,)}
        zone = ZoneInfo("Asia/Shanghai")
        self.rights = Rights(database, self.clock, zone, secrets.token_bytes, groups, strong)
        self.credential = self.prepare()

    def prepare(self) -> str:
        credential, secret_hash = make_credential(PASSWORDS)
        with self.database.writing() as connection:
            prepare(connection, secret_hash, MANAGE_OFFICERS, AT, secrets.token_bytes)
        return credential

    def use(self, credential: str, network: str = "203.0.113.7") -> Identity:
        return self.enter(credential, network)[0]

    def enter(self, credential: str, network: str = "203.0.113.7") -> tuple[Identity, str]:
        store = SqlBreakGlass(self.database)
        return BreakGlass(store, PASSWORDS, self.rights, self.clock).use(
            credential, REASON, network
        )

    def open(self, identity: Identity, use_id: str) -> str:
        """Open the session, as the page does."""
        rules = Sessions(SqlSessions(self.database), self.clock, secrets.token_bytes)
        pin, at = identity.pin, identity.auth_time
        assert at is not None
        return rules.open(
            issuer=pin.iss,
            subject=pin.sub,
            alias=BREAK_GLASS_ALIAS,
            provider_session=None,
            auth_time=at,
            acr=identity.acr,
            groups=tuple(identity.groups),
            name=identity.name,
            id_token=None,
            grounds=Grounds(emergency_use=use_id),
        )[0]

    def is_in(self, cookie: str) -> bool:
        rules = Sessions(SqlSessions(self.database), self.clock, secrets.token_bytes)
        return rules.find(cookie) is not None

    def end(self, permit: Permit = MANAGE_OFFICERS) -> EmergencyEnded:
        with self.database.writing() as connection:
            return end(connection, "身份服务已恢复", permit, self.clock.now())

    def disable(self, identity: Identity, kind: LeavingKind, into: IdentityId | None) -> None:
        assert identity.identity_id is not None
        Leaving(
            database=self.database,
            ledger=None,  # type: ignore[arg-type]  # nobody has a certificate
            status_changes=lambda: None,  # type: ignore[arg-type,return-value]
            clock=self.clock,
        ).end_identity(
            Departure(identity.identity_id, kind, "离职", merged_into=into), MANAGE_OFFICERS
        )


@pytest.fixture
def emergency(database: Database) -> Emergency:
    database.create()
    return Emergency(database)


def test_of_two_who_use_it_at_once_one_comes_in(emergency: Emergency) -> None:
    def use(number: int) -> bool:
        try:
            emergency.use(emergency.credential, f"192.0.2.{number}")
        except NotAllowedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(use, range(2))) == [False, True]


def test_every_use_is_the_same_identity(emergency: Emergency) -> None:
    """So that nobody approves in one emergency what they asked for in another."""
    first = emergency.use(emergency.credential)
    second = emergency.use(emergency.prepare())
    assert first.identity_id == second.identity_id
    assert first.identity_id is not None


def test_it_administers_everything_and_approves_nothing(emergency: Emergency) -> None:
    identity = emergency.use(emergency.credential)
    standing = emergency.rights.standing(identity)
    assert emergency.rights.permit(standing, Action.MANAGE_OFFICERS, None).authority_id is None
    refused = (Action.DECIDE, Action.CONFIRM, Action.GRANT, Action.REQUEST, Action.MANAGE_SEAL)
    for action in refused:
        with pytest.raises(NotAllowedError):
            emergency.rights.permit(standing, action, None)


def test_what_is_read_in_an_emergency_is_recorded(emergency: Emergency) -> None:
    identity = emergency.use(emergency.credential)
    emergency.rights.sight(emergency.rights.standing(identity)).licences()
    with emergency.database.reading() as connection:
        read = [one for one in list_events(connection) if one.action == READ]
    assert [(one.actor, one.subject) for one in read] == [
        (f"id:{identity.identity_id}", "licences")
    ]


def test_the_group_is_worth_nothing_from_another_issuer(emergency: Emergency) -> None:
    pin = replace(emergency_identity(AT).pin, iss="https://id.example.gov.cn")
    with pytest.raises(NotAllowedError):
        emergency.rights.recognise(replace(emergency_identity(AT), pin=pin), signs_in=True)


def test_who_used_it_does_not_acknowledge_it(emergency: Emergency) -> None:
    identity = emergency.use(emergency.credential)
    assert identity.identity_id is not None
    own = Permit(Actor(actor_name(identity.identity_id)), Action.MANAGE_OFFICERS)
    later = AT + timedelta(hours=2)
    with emergency.database.writing() as connection:
        (one,) = list_uses(connection)
        assert not is_prepared(connection)
        with pytest.raises(OwnRoleError):
            acknowledge(connection, one.use_id, "已核对", own, later)
        with pytest.raises(NotFoundError):
            acknowledge(connection, "another", "已核对", MANAGE_OFFICERS, later)
        acknowledge(connection, one.use_id, "已核对", MANAGE_OFFICERS, later)
        (one,) = list_uses(connection)
    assert (one.acknowledged_by, one.acknowledged_at, one.reason) == (
        "local:tester",
        later,
        REASON,
    )


def test_an_operator_ends_an_emergency_that_goes_on(emergency: Emergency) -> None:
    identity, use_id = emergency.enter(emergency.credential)
    cookie = emergency.open(identity, use_id)
    assert emergency.is_in(cookie)
    own = Permit(Actor(f"id:{identity.identity_id}"), Action.MANAGE_OFFICERS)
    with pytest.raises(OwnRoleError):
        emergency.end(own)
    later = emergency.prepare()
    assert emergency.end().sessions == 1
    assert not emergency.is_in(cookie)
    with emergency.database.reading() as connection:
        told = [one for one in list_events(connection) if one.action == "break_glass.ended"]
    assert [(one.subject, one.actor, one.basis) for one in told] == [
        (f"break-glass:{use_id}", "local:tester", "身份服务已恢复")
    ]
    assert emergency.end().sessions == 0, "again, nothing is left"
    # What was prepared meanwhile is good for the next.
    assert emergency.is_in(emergency.open(*emergency.enter(later)))


def test_who_is_coming_in_as_it_is_ended_stays_outside(emergency: Emergency) -> None:
    identity, use_id = emergency.enter(emergency.credential)
    emergency.end()
    with pytest.raises(SignedOutMeanwhileError):
        emergency.open(identity, use_id)


def test_what_was_asked_for_in_an_emergency_ends_with_it(emergency: Emergency) -> None:
    identity, use_id = emergency.enter(emergency.credential)
    emergency.open(identity, use_id)
    asked = Permit(Actor(f"id:{identity.identity_id}"), Action.REQUEST)
    with emergency.database.writing() as connection:
        new = NewDeskRequest(Action.MANAGE_SEAL, None, "0" * 64)
        made = make_request(connection, new, asked, AT, secrets.token_bytes)
    assert emergency.end().requests == [made.request_id]


@pytest.mark.parametrize("kind", [LeavingKind.DISABLED, LeavingKind.MERGED])
def test_no_later_credential_is_made_worthless(emergency: Emergency, kind: LeavingKind) -> None:
    identity = emergency.use(emergency.credential)
    new = NewIdentity(Pin("https://id.example", "li"), IdentityKind.PERSON, "李样")
    with emergency.database.writing() as connection:
        li = add_identity(connection, new, MANAGE_OFFICERS, AT, secrets.token_bytes).identity_id
    with pytest.raises(ConflictError, match="break-glass end"):
        emergency.disable(identity, kind, li if kind is LeavingKind.MERGED else None)
    emergency.use(emergency.prepare())


def test_where_it_is_worthless_all_the_same_that_is_said(emergency: Emergency) -> None:
    """By a restore, or by who disabled it before that was refused."""
    identity = emergency.use(emergency.credential)
    subject = SimpleNamespace(database=emergency.database)
    assert len(list(check_break_glass(subject))) == 1  # type: ignore[arg-type]
    with emergency.database.writing() as connection:
        connection.execute(update(identities).values(state="DISABLED"))
    with pytest.raises(ConflictError, match=str(identity.identity_id)):
        emergency.prepare()
    found = [one.said.en for one in check_break_glass(subject)]  # type: ignore[arg-type]
    assert any("signs nobody in" in one for one in found)
