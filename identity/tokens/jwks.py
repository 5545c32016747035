"""Keys that an issuer publishes (JWK Set, RFC 7517 5): read strictly, fetched and kept.

Fetched by `core.web.client`, which follows no redirect, asks no proxy of the environment, and
bounds size and time. A key that the issuer withdraws stops being accepted within `MAX_AGE`, or
within `MAX_STALE` while its address does not answer.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from core.clock import Monotonic
from core.errors import UnreachableError
from core.text import Text
from core.web import client
from identity.addresses import check_address
from identity.errors import IdentityError
from identity.tokens import messages
from identity.tokens.jwk import PRIVATE_MEMBERS, Jwk, read_jwk
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.strict import read_object

MAX_AGE: Final = 15 * 60
"""Seconds after which keys are fetched again, by the next that asks for one."""
MAX_STALE: Final = 4 * 60 * 60
"""Seconds for which keys go on while the issuer's address does not answer. Then nothing that it
signed is accepted, since it could not say that it withdrew one."""
PAUSE: Final = 30
"""Seconds between the end of one fetch and the next, whoever asks: made-up key ids cause no more
than two a minute."""
MAX_WAIT: Final = 5.0
"""Seconds that a thread waits for another's fetch. While a provider hangs, tokens with made-up key
ids would otherwise stop every thread for as long as the fetch may take."""
MAX_BYTES: Final = 64 * 1024
MAX_KEYS: Final = 100
_log = logging.getLogger(__name__)


class KeysUnavailableError(IdentityError):
    """An issuer's keys cannot be had, or are not usable: nothing is said of the token."""

    code = "keys_unavailable"


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys of one issuer that may verify signatures, by id."""

    keys: Mapping[str, Jwk]

    @classmethod
    def read(cls, data: bytes) -> "KeySet":
        """Read a JWK Set. Raises `TokenRefusedError` for what nobody should publish.

        Keys that are no use to us are left out: of other kinds, for encryption, without an id,
        malformed. Which of those left is strong enough is judged when it is used.
        """
        listed = read_object(data).get("keys")
        if not isinstance(listed, list) or len(listed) > MAX_KEYS:
            raise TokenRefusedError(Refusal.BAD_KEY)
        keys: dict[str, Jwk] = {}
        for value in listed:
            if not isinstance(value, dict):
                raise TokenRefusedError(Refusal.BAD_KEY)
            if PRIVATE_MEMBERS & value.keys():
                raise TokenRefusedError(Refusal.PRIVATE_KEY)
            key = _usable(value)
            if key is None or key.key_id is None:
                continue
            if key.key_id in keys:
                raise TokenRefusedError(Refusal.DUPLICATE_MEMBER)
            keys[key.key_id] = key
        return cls(keys)

    def find(self, key_id: str) -> Jwk:
        """Return the one key of that id. Raises `TokenRefusedError` (UNKNOWN_KEY)."""
        key = self.keys.get(key_id)
        if key is None:
            raise TokenRefusedError(Refusal.UNKNOWN_KEY)
        return key


def _usable(value: Mapping[str, object]) -> Jwk | None:
    if value.get("use") == "enc":
        return None
    try:
        return read_jwk(value)
    except TokenRefusedError:
        return None


class PublishedKeys:
    """Keys of one issuer as its address publishes them, for all threads of a process."""

    def __init__(
        self,
        address: str,
        *,
        plain_loopback: bool = False,
        monotonic: Monotonic = time.monotonic,
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        """Take the address; nothing is fetched before a key is asked for.

        `plain_loopback` allows http:// to this machine, for tests and demonstrations. Raises
        `InsecureAddressError`.
        """
        self._address = check_address(address, plain_loopback=plain_loopback)
        self._host = urlsplit(address).netloc
        self._monotonic = monotonic
        self._fetch = fetch or _get
        self._fetching = threading.Lock()
        self._held: KeySet | None = None
        self._fetched_at = self._asked_at = float("-inf")
        self._why = messages.keys_unreachable(self._host)

    def find(self, key_id: str) -> Jwk:
        """Return the one key of that id; see `identity.tokens.model.KeySource`.

        Whoever lacks the key waits for the fetch that is under way, though not for long; with a
        key that is merely old, one thread fetches and the others go on.
        """
        held, age = self._held, self._age()
        known = held is not None and key_id in held.keys and age <= MAX_STALE
        if not known or age > MAX_AGE:
            self._refresh(wait=not known)
            held = self._held
        if held is None or self._age() > MAX_STALE:
            raise KeysUnavailableError(self._why)
        return held.find(key_id)

    def _age(self) -> float:
        return self._monotonic() - self._fetched_at

    def _refresh(self, *, wait: bool) -> None:
        """Fetch, unless another thread just did."""
        got = self._fetching.acquire(timeout=MAX_WAIT) if wait else self._fetching.acquire(False)
        if not got:
            return
        try:
            if self._monotonic() - self._asked_at >= PAUSE:
                self._ask()
        finally:
            self._fetching.release()

    def _ask(self) -> None:
        try:
            self._held = KeySet.read(self._fetch(self._address))
            self._fetched_at = self._monotonic()
        except UnreachableError as error:
            self._note(messages.keys_unreachable(self._host), str(error))
        except TokenRefusedError as error:
            text = messages.keys_unusable(self._host, error.reason.clause)
            self._note(text, error.reason.value)
        finally:
            self._asked_at = self._monotonic()

    def _note(self, text: Text, why: str) -> None:
        self._why = text
        _log.warning("keys of %s could not be renewed: %s", self._host, why)


def _get(address: str) -> bytes:
    return client.get(address, limit=MAX_BYTES).body
