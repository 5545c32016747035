"""Cache of the CRLs that are published, parsed and hashed once each, read by one flight at a time.

A CRL is some megabytes where many certificates were revoked; reading it for each GET would let
clients decide how much the ledger and the processor have to do.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import anyio
from cryptography import x509

from ca.ocsp.published import http_date
from core.clock import Monotonic

LIFETIME_SECONDS = 1.0
"""A newly signed CRL is published within this time."""
MOST_NAMES = 4096
"""Issuers times shards; unknown names are not kept, so that nobody can fill the memory."""


@dataclass(frozen=True, slots=True)
class PublishedCrl:
    """A CRL and what its answer says of it."""

    der: bytes
    etag: str
    """A strong one (RFC 9110 8.8.3), quoted."""
    last_modified: str
    next_update: datetime


@dataclass(slots=True)
class _Held:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    crl: PublishedCrl | None = None
    read_at: float = float("-inf")


class PublishedCrls:
    """Belongs to one event loop. `read` returns the newest CRL of a name, DER, or None."""

    def __init__(
        self, read: Callable[[str], Awaitable[bytes | None]], monotonic: Monotonic
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._held: dict[str, _Held] = {}

    async def get(self, name: str) -> PublishedCrl | None:
        """Return the CRL of that name; None where there is none. Raises what `read` raises."""
        held = self._held.get(name) or _Held()
        if len(self._held) < MOST_NAMES:
            self._held[name] = held
        try:
            async with held.lock:  # who comes meanwhile takes what the first one found
                if self._monotonic() - held.read_at >= LIFETIME_SECONDS:
                    der = await self._read(name)
                    if der is None:
                        held.crl = None
                    elif held.crl is None or held.crl.der != der:
                        held.crl = _published(der)
                    held.read_at = self._monotonic()
                return held.crl
        finally:
            if held.crl is None and not held.lock.statistics().tasks_waiting:
                self._held.pop(name, None)


def _published(der: bytes) -> PublishedCrl:
    parsed = x509.load_der_x509_crl(der)
    assert parsed.next_update_utc is not None  # ours always have it
    return PublishedCrl(
        der,
        f'"{hashlib.sha256(der).hexdigest()[:32]}"',
        http_date(parsed.last_update_utc).decode(),
        parsed.next_update_utc,
    )
