"""The mark of a register that was restored without knowing what happened after its backup.

While it stands no key is opened, no number given, nothing served, and the verifier cannot check: a
revoked certificate could be vouched for, a cancelled licence called in force. Whoever accepts the
loss says so, on record. The mark stands in a table; it counts as standing as well while an event of
such a restoration is followed by none that accepts the loss, so that nobody accepts it by SQL.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from core.clock import Clock
from core.errors import UnreachableError
from core.permits import Actor
from registry.audit import events as audit
from registry.audit.chain import NOTHING_BEFORE, RESTORED
from registry.audit.walk import follows, undecoded
from registry.db.conflicts import put
from registry.db.counters import jump
from registry.db.database import Database
from registry.db.tables import audit_events, register_facts
from registry.facts import messages
from registry.identifiers import MAX_VERSION
from registry.journal.journal import Journal, JournalKind
from registry.model import ConflictError
from registry.revisions.record import facts_of

LOSS_GAP = 10_000
"""By how much counters jump where nobody knows how many numbers were given after the backup."""
VERSION_GAP = 10
"""How many versions of a licence are left out where nobody knows how often it was replaced."""
LOSS = "unaccepted_loss"
VERSIONS_UNKNOWN = "versions_unknown_before"
ACCEPTED = "register.loss_accepted"
"""Action of the event that accepts a loss."""
REGISTER = "register"
"""Subject of what happens to the register as a whole."""


# Asked at every look-up, so built once.
_MARKED = select(register_facts.c.value).where(register_facts.c.name == LOSS)
_BEFORE, _EVENT = audit_events.alias(), audit_events.c
_ABOUT_LOSSES = (
    select(_BEFORE.c.hash.label("previous"), *undecoded())
    .outerjoin(_BEFORE, _BEFORE.c.sequence == _EVENT.sequence - 1)
    .where(_EVENT.subject == REGISTER, _EVENT.action.in_((RESTORED, ACCEPTED)))
    .where(_EVENT.sequence > 0)
    .order_by(_EVENT.sequence.desc())
)


class UnacceptedLossError(UnreachableError):
    """The register was restored and may lack what happened after its backup: who asks it gets no
    answer, as if it were out of reach.
    """

    code = "unaccepted_loss"


def note_loss(connection: Connection, backup_made_at: datetime) -> None:
    """Mark the register within the transaction that restores it."""
    values = {"name": LOSS, "value": backup_made_at.isoformat(timespec="seconds")}
    connection.execute(insert(register_facts).values(values))


def refuse_with_loss(database: Database) -> None:
    """Raise `UnacceptedLossError` while the mark stands."""
    with database.reading() as connection:
        check_loss(connection)


def check_loss(connection: Connection) -> None:
    """Raise `UnacceptedLossError` while the mark stands."""
    made_at = find_loss(connection)
    if made_at is not None:
        raise UnacceptedLossError(messages.restore_loss_not_accepted(made_at))


def accept_loss(
    database: Database, journal: Journal, *, actor: Actor, basis: str, clock: Clock, gap: int
) -> None:
    """Record that the loss is accepted, and let every counter jump by `gap`.

    Raises `ConflictError` where there is no loss to accept.
    """
    with database.writing() as connection:
        made_at = find_loss(connection)
        if made_at is None:
            raise ConflictError(messages.NO_LOSS_TO_ACCEPT)
        connection.execute(delete(register_facts).where(register_facts.c.name == LOSS))
        jump(connection, gap=gap)
        note_versions(connection, clock.now())
        audit.record(
            connection,
            at=clock.now(),
            actor=actor,
            action=ACCEPTED,
            subject=REGISTER,
            basis=basis,
            after={"backup_made_at": made_at, "gap": gap},
        )
        journal.append(JournalKind.LOSS_ACCEPTED, {"backup_made_at": made_at, "gap": gap})


def note_versions(connection: Connection, accepted_at: datetime) -> None:
    """Keep when a loss was accepted: what was granted before may have had versions since lost."""
    value = {"value": accepted_at.isoformat()}
    put(connection, register_facts, {"name": VERSIONS_UNKNOWN}, value)


def version_floor(connection: Connection, newest: int, created_at: datetime) -> int:
    """Return the version above which a licence's next one goes, `newest` being the last on record.

    A version that was handed out after the backup and then lost is not given again. Counted from
    the licence's own, since there are too many licences to move all their counters on.
    """
    accepted = accepted_at(connection)
    if accepted is None or created_at > accepted:
        return newest
    return max(newest, min(newest + VERSION_GAP, MAX_VERSION - 1))


def find_loss(connection: Connection) -> str | None:
    """Return when the backup was made whose restoration's loss is not accepted; None without one.

    By the table's mark, or by the events where somebody took that away.
    """
    marked: str | None = connection.execute(_MARKED).scalar_one_or_none()
    return marked or loss_by_events(connection)


def loss_by_events(connection: Connection) -> str | None:
    """Return the result of `find_loss`, by events alone.

    An event that is not what was recorded accepts nothing, and speaks for no restoration.
    """
    for row in connection.execute(_ABOUT_LOSSES).mappings():
        event = dict(row)
        holds = follows(event, event.pop("previous") or NOTHING_BEFORE)
        if row["action"] == ACCEPTED:
            if holds:
                return None
            continue
        facts = facts_of(row)
        if not holds or facts.get("journal_complete") is False:
            return str(facts.get("backup_made_at", "?"))
    return None


def accepted_at(connection: Connection) -> datetime | None:
    """Return when a loss was accepted last, as the register keeps it (`note_versions`)."""
    query = select(register_facts.c.value).where(register_facts.c.name == VERSIONS_UNKNOWN)
    value = connection.execute(query).scalar_one_or_none()
    try:
        return None if value is None else datetime.fromisoformat(value)
    except ValueError:
        return None
