"""Sessions in the memory of one process: for one worker, and for tests of what uses them."""

import threading
from dataclasses import replace
from datetime import datetime

from identity.oidc.sign_in import PendingSignIn
from identity.sessions.sessions import Grounds, Session, SessionDigest


class InMemorySessions:
    """Sessions and begun sign-ins of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[SessionDigest, Session] = {}
        self._begun: dict[SessionDigest, tuple[PendingSignIn, str]] = {}

    def add(self, session: Session, grounds: Grounds | None = None) -> bool:
        """Keep a session; whether its grounds are gone is not known here."""
        del grounds
        with self._lock:
            self._sessions[session.digest] = session
        return True

    def find(self, digest: SessionDigest) -> Session | None:
        """Return a session."""
        with self._lock:
            return self._sessions.get(digest)

    def touch(self, digest: SessionDigest, seen_at: datetime) -> None:
        """Note that it was used."""
        with self._lock:
            if (session := self._sessions.get(digest)) is not None:
                self._sessions[digest] = replace(session, seen_at=seen_at)

    def end(self, digest: SessionDigest) -> None:
        """End one."""
        with self._lock:
            self._sessions.pop(digest, None)

    def end_all(
        self, issuer: str, subject: str | None = None, provider_session: str | None = None
    ) -> int:
        """End all of a subject, of a provider's session, or of both."""
        with self._lock:
            ended = [
                one.digest
                for one in self._sessions.values()
                if one.issuer == issuer
                and subject in (None, one.subject)
                and provider_session in (None, one.provider_session)
            ]
            for digest in ended:
                del self._sessions[digest]
            return len(ended)

    def begin(self, digest: SessionDigest, pending: PendingSignIn, back_to: str) -> None:
        """Keep a sign-in that was begun."""
        with self._lock:
            self._begun[digest] = pending, back_to

    def take(self, digest: SessionDigest) -> tuple[PendingSignIn, str] | None:
        """Return a sign-in that was begun and forget it."""
        with self._lock:
            return self._begun.pop(digest, None)

    def sweep(self, idle_since: datetime, begun_since: datetime, pending_since: datetime) -> None:
        """Forget what is over."""
        with self._lock:
            self._sessions = {
                digest: one
                for digest, one in self._sessions.items()
                if one.seen_at > idle_since and one.begun_at > begun_since
            }
            self._begun = {
                digest: one
                for digest, one in self._begun.items()
                if one[0].begun_at > pending_since
            }
