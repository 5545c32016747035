"""Requests to correct what a licence says, and their clock (State Council Order 809, art. 26).

A request is asked by a holder, by an office for a holder, or by another office that found an error.
It changes nothing of the licence: who accepts it goes on to a corrected version, which is linked
with it. What was asked for holds personal data; it is in no event and in no journal, and is
forgotten some time after the decision.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from core.ids import AuthorityId, LicenceIdentifier, Random, random_token
from core.permits import Action, Actor, Permit
from registry.audit import events as audit
from registry.db.paging import Place
from registry.db.tables import correction_files, corrections, licences
from registry.journal.journal import Facts, JournalKind
from registry.journal.mirroring import mirror_of
from registry.licences.corrections import messages
from registry.licences.corrections.contents import (
    KEPT_IN,
    forget_contents,
    read_file,
    sealed_file,
    sealed_words,
    words_of,
)
from registry.licences.corrections.evidence import EvidenceFile
from registry.licences.corrections.working_days import WorkingDays
from registry.licences.licences import no_contents
from registry.licences.reasons import InvalidChangeError
from registry.model import (
    ConflictError,
    KeyReusedError,
    Licence,
    LicenceState,
    NotFoundError,
    TypeKind,
)
from registry.privacy.codes import privacy_of

SUBJECT: Final = "correction:"
"""Beginning of the subject of a request's events; its id follows."""
RECEIPT_RENEWED: Final = "correction.receipt_renewed"
RENEWED: Final = "renewed"
"""Fact of the journal's entries by which the code is another than before."""
MOST_LINE: Final = 500
MOST_FIELD: Final = 100
MOST_CONTACT: Final = 200
MOST_OPEN: Final = 5
"""Open requests of one licence by whoever has its link: a flood of them is no flood of work."""
_ALL: Final = 1_000_000
_COLUMN = corrections.c
UNGRANTED: Final = (LicenceState.PENDING, LicenceState.VOID)
"""Stored states of licences of which nobody outside has heard."""


class CorrectionState(StrEnum):
    """State of a request for a correction."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    """A corrected version follows."""
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class CorrectionSource(StrEnum):
    """Asker of a request."""

    PUBLIC = "public"
    """Whoever has the licence's own link; nobody saw that it is the holder."""
    HOLDER = "holder"
    """An office, for a holder whom it saw."""
    OFFICE = "office"
    """An office that found an error in what was shared with it."""


@dataclass(frozen=True, slots=True)
class CorrectionTerms:
    """Times of the clock, as they are set (`corrections` in the settings)."""

    working_days: int = 10
    extension_days: int = 10
    reminder_days: int = 3
    retention_days: int = 180
    calendar: WorkingDays = field(default_factory=WorkingDays)


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """A request to be made."""

    source: CorrectionSource
    field: str
    """What is wrong, in who asks's words."""
    wanted: str
    """What it should say."""
    reason: str
    contact: str = ""
    evidence: tuple[EvidenceFile, ...] = ()
    request_key: str | None = None
    """The same key never leads to two requests of one asker."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A request on record."""

    correction_id: str
    identifier: LicenceIdentifier
    authority_id: AuthorityId
    """That granted the licence, and decides."""
    source: CorrectionSource
    asked_by: str
    asked_at: datetime
    due_on: date
    """Last day of the clock."""
    extended: bool
    state: CorrectionState
    field: str | None
    """None, as the three that follow, once it was forgotten or lost."""
    wanted: str | None
    reason: str | None
    contact: str | None
    files: int
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    corrected_by: LicenceIdentifier | None
    """The version that was made of it."""

    def overdue(self, today: date) -> bool:
        """Tell whether its clock has run out undecided."""
        return self.state is CorrectionState.OPEN and today > self.due_on


