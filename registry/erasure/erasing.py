"""Erasure of what a licence says of its holder: what stays, and in which order it goes.

1. **Mark**, one transaction: the journal hears of it before the commit, so that a restore of an
   older backup does not bring anything back; the row loses holders, fields, photo, what was sealed,
   and whatever else tells of them; the index of the search its words; the audit gets its event.
   From here on every answer says that the contents were erased.
2. **Remove** the files that the mark names, each looked at again; then the mark is done. Cut off
   before that, the duty `erasures` of the service, or the next command, goes on.

Identifier, number, digests, type, authority, state, dates, basis and events stay. Of a number that
holds its holder's code a token stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, null, or_, select, update

from core.ids import AuthorityId, LicenceIdentifier, Sha256
from core.permits import Action, Actor, Permit
from registry.audit import events as audit
from registry.audit.chain import NewEvent
from registry.db.tables import (
    batch_rows,
    corrections,
    grant_requests,
    licences,
    person_signatures,
    protections,
    request_contents,
    revisions,
    series,
)
from registry.erasure import messages
from registry.erasure.words import ErasedBy, OnHoldError, ended_states, years_later
from registry.journal.journal import Facts, JournalKind
from registry.journal.mirroring import mirror_of
from registry.licences.corrections.contents import forget_contents
from registry.licences.corrections.rows import close_corrections
from registry.licences.exported import end_exports
from registry.licences.hiding import reveal
from registry.licences.licences import MAX_BASIS_CHARACTERS, find_licence
from registry.licences.reasons import InvalidChangeError
from registry.licences.search_index import index_again
from registry.model import ConflictError, Licence, LicenceState
from registry.privacy.codes import is_token, privacy_of
from registry.types.catalogue import definition_in_use

ERASED: Final = "licence.erased"
HELD: Final = "licence.held"
LIFTED: Final = "licence.hold_lifted"
_COLUMN = licences.c


@dataclass(frozen=True, slots=True)
class ToldErasure:
    """Journal's facts on an erasure."""

    identifier: LicenceIdentifier
    by: ErasedBy
    at: datetime

    def facts(self) -> Facts:
        """Return the journal's entry."""
        return {"identifier": self.identifier, "by": self.by, "at": self.at.isoformat()}

    def said(self) -> audit.Facts:
        """Return the facts of the audit's event."""
        return {"by": self.by, "erased_at": self.at.isoformat()}

    @classmethod
    def parse(cls, facts: Mapping[str, Any]) -> "ToldErasure":
        """Read what `facts` made. Raises `KeyError`, `ValueError` for anything else."""
        return cls(
            LicenceIdentifier(str(facts["identifier"])),
            ErasedBy(str(facts["by"])),
            datetime.fromisoformat(str(facts["at"])),
        )


def erase_licence(  # noqa: PLR0917  # each of another type
    connection: Connection,
    identifier: LicenceIdentifier,
    by: ErasedBy,
    basis: str,
    permit: Permit,
    at: datetime,
    today: date,
) -> None:
    """Erase what a licence says; its files are removed by `registry.erasure.sweep`.

    Raises `NotAllowedError`, `NoSuchLicenceError`, `InvalidChangeError`, `OnHoldError`, and
    `ConflictError` for one that is in force or was erased before.
    """
    if not 1 <= len(basis.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.BASIS_REQUIRED)
    row = _locked(connection, identifier)
    licence = find_licence(connection, identifier)
    actor = permit.require(Action.ERASE_LICENCE, authority_id=licence.authority_id)
    if licence.erased_at is not None:
        raise ConflictError(messages.ALREADY_ERASED)
    if licence.effective_state(today) not in ended_states():
        raise ConflictError(messages.IN_FORCE)
    if row["hold"] is not None:
        raise OnHoldError(messages.on_hold(row["hold"]))
    told = ToldErasure(identifier, by, at)
    end_exports(connection)  # before anything is recorded, in the order of whoever writes one
    # Before the journal hears of the erasure: a restore that repeats it finds none of them open.
    answer = messages.NOTHING_LEFT_TO_CORRECT.zh
    close_corrections(connection, identifier, answer, permit=permit, at=at)
    mirror_of(connection).tighten(JournalKind.ERASED, told.facts())
    forget(connection, told)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=ERASED,
        subject=identifier,
        basis=basis,
        after=told.said(),
    )


