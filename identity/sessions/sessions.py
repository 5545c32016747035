"""Server-side sessions: the browser holds a random id alone, the store its digest.

A session ends by itself after half an hour without a request and after ten hours at the latest; at
sign-out here or at the provider; and when its person leaves. Whoever signs in gets another id, so
that an id which somebody planted before is worth nothing (OWASP ASVS 3.2.1, session fixation).
"""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NewType, Protocol

from core.clock import Clock
from core.errors import NotAllowedError
from core.ids import Random
from identity.oidc.sign_in import TIME_TO_SIGN_IN, PendingSignIn
from identity.sessions import messages
from identity.tokens.strict import encode_base64url

IDLE_LIMIT: Final = timedelta(minutes=30)
ABSOLUTE_LIMIT: Final = timedelta(hours=10)
"""A working day: after it, whoever is there signs in again."""
TOUCH_AFTER: Final = timedelta(minutes=1)
"""Staleness that `seen_at` may have: not every request writes."""
_ID_OCTETS: Final = 32
_ID_LENGTH: Final = 43

SessionDigest = NewType("SessionDigest", str)
"""SHA-256 of a session's id, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Grounds that a session of ours rests on; gone before it opens, it does not open.

    So nobody who was being judged by an old password, or a passkey that was removed at the same
    moment, gets in after all sessions were ended.
    """

    account_secret: bytes | None = field(default=None, repr=False)
    """Of a local account, as its sign-in saw it: whatever ends its sessions replaces it."""
    emergency_use: str | None = None
    """Use of the emergency's credential, which operators may end."""


class SignedOutMeanwhileError(NotAllowedError):
    """The grounds of a sign-in ended while it was judged."""


@dataclass(frozen=True, slots=True)
class Session:
    """Session of somebody who signed in."""

    digest: SessionDigest
    issuer: str
    subject: str
    alias: str
    """Of the provider's configuration."""
    provider_session: str | None
    """The provider's own (`sid`), which its logout token names."""
    auth_time: datetime
    """When the person proved who they are; for step-up (RFC 9470)."""
    acr: str | None
    groups: tuple[str, ...]
    """As the provider said at this sign-in, and for no longer."""
    name: str
    begun_at: datetime
    seen_at: datetime
    form_token: str = field(repr=False)
    """In every form of this session (CSRF)."""
    id_token: str | None = field(default=None, repr=False)
    """A hint for the provider at sign-out."""
    until: datetime | None = None
    """A limit of its own, before the others'."""

    def is_over(self, now: datetime) -> bool:
        """Tell whether a limit is passed; a clock that was set back ends nothing early."""
        if self.until is not None and now >= self.until:
            return True
        return now - self.seen_at >= IDLE_LIMIT or now - self.begun_at >= ABSOLUTE_LIMIT

    def takes(self, form_token: str) -> bool:
        """Tell whether a form belongs to this session."""
        sent = form_token.encode(errors="replace")  # a lone surrogate is no token of ours
        return hmac.compare_digest(sent, self.form_token.encode())


class SessionStore(Protocol):
    """Store of sessions and of sign-ins that were begun, for all workers."""

    def add(self, session: Session, grounds: Grounds | None = None) -> bool:
        """Keep a session; False, and nothing kept, where its grounds are gone."""
        ...

    def find(self, digest: SessionDigest) -> Session | None:
        """Return a session."""
        ...

    def touch(self, digest: SessionDigest, seen_at: datetime) -> None:
        """Note that it was used; does nothing where it ended meanwhile."""
        ...

    def end(self, digest: SessionDigest) -> None:
        """End one."""
        ...

    def end_all(
        self, issuer: str, subject: str | None = None, provider_session: str | None = None
    ) -> int:
        """End all of a subject, of a provider's session, or of both; return how many."""
        ...

    def begin(self, digest: SessionDigest, pending: PendingSignIn, back_to: str) -> None:
        """Keep a sign-in that was begun."""
        ...

    def take(self, digest: SessionDigest) -> tuple[PendingSignIn, str] | None:
        """Return a sign-in that was begun and forget it, in one step: it serves once."""
        ...

    def sweep(self, idle_since: datetime, begun_since: datetime, pending_since: datetime) -> None:
        """Forget sessions not used or begun since then, and sign-ins not begun since then."""
        ...


class Sessions:
    """Sessions under their limits; may be used by several threads."""

    def __init__(self, store: SessionStore, clock: Clock, random: Random) -> None:
        self._store = store
        self._clock = clock
        self._random = random

    def open(
        self,
        *,
        issuer: str,
        subject: str,
        alias: str,
        provider_session: str | None,
        auth_time: datetime,
        acr: str | None,
        groups: tuple[str, ...],
        name: str,
        id_token: str | None,
        old_id: str | None = None,
        until: datetime | None = None,
        grounds: Grounds | None = None,
    ) -> tuple[str, Session]:
        """Open a session; return its new id, which is kept nowhere here, and the session.

        `old_id`: the session that the browser had, which ends. Raises `SignedOutMeanwhileError`.
        """
        if old_id is not None:
            self.end(old_id)
        now, new_id = self._clock.now(), self._new_id()
        session = Session(
            digest_of(new_id),
            issuer,
            subject,
            alias,
            provider_session,
            auth_time,
            acr,
            groups,
            name,
            now,
            now,
            self._new_id(),
            id_token,
            until,
        )
        if not self._store.add(session, grounds):
            raise SignedOutMeanwhileError(messages.SIGNED_OUT_MEANWHILE)
        return new_id, session

    def find(self, session_id: str) -> Session | None:
        """Return the session of an id and note its use; None where there is none, or it is over."""
        if len(session_id) != _ID_LENGTH:
            return None
        session, now = self._store.find(digest_of(session_id)), self._clock.now()
        if session is None:
            return None
        if session.is_over(now):
            self._store.end(session.digest)
            return None
        if now - session.seen_at >= TOUCH_AFTER:
            self._store.touch(session.digest, now)
            session = replace(session, seen_at=now)
        return session

    def end(self, session_id: str) -> None:
        """End a session; does nothing where there is none."""
        self._store.end(digest_of(session_id))

    def end_all(
        self, issuer: str, subject: str | None = None, provider_session: str | None = None
    ) -> int:
        """End all of a subject, or of a provider's session; return how many there were.

        Raises `ValueError` where neither is named: that would end everybody's.
        """
        if subject is None and provider_session is None:
            raise ValueError("no subject and no session")
        return self._store.end_all(issuer, subject, provider_session)

    def begin_sign_in(self, pending: PendingSignIn, back_to: str) -> str:
        """Keep a sign-in that was begun; return the id for the browser that began it."""
        new_id = self._new_id()
        self._store.begin(digest_of(new_id), pending, back_to)
        return new_id

    def take_sign_in(self, sign_in_id: str) -> tuple[PendingSignIn, str] | None:
        """Return a sign-in that this browser began, and where it then wants to go, once."""
        if len(sign_in_id) != _ID_LENGTH:
            return None
        return self._store.take(digest_of(sign_in_id))

    def sweep(self) -> None:
        """Forget what is over."""
        now = self._clock.now()
        self._store.sweep(now - IDLE_LIMIT, now - ABSOLUTE_LIMIT, now - TIME_TO_SIGN_IN)

    def _new_id(self) -> str:
        return encode_base64url(self._random(_ID_OCTETS))


def digest_of(session_id: str) -> SessionDigest:
    """Return the digest under which an id is kept: who reads the store cannot use it."""
    return SessionDigest(hashlib.sha256(session_id.encode()).hexdigest())