def ask_correction(
    connection: Connection,
    licence: Licence,
    new: NewCorrection,
    permit: Permit,
    at: datetime,
    *,
    received: date,
    terms: CorrectionTerms,
    random: Random,
    authority_id: AuthorityId | None = None,
) -> tuple[Correction, str]:
    """Make a request; return it with the code by which who asked follows it.

    The code is nowhere else: asked again under the same key, the request has a new one.
    `authority_id`: for which somebody asks. Raises `NotAllowedError`, `InvalidChangeError`,
    `ConflictError`, `KeyReusedError`, `ErasedError`.
    """
    actor = permit.require(Action.ASK_CORRECTION, authority_id=authority_id)
    values = _checked(new)
    if licence.state in UNGRANTED:
        raise ConflictError(messages.NOTHING_TO_CORRECT)
    if licence.kind is TypeKind.DOCUMENT:
        raise ConflictError(messages.DOCUMENTS_ARE_NOT_CORRECTED)
    receipt = random_token(random)
    key = _key(actor.name, licence.identifier, new.request_key)
    # Who asks for the same licence at the same moment comes after.
    this = licences.c.identifier == licence.identifier
    query = select(licences.c.erased_at).where(this).with_for_update()
    if connection.execute(query).scalar_one() is not None:
        raise no_contents(licence.identifier)
    earlier = None if key is None else _find(connection, _COLUMN.request_key == key)
    if earlier is not None:
        return _again(connection, earlier, values, receipt, permit, at), receipt
    if new.source is CorrectionSource.PUBLIC:
        _refuse_flood(connection, licence.identifier)
    correction_id = random(10).hex()
    due_on = terms.calendar.after(received, terms.working_days)
    row = {
        "correction_id": correction_id,
        "identifier": licence.identifier,
        "authority_id": licence.authority_id,
        "source": new.source,
        "asked_by": actor.name,
        "asked_at": at,
        "due_on": due_on,
        "extended": False,
        "state": CorrectionState.OPEN,
        "receipt_sha256": receipt_sha256(receipt),
        "request_key": key,
        "files": len(new.evidence),
        "changed_at": at,
        **sealed_words(privacy_of(connection), correction_id, values),
    }
    mirror_of(connection).tighten(JournalKind.CORRECTION, correction_entry(row))
    connection.execute(insert(corrections).values(row))
    for number, one in enumerate(new.evidence, 1):
        content = sealed_file(privacy_of(connection), correction_id, number, one.content)
        kept = {"correction_id": correction_id, "number": number, "content": content}
        connection.execute(insert(correction_files).values({**kept, "kind": one.kind}))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="correction.added",
        subject=f"{SUBJECT}{correction_id}",
        after=_told(row),
    )
    return find_correction(connection, correction_id), receipt


def decide_correction(
    connection: Connection,
    correction_id: str,
    state: CorrectionState,
    answer: str,
    *,
    permit: Permit,
    at: datetime,
) -> Correction:
    """Accept, refuse or withdraw an open request, with the reason.

    Raises `NotFoundError`, `NotAllowedError`, `InvalidChangeError`, and `ConflictError` where it
    was decided.
    """
    found = find_correction(connection, correction_id)
    withdraws = state is CorrectionState.WITHDRAWN
    rights = (
        (Action.ASK_CORRECTION, Action.DECIDE_CORRECTION)
        if withdraws
        else (Action.DECIDE_CORRECTION,)
    )
    actor = permit.require(*rights, authority_id=_concerned(permit, found))
    said = _line(answer, MOST_LINE)
    values = {
        "state": state,
        "decided_by": actor.name,
        "decided_at": at,
        "answer": said,
        "changed_at": at,
    }
    return _move(connection, found, values, f"correction.{state.lower()}", permit, at, said)


def extend_correction(
    connection: Connection,
    correction_id: str,
    why: str,
    *,
    permit: Permit,
    at: datetime,
    terms: CorrectionTerms,
) -> Correction:
    """Give an open request more time, once; raises as `decide_correction`."""
    found = find_correction(connection, correction_id)
    permit.require(Action.DECIDE_CORRECTION, authority_id=found.authority_id)
    if found.extended:
        raise ConflictError(messages.CORRECTION_EXTENDED_ALREADY)
    due_on = terms.calendar.after(found.due_on, terms.extension_days)
    values = {"due_on": due_on, "extended": True, "changed_at": at}
    said = _line(why, MOST_LINE)
    return _move(connection, found, values, "correction.extended", permit, at, said)


def withdraw_by_receipt(
    connection: Connection, receipt: str, permit: Permit, at: datetime, why: str
) -> Correction:
    """Withdraw a request by its code; raises as `decide_correction`."""
    found = find_by_receipt(connection, receipt)
    state = CorrectionState.WITHDRAWN
    return decide_correction(connection, found.correction_id, state, why, permit=permit, at=at)


def note_corrected(
    connection: Connection,
    before: LicenceIdentifier,
    by: LicenceIdentifier,
    actor: Actor,
    at: datetime,
) -> None:
    """Link the accepted requests about a licence with its corrected version."""
    linked = connection.execute(
        update(corrections)
        .where(
            _COLUMN.identifier == before,
            _COLUMN.state == CorrectionState.ACCEPTED,
            _COLUMN.corrected_by.is_(None),
        )
        .values(corrected_by=by, changed_at=at)
        .returning(_COLUMN.correction_id)
    ).scalars()
    for correction_id in sorted(linked):
        audit.record(
            connection,
            at=at,
            actor=actor,
            action="correction.corrected",
            subject=f"{SUBJECT}{correction_id}",
            after={"corrected_by": by},
        )


