"""Keys fetched from a real server on loopback, which rotates, fails, redirects, hangs."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import UnreachableError
from core.text import Text
from identity.addresses import InsecureAddressError
from identity.tokens.jwks import (
    MAX_AGE,
    MAX_BYTES,
    MAX_KEYS,
    MAX_STALE,
    MAX_WAIT,
    PAUSE,
    KeysUnavailableError,
    PublishedKeys,
)
from identity.tokens.refusals import Refusal, TokenRefusedError
from tests.identity.tokens.forge import ISSUER, ec_key, forge, issuer
from tests.identity.tokens.issuer_server import IssuerServer, serving
from tests.identity.tokens.kinds import ID, jwk

OLD = {**jwk(ec_key()), "kid": "k1"}
NEW = {**jwk(ec_key("new")), "kid": "k2"}


def test_bounds_are_those_of_the_decision() -> None:
    """ADR 34."""
    assert (MAX_AGE, PAUSE, MAX_STALE, MAX_WAIT) == (900, 30, 14400, 5)
    assert (MAX_BYTES, MAX_KEYS) == (65536, 100)


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def server() -> Iterator[IssuerServer]:
    with serving() as told:
        told.publish(OLD)
        yield told


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def keys(server: IssuerServer, seconds: Seconds) -> PublishedKeys:
    return PublishedKeys(server.address, plain_loopback=True, monotonic=seconds)


def unknown(keys: PublishedKeys, key_id: str) -> bool:
    """Tell whether a key is unknown; all other trouble is raised."""
    try:
        keys.find(key_id)
    except TokenRefusedError as error:
        return error.reason is Refusal.UNKNOWN_KEY
    return False


def test_nothing_is_fetched_before_it_is_needed_and_then_once(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds
) -> None:
    assert server.asked == []
    for _ in range(5):
        assert keys.find("k1").public_key == ec_key().public_key()
        seconds.at += MAX_AGE / 5
    assert server.asked == ["/jwks"]


def test_tokens_are_verified_by_them(keys: PublishedKeys) -> None:
    trusted = issuer()
    ID.verify(ID.token(), trusted=type(trusted)(ISSUER, trusted.algorithm, keys))


def test_a_new_key_is_fetched_when_it_is_met(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds
) -> None:
    keys.find("k1")
    server.publish(OLD, NEW)
    seconds.at += PAUSE
    assert keys.find("k2").public_key == ec_key("new").public_key()
    assert len(server.asked) == 2


def test_keys_that_nobody_has_cause_no_flood(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds
) -> None:
    keys.find("k1")
    for number in range(100):
        assert unknown(keys, f"made-up-{number}")
    assert len(server.asked) == 1
    seconds.at += PAUSE - 0.1
    assert unknown(keys, "made-up")
    assert len(server.asked) == 1
    seconds.at += 0.1
    for number in range(100):
        assert unknown(keys, f"made-up-{number}")
    assert len(server.asked) == 2


def test_a_withdrawn_key_ends_with_the_age_of_the_set(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds
) -> None:
    keys.find("k1")
    server.publish(NEW)
    seconds.at += MAX_AGE
    assert not unknown(keys, "k1")
    seconds.at += 0.1
    assert unknown(keys, "k1")
    keys.find("k2")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [(503, b"busy"), (404, b""), (200, b"<html>"), (200, b'{"keys":[{"kty":"oct","k":"AAAA"}]}')],
)
def test_old_keys_go_on_for_four_hours_while_the_provider_fails(
    server: IssuerServer,
    keys: PublishedKeys,
    seconds: Seconds,
    *,
    caplog: pytest.LogCaptureFixture,
    answer: tuple[int, bytes],
) -> None:
    keys.find("k1")
    server.status, server.body = answer
    seconds.at += MAX_AGE + 1
    with caplog.at_level(logging.WARNING, "identity.tokens.jwks"):
        for _ in range(10):
            keys.find("k1")
    assert len(server.asked) == 2, "asked once in a pause"
    assert len(caplog.records) == 1
    assert unknown(keys, "k2")
    seconds.at += MAX_STALE - MAX_AGE - 1
    keys.find("k1")
    seconds.at += 0.1
    with pytest.raises(KeysUnavailableError):
        keys.find("k1")
    server.publish(OLD)
    with pytest.raises(KeysUnavailableError):
        keys.find("k1")
    seconds.at += PAUSE
    keys.find("k1")


def test_a_provider_that_never_answered_is_named(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds
) -> None:
    server.status = 500
    for _ in range(10):
        with pytest.raises(KeysUnavailableError, match=r"127\.0\.0\.1") as caught:
            keys.find("k1")
        assert caught.value.code == "keys_unavailable"
    assert len(server.asked) == 1
    server.publish(OLD)
    seconds.at += PAUSE
    keys.find("k1")


def test_private_keys_in_public_are_named(server: IssuerServer, keys: PublishedKeys) -> None:
    server.publish(OLD, {**NEW, "d": "AAAA"})
    with pytest.raises(KeysUnavailableError, match="private part") as caught:
        keys.find("k1")
    assert "私钥" in caught.value.text.zh


def test_redirects_lead_nowhere(server: IssuerServer, keys: PublishedKeys) -> None:
    with serving() as elsewhere:
        elsewhere.publish(OLD)
        server.status, server.headers["Location"] = 302, elsewhere.address
        with pytest.raises(KeysUnavailableError):
            keys.find("k1")
        assert elsewhere.asked == []


def test_a_flood_is_cut_off(server: IssuerServer, keys: PublishedKeys) -> None:
    server.publish(OLD)
    server.body += b" " * (MAX_BYTES - len(server.body) + 1)
    with pytest.raises(KeysUnavailableError):
        keys.find("k1")


def test_a_set_may_fill_its_bounds(server: IssuerServer, keys: PublishedKeys) -> None:
    server.body += b" " * (MAX_BYTES - len(server.body))
    keys.find("k1")


def test_a_server_that_hangs_or_drips_is_not_waited_for(
    server: IssuerServer, keys: PublishedKeys, monkeypatch: pytest.MonkeyPatch, seconds: Seconds
) -> None:
    monkeypatch.setattr("core.web.client.TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr("core.web.client.WHOLE_SECONDS", 0.5)
    server.drips, server.body = True, b" " * 30_000
    with pytest.raises(KeysUnavailableError):
        keys.find("k1")
    server.drips, server.held = False, threading.Event()
    seconds.at += PAUSE
    with pytest.raises(KeysUnavailableError):
        keys.find("k1")


def test_proxies_of_the_environment_are_not_asked(
    server: IssuerServer, keys: PublishedKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        keys.find("k1")
        assert proxy.asked == []
    assert server.asked == ["/jwks"]


def test_many_threads_fetch_once(server: IssuerServer, keys: PublishedKeys) -> None:
    server.held = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(keys.find, "k1") for _ in range(8)]
        assert server.begun.wait(20)
        server.held.set()
        assert {one.result(20).key_id for one in found} == {"k1"}
    assert len(server.asked) == 1


def test_whoever_knows_the_key_does_not_wait_for_a_renewal(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds
) -> None:
    keys.find("k1")
    server.begun.clear()
    server.held = threading.Event()
    seconds.at += MAX_AGE + 1
    with ThreadPoolExecutor(2) as pool:
        renewing = pool.submit(keys.find, "k1")
        assert server.begun.wait(20)
        assert pool.submit(keys.find, "k1").result(20).key_id == "k1"
        assert not renewing.done()
        server.held.set()
        assert renewing.result(20).key_id == "k1"
    assert len(server.asked) == 2


def test_a_hanging_provider_does_not_stop_every_thread(
    server: IssuerServer, keys: PublishedKeys, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made-up key ids are refused, and known keys serve, while one thread still waits for it."""
    monkeypatch.setattr("identity.tokens.jwks.MAX_WAIT", 0.1)
    keys.find("k1")
    server.begun.clear()
    server.held = threading.Event()
    seconds.at += PAUSE
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(unknown, keys, "made-up")
        assert server.begun.wait(20)
        assert pool.submit(unknown, keys, "made-up-2").result(20)
        keys.find("k1")
        assert not asking.done()
        server.held.set()
        assert asking.result(20)
    assert len(server.asked) == 2