def forget(connection: Connection, told: ToldErasure) -> bool:
    """Take out of the tables what a licence says; False where that was done, or it is unknown.

    As the caller has seen to the right to it: an erasure, or a restore that repeats one.
    """
    row = (
        connection.execute(
            select(licences).where(_COLUMN.identifier == told.identifier).with_for_update()
        )
        .mappings()
        .one_or_none()
    )
    if row is None or row["erased_at"] is not None:
        return False
    values: dict[str, Any] = {
        "number": _number_kept(connection, row),
        "holders": [],
        "holder_code": None,
        "holder_name": None,
        "data": {},
        "photo_sha256": None,
        "salt": None,
        "secret": None,
        "request_key": None,
        "request_digest": None,
        "hold": None,
        "erased_at": told.at,
        "erased_by": told.by,
        "erased_objects": list(_objects_of(connection, row)),
    }
    this = _COLUMN.identifier == told.identifier
    connection.execute(update(licences).where(this).values(values))
    if values["number"] != row["number"]:
        connection.execute(
            update(series)
            .where(series.c.series_id == row["series_id"], series.c.number == row["number"])
            .values(number=values["number"])
        )
    index_again(connection, {**row}, {**row, **values})
    for table in (protections, person_signatures):
        connection.execute(delete(table).where(table.c.identifier == told.identifier))
    asked = grant_requests.c
    seals = select(asked.request_id).where(asked.document == told.identifier)
    connection.execute(
        update(batch_rows)
        .where(or_(batch_rows.c.identifier == told.identifier, batch_rows.c.request_id.in_(seals)))
        .values(digest=None, record=null(), photo=null(), detail=null())
    )
    connection.execute(delete(request_contents).where(request_contents.c.request_id.in_(seals)))
    forget_contents(connection, corrections.c.identifier == told.identifier)
    return True


def replayed(
    connection: Connection, facts: Mapping[str, Any], actor: Actor, at: datetime
) -> NewEvent | None:
    """Repeat an erasure of which the journal tells; return the event of that, None where the
    register knows of it, or of no such licence.
    """
    told = ToldErasure.parse(facts)
    end_exports(connection)
    if not forget(connection, told):
        return None
    return NewEvent(at=at, actor=actor, action=ERASED, subject=told.identifier, after=told.said())


def hold(
    connection: Connection,
    identifier: LicenceIdentifier,
    basis: str | None,
    permit: Permit,
    at: datetime,
    *,
    why: str,
) -> None:
    """Keep a licence from being erased, or (`basis` None) end that, for a stated reason.

    Raises `NotAllowedError`, `NoSuchLicenceError`, `InvalidChangeError`, `ConflictError`.
    """
    if not 1 <= len(why.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.BASIS_REQUIRED)
    row = _locked(connection, identifier)
    licence = find_licence(connection, identifier)
    actor = permit.require(Action.ERASE_LICENCE, authority_id=licence.authority_id)
    if licence.erased_at is not None:
        raise ConflictError(messages.ALREADY_ERASED)
    if (row["hold"] is None) == (basis is None):
        raise ConflictError(messages.HOLD_UNCHANGED)
    connection.execute(update(licences).where(_COLUMN.identifier == identifier).values(hold=basis))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=LIFTED if basis is None else HELD,
        subject=identifier,
        basis=why,
    )


@dataclass(frozen=True, slots=True)
class DueErasure:
    """Licence whose time to be kept is over."""

    licence: Licence
    since: date
    """The day after the last one on which it is kept."""
    years: int


def list_due(
    connection: Connection, today: date, *, after: str = "", limit: int = 500
) -> tuple[list[DueErasure], str | None]:
    """Return some of the licences that are due by their types' rules, by identifier, and the place
    after which to go on; None at the end.
    """
    query = (
        select(_COLUMN.identifier, _COLUMN.type_code, _COLUMN.changed_at)
        .where(_COLUMN.identifier > after, _COLUMN.erased_at.is_(None), _COLUMN.hold.is_(None))
        .where(_COLUMN.state != LicenceState.PENDING)
        .order_by(_COLUMN.identifier)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    found = []
    for row in rows:
        years = definition_in_use(connection, row.type_code).retention.years
        if years is None:
            continue
        licence = find_licence(connection, row.identifier)
        since = due_on(licence, row.changed_at.date(), years, today)
        if since is not None and since <= today:
            found.append(DueErasure(licence, since, years))
    return found, rows[-1].identifier if len(rows) == limit else None


def due_on(licence: Licence, changed_on: date, years: int, today: date) -> date | None:
    """Return the day from which on a licence is due; None while it has not ended."""
    state = licence.effective_state(today)
    if state not in ended_states():
        return None
    ended = licence.valid_until if state is LicenceState.EXPIRED else changed_on
    assert ended is not None
    return years_later(ended, years)


def _locked(connection: Connection, identifier: LicenceIdentifier) -> Mapping[str, Any]:
    find_licence(connection, identifier)
    query = select(_COLUMN.hold, _COLUMN.state).where(_COLUMN.identifier == identifier)
    return {**connection.execute(query.with_for_update()).mappings().one()}


def _number_kept(connection: Connection, row: Any) -> str:
    """Return the number that stays: a token of one that holds a holder's code."""
    if is_token(row["number"]):
        return str(row["number"])
    codes = [str(one["code"]) for one in reveal(connection, row)["holders"]]
    holds = definition_in_use(connection, row["type_code"]).number_holds_holder_code
    if holds or any(len(code) > 5 and code in row["number"] for code in codes):  # noqa: PLR2004
        return privacy_of(connection).index.number(str(row["number"]))
    return str(row["number"])


def _objects_of(connection: Connection, row: Any) -> Iterator[Sha256]:
    """Yield the digests of a licence's stored files."""
    query = select(revisions.c.sha256).where(revisions.c.identifier == row["identifier"])
    yield from (Sha256(one) for one in connection.execute(query).scalars())
    if row["photo_sha256"] is not None:
        yield Sha256(row["photo_sha256"])


__all__ = ["AuthorityId", "DueErasure", "ErasedBy", "erase_licence", "hold", "list_due"]