def close_corrections(
    connection: Connection, identifier: str, answer: str, *, permit: Permit, at: datetime
) -> None:
    """Refuse the open requests about a licence of which nothing is left to correct."""
    for one in list_corrections(
        connection, state=CorrectionState.OPEN, identifier=identifier, limit=_ALL
    ):
        values = {
            "state": CorrectionState.REFUSED,
            "decided_by": permit.actor.name,
            "decided_at": at,
            "answer": answer,
            "changed_at": at,
        }
        _move(connection, one, values, "correction.refused", permit, at, answer)


def find_correction(connection: Connection, correction_id: str) -> Correction:
    """Return a request. Raises `NotFoundError`."""
    found = _find(connection, _COLUMN.correction_id == correction_id)
    if found is None:
        raise no_such_correction()
    return _correction(connection, found)


def find_by_receipt(connection: Connection, receipt: str) -> Correction:
    """Return the request of a code. Raises `NotFoundError`."""
    found = _find(connection, _COLUMN.receipt_sha256 == receipt_sha256(receipt))
    if found is None:
        raise no_such_correction()
    return _correction(connection, found)


def no_such_correction() -> NotFoundError:
    """Return the error of a request that is not on record, or out of the caller's reach."""
    return NotFoundError(messages.NO_SUCH_CORRECTION)


def list_corrections(
    connection: Connection,
    *conditions: ColumnElement[bool],
    state: CorrectionState | None = None,
    overdue_on: date | None = None,
    identifier: str | None = None,
    after: Place | None = None,
    limit: int = 100,
) -> list[Correction]:
    """Return requests, the oldest first; with `overdue_on` those whose clock has run out by it."""
    chosen = list(conditions)
    if state is not None:
        chosen.append(_COLUMN.state == state)
    if overdue_on is not None:
        chosen.append(and_(_COLUMN.state == CorrectionState.OPEN, _COLUMN.due_on < overdue_on))
    if identifier is not None:
        chosen.append(_COLUMN.identifier == identifier)
    if after is not None:
        chosen.append(after.precedes(_COLUMN.asked_at, _COLUMN.correction_id))
    query = select(corrections).where(*chosen).order_by(_COLUMN.asked_at, _COLUMN.correction_id)
    return [_correction(connection, row) for row in connection.execute(query.limit(limit))]


def count_open(
    connection: Connection, today: date, authorities: frozenset[AuthorityId] | None = None
) -> tuple[int, int]:
    """Return how many requests are open, and how many of them overdue; of some authorities."""
    query = select(func.count(), func.count().filter(_COLUMN.due_on < today)).where(
        _COLUMN.state == CorrectionState.OPEN
    )
    if authorities is not None:
        query = query.where(_COLUMN.authority_id.in_(sorted(authorities)))
    row = connection.execute(query).one()
    return int(row[0]), int(row[1])


