"""Sessions and begun sign-ins in SQL, for all workers (`identity.sessions.sessions`)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from core.permits import Actor
from identity.oidc.sign_in import PendingSignIn
from identity.people.model import actor_name
from identity.sessions.sessions import Grounds, Session, SessionDigest
from registry.audit import events as audit
from registry.db.database import Database
from registry.db.tables import begun_sign_ins, break_glass, identities, local_accounts, sessions


class SqlSessions:
    """Sessions in the registry's database; each method is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session, grounds: Grounds | None = None) -> bool:
        """Keep a session; False, and nothing kept, where its grounds are gone."""
        values = asdict(session)
        values |= {
            "iss": values.pop("issuer"),
            "sub": values.pop("subject"),
            "groups": list(session.groups),
        }
        with self._database.writing() as connection:
            if grounds is not None and not _hold(connection, session, grounds):
                return False
            connection.execute(insert(sessions).values(values))
            if grounds is not None and grounds.account_secret is not None:
                _record_sign_in(connection, session)
        return True

    def find(self, digest: SessionDigest) -> Session | None:
        """Return a session."""
        with self._database.reading() as connection:
            query = select(sessions).where(sessions.c.digest == digest)
            row = connection.execute(query).one_or_none()
        return None if row is None else _session(row)

    def touch(self, digest: SessionDigest, seen_at: datetime) -> None:
        """Note that it was used; a clock that was set back undoes nothing."""
        this = sessions.c.digest == digest, sessions.c.seen_at < seen_at
        with self._database.writing() as connection:
            connection.execute(update(sessions).where(*this).values(seen_at=seen_at))

    def end(self, digest: SessionDigest) -> None:
        """End one."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest))

    def end_all(
        self, issuer: str, subject: str | None = None, provider_session: str | None = None
    ) -> int:
        """End all of a subject, of a provider's session, or of both; return how many."""
        these = [sessions.c.iss == issuer]
        if subject is not None:
            these.append(sessions.c.sub == subject)
        if provider_session is not None:
            these.append(sessions.c.provider_session == provider_session)
        with self._database.writing() as connection:
            return connection.execute(delete(sessions).where(*these)).rowcount

    def begin(self, digest: SessionDigest, pending: PendingSignIn, back_to: str) -> None:
        """Keep a sign-in that was begun."""
        kept = asdict(pending) | {"begun_at": pending.begun_at.isoformat()}
        values = {
            "digest": digest,
            "pending": kept,
            "back_to": back_to,
            "begun_at": pending.begun_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(begun_sign_ins).values(values))

    def take(self, digest: SessionDigest) -> tuple[PendingSignIn, str] | None:
        """Return a sign-in that was begun and forget it: of two who ask at once, one gets it."""
        this = begun_sign_ins.c.digest == digest
        with self._database.writing() as connection:
            row = connection.execute(select(begun_sign_ins).where(this)).one_or_none()
            if row is None or connection.execute(delete(begun_sign_ins).where(this)).rowcount != 1:
                return None
        kept: dict[str, Any] = row.pending
        begun_at = datetime.fromisoformat(kept["begun_at"])
        acr_values = tuple(kept["acr_values"])
        pending = PendingSignIn(**{**kept, "begun_at": begun_at, "acr_values": acr_values})
        return pending, row.back_to

    def sweep(self, idle_since: datetime, begun_since: datetime, pending_since: datetime) -> None:
        """Forget what is over."""
        over = (sessions.c.seen_at <= idle_since) | (sessions.c.begun_at <= begun_since)
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(over))
            late = begun_sign_ins.c.begun_at <= pending_since
            connection.execute(delete(begun_sign_ins).where(late))


def end_sessions(
    connection: Connection, issuer: str, subject: str, *, but: SessionDigest | None = None
) -> int:
    """End the sessions of a subject in a transaction, all or `but` one; return how many."""
    these = [sessions.c.iss == issuer, sessions.c.sub == subject]
    if but is not None:
        these.append(sessions.c.digest != but)
    return connection.execute(delete(sessions).where(*these)).rowcount


def _hold(connection: Connection, session: Session, grounds: Grounds) -> bool:
    """Tell whether the grounds of a session hold, and see that they do until it is kept."""
    held: Select[Any] | None = None
    if grounds.account_secret is not None:
        column = local_accounts.c
        held = select(column.sub).where(
            column.sub == session.subject, column.browser_secret == grounds.account_secret
        )
    if grounds.emergency_use is not None:
        use = break_glass.c
        held = select(use.use_id).where(
            use.use_id == grounds.emergency_use, use.used_at.is_not(None), use.ended_at.is_(None)
        )
    return held is None or connection.execute(held.with_for_update(read=True)).first() is not None


def _record_sign_in(connection: Connection, session: Session) -> None:
    """Record a sign-in with a local account: no identity provider keeps a record of it."""
    pin = identities.c.iss == session.issuer, identities.c.sub == session.subject
    whose = actor_name(
        connection.execute(select(identities.c.identity_id).where(*pin)).scalar_one()
    )
    audit.record(
        connection,
        at=session.begun_at,
        actor=Actor(whose),
        action="account.signed_in",
        subject=whose,
        after={"acr": session.acr},
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        SessionDigest(row.digest),
        row.iss,
        row.sub,
        row.alias,
        row.provider_session,
        row.auth_time,
        row.acr,
        tuple(row.groups),
        row.name,
        row.begun_at,
        row.seen_at,
        row.form_token,
        row.id_token,
        row.until,
    )
