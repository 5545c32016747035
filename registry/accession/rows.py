"""Licences taken over, on record: each once, with what it came from, vouched for by an event.

They stand apart from the licences that were granted here: they hold no number and have no seal of
ours, and nothing that speaks of granted licences finds them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, update

from core.canonical import canonical_json
from core.ids import LicenceIdentifier, Random, Sha256, TypeCode, random_token
from core.permits import Action, Actor, Permit
from core.text import Text
from registry.accession import messages
from registry.accession.grades import Grade
from registry.accession.hiding import hidden_values, revealed_row
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import accessions, licences
from registry.model import ConflictError, Holder, LicenceState, Reason
from registry.privacy.codes import Privacy, privacy_of
from registry.privacy.records import SEALED_IN

ADDED, REFRESHED = "accession.added", "accession.refreshed"
_upgrades = (
    select(licences.c.identifier, licences.c.from_paper, licences.c.granted_on)
    .where(
        licences.c.from_paper.is_not(None),
        licences.c.state.not_in((LicenceState.PENDING, LicenceState.VOID)),
    )
    .subquery()
)
ERASED, HELD, LIFTED = "accession.erased", "accession.held", "accession.hold_lifted"
_UNHASHED = frozenset({"taken_at", SEALED_IN, "hold", "erased_at", "erased_by", "erased_objects"})
"""Columns that an event says by its own instant; and what the others are sealed in."""


class Origin(StrEnum):
    """Origin of a licence that was taken over."""

    PACKAGE = "package"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccession:
    """Licence to be taken over."""

    accession_id: str
    origin: Origin
    grade: Grade
    identifier: str | None
    type_code: TypeCode
    type_name: Text
    authority_name: str
    authority_uscc: str
    authority_id: str | None
    """The authority on record here; None for one that is not."""
    number: str
    personal: bool
    state: LicenceState
    reason: Reason | None
    holders: tuple[Holder, ...]
    data: Mapping[str, str]
    granted_on: date
    valid_from: date
    valid_until: date | None
    file_sha256: Sha256
    document_sha256: Sha256
    handed_out_sha256: Sha256
    source: str
    stated_sha256: str


@dataclass(frozen=True, slots=True)
class Accession:
    """Licence that was taken over, as the public may hear of it."""

    accession_id: str
    origin: Origin
    grade: Grade
    identifier: str | None
    type_code: TypeCode
    type_name: Text
    authority_name: str
    authority_uscc: str
    number: str
    personal: bool
    state: LicenceState
    reason: Reason | None
    valid_from: date
    valid_until: date | None
    taken_at: datetime
    holder: Holder | None
    """The first of them; None to who may not know it, and once it is erased."""
    replaced_by: LicenceIdentifier | None = None
    """Of one on paper: the electronic licence that took its place."""
    replaced_on: date | None = None
    """The day on which that one was granted."""
    hold: str | None = None
    """Why it must not be erased, while there is a reason."""
    erased_at: datetime | None = None
    erased_by_rule: bool = False

    def effective_state(self, today: date) -> LicenceState:
        """Return the state on a civil date, as far as it was told when it was taken over."""
        if self.replaced_by is not None:
            return LicenceState.REPLACED
        if self.state in (LicenceState.IN_FORCE, LicenceState.SUSPENDED):
            if self.valid_until is not None and today > self.valid_until:
                return LicenceState.EXPIRED
            if self.state is LicenceState.IN_FORCE and today < self.valid_from:
                return LicenceState.PENDING
        return self.state


class OtherAccessionError(ConflictError):
    """It was taken over before, and something else was said of it then."""


def package_accession(identifier: str) -> str:
    """Return the name under which the licence of a package is on record."""
    return hashlib.sha256(f"package:{identifier}".encode()).hexdigest()


def paper_accession(type_code: str, authority_uscc: str, number: str) -> str:
    """Return the name of a licence on paper; on record it is blinded (`_recorded_name`)."""
    return hashlib.sha256(f"paper:{type_code}:{authority_uscc}:{number}".encode()).hexdigest()


def _recorded_name(privacy: Privacy, paper: str) -> str:
    """Return the name under which a licence on paper is on record, in events and in the journal.

    Who has type and authority could try codes until one fits the name of a number that holds one.
    """
    return hashlib.sha256(f"paper:{privacy.index.blinded(paper)}".encode()).hexdigest()


def _names(connection: Connection, name: str) -> list[str]:
    """Return the names under which a licence may be on record: of before, they were not blinded."""
    privacy = privacy_of(connection)
    return [name] if privacy.its_index is None else [name, _recorded_name(privacy, name)]


def find_stated(connection: Connection, accession_id: str) -> str | None:
    """Return the digest of what was said when a licence was taken over; None if it was not."""
    this = accessions.c.accession_id.in_(_names(connection, accession_id))
    row = connection.execute(select(accessions).where(this)).mappings().one_or_none()
    return None if row is None else revealed_row(privacy_of(connection), row)["stated_sha256"]


def stored_package(connection: Connection, accession_id: str) -> Sha256 | None:
    """Return the digest of the package in which a licence was taken in; None if it was not."""
    query = select(accessions.c.file_sha256).where(accessions.c.accession_id == accession_id)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else Sha256(found)


def add_accession(
    connection: Connection,
    new: NewAccession,
    permit: Permit,
    at: datetime,
    *,
    random: Random,
    basis: str | None = None,
) -> bool:
    """Record a licence with its event; return False where the very same is on record.

    Raises `NotAllowedError`, and `OtherAccessionError` where something else was said of it.
    """
    actor = permit.require(Action.TAKE_OVER, authority_id=new.authority_id)
    privacy, name = privacy_of(connection), new.accession_id
    row = _values(new, basis) | {"salt": random_token(random), "taken_at": at}
    if new.origin is Origin.PAPER:
        row["accession_id"] = _recorded_name(privacy, name)
    known = find_stated(connection, name)
    if known is not None or not insert_unless_there(
        connection, accessions, hidden_values(privacy, row)
    ):
        if (known or find_stated(connection, name)) != new.stated_sha256:
            raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)
        return False
    _record(connection, ADDED, row, actor, at)
    return True


def _values(new: NewAccession, basis: str | None) -> dict[str, Any]:
    """Return the facts told of a licence, as its columns have them."""
    values = asdict(new)
    del values["authority_id"], values["type_name"]
    return {
        **values,
        "type_name_zh": new.type_name.zh,
        "type_name_en": new.type_name.en,
        "holders": [asdict(one) for one in new.holders],
        "data": dict(new.data),
        "basis": basis,
    }


def _record(
    connection: Connection, action: str, row: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=action,
        subject=row["accession_id"],
        basis=row["basis"],
        after={
            "origin": row["origin"],
            "grade": row["grade"],
            "sha256": accession_sha256(row),
        },
    )


def refresh_accession(
    connection: Connection,
    new: NewAccession,
    before: str,
    permit: Permit,
    at: datetime,
    *,
    basis: str | None = None,
) -> None:
    """Record what a later package says of a licence, where `before` is what was said so far.

    Raises `NotAllowedError`, and `OtherAccessionError` where something else was.
    """
    actor = permit.require(Action.TAKE_OVER, authority_id=new.authority_id)
    privacy, column = privacy_of(connection), accessions.c
    this = column.accession_id == new.accession_id
    known = connection.execute(select(accessions).where(this)).mappings().one_or_none()
    said = None if known is None else revealed_row(privacy, known)
    if known is None or said is None or said["stated_sha256"] != before:
        raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)
    row = {**said, **_values(new, basis)}
    changed = (
        update(accessions)
        .where(this, column.stated_sha256 == known["stated_sha256"])
        .values(hidden_values(privacy, row))
    )
    if connection.execute(changed).rowcount != 1:
        raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)
    _record(connection, REFRESHED, row, actor, at)


def accession_sha256(row: Mapping[str, Any]) -> str:
    """Return the digest of a record for its event; salted, since persons are named in it."""
    return hashlib.sha256(
        canonical_json(
            {
                column.name: _plain(row[column.name])
                for column in accessions.c
                if column.name not in _UNHASHED
            }
        )
    ).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value


def find_by_digest(connection: Connection, sha256: str) -> Accession | None:
    """Return the licence whose document or scan has this digest."""
    column = accessions.c
    return _first(
        connection, or_(column.document_sha256 == sha256, column.handed_out_sha256 == sha256)
    )


def find_by_identifier(connection: Connection, identifier: str) -> Accession | None:
    """Return the licence of that identifier, unless it leads to a person's code."""
    column = accessions.c
    return _first(connection, column.identifier == identifier, ~column.personal)


