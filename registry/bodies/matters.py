"""Matters (事项): what each asks for, and which licences say it, so that no paper is needed.

A matter is its authority's. It names types and fields; nothing of any holder is needed to ask.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from core.canonical import canonical_json
from core.ids import AuthorityId, TypeCode
from core.permits import Action, Permit
from core.text import Text
from registry.audit import events as audit
from registry.bodies import messages
from registry.bodies.authorities import find_authority
from registry.bodies.matter_file import AcceptedType, MatterEntry, bad_matters
from registry.db.conflicts import insert_unless_there
from registry.db.tables import matters
from registry.model import ConflictError, NotFoundError
from registry.types.catalogue import Catalogue
from registry.types.fields import CodeCheck, FieldRule
from registry.types.licence_type import LicenceType


class HolderOf(StrEnum):
    """Kinds of holder who may have a licence."""

    BODY = "body"
    PERSON = "person"


_HOLDERS: Mapping[CodeCheck | None, frozenset[HolderOf]] = {
    CodeCheck.USCC: frozenset({HolderOf.BODY}),
    CodeCheck.RESIDENT_ID: frozenset({HolderOf.PERSON}),
    CodeCheck.USCC_OR_RESIDENT_ID: frozenset(HolderOf),
}


@dataclass(frozen=True, slots=True)
class AcceptedLicence:
    """A licence type that will do for a material, and the fields that say it."""

    licence_type: LicenceType
    fields: tuple[FieldRule, ...]

    @property
    def holders(self) -> frozenset[HolderOf]:
        """Kinds of holder that the type has."""
        return _HOLDERS[self.licence_type.fields[self.licence_type.holder.code].check]


@dataclass(frozen=True, slots=True)
class Material:
    """A material of a matter; without a licence type, paper is needed."""

    name: Text
    accepted: tuple[AcceptedLicence, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter with its materials."""

    code: str
    authority_id: AuthorityId
    name: Text
    materials: tuple[Material, ...]
    updated_at: datetime


def put_matters(
    connection: Connection,
    catalogue: Catalogue,
    entries: Iterable[MatterEntry],
    permit: Permit,
    at: datetime,
) -> int:
    """Record matters, or what is new of them; all or none. Return how many are new or changed.

    Raises `BadMattersError` naming every type and field that is not on record, `NotFoundError` for
    an authority, `ConflictError` where a code is another authority's.
    """
    rows, flaws = [], []
    for entry in entries:
        permit.require(Action.MANAGE_AUTHORITY, authority_id=AuthorityId(entry.authority))
        find_authority(connection, AuthorityId(entry.authority))
        materials: list[dict[str, object]] = []
        for material in entry.materials:
            accepts: list[dict[str, object]] = []
            for one in material.accepts:
                code, told = _check(connection, catalogue, one)
                flaws += [messages.matter_flaw(place=entry.code, told=text) for text in told]
                accepts.append({"type": code, "fields": list(one.fields)})
            names = material.name.text.as_json()
            materials.append({"name": names, "accepts": accepts})
        rows.append((entry, materials))
    if flaws:
        raise bad_matters(flaws)
    return sum(_put(connection, entry, kept, permit, at) for entry, kept in rows)


def remove_matter(
    connection: Connection, code: str, basis: str, permit: Permit, at: datetime
) -> None:
    """Take a matter out; the audit keeps what it was. Raises `NotFoundError`."""
    here = matters.c.code == code
    known = connection.execute(select(matters).where(here).with_for_update()).mappings().first()
    if known is None:
        raise NotFoundError(messages.no_such_matter(code))
    authority_id = AuthorityId(known["authority_id"])
    actor = permit.require(Action.MANAGE_AUTHORITY, authority_id=authority_id)
    connection.execute(delete(matters).where(here))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="matter.removed",
        subject=code,
        basis=basis,
        before={"authority": authority_id, "sha256": matter_sha256(dict(known))},
    )


def find_matter(
    connection: Connection, catalogue: Catalogue, code: str, holder: HolderOf | None = None
) -> Matter:
    """Return a matter; with `holder`, the licence types alone that such a holder may have.

    Raises `NotFoundError`.
    """
    row = connection.execute(select(matters).where(matters.c.code == code)).one_or_none()
    if row is None:
        raise NotFoundError(messages.no_such_matter(code))
    return _matter(connection, catalogue, row, holder)


def list_matters(
    connection: Connection,
    catalogue: Catalogue,
    *,
    holder: HolderOf | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Matter]:
    """Return matters by code, those that follow `after`; `holder` as `find_matter` has it."""
    query = select(matters).where(matters.c.code > after).order_by(matters.c.code).limit(limit)
    return [_matter(connection, catalogue, row, holder) for row in connection.execute(query).all()]


def matter_sha256(row: Mapping[str, Any]) -> str:
    """Return the digest of what a matter says."""
    said = {key: row[key] for key in ("name_zh", "name_en", "materials")}
    return hashlib.sha256(canonical_json(said)).hexdigest()


def _check(
    connection: Connection, catalogue: Catalogue, one: AcceptedType
) -> tuple[TypeCode | None, list[str]]:
    """Return the code of a type and what of it is not on record."""
    try:
        found = catalogue.find(connection, one.type)
    except NotFoundError:
        return None, [f"type {one.type}"]
    unknown = [key for key in one.fields if key not in found.fields]
    return found.code, [f"{one.type}.{key}" for key in unknown]


def _put(
    connection: Connection,
    entry: MatterEntry,
    materials: list[dict[str, object]],
    permit: Permit,
    at: datetime,
) -> bool:
    values: dict[str, Any] = {
        "authority_id": entry.authority,
        "name_zh": entry.name.zh,
        "name_en": entry.name.en,
        "materials": materials,
        "updated_at": at,
    }
    added = insert_unless_there(connection, matters, {"code": entry.code, **values})
    if not added:
        here = matters.c.code == entry.code
        known = connection.execute(select(matters).where(here).with_for_update()).mappings().one()
        if known["authority_id"] != entry.authority:
            raise ConflictError(messages.matter_of_another(entry.code))
        if matter_sha256(dict(known)) == matter_sha256(values):
            return False
        connection.execute(update(matters).where(here).values(values))
    audit.record(
        connection,
        at=at,
        actor=permit.actor,
        action="matter.added" if added else "matter.changed",
        subject=entry.code,
        after={"authority": entry.authority, "sha256": matter_sha256(values)},
    )
    return True


def _matter(
    connection: Connection, catalogue: Catalogue, row: Row[Any], holder: HolderOf | None
) -> Matter:
    return Matter(
        row.code,
        AuthorityId(row.authority_id),
        Text(row.name_zh, row.name_en),
        tuple(
            Material(
                Text(one["name"]["zh"], one["name"]["en"]),
                tuple(_accepted(connection, catalogue, one["accepts"], holder)),
            )
            for one in row.materials
        ),
        row.updated_at,
    )


def _accepted(
    connection: Connection,
    catalogue: Catalogue,
    accepts: Iterable[Mapping[str, Any]],
    holder: HolderOf | None,
) -> Iterator[AcceptedLicence]:
    """Yield the types that will do as they are now: one that lost a named field does no more."""
    for one in accepts:
        licence_type = catalogue.find(connection, one["type"])
        fields = [licence_type.fields.get(key) for key in one["fields"]]
        known = tuple(field for field in fields if field is not None)
        found = AcceptedLicence(licence_type, known)
        if len(known) == len(fields) and (holder is None or holder in found.holders):
            yield found
