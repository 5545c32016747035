"""Sessions in SQL, on both engines, by the rules that every store keeps."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from identity.oidc.sign_in import PendingSignIn
from identity.people.model import IdentityKind, Pin
from identity.sessions.sessions import SessionDigest, Sessions, SessionStore
from identity.tokens.refusals import Refusal, TokenRefusedError
from registry.db.database import Database
from registry.desk.sign_in.session_ending import SessionEnding
from registry.desk.sign_in.session_store import SqlSessions
from registry.desk.sign_in.used_tokens import SqlReplays
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity
from tests.clock import StoppedClock
from tests.identity.sessions.test_sessions import (  # noqa: F401  # played here on SQL
    ISSUER,
    clock,
    opened,
    sessions,
    test_a_begun_sign_in_serves_once,
    test_a_session_ends_after_a_working_day,
    test_a_session_ends_when_idle,
    test_a_session_is_found_by_its_id_alone,
    test_not_every_request_writes,
    test_sessions_end_by_person_and_by_the_providers_session,
    test_signing_in_gives_another_id_and_ends_the_old_session,
    test_what_is_over_is_swept,
)
from tests.permits import MANAGE_OFFICERS

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.fixture
def store(database: Database) -> SessionStore:
    database.create()
    return SqlSessions(database)


def test_of_two_who_take_a_sign_in_at_once_one_gets_it(database: Database) -> None:
    database.create()
    store = SqlSessions(database)
    pending = PendingSignIn("main", "st", "no", "ve", "https://a/cb", AT)
    for number in range(5):
        digest = SessionDigest(f"{number:064}")
        store.begin(digest, pending, "/")
        with ThreadPoolExecutor(2) as pool:
            got = list(pool.map(store.take, [digest, digest]))
        assert sorted(one is None for one in got) == [False, True]


def test_a_token_serves_once_in_all_workers(database: Database) -> None:
    database.create()
    first, second = SqlReplays(database), SqlReplays(database)
    first.use("dpop k", "1", AT, AT)
    first.use("dpop other", "1", AT, AT)
    first.use("dpop", " k1", AT, AT)
    with pytest.raises(TokenRefusedError) as refused:
        second.use("dpop k", "1", AT, AT)
    assert refused.value.reason is Refusal.REPLAYED
    assert second.sweep(AT) == 3
    assert second.sweep(AT.replace(year=2027)) == 0
    second.use("dpop k", "1", AT, AT)


def test_sessions_end_with_their_person(database: Database) -> None:
    database.create()
    store = SqlSessions(database)
    rules = Sessions(store, StoppedClock(AT), secrets.token_bytes)
    li, _ = opened(rules, "li")
    wang, _ = opened(rules, "wang")
    new = NewIdentity(Pin(ISSUER, "li"), IdentityKind.PERSON, "李样")
    with database.writing() as connection:
        made = add_identity(connection, new, MANAGE_OFFICERS, AT, secrets.token_bytes)
    for ended in ([], [made.identity_id]):
        departure = Departure(made.identity_id, LeavingKind.DISABLED, "离职")
        ending = SessionEnding(database, StoppedClock(AT))
        assert ending.end(departure, ended) == (0 if ended else 1)
    assert (rules.find(li), rules.find(wang) is not None) == (None, True)