def find_by_number(connection: Connection, number: str) -> list[Accession]:
    """Return the licences of that number, unless it holds a person's code; newest first."""
    column = accessions.c
    query = select(accessions).where(column.number == number, ~column.personal)
    return _all(connection, query.order_by(column.taken_at.desc()))


def find_paper(
    connection: Connection, type_code: TypeCode, authority_uscc: str, number: str
) -> Accession | None:
    """Return the licence on paper of an authority by its number."""
    names = _names(connection, paper_accession(type_code, authority_uscc, number))
    return _first(connection, accessions.c.accession_id.in_(names))


def held_on_paper(
    connection: Connection, type_code: TypeCode, number: str, *more: str, today: date
) -> bool:
    """Tell whether a licence on paper that is valid, or suspended, has one of these numbers."""
    column = accessions.c
    known = [name for one in (number, *more) for name in _numbers(connection, one)]
    query = select(column.accession_id).where(
        column.number.in_(known),
        column.type_code == type_code,
        column.origin == Origin.PAPER,
        column.state.in_((LicenceState.IN_FORCE, LicenceState.SUSPENDED)),
        or_(column.valid_until.is_(None), column.valid_until >= today),
        column.accession_id.not_in(select(_upgrades.c.from_paper)),
    )
    return connection.execute(query.limit(1)).first() is not None


