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
from registry.accession.rows import ERASED, Accession, list_accessions
from registry.audit import events as audit
from registry.audit.chain import NewEvent
from registry.db.tables import accessions, licence_types
from registry.erasure import messages
from registry.erasure.words import ErasedBy, ended_states, years_later
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

    Raises `NotAllowedError`, `NotFoundError`, `InvalidChangeError`, and `ConflictError` for one
    that is in force or was erased before.
    """
    if not 1 <= len(basis.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.BASIS_REQUIRED)
    actor = permit.require(Action.ERASE_LICENCE)
    found = next(iter(list_accessions(connection, accession_id=accession_id)), None)
    if found is None:
        raise NotFoundError(messages.NOT_TAKEN_OVER)
    if found.erased_at is not None:
        raise ConflictError(messages.ALREADY_ERASED)
    if found.effective_state(today) not in ended_states():
        raise ConflictError(messages.IN_FORCE)
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


def list_due_accessions(connection: Connection, today: date) -> list[DueAccession]:
    """Return those that are due by their types' rules, of types that are on record here."""
    known = set(connection.execute(select(licence_types.c.code)).scalars())
    found = []
    for one in list_accessions(connection, limit=_PAGE):
        if one.erased_at is not None or one.type_code not in known:
            continue
        years = definition_in_use(connection, one.type_code).retention.years
        state = one.effective_state(today)
        if years is None or state not in ended_states():
            continue
        expired = state is LicenceState.EXPIRED and one.valid_until is not None
        ended = one.valid_until if expired else one.taken_at.date()
        assert ended is not None
        since = years_later(ended, years)
        if since <= today:
            found.append(DueAccession(one, since, years))
    return found
