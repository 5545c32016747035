"""Keys that an issuer publishes (JWK Set, RFC 7517 5): read strictly, fetched and kept.

Fetched by `core.web.client`, which follows no redirect, asks no proxy of the environment, and
bounds size and time. A key that the issuer withdraws stops being accepted within `MAX_AGE`, or
within `MAX_STALE` while its address does not answer.
"""

import logging
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
from identity.published import KeepingTimes, PublishedDocument
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
        self._fetch = fetch or _get
        times = KeepingTimes(MAX_AGE, MAX_STALE, PAUSE, MAX_WAIT)
        self._published = PublishedDocument(self._ask, times, monotonic)
        self._why = messages.keys_unreachable(self._host)

    def find(self, key_id: str) -> Jwk:
        """Return the one key of that id; see `identity.tokens.model.KeySource`."""
        held = self._published.get(lambda one: key_id in one.keys)
        if held is None:
            raise KeysUnavailableError(self._why)
        return held.find(key_id)

    def _ask(self) -> KeySet | None:
        try:
            return KeySet.read(self._fetch(self._address))
        except UnreachableError as error:
            self._note(messages.keys_unreachable(self._host), str(error))
        except TokenRefusedError as error:
            text = messages.keys_unusable(self._host, error.reason.clause)
            self._note(text, error.reason.value)
        return None

    def _note(self, text: Text, why: str) -> None:
        self._why = text
        _log.warning("keys of %s could not be renewed: %s", self._host, why)


def _get(address: str) -> bytes:
    return client.get(address, limit=MAX_BYTES).body
