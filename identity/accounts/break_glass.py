"""The credential for an emergency: administrator everywhere for an hour, once, and loudly.

For when the identity provider is down or nobody who administers can sign in. It is made before,
kept offline, sealed, and made anew after each use. What it opens is an identity of its own, to
which separation of duties applies: it gives itself no role, and approves nothing.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from core.clock import Clock
from core.errors import NotAllowedError, UsageError
from identity.accounts import messages
from identity.accounts.enrolment import make_code, plain_code
from identity.accounts.model import (
    BREAK_GLASS_ACR,
    BREAK_GLASS_ISSUER,
    BREAK_GLASS_SUBJECT,
)
from identity.accounts.passwords import Passwords
from identity.accounts.throttle import Counted, TryStore, count_of
from identity.people.model import Identity, IdentityKind, Pin, SignInWay

_log = logging.getLogger(__name__)
LASTS: Final = timedelta(hours=1)
GROUP: Final = "break-glass"
NAME: Final = "应急操作员 · break-glass"
_OCTETS: Final = 25
"""200 bits."""
_LEAST_REASON, _MOST_REASON = 10, 500


@dataclass(frozen=True, slots=True)
class Prepared:
    """A credential that was prepared and not yet used."""

    use_id: str
    secret_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BreakGlassUse:
    """A use of the credential."""

    use_id: str
    reason: str
    used_at: datetime
    prepared_by: str
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class BreakGlassStore(TryStore, Protocol):
    """Store of the credential."""

    def prepared(self) -> Prepared | None:
        """Return the credential that may be used."""
        ...

    def use(self, prepared: Prepared, identity: Identity, reason: str, now: datetime) -> bool:
        """Note its use and record it; False where somebody else used it first."""
        ...


class RecognisesPeople(Protocol):
    """The register of identities."""

    def recognise(self, identity: Identity, *, signs_in: bool = False) -> Identity:
        """Return the identity with its id; raises `NotAllowedError`."""
        ...


class BreakGlass:
    """Opens the way in by the credential."""

    def __init__(
        self,
        store: BreakGlassStore,
        passwords: Passwords,
        people: RecognisesPeople,
        clock: Clock,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._people = people
        self._clock = clock

    @property
    def is_ready(self) -> bool:
        """True where a credential was prepared that is not used up."""
        return self._store.prepared() is not None

    def use(self, typed: str, reason: str, network: str) -> tuple[Identity, str]:
        """Return the emergency's identity, and the use by its id, once.

        Raises `UsageError` without a reason, `NotAllowedError`, `TooManyTriesError`.
        """
        # 1. A reason, before anything is used up.
        why = " ".join(reason.split())
        if not (_LEAST_REASON <= len(why) <= _MOST_REASON and why.isprintable()):
            raise UsageError(messages.REASON_NEEDED)
        # 2. Guesses by network alone: strangers must not keep the one away who needs it.
        now, counts = self._clock.now(), (count_of(Counted.NETWORK, f"break-glass {network}"),)
        self._store.try_(counts, now)
        prepared = self._store.prepared()
        kept = None if prepared is None else prepared.secret_hash
        fits = self._passwords.verify(kept, plain_code(typed))
        if prepared is None or not fits:
            _log.warning("a break-glass credential was refused", extra={"code": "break_glass"})
            raise NotAllowedError(messages.BREAK_GLASS_REFUSED)
        # 3. Used up and recorded, before it opens anything.
        identity = self._people.recognise(emergency_identity(now), signs_in=True)
        if not self._store.use(prepared, identity, why, now):
            raise NotAllowedError(messages.BREAK_GLASS_REFUSED)
        self._store.succeeded(counts)
        said = messages.BREAK_GLASS_USED
        _log.critical(
            "%s %s use=%s", said.zh, said.en, prepared.use_id, extra={"code": "break_glass_used"}
        )
        return identity, prepared.use_id


def emergency_identity(now: datetime) -> Identity:
    """Return whom the credential stands for: one identity, whoever holds it."""
    return Identity(
        Pin(BREAK_GLASS_ISSUER, BREAK_GLASS_SUBJECT),
        IdentityKind.PERSON,
        NAME,
        SignInWay.BREAK_GLASS,
        groups=frozenset({GROUP}),
        acr=BREAK_GLASS_ACR,
        auth_time=now,
    )


def make_credential(passwords: Passwords) -> tuple[str, str]:
    """Return a new credential, to be written down, and its hash, to be kept."""
    code = make_code(_OCTETS)
    return code, passwords.make(plain_code(code))