def list_accessions(
    connection: Connection,
    *,
    number: str | None = None,
    accession_id: str | None = None,
    limit: int = 100,
) -> list[Accession]:
    """Return licences that were taken over, the newest first."""
    query = select(accessions)
    if accession_id is not None:
        query = query.where(accessions.c.accession_id == accession_id)
    if number is not None:
        query = query.where(accessions.c.number.in_(_numbers(connection, number)))
    query = query.order_by(accessions.c.taken_at.desc(), accessions.c.accession_id).limit(limit)
    return _all(connection, query)


def named_accessions(connection: Connection, named: str) -> list[Accession]:
    """Return the licences of a record's name, an identifier or a number; the first that has any."""
    column = accessions.c
    for condition in (
        column.accession_id == named,
        column.identifier == named,
        column.number.in_(_numbers(connection, named)),
    ):
        query = select(accessions).where(condition).order_by(column.accession_id).limit(10)
        if found := _all(connection, query):
            return found
    return []


def _numbers(connection: Connection, number: str) -> list[str]:
    """Return a number as it may be stored: itself, or, if a person's code is in it, its index."""
    index = privacy_of(connection).its_index
    return [number] if index is None else [number, index.number(number)]


def _first(connection: Connection, *conditions: ColumnElement[bool]) -> Accession | None:
    query = select(accessions).where(*conditions)
    query = query.order_by(accessions.c.taken_at, accessions.c.accession_id).limit(1)
    return next(iter(_all(connection, query)), None)


def _all(connection: Connection, query: Select[Any]) -> list[Accession]:
    rows = connection.execute(query).mappings().all()
    privacy = privacy_of(connection)
    return [_accession(connection, SimpleNamespace(**revealed_row(privacy, row))) for row in rows]


def _successor(
    connection: Connection, accession_id: str
) -> tuple[LicenceIdentifier | None, date | None]:
    """Return the licence that was granted, and not given up, in place of one on paper, and when."""
    column = _upgrades.c
    query = select(column.identifier, column.granted_on).where(column.from_paper == accession_id)
    found = connection.execute(query.order_by(column.identifier).limit(1)).one_or_none()
    return (None, None) if found is None else (LicenceIdentifier(found[0]), found[1])


def _accession(connection: Connection, row: Any) -> Accession:
    replaced_by, replaced_on = _successor(connection, row.accession_id)
    return Accession(
        accession_id=row.accession_id,
        origin=Origin(row.origin),
        grade=Grade(row.grade),
        identifier=row.identifier,
        type_code=TypeCode(row.type_code),
        type_name=Text(row.type_name_zh, row.type_name_en),
        authority_name=row.authority_name,
        authority_uscc=row.authority_uscc,
        number=row.number,
        personal=row.personal,
        state=LicenceState(row.state),
        reason=None if row.reason is None else Reason(row.reason),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        taken_at=row.taken_at,
        holder=Holder(**row.holders[0]) if row.holders else None,
        replaced_by=replaced_by,
        replaced_on=replaced_on,
        hold=row.hold,
        erased_at=row.erased_at,
        erased_by_rule=row.erased_by == "RETENTION",
    )
