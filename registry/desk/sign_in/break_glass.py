"""The emergency's credential in SQL: prepared, used once, acknowledged by somebody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.ids import Random
from core.permits import Action, Actor, Permit
from identity.accounts.break_glass import BreakGlassUse, Prepared
from identity.accounts.model import BREAK_GLASS_ISSUER, BREAK_GLASS_SUBJECT
from identity.people.model import Identity, actor_name
from registry.audit import events as audit
from registry.audit.chain import NewEvent, append
from registry.db.tables import break_glass, grant_requests, identities, jobs
from registry.desk.sign_in import messages
from registry.desk.sign_in.session_store import end_sessions
from registry.desk.sign_in.tries import SqlTries
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.model import ConflictError, NotFoundError
from registry.officers.emergency_journal import ACKNOWLEDGED, SUBJECT, USED, use_entry
from registry.officers.identities import people_behind, refuse_ended
from registry.officers.jobs import JOB_SUBJECT, stop_jobs
from registry.officers.model import IdentityState
from registry.officers.request_rows import REQUEST_SUBJECT, withdraw_all
from registry.officers.roles import OwnRoleError, check_why
from registry.officers.rows import new_id

_COLUMN = break_glass.c


class SqlBreakGlass(SqlTries):
    """The credential in the registry's database."""

    def prepared(self) -> Prepared | None:
        """Return the credential that may be used."""
        usable = _COLUMN.used_at.is_(None), _COLUMN.replaced_at.is_(None)
        query = select(break_glass).where(*usable).order_by(_COLUMN.prepared_at.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Prepared(row.use_id, row.secret_hash)

    def use(self, prepared: Prepared, identity: Identity, reason: str, now: datetime) -> bool:
        """Note its use and record it; False where somebody else used it first."""
        assert identity.identity_id is not None
        this = (
            _COLUMN.use_id == prepared.use_id,
            _COLUMN.used_at.is_(None),
            _COLUMN.replaced_at.is_(None),
        )
        used = update(break_glass).where(*this).values(used_at=now, reason=reason)
        with self._database.writing() as connection:
            if connection.execute(used).rowcount != 1:
                return False
            mirror_of(connection).tighten(JournalKind.EMERGENCY, use_entry(prepared.use_id, USED))
            audit.record(
                connection,
                at=now,
                actor=Actor(actor_name(identity.identity_id)),
                action="break_glass.used",
                subject=f"{SUBJECT}{prepared.use_id}",
                basis=reason,
            )
        return True


def prepare(
    connection: Connection, secret_hash: str, permit: Permit, at: datetime, random: Random
) -> str:
    """Keep a new credential, in the place of one that was not used; return its id.

    Raises `ConflictError` where whoever used it could not sign in.
    """
    actor = permit.require(Action.MANAGE_OFFICERS)
    refuse_ended(connection, actor)
    refuse_worthless(connection)
    unused = _COLUMN.used_at.is_(None), _COLUMN.replaced_at.is_(None)
    connection.execute(update(break_glass).where(*unused).values(replaced_at=at))
    use_id = new_id(random)
    connection.execute(
        insert(break_glass).values(
            use_id=use_id, secret_hash=secret_hash, prepared_by=actor.name, prepared_at=at
        )
    )
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="break_glass.prepared",
        subject=f"{SUBJECT}{use_id}",
    )
    return use_id


