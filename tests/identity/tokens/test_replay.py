"""Tokens that may be used once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.client_assertion import ClientAssertionProfile
from identity.tokens.dpop import DpopProfile
from identity.tokens.logout_token import LogoutTokenProfile
from identity.tokens.model import TrustedIssuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.replay import InMemoryReplays
from identity.tokens.security_event import SecurityEventProfile
from tests.identity.tokens.forge import (
    CLIENT,
    ISSUER,
    NOW,
    RESOURCE,
    T,
    ec_key,
    forge,
    issuer,
    keys,
)
from tests.identity.tokens.kinds import ASSERTION, EVENT, OUT, PROOF, PROVED, Kind, jwk

Verify = Callable[[str, Any], object]


def logout(memory: InMemoryReplays) -> Verify:
    return LogoutTokenProfile(issuer(), CLIENT, memory).verify


def proof(memory: InMemoryReplays) -> Verify:
    profile = DpopProfile(JwsAlgorithm.ES256, memory)
    return lambda token, now: profile.verify(token, PROVED, now)


def event(memory: InMemoryReplays) -> Verify:
    return SecurityEventProfile(issuer(), RESOURCE, memory).verify


def assertion(memory: InMemoryReplays) -> Verify:
    client = TrustedIssuer("batch", JwsAlgorithm.ES256, keys())
    return ClientAssertionProfile(client, ISSUER, memory).verify


def refusal_of(use: Callable[[], object]) -> Refusal:
    with pytest.raises(TokenRefusedError) as caught:
        use()
    return caught.value.reason


@pytest.mark.parametrize(
    ("kind", "make", "last"),
    [
        (OUT, logout, timedelta(seconds=300 + 59)),
        (PROOF, proof, timedelta(seconds=60 + 60 - 1)),
        (EVENT, event, timedelta(days=7, seconds=60 - 5)),
        (ASSERTION, assertion, timedelta(seconds=59 + 59)),
    ],
    ids=["logout", "proof", "event", "assertion"],
)
def test_used_once_as_long_as_it_lives(
    kind: Kind, make: Callable[[InMemoryReplays], Verify], last: timedelta
) -> None:
    verify = make(InMemoryReplays())
    verify(kind.token(), NOW)
    assert refusal_of(lambda: verify(kind.token(), NOW)) is Refusal.REPLAYED
    assert refusal_of(lambda: verify(kind.token(), NOW + last)) is Refusal.REPLAYED
    after = refusal_of(lambda: verify(kind.token(), NOW + last + timedelta(seconds=1)))
    assert after in {Refusal.EXPIRED, Refusal.TOO_OLD}
    verify(kind.token(jti="another"), NOW)


def test_a_refused_token_is_not_used_up() -> None:
    verify = proof(InMemoryReplays())
    assert refusal_of(lambda: verify(PROOF.token(htm="GET"), NOW)) is Refusal.WRONG_METHOD
    verify(PROOF.token(), NOW)


def test_ids_belong_to_their_key() -> None:
    """Nobody can use up another's."""
    verify = proof(InMemoryReplays())
    other = {**PROOF.header, "jwk": jwk(ec_key("other"))}
    verify(forge(other, PROOF.claims, ec_key("other")), NOW)
    verify(PROOF.token(), NOW)


def test_scopes_and_ids_do_not_run_into_each_other() -> None:
    memory, until = InMemoryReplays(), NOW + timedelta(minutes=1)
    memory.use("a", "bc", until, NOW)
    memory.use("ab", "c", until, NOW)
    assert len(memory) == 2


def test_nothing_is_forgotten_before_its_time() -> None:
    memory = InMemoryReplays(most=2)
    memory.use("s", "1", NOW + timedelta(seconds=20), NOW)
    memory.use("s", "2", NOW + timedelta(seconds=10), NOW)
    late = NOW + timedelta(seconds=10)
    assert refusal_of(lambda: memory.use("s", "3", late, NOW)) is Refusal.REPLAY_MEMORY_FULL
    assert refusal_of(lambda: memory.use("s", "2", late, late)) is Refusal.REPLAYED
    later = NOW + timedelta(seconds=10.001)
    memory.use("s", "3", NOW + timedelta(seconds=30), later)
    assert len(memory) == 2
    assert refusal_of(lambda: memory.use("s", "1", late, later)) is Refusal.REPLAYED


def test_a_memory_is_bounded() -> None:
    memory, until = InMemoryReplays(), NOW + timedelta(minutes=1)
    for number in range(100_000):
        memory.use("s", str(number), until, NOW)
    assert refusal_of(lambda: memory.use("s", "more", until, NOW)) is Refusal.REPLAY_MEMORY_FULL


def test_of_many_at_once_one_is_first() -> None:
    memory, until = InMemoryReplays(), NOW + timedelta(minutes=1)

    def use(_: int) -> bool:
        try:
            memory.use("s", "1", until, NOW)
        except TokenRefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(200))) == 1


def test_the_time_of_the_token_is_what_counts() -> None:
    """One that was issued early is remembered for less long."""
    memory = InMemoryReplays(most=1)
    verify = proof(memory)
    verify(PROOF.token(iat=T - 100), NOW)
    verify(PROOF.token(iat=T + 21, jti="p-2"), NOW + timedelta(seconds=21))
