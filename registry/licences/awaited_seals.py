"""Documents by the authorities whose seals they wait for: an index of their terms.

It says where to look and nothing else: whether a document waits, and whose turn it is, is read from
its terms and state (`registry.licences.countersignatures`).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from core.ids import LicenceIdentifier
from core.permits import Actor
from registry.audit.chain import NewEvent
from registry.db.paging import Place
from registry.db.tables import awaited_seals, countersignatures, licences
from registry.licences.countersignatures import RoundProgress, SigningState, progress_of
from registry.model import Licence, LicenceState, Reason

AWAITED: Final = "document.awaits_seal"
"""Action of the event, of an authority, that it is its turn to seal a document."""
_COLUMN = awaited_seals.c


def begin_round(
    connection: Connection, licence: Licence, actor: Actor, at: datetime
) -> list[NewEvent]:
    """List a document that was registered and waits for seals; return the events of whose turn it
    is. Nothing for any other.
    """
    if licence.reason is not Reason.AWAITING_SIGNATURES:
        return []
    progress = progress_of(connection, licence)
    assert progress is not None  # as it was registered
    _list_in(connection, licence.identifier, progress)
    return turns_begun(licence.identifier, None, progress, actor, at)


def _list_in(
    connection: Connection, identifier: LicenceIdentifier, progress: RoundProgress
) -> None:
    values = [
        {"identifier": identifier, "position": one.position, "authority_id": one.signer.authority}
        for one in progress.missing
        if not one.signer.outside
    ]
    if values:
        connection.execute(insert(awaited_seals), values)


def list_out(
    connection: Connection, identifier: LicenceIdentifier, position: int | None = None
) -> None:
    """Forget that a document waits for one seal, or for any."""
    these = [_COLUMN.identifier == identifier]
    if position is not None:
        these.append(_COLUMN.position == position)
    connection.execute(delete(awaited_seals).where(*these))


def note_request(
    connection: Connection, identifier: LicenceIdentifier, position: int, request_id: str
) -> None:
    """Note by which request a seal was asked for."""
    this = _COLUMN.identifier == identifier, _COLUMN.position == position
    connection.execute(update(awaited_seals).where(*this).values(request_id=request_id))


def requests_for(
    connection: Connection, identifiers: Collection[str]
) -> dict[tuple[str, int], str]:
    """Return the requests by which seals that are awaited were asked for last."""
    query = select(_COLUMN.identifier, _COLUMN.position, _COLUMN.request_id).where(
        _COLUMN.identifier.in_(sorted(identifiers)), _COLUMN.request_id.is_not(None)
    )
    return {(row.identifier, row.position): row.request_id for row in connection.execute(query)}


Listed = tuple[LicenceIdentifier, datetime]
"""A document, and the time by which its list is ordered."""


def awaited_from(
    connection: Connection,
    authorities: Collection[str] | None,
    limit: int,
    after: Place | None = None,
) -> list[Listed]:
    """Return the documents that wait for seals of some authorities, or of any, the oldest first;
    also those in which another comes first. `after`: those that follow a place.
    """
    query = (
        select(licences.c.identifier, licences.c.created_at)
        .join(awaited_seals, _COLUMN.identifier == licences.c.identifier)
        .where(*_waits(), *_of(_COLUMN.authority_id, authorities), *_behind(after))
        .distinct()
        .order_by(licences.c.created_at, licences.c.identifier)
        .limit(limit)
    )
    return [
        (LicenceIdentifier(row.identifier), row.created_at) for row in connection.execute(query)
    ]


def issued_waiting(
    connection: Connection,
    authorities: Collection[str] | None,
    limit: int,
    after: Place | None = None,
) -> list[Listed]:
    """Return the documents that some authorities, or any, issued and that wait for seals."""
    query = (
        select(licences.c.identifier, licences.c.created_at)
        .where(*_waits(), *_of(licences.c.authority_id, authorities), *_behind(after))
        .order_by(licences.c.created_at, licences.c.identifier)
        .limit(limit)
    )
    return [
        (LicenceIdentifier(row.identifier), row.created_at) for row in connection.execute(query)
    ]


def settled_by(
    connection: Connection,
    authorities: Collection[str] | None,
    limit: int,
    after: Place | None = None,
) -> list[Listed]:
    """Return the documents that some authorities, or any, sealed or refused, the newest first."""
    column = countersignatures.c
    last = func.max(column.settled_at)
    query = (
        select(column.identifier, last.label("settled_at"))
        .where(
            column.state.in_((SigningState.SIGNED, SigningState.REFUSED)),
            *_of(column.authority_id, authorities),
        )
        .group_by(column.identifier)
        .order_by(last.desc(), column.identifier)
        .limit(limit)
    )
    if after is not None:
        same = and_(last == after.at, column.identifier > after.row_id)
        query = query.having(or_(last < after.at, same))
    return [
        (LicenceIdentifier(row.identifier), row.settled_at) for row in connection.execute(query)
    ]


def _behind(after: Place | None) -> list[ColumnElement[bool]]:
    column = licences.c
    return [] if after is None else [after.precedes(column.created_at, column.identifier)]


def turns_begun(
    identifier: LicenceIdentifier,
    before: RoundProgress | None,
    now: RoundProgress,
    actor: Actor,
    at: datetime,
) -> list[NewEvent]:
    """Return the events of the authorities whose turn it became."""
    known = set() if before is None else {one.position for one in before.awaited}
    return [
        NewEvent(
            at=at,
            actor=actor,
            action=AWAITED,
            subject=one.signer.authority,
            after={"document": identifier, "position": one.position},
        )
        for one in now.awaited
        if not one.signer.outside and one.position not in known
    ]


def _waits() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        licences.c.state == LicenceState.SUSPENDED,
        licences.c.reason == Reason.AWAITING_SIGNATURES,
    )


def _of(
    column: ColumnElement[str], authorities: Collection[str] | None
) -> list[ColumnElement[bool]]:
    return [] if authorities is None else [column.in_(sorted(authorities))]