def evidence_of(connection: Connection, correction_id: str, number: int) -> EvidenceFile:
    """Return a file of a request. Raises `NotFoundError`, also once it was forgotten."""
    column = correction_files.c
    query = select(correction_files).where(
        column.correction_id == correction_id, column.number == number
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise no_such_correction()
    return EvidenceFile(read_file(privacy_of(connection), row), row["kind"])


def forget_corrections(connection: Connection, now: datetime, retention_days: int) -> int:
    """Forget what was asked for, of requests decided so long ago; return of how many."""
    over = now - timedelta(days=retention_days)
    due = select(_COLUMN.correction_id).where(
        _COLUMN.state != CorrectionState.OPEN,
        _COLUMN.decided_at < over,
        or_(_COLUMN[KEPT_IN].is_not(None), _COLUMN.files > 0),
    )
    names = list(connection.execute(due.limit(500)).scalars())
    if names:
        forget_contents(connection, _COLUMN.correction_id.in_(names))
    return len(names)


def receipt_sha256(receipt: str) -> str:
    """Return the digest (hex) of a code, as it is stored: who reads the table has no code."""
    return hashlib.sha256(f"correction receipt {receipt.strip()}".encode()).hexdigest()


def correction_entry(row: Mapping[str, Any]) -> Facts:
    """Return the journal's entry of a request: that it is there and how its clock stands."""
    return {
        "correction": row["correction_id"],
        "asked_at": row["asked_at"].isoformat(),
        **_told(row),
    }


def _move(  # noqa: PLR0917 (each of another type)
    connection: Connection,
    found: Correction,
    values: Mapping[str, Any],
    action: str,
    permit: Permit,
    at: datetime,
    said: str,
) -> Correction:
    changed = connection.execute(
        update(corrections)
        .where(
            _COLUMN.correction_id == found.correction_id,
            _COLUMN.state == CorrectionState.OPEN,
            _COLUMN.due_on == found.due_on,
        )
        .values(values)
        .returning(corrections)
    ).one_or_none()
    if changed is None:
        raise ConflictError(messages.CORRECTION_DECIDED)
    row = dict(changed._mapping)  # noqa: SLF001
    mirror_of(connection).tighten(JournalKind.CORRECTION, correction_entry(row))
    audit.record(
        connection,
        at=at,
        actor=permit.actor,
        action=action,
        subject=f"{SUBJECT}{found.correction_id}",
        basis=said,
        before={"state": found.state},
        after=_told(row),
    )
    return _correction(connection, changed)


def _told(row: Mapping[str, Any]) -> audit.Facts:
    return {
        "identifier": row["identifier"],
        "authority": row["authority_id"],
        "source": row["source"],
        "state": row["state"],
        "due_on": row["due_on"].isoformat(),
        "extended": row["extended"],
        "receipt": row["receipt_sha256"],
    }


def _concerned(permit: Permit, found: Correction) -> AuthorityId | None:
    """Return whom a step concerns: who asked withdraws, in whose name they asked."""
    if permit.action is Action.ASK_CORRECTION and permit.actor.name == found.asked_by:
        return None if permit.authority_id is None else AuthorityId(permit.authority_id)
    return found.authority_id


def _checked(new: NewCorrection) -> dict[str, str | None]:
    contact = " ".join(new.contact.split())
    return {
        "field": _line(new.field, MOST_FIELD),
        "wanted": _line(new.wanted, MOST_LINE),
        "reason": _line(new.reason, MOST_LINE),
        "contact": _line(contact, MOST_CONTACT) if contact else None,
    }


def _line(typed: str, most: int) -> str:
    value = " ".join(typed.split())
    if not 1 <= len(value) <= most or not value.isprintable():
        raise InvalidChangeError(messages.correction_line_unfit(most))
    return value


def _key(actor: str, identifier: str, key: str | None) -> str | None:
    if key is None:
        return None
    return hashlib.sha256(f"{actor}:{identifier}:{key}".encode()).hexdigest()


def _again(  # noqa: PLR0917  # each of another type
    connection: Connection,
    row: Row[Any],
    values: Mapping[str, str | None],
    receipt: str,
    permit: Permit,
    at: datetime,
) -> Correction:
    """Give the request another code: the first one may never have come to who asked."""
    if words_of(privacy_of(connection), row._mapping) != values:  # noqa: SLF001
        raise KeyReusedError(messages.correction_key_reused(row.correction_id))
    renewed = {**row._mapping, "receipt_sha256": receipt_sha256(receipt)}  # noqa: SLF001
    facts = {**correction_entry(renewed), RENEWED: True}
    mirror_of(connection).tighten(JournalKind.CORRECTION, facts)
    connection.execute(
        update(corrections)
        .where(_COLUMN.correction_id == row.correction_id)
        .values(receipt_sha256=renewed["receipt_sha256"])
    )
    audit.record(
        connection,
        at=at,
        actor=permit.actor,
        action=RECEIPT_RENEWED,
        subject=f"{SUBJECT}{row.correction_id}",
        after={"receipt": renewed["receipt_sha256"]},
    )
    return _correction(connection, row)


def _refuse_flood(connection: Connection, identifier: str) -> None:
    query = select(func.count()).where(
        _COLUMN.identifier == identifier,
        _COLUMN.state == CorrectionState.OPEN,
        _COLUMN.source == CorrectionSource.PUBLIC,
    )
    if connection.execute(query).scalar_one() >= MOST_OPEN:
        raise ConflictError(messages.TOO_MANY_CORRECTIONS)


def _find(connection: Connection, condition: ColumnElement[bool]) -> Row[Any] | None:
    return connection.execute(select(corrections).where(condition)).one_or_none()


def _correction(connection: Connection, row: Row[Any]) -> Correction:
    words = words_of(privacy_of(connection), row._mapping)  # noqa: SLF001
    return Correction(
        correction_id=row.correction_id,
        identifier=LicenceIdentifier(row.identifier),
        authority_id=AuthorityId(row.authority_id),
        source=CorrectionSource(row.source),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        due_on=row.due_on,
        extended=row.extended,
        state=CorrectionState(row.state),
        field=words["field"],
        wanted=words["wanted"],
        reason=words["reason"],
        contact=words["contact"],
        files=row.files,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        answer=row.answer,
        corrected_by=None if row.corrected_by is None else LicenceIdentifier(row.corrected_by),
    )
