"""Progress of the round of seals on an official document, by its terms and the record.

What is asked for stands in the terms, which the document's face covers; what was done, in one row
for each position. A document is complete where each position is signed: neither its state nor its
rows alone say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from core.ids import AuthorityId, LicenceIdentifier, SealId
from registry.db.conflicts import put
from registry.db.tables import countersignatures, licences, round_days
from registry.licences import messages
from registry.model import ConflictError, Licence, LicenceState, Reason
from registry.types.document_type import Countersigner, SealRound, countersigning_of

BEGUN, REFUSED = "document.countersigning", "document.refused"
"""Actions of the events of a seal that is about to be used, and of one that will not be."""
MOVED = "document.day_moved"
"""Action of the event of a last day that the issuer moved."""
_COLUMN = countersignatures.c


class SigningState(StrEnum):
    """State of one position of a round."""

    AWAITED = "AWAITED"
    """Nothing was done; no row."""
    BEGUN = "BEGUN"
    """A seal is about to be used, or the process that used it died."""
    SIGNED = "SIGNED"
    REFUSED = "REFUSED"


_OPEN = (SigningState.AWAITED, SigningState.BEGUN)


@dataclass(frozen=True, slots=True)
class RoundStep:
    """One position of a round."""

    position: int
    """The first after the issuer being 1."""
    signer: Countersigner
    state: SigningState = SigningState.AWAITED
    authority_id: AuthorityId | None = None
    """Who acted: the one that was asked, its successor, or who took in what was signed elsewhere.
    """
    seal_id: SealId | None = None
    certificate_sha256: str | None = None
    """Of the signer's certificate."""
    sequence: int | None = None
    """Of the revision that it ends."""
    settled_at: datetime | None = None
    claim: str | None = None
    since: datetime | None = None
    """Since when its turn is; None where it is not."""

    @property
    def awaited(self) -> bool:
        """It is its turn, and it is missing."""
        return self.since is not None


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """A round of seals and how far it has come."""

    asked: SealRound
    steps: tuple[RoundStep, ...]
    open: bool
    """The document waits for seals: nobody refused, and it was neither completed nor ended."""

    @property
    def missing(self) -> tuple[RoundStep, ...]:
        """Steps that are not signed."""
        return tuple(one for one in self.steps if one.state is not SigningState.SIGNED)

    @property
    def awaited(self) -> tuple[RoundStep, ...]:
        """Steps whose turn it is."""
        return tuple(one for one in self.steps if one.awaited)

    def overdue(self, today: date) -> bool:
        """Tell whether its last day has passed."""
        return self.asked.deadline is not None and today > self.asked.deadline


def progress_of(connection: Connection, licence: Licence) -> RoundProgress | None:
    """Return how far a document's round has come; None for one that nobody else is to seal.

    The caller knows that it is a document. Raises `BadCountersignersError`.
    """
    asked = countersigning_of(licence.data)
    if not asked:
        return None
    query = select(round_days.c.deadline).where(round_days.c.identifier == licence.identifier)
    moved = connection.execute(query).scalar_one_or_none()
    asked = asked if moved is None else replace(asked, deadline=moved)
    query = select(countersignatures).where(_COLUMN.identifier == licence.identifier)
    rows = {row["position"]: row for row in connection.execute(query).mappings()}
    is_open = (licence.state, licence.reason) == (
        LicenceState.SUSPENDED,
        Reason.AWAITING_SIGNATURES,
    )
    steps: list[RoundStep] = []
    begun = licence.created_at
    waits = False
    for position, signer in enumerate(asked.signers, 1):
        step = _step(position, signer, rows.get(position))
        if step.state in _OPEN and is_open and not (asked.ordered and waits):
            step = replace(step, since=begun)
        waits = waits or step.state in _OPEN
        if asked.ordered and step.settled_at is not None:
            begun = step.settled_at
        steps.append(step)
    return RoundProgress(asked, tuple(steps), is_open)


def lock_open(connection: Connection, identifier: LicenceIdentifier) -> None:
    """Hold a document while its round is changed.

    Raises `ConflictError` where it waits for no seals any more.
    """
    query = select(licences.c.state, licences.c.reason).where(licences.c.identifier == identifier)
    row = connection.execute(query.with_for_update()).one()
    if (row.state, row.reason) != (LicenceState.SUSPENDED, Reason.AWAITING_SIGNATURES):
        raise ConflictError(messages.ROUND_IS_OVER)


def begin_step(
    connection: Connection,
    identifier: LicenceIdentifier,
    step: RoundStep,
    *,
    authority_id: AuthorityId,
    seal_id: SealId | None,
    claim: str,
    at: datetime,
) -> None:
    """Note that a seal is about to be used; who writes here last is the one who may register."""
    values: dict[str, Any] = {
        "state": SigningState.BEGUN,
        "authority_id": authority_id,
        "seal_id": seal_id,
        "claim": claim,
        "begun_at": at,
    }
    if step.state is SigningState.AWAITED:
        values |= {"identifier": identifier, "position": step.position}
        connection.execute(insert(countersignatures).values(values))
    else:
        connection.execute(
            update(countersignatures).where(*_at(identifier, step.position)).values(values)
        )


def settle_step(
    connection: Connection,
    identifier: LicenceIdentifier,
    position: int,
    claim: str,
    values: Mapping[str, object],
) -> bool:
    """Record what came of a step; False where another process has taken it over."""
    settled = connection.execute(
        update(countersignatures)
        .where(
            *_at(identifier, position),
            _COLUMN.claim == claim,
            _COLUMN.state == SigningState.BEGUN,
        )
        .values({**values, "claim": None})
    )
    return settled.rowcount == 1


def keep_day(
    connection: Connection, identifier: LicenceIdentifier, day: date, at: datetime
) -> None:
    """Keep the last day of a round whose document is locked, in the place of any before."""
    put(connection, round_days, {"identifier": identifier}, {"deadline": day, "moved_at": at})


def documents_under(seal_id: SealId) -> Select[tuple[str]]:
    """Return the query of the documents that bear a seal as a further one."""
    return select(_COLUMN.identifier).where(
        _COLUMN.seal_id == seal_id, _COLUMN.state == SigningState.SIGNED
    )


def cut_off(connection: Connection, seal_id: SealId, claim: str) -> None:
    """Let no use of a seal that is under way be registered."""
    connection.execute(
        update(countersignatures)
        .where(_COLUMN.seal_id == seal_id, _COLUMN.state == SigningState.BEGUN)
        .values(claim=claim)
    )


def _at(identifier: LicenceIdentifier, position: int) -> tuple[Any, Any]:
    return _COLUMN.identifier == identifier, _COLUMN.position == position


def _step(position: int, signer: Countersigner, row: Mapping[Any, Any] | None) -> RoundStep:
    if row is None:
        return RoundStep(position, signer)
    seal = row["seal_id"]
    return RoundStep(
        position,
        signer,
        SigningState(row["state"]),
        AuthorityId(row["authority_id"]),
        None if seal is None else SealId(seal),
        row["certificate_sha256"],
        row["sequence"],
        row["settled_at"],
        row["claim"],
    )