def test_a_pause_begins_when_the_answer_is_there(seconds: Seconds) -> None:
    """A slow failure is not followed at once by another."""
    asked = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        seconds.at += 3 * PAUSE
        raise UnreachableError(Text("x", "x"))

    keys = PublishedKeys("https://id.example/jwks", monotonic=seconds, fetch=fetch)
    for _ in range(3):
        with pytest.raises(KeysUnavailableError):
            keys.find("k1")
    assert asked == ["https://id.example/jwks"]


def test_a_fault_of_ours_is_not_repeated_at_once(seconds: Seconds) -> None:
    def fetch(_: str) -> bytes:
        raise RuntimeError

    keys = PublishedKeys("https://id.example/jwks", monotonic=seconds, fetch=fetch)
    with pytest.raises(RuntimeError):
        keys.find("k1")
    with pytest.raises(KeysUnavailableError, match=r"id\.example"):
        keys.find("k1")


@pytest.mark.parametrize(
    "address",
    [
        "http://id.example/jwks",
        "http://127.0.0.1.id.example/jwks",
        "http://localhost.id.example/jwks",
        "http://10.0.0.1/jwks",
        "ftp://127.0.0.1/jwks",
        "file:///etc/passwd",
        "https:///jwks",
        "https://user:word@id.example/jwks",
        "https://id.example:x/jwks",
        "https://id.example/\n",
        "https://[::1/jwks",
        "https://id.example/jwks#a",
        "https://身份.example/jwks",
        "",
    ],
)
def test_addresses_that_no_keys_are_taken_from(address: str) -> None:
    with pytest.raises(InsecureAddressError):
        PublishedKeys(address, plain_loopback=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "localhost"])
def test_plain_http_only_on_loopback_and_only_where_configured(host: str) -> None:
    PublishedKeys(f"http://{host}:8080/jwks", plain_loopback=True)
    with pytest.raises(InsecureAddressError):
        PublishedKeys(f"http://{host}:8080/jwks")


def test_a_forged_token_costs_no_fetch(server: IssuerServer, keys: PublishedKeys) -> None:
    """Its header is judged first."""
    trusted = issuer()
    given = forge({**ID.header, "alg": "none"}, ID.claims)
    with pytest.raises(TokenRefusedError):
        ID.verify(given, trusted=type(trusted)(ISSUER, trusted.algorithm, keys))
    assert server.asked == []
