"""Changes of a round that use no seal: a refusal, and a last day that is moved."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Action, Permit
from core.text import Text
from registry.audit import events as audit
from registry.granting import messages
from registry.granting.rounds import (
    awaited_step,
    outside_step,
    round_of,
    who_asks,
)
from registry.licences.awaited_seals import list_out
from registry.licences.countersignatures import (
    MOVED,
    REFUSED,
    RoundProgress,
    SigningState,
    begin_step,
    keep_day,
    lock_open,
    settle_step,
)
from registry.licences.licences import MAX_BASIS_CHARACTERS, LicenceChange, change_state
from registry.licences.reasons import InvalidChangeError
from registry.model import Licence, Reason

_REFUSING: Final = (Action.GRANT, Action.DECIDE)


@dataclass(frozen=True, slots=True)
class SealRefusal:
    """Word of an authority that it will not seal a document."""

    identifier: LicenceIdentifier
    why: str
    authority_id: AuthorityId | None
    outside: str | None
    """Name of one that signs elsewhere, for which the issuer says so."""
    claim: str


def refuse_round(
    connection: Connection, refusal: SealRefusal, permit: Permit, at: datetime, today: date
) -> Licence:
    """Record a refusal; nobody else is to seal the document then.

    By who may use the authority's seal, or decide for it. Raises `InvalidChangeError` where no
    reason is given, `NotAwaitedError`, `NotAllowedError`, `ConflictError`.
    """
    identifier, why = refusal.identifier, _said(refusal.why, messages.REFUSAL_NEEDS_REASON)
    lock_open(connection, identifier)
    licence, progress = round_of(connection, identifier)
    if refusal.outside is None:
        acting = who_asks(connection, progress, permit, refusal.authority_id, today)
        step = awaited_step(connection, progress, acting, today)
    else:
        acting = licence.authority_id
        step = outside_step(progress, refusal.outside)
    actor = permit.require(*_REFUSING, authority_id=acting)
    begin_step(
        connection, identifier, step, authority_id=acting, seal_id=None, claim=refusal.claim, at=at
    )
    values = {"state": SigningState.REFUSED, "settled_at": at}
    settle_step(connection, identifier, step.position, refusal.claim, values)
    list_out(connection, identifier)
    changed = change_state(
        connection,
        identifier,
        LicenceChange.REFUSE,
        reason=Reason.REFUSED,
        basis=why,
        permit=permit,
        at=at,
        acting=acting,
    )
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=REFUSED,
        subject=identifier,
        basis=why,
        after={"position": step.position, "authority": acting},
    )
    return changed


def move_last_day(  # noqa: PLR0917 (each of another type)
    connection: Connection,
    identifier: LicenceIdentifier,
    day: date,
    why: str,
    permit: Permit,
    at: datetime,
    today: date,
) -> RoundProgress:
    """Give a round another last day, also one that had none, or whose day has passed.

    Raises `InvalidChangeError` where no reason is given or the day has passed, `NotAwaitedError`,
    `NotAllowedError`, `ConflictError` where the document waits for no seals.
    """
    why = _said(why, messages.DAY_NEEDS_REASON)
    if day < today:
        raise InvalidChangeError(messages.DEADLINE_PASSED)
    licence, _ = round_of(connection, identifier)
    actor = permit.require(Action.CHANGE_LICENCE, Action.GRANT, authority_id=licence.authority_id)
    lock_open(connection, identifier)
    _, before = round_of(connection, identifier)
    if before.asked.deadline == day:
        return before
    keep_day(connection, identifier, day, at)
    was = before.asked.deadline
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=MOVED,
        subject=identifier,
        basis=why,
        before={"deadline": None if was is None else was.isoformat()},
        after={"deadline": day.isoformat()},
    )
    return round_of(connection, identifier)[1]


def _said(why: str, missing: Text) -> str:
    """Return a reason without blanks around it. Raises `InvalidChangeError`."""
    said = why.strip()
    if not 1 <= len(said) <= MAX_BASIS_CHARACTERS or not said.isprintable():
        raise InvalidChangeError(missing)
    return said
