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

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from core.canonical import canonical_json
from core.ids import Random, Sha256, TypeCode, random_token
from core.permits import Action, Permit
from core.text import Text
from registry.accession import messages
from registry.accession.grades import Grade
from registry.accession.hiding import hidden_values, revealed_row
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import accessions
from registry.model import ConflictError, Holder, LicenceState, Reason
from registry.privacy.codes import privacy_of
from registry.privacy.records import SEALED_IN

ADDED = "accession.added"
ERASED = "accession.erased"
_UNHASHED = frozenset({"taken_at", SEALED_IN, "erased_at", "erased_by", "erased_objects"})
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
    number: str
    personal: bool
    state: LicenceState
    reason: Reason | None
    valid_from: date
    valid_until: date | None
    taken_at: datetime
    erased_at: datetime | None = None

    def effective_state(self, today: date) -> LicenceState:
        """Return the state on a civil date, as far as it was told when it was taken over."""
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
    """Return the name under which a licence on paper is on record."""
    return hashlib.sha256(f"paper:{type_code}:{authority_uscc}:{number}".encode()).hexdigest()


def find_stated(connection: Connection, accession_id: str) -> str | None:
    """Return the digest of what was said when a licence was taken over; None if it was not."""
    query = select(accessions).where(accessions.c.accession_id == accession_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else revealed_row(privacy_of(connection), row)["stated_sha256"]


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
    values = asdict(new)
    del values["authority_id"], values["type_name"]
    row: dict[str, Any] = {
        **values,
        "type_name_zh": new.type_name.zh,
        "type_name_en": new.type_name.en,
        "holders": [asdict(one) for one in new.holders],
        "data": dict(new.data),
        "basis": basis,
        "salt": random_token(random),
        "taken_at": at,
    }
    stored = hidden_values(privacy_of(connection), row)
    if not insert_unless_there(connection, accessions, stored):
        if find_stated(connection, new.accession_id) != new.stated_sha256:
            raise OtherAccessionError(messages.TAKEN_OVER_OTHERWISE)
        return False
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=ADDED,
        subject=new.accession_id,
        basis=basis,
        after={
            "origin": new.origin,
            "grade": new.grade,
            "sha256": accession_sha256(row),
        },
    )
    return True


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
        index = privacy_of(connection).its_index
        known = [number] if index is None else [number, index.number(number)]
        query = query.where(accessions.c.number.in_(known))
    query = query.order_by(accessions.c.taken_at.desc(), accessions.c.accession_id).limit(limit)
    return _all(connection, query)


def _first(connection: Connection, *conditions: ColumnElement[bool]) -> Accession | None:
    query = select(accessions).where(*conditions)
    query = query.order_by(accessions.c.taken_at, accessions.c.accession_id).limit(1)
    return next(iter(_all(connection, query)), None)


def _all(connection: Connection, query: Select[Any]) -> list[Accession]:
    rows = connection.execute(query).mappings().all()
    privacy = privacy_of(connection)
    return [_accession(SimpleNamespace(**revealed_row(privacy, row))) for row in rows]


def _accession(row: Any) -> Accession:
    return Accession(
        accession_id=row.accession_id,
        origin=Origin(row.origin),
        grade=Grade(row.grade),
        identifier=row.identifier,
        type_code=TypeCode(row.type_code),
        type_name=Text(row.type_name_zh, row.type_name_en),
        authority_name=row.authority_name,
        number=row.number,
        personal=row.personal,
        state=LicenceState(row.state),
        reason=None if row.reason is None else Reason(row.reason),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        taken_at=row.taken_at,
        erased_at=row.erased_at,
    )
