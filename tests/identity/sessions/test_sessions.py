"""Sessions under their limits, against every store."""

import secrets
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from core.clock import Clock
from identity.oidc.sign_in import PendingSignIn
from identity.sessions.memory import InMemorySessions
from identity.sessions.sessions import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    TOUCH_AFTER,
    Session,
    Sessions,
    SessionStore,
)
from tests.clock import StoppedClock

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ISSUER = "https://id.example"


def opened(
    sessions: Sessions,
    subject: str = "li",
    provider_session: str | None = "s-1",
    old_id: str | None = None,
) -> tuple[str, Session]:
    return sessions.open(
        issuer=ISSUER,
        subject=subject,
        alias="main",
        provider_session=provider_session,
        auth_time=AT,
        acr="urn:two",
        groups=("经办", "b"),
        name="李样",
        id_token="a.b.c",
        old_id=old_id,
    )


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(AT)


@pytest.fixture
def store() -> SessionStore:
    return InMemorySessions()


@pytest.fixture
def sessions(store: SessionStore, clock: Clock) -> Sessions:
    return Sessions(store, clock, secrets.token_bytes)


def test_a_session_is_found_by_its_id_alone(sessions: Sessions, store: SessionStore) -> None:
    session_id, session = opened(sessions)
    assert sessions.find(session_id) == session
    assert session_id not in repr(session) + str(session.digest)
    assert session.form_token not in repr(session)
    assert sessions.find(session.digest) is None
    assert sessions.find(session_id[:-1]) is None
    assert sessions.find("") is None
    assert store.find(session.digest) == session


def test_a_session_ends_when_idle(sessions: Sessions, clock: StoppedClock) -> None:
    session_id, _ = opened(sessions)
    clock.at += IDLE_LIMIT - SECOND
    assert sessions.find(session_id) is not None
    clock.at += IDLE_LIMIT - SECOND
    assert sessions.find(session_id) is not None
    clock.at += IDLE_LIMIT
    assert sessions.find(session_id) is None
    clock.at -= IDLE_LIMIT
    assert sessions.find(session_id) is None, "what ended came back with the clock"


def test_a_session_ends_after_a_working_day(sessions: Sessions, clock: StoppedClock) -> None:
    session_id, _ = opened(sessions)
    while clock.at - AT < ABSOLUTE_LIMIT - IDLE_LIMIT:
        clock.at += IDLE_LIMIT - SECOND
        assert sessions.find(session_id) is not None
    clock.at = AT + ABSOLUTE_LIMIT
    assert sessions.find(session_id) is None


def test_not_every_request_writes(
    sessions: Sessions, store: SessionStore, clock: StoppedClock
) -> None:
    session_id, session = opened(sessions)
    clock.at += TOUCH_AFTER - SECOND
    sessions.find(session_id)
    assert (stored := store.find(session.digest)) is not None
    assert stored.seen_at == AT
    clock.at += SECOND
    sessions.find(session_id)
    assert (stored := store.find(session.digest)) is not None
    assert stored.seen_at == clock.at


def test_signing_in_gives_another_id_and_ends_the_old_session(sessions: Sessions) -> None:
    planted, _ = opened(sessions, "attacker")
    session_id, session = opened(sessions, "li", old_id=planted)
    assert session_id != planted
    assert sessions.find(planted) is None
    assert sessions.find(session_id) == session


def test_sessions_end_by_person_and_by_the_providers_session(sessions: Sessions) -> None:
    ids = {
        (subject, sid): opened(sessions, subject, sid)[0]
        for subject in ("li", "wang")
        for sid in ("s-1", "s-2")
    }
    assert sessions.end_all(ISSUER, "li", "s-1") == 1
    assert sessions.find(ids["li", "s-1"]) is None
    assert sessions.find(ids["li", "s-2"]) is not None
    assert sessions.end_all("https://other.example", "li") == 0
    assert sessions.end_all(ISSUER, provider_session="s-2") == 2
    assert sessions.end_all(ISSUER, "wang") == 1
    assert all(sessions.find(one) is None for one in ids.values())
    with pytest.raises(ValueError, match="no subject"):
        sessions.end_all(ISSUER)


def test_a_begun_sign_in_serves_once(sessions: Sessions) -> None:
    pending = PendingSignIn("main", "st", "no", "ve", "https://a/cb", AT, 60, ("x", "y"))
    begun = sessions.begin_sign_in(pending, "/desk")
    assert sessions.take_sign_in("x" * 43) is None
    assert sessions.take_sign_in(begun) == (pending, "/desk")
    assert sessions.take_sign_in(begun) is None


def test_what_is_over_is_swept(
    sessions: Sessions, store: SessionStore, clock: StoppedClock
) -> None:
    _, old = opened(sessions)
    pending = PendingSignIn("main", "st", "no", "ve", "https://a/cb", AT)
    begun = sessions.begin_sign_in(pending, "/")
    clock.at += IDLE_LIMIT
    _, new = opened(sessions)
    sessions.sweep()
    assert (store.find(old.digest), store.find(new.digest)) == (None, new)
    assert sessions.take_sign_in(begun) is None


def test_ids_are_long_and_differ(clock: StoppedClock) -> None:
    drawn = count()
    sessions = Sessions(InMemorySessions(), clock, lambda n: next(drawn).to_bytes(n, "big"))
    ids = {opened(sessions)[0] for _ in range(5)}
    assert {len(one) for one in ids} == {43}
    assert len(ids) == 5


def test_a_form_s_token_is_the_session_s_own(sessions: Sessions) -> None:
    _, session = opened(sessions)
    assert session.takes(session.form_token)
    for other in ("", "x", "\ud800", f"{session.form_token}?", session.form_token[:-1] + "\udfff"):
        assert not session.takes(other)
