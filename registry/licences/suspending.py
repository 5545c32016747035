"""Suspensions until a date: what they may be, and their end, which nobody has to bring about.

That one has ended follows from the date and is computed whenever somebody asks
(`Licence.effective_state`). The end is written down too, as an event of the licence's life: by the
next change of that licence, and by a duty that looks every hour.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from core.ids import LicenceIdentifier
from core.permits import Action, Permit
from registry.audit import events as audit
from registry.audit.recorder import SERVICE
from registry.db.tables import compromised_licences, licences
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.licences import messages
from registry.licences.journal import licence_entry
from registry.licences.reasons import InvalidChangeError
from registry.model import CompromiseFinding, ConflictError, Licence, LicenceState, Reason

MOST_DAYS: Final = 3660
ENDED: Final = "暂停期限届满 the suspension ran out"
OPEN_ENDED: Final = "印章密钥泄露，暂停期限不再自行届满 the seal was compromised: no end by itself"
_COLUMN = licences.c


def check_until(connection: Connection, before: Licence, until: date, today: date) -> None:
    """See that a licence may be suspended through a day.

    One whose seal may have been made by other hands may not: it would come back into force with a
    document that nobody can rely on. Raises `InvalidChangeError`, `ConflictError`.
    """
    if not today <= until <= today + timedelta(days=MOST_DAYS):
        raise InvalidChangeError(messages.suspension_end_unfit(MOST_DAYS))
    if is_distrusted(connection, before.identifier):
        raise ConflictError(messages.SUSPENSION_MUST_BE_OPEN)


def is_distrusted(connection: Connection, identifier: LicenceIdentifier) -> bool:
    """Tell whether a licence's document bears a seal that may have been made by other hands."""
    column = compromised_licences.c
    query = select(column.identifier).where(
        column.identifier == identifier, column.finding == CompromiseFinding.UNPROVEN
    )
    return connection.execute(query.limit(1)).one_or_none() is not None


def settle(connection: Connection, before: Licence, today: date, at: datetime) -> Licence:
    """Write down that a licence's suspension has ended, if it has, and return it as it stands.

    One whose seal may have been made by other hands has the right again, but no document that can
    be relied on, as where it is reinstated by hand.
    """
    stands = before.settled(today)
    if stands is before:
        return before
    if is_distrusted(connection, before.identifier):
        stands = replace(
            stands, state=LicenceState.SUSPENDED, reason=Reason.SEAL_COMPROMISED, basis=ENDED
        )
    changed = connection.execute(
        update(licences)
        .where(
            _COLUMN.identifier == before.identifier,
            _COLUMN.state == LicenceState.SUSPENDED,
            _COLUMN.suspended_until == before.suspended_until,
        )
        .values(
            state=stands.state,
            reason=stands.reason,
            basis=ENDED,
            document_number=None,
            suspended_until=None,
            changed_at=at,
        )
    )
    if changed.rowcount != 1:
        return before
    mirror = mirror_of(connection)
    tell = mirror.loosen if stands.state is LicenceState.IN_FORCE else mirror.tighten
    entry = licence_entry(before.identifier, stands.state, stands.reason, at, before.replaced_by)
    tell(JournalKind.LICENCE, entry)
    audit.record(
        connection,
        at=at,
        actor=SERVICE,
        action="licence.reinstated",
        subject=before.identifier,
        basis=ENDED,
        before=_facts(before),
        after={
            "state": stands.state,
            "reason": stands.reason,
            "replaced_by": before.replaced_by,
        },
    )
    return stands


def keep_suspended(connection: Connection, before: Licence, permit: Permit, at: datetime) -> None:
    """Take the end from a suspension, since the licence's document cannot be relied on.

    Its authority lifts it; the licence then waits to be sealed anew, as any other of that seal.
    Raises `NotAllowedError`, `ConflictError`.
    """
    actor = permit.require(Action.HANDLE_COMPROMISE)
    changed = connection.execute(
        update(licences)
        .where(
            _COLUMN.identifier == before.identifier,
            _COLUMN.state == LicenceState.SUSPENDED,
            _COLUMN.suspended_until == before.suspended_until,
        )
        .values(suspended_until=None, basis=OPEN_ENDED, document_number=None, changed_at=at)
    )
    if changed.rowcount != 1:
        raise ConflictError(messages.SUSPENSION_CHANGED)
    entry = licence_entry(before.identifier, before.state, before.reason, at, before.replaced_by)
    mirror_of(connection).tighten(JournalKind.LICENCE, entry)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="licence.suspended",
        subject=before.identifier,
        basis=OPEN_ENDED,
        before=_facts(before),
        after={"state": before.state, "reason": before.reason, "replaced_by": before.replaced_by},
    )


def _facts(one: Licence) -> audit.Facts:
    until = one.suspended_until
    return {
        "state": one.state,
        "reason": one.reason,
        **({} if until is None else {"suspended_until": until.isoformat()}),
    }
