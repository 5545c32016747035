"""Erasure of licences that were taken over: the record's words, and the package or scan.

As of licences that were granted here (`registry.erasure.erasing`): marked first, with the journal
and an event, then the files are removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from core.permits import Action, Actor, Permit
from registry.accession.rows import ERASED, HELD, LIFTED, Accession, list_accessions
from registry.audit import events as audit
from registry.audit.chain import NewEvent
from registry.db.tables import accessions, licence_types
from registry.erasure import messages
from registry.erasure.words import ErasedBy, OnHoldError, ended_states, years_later
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.licences.licences import MAX_BASIS_CHARACTERS
from registry.licences.reasons import InvalidChangeError
from registry.model import ConflictError, LicenceState, NotFoundError
from registry.privacy.codes import is_token, privacy_of
from registry.types.catalogue import definition_in_use

_COLUMN = accessions.c
_PAGE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class DueAccession:
    """Licence that was taken over, whose time to be kept is over."""

    accession: Accession
    since: date
    years: int


def erase_accession(  # noqa: PLR0917  # each of another type
    connection: Connection,
    accession_id: str,
    by: ErasedBy,
    basis: str,
    permit: Permit,
    at: datetime,
    today: date,
) -> None:
    """Erase what a licence that was taken over says.

    Raises `NotAllowedError`, `NotFoundError`, `InvalidChangeError`, `OnHoldError`, and
    `ConflictError` for one that is in force or was erased before.
    """
    if not 1 <= len(basis.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.BASIS_REQUIRED)
    actor = permit.require(Action.ERASE_LICENCE)
    found = _locked(connection, accession_id)
    if found.effective_state(today) not in ended_states():
        raise ConflictError(messages.IN_FORCE)
    if found.hold is not None:
        raise OnHoldError(messages.on_hold(found.hold))
    facts = {"accession": accession_id, "by": by, "at": at.isoformat()}
    mirror_of(connection).tighten(JournalKind.ERASED, facts)
    forget_accession(connection, accession_id, by, at)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=ERASED,
        subject=accession_id,
        basis=basis,
        after={"by": by, "erased_at": at.isoformat()},
    )


def hold_accession(
    connection: Connection,
    accession_id: str,
    basis: str | None,
    permit: Permit,
    at: datetime,
    *,
    why: str,
) -> None:
    """Keep a licence that was taken over from being erased, or (`basis` None) end that.

    Raises `NotAllowedError`, `NotFoundError`, `InvalidChangeError`, `ConflictError`.
    """
    if not 1 <= len(why.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.BASIS_REQUIRED)
    actor = permit.require(Action.ERASE_LICENCE)
    found = _locked(connection, accession_id)
    if (found.hold is None) == (basis is None):
        raise ConflictError(messages.HOLD_UNCHANGED)
    this = _COLUMN.accession_id == accession_id
    connection.execute(update(accessions).where(this).values(hold=basis))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=LIFTED if basis is None else HELD,
        subject=accession_id,
        basis=why,
    )


def _locked(connection: Connection, accession_id: str) -> Accession:
    """Return one that was not erased, and is not until the transaction ends."""
    query = select(_COLUMN.accession_id).where(_COLUMN.accession_id == accession_id)
    connection.execute(query.with_for_update())
    found = next(iter(list_accessions(connection, accession_id=accession_id)), None)
    if found is None:
        raise NotFoundError(messages.NOT_TAKEN_OVER)
    if found.erased_at is not None:
        raise ConflictError(messages.ALREADY_ERASED)
    return found


def forget_accession(connection: Connection, accession_id: str, by: ErasedBy, at: datetime) -> bool:
    """Take out of the table what it says; False where that was done, or it is unknown."""
    this = _COLUMN.accession_id == accession_id
    query = select(accessions).where(this).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None or row["erased_at"] is not None:
        return False
    number = str(row["number"])
    if row["personal"] and not is_token(number):
        number = privacy_of(connection).index.number(number)
    stored = (row["file_sha256"], row["document_sha256"], row["handed_out_sha256"])
    values: dict[str, Any] = {
        "number": number,
        "holders": [],
        "data": {},
        "salt": "",
        "stated_sha256": "",
        "secret": None,
        "hold": None,
        "erased_at": at,
        "erased_by": by,
        "erased_objects": sorted(set(stored)),
    }
    connection.execute(update(accessions).where(this).values(values))
    return True


def replayed_accession(
    connection: Connection, facts: Mapping[str, Any], actor: Actor, at: datetime
) -> NewEvent | None:
    """Repeat an erasure of which the journal tells; return the event of that."""
    name, by = str(facts["accession"]), ErasedBy(str(facts["by"]))
    erased_at = datetime.fromisoformat(str(facts["at"]))
    if not forget_accession(connection, name, by, erased_at):
        return None
    after = {"by": by, "erased_at": erased_at.isoformat()}
    return NewEvent(at=at, actor=actor, action=ERASED, subject=name, after=after)


def ended_on(one: Accession) -> date:
    """Return the last day on which a licence that has ended may have been in force.

    Of one on paper whose place another took, the day on which that was granted; of one that had
    ended when it was taken over, no later than that day; and never later than its own last day.
    """
    ended = one.taken_at.date() if one.replaced_on is None else one.replaced_on
    state = one.state
    if one.replaced_on is None and state in (LicenceState.IN_FORCE, LicenceState.SUSPENDED):
        assert one.valid_until is not None  # or it would not have ended
        return one.valid_until
    return ended if one.valid_until is None else min(ended, one.valid_until)


def list_due_accessions(connection: Connection, today: date) -> list[DueAccession]:
    """Return those that are due by their types' rules, of types that are on record here."""
    known = set(connection.execute(select(licence_types.c.code)).scalars())
    found = []
    for one in list_accessions(connection, limit=_PAGE):
        if one.erased_at is not None or one.hold is not None or one.type_code not in known:
            continue
        years = definition_in_use(connection, one.type_code).retention.years
        state = one.effective_state(today)
        if years is None or state not in ended_states():
            continue
        since = years_later(ended_on(one), years)
        if since <= today:
            found.append(DueAccession(one, since, years))
    return found
