"""The emergency's credential in SQL, on both engines."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import NotAllowedError
from core.permits import Action, Actor, Permit, Role
from identity.accounts.break_glass import GROUP, BreakGlass, emergency_identity, make_credential
from identity.accounts.model import BREAK_GLASS_ACR, BREAK_GLASS_ISSUER
from identity.accounts.passwords import Passwords
from identity.people.groups import GroupRule
from identity.people.model import Identity, actor_name
from registry.db.database import Database
from registry.desk.break_glass import SqlBreakGlass, acknowledge, is_prepared, list_uses, prepare
from registry.desk.rights import Rights
from registry.model import NotFoundError
from registry.officers.roles import OwnRoleError
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
        store = SqlBreakGlass(self.database)
        return BreakGlass(store, PASSWORDS, self.rights, self.clock).use(
            credential, REASON, network
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
