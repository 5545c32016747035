"""Validation data that the seals of a group share, for seconds.

An OCSP answer about a seal costs a signature and a look into the ledger. Documents that are sealed
one after the other within seconds may bear the same: what it says was so when the first of them was
sealed. What is shared is bounded three times: by its age, by what it says of itself (nextUpdate of
each answer and list), and by the caller, who forgets it when something may have been revoked.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.x509 import ocsp

from ca.validation.validation_data import ValidationData
from core.clock import Clock

LONGEST = timedelta(seconds=10)
"""Age of an answer at most when a seal is made with it: so long can a seal that was just
revoked still seal where nobody calls `forget`."""


class SealDataSource(Protocol):
    """Source of a seal's validation data; `ca.validation.validation_data.ValidationSource` is one,
    and `ca.outside.seal.OutsideSeal`.
    """

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return the validation data of a seal by this certificate (DER), made now."""
        ...


@dataclass(frozen=True, slots=True)
class _Shared:
    data: ValidationData
    made_at: datetime
    until: datetime
    """When the first of its answers and lists ends."""


class GroupValidation:
    """Validation data of the seals of one source; belongs to one thread."""

    def __init__(
        self, source: SealDataSource, clock: Clock, lifetime: timedelta = timedelta(seconds=5)
    ) -> None:
        """`lifetime` is how long data are shared, `LONGEST` at most."""
        if lifetime > LONGEST:
            raise ValueError("shared for too long")
        self._source = source
        self._clock = clock
        self._lifetime = lifetime
        self._shared: dict[bytes, _Shared] = {}

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return validation data of a seal by this certificate (DER), made a few seconds ago at
        most.

        Raises what the source raises; nothing is shared then.
        """
        now = self._clock.now()
        shared = self._shared.pop(certificate, None)
        # A clock that was set back makes what was made before it useless.
        if shared is None or not shared.made_at <= now < min(
            shared.made_at + self._lifetime, shared.until
        ):
            data = self._source.for_seal(certificate)
            shared = _Shared(data, now, _end_of(data))
        self._shared[certificate] = shared
        return shared.data

    def forget(self) -> None:
        """Share nothing that was made before: a certificate may have been revoked."""
        self._shared.clear()


def _end_of(data: ValidationData) -> datetime:
    """Return when the first answer or list ends (RFC 6960 2.4, RFC 5280 5.1.2.5).

    What does not say when it ends may be shared no longer than others.
    """
    ends = [ocsp.load_der_ocsp_response(one).next_update_utc for one in data.ocsps]
    ends += [x509.load_der_x509_crl(one).next_update_utc for one in data.crls]
    known = [one for one in ends if one is not None]
    return min(known, default=datetime.max.replace(tzinfo=UTC))