def acknowledge(
    connection: Connection, use_id: str, note: str, permit: Permit, at: datetime
) -> None:
    """Note that somebody else looked at a use.

    Raises `NotFoundError`, `ConflictError`, and `OwnRoleError` for the emergency's own identity.
    """
    actor = permit.require(Action.MANAGE_OFFICERS)
    refuse_ended(connection, actor)
    row = connection.execute(
        select(break_glass)
        .where(_COLUMN.use_id == use_id, _COLUMN.used_at.is_not(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        used = select(_COLUMN.use_id).where(_COLUMN.used_at.is_not(None)).limit(1)
        if connection.execute(used).first() is None:
            raise NotFoundError(messages.EMERGENCY_NEVER_USED)
        raise NotFoundError(messages.no_such_use(use_id[:40]))
    if people_behind(connection, actor.name) & _emergency(connection):
        raise OwnRoleError(messages.ACKNOWLEDGED_BY_ANOTHER)
    if row.acknowledged_at is not None:
        raise ConflictError(messages.use_acknowledged(use_id))
    values = {"acknowledged_by": actor.name, "acknowledged_at": at}
    connection.execute(update(break_glass).where(_COLUMN.use_id == use_id).values(values))
    mirror_of(connection).loosen(JournalKind.EMERGENCY, use_entry(use_id, ACKNOWLEDGED))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="break_glass.acknowledged",
        subject=f"{SUBJECT}{use_id}",
        basis=note,
    )


@dataclass(frozen=True, slots=True)
class EmergencyEnded:
    """Report of what ended with an emergency."""

    sessions: int
    requests: list[str]
    jobs: list[str]


def end(connection: Connection, why: str, permit: Permit, at: datetime) -> EmergencyEnded:
    """End an emergency that goes on: its session, what it asked for, batches that it carries out.

    A credential that was prepared and not used stays good. Who came in by it does not end it for
    others: raises `OwnRoleError`; and `InvalidOfficerError` without a reason.
    """
    actor = permit.require(Action.MANAGE_OFFICERS)
    refuse_ended(connection, actor)
    check_why(why)
    whose = _emergency(connection)
    if people_behind(connection, actor.name) & whose:
        raise OwnRoleError(messages.ENDED_BY_ANOTHER)
    running = _COLUMN.used_at.is_not(None), _COLUMN.ended_at.is_(None)
    query = select(_COLUMN.use_id).where(*running).order_by(_COLUMN.use_id).with_for_update()
    uses = connection.execute(query).scalars().all()
    connection.execute(update(break_glass).where(*running).values(ended_at=at))
    ended = end_sessions(connection, BREAK_GLASS_ISSUER, BREAK_GLASS_SUBJECT)
    theirs = grant_requests.c.requested_by.in_(whose)
    requests = withdraw_all(connection, theirs, why, actor, at)
    stopped = stop_jobs(connection, jobs.c.carried_by.in_(whose), why, actor, at)
    told = [
        NewEvent(
            at=at,
            actor=actor,
            action="break_glass.ended",
            subject=f"{SUBJECT}{use_id}",
            basis=why,
        )
        for use_id in uses
    ]
    if events := [*requests, *stopped, *told]:
        append(connection, events)
    return EmergencyEnded(
        ended,
        [one.subject.removeprefix(REQUEST_SUBJECT) for one in requests],
        [one.subject.removeprefix(JOB_SUBJECT) for one in stopped],
    )


def refuse_worthless(connection: Connection) -> None:
    """See that the emergency's identity may sign in, so that a credential is worth something.

    Raises `ConflictError`.
    """
    column = identities.c
    query = select(column.identity_id).where(
        column.iss == BREAK_GLASS_ISSUER, column.state != IdentityState.ACTIVE
    )
    ended = connection.execute(query).scalars().first()
    if ended is not None:
        raise ConflictError(messages.emergency_disabled(ended))


def _emergency(connection: Connection) -> frozenset[str]:
    """Return the names as actors of who came in by the credential."""
    pin = identities.c.iss == BREAK_GLASS_ISSUER
    found = connection.execute(select(identities.c.identity_id).where(pin)).scalars()
    return frozenset(actor_name(one) for one in found)


def list_uses(connection: Connection) -> list[BreakGlassUse]:
    """Return the uses, the newest first."""
    query = select(break_glass).where(_COLUMN.used_at.is_not(None))
    return [_use(row) for row in connection.execute(query.order_by(_COLUMN.used_at.desc()))]


def is_prepared(connection: Connection) -> bool:
    """Tell whether there is a credential that may be used."""
    usable = _COLUMN.used_at.is_(None), _COLUMN.replaced_at.is_(None)
    return connection.execute(select(func.count()).where(*usable)).scalar_one() > 0


def is_unanswered(connection: Connection) -> bool:
    """Tell whether a credential was used and nobody answered for it yet."""
    waits = _COLUMN.used_at.is_not(None), _COLUMN.acknowledged_at.is_(None)
    return connection.execute(select(func.count()).where(*waits)).scalar_one() > 0


def _use(row: Row[Any]) -> BreakGlassUse:
    return BreakGlassUse(
        row.use_id,
        row.reason,
        row.used_at,
        row.prepared_by,
        row.acknowledged_by,
        row.acknowledged_at,
    )
