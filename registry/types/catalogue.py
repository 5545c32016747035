"""The licence types on record: their TOML source in SQL, parsed once per change."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.ids import TypeCode
from core.permits import Action, Permit
from core.text import Text
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import licence_type_versions, licence_types, licences
from registry.model import ConflictError, NotFoundError, RegistryError
from registry.types import messages
from registry.types.drafting.differences import public_differences
from registry.types.licence_type import LicenceType
from registry.types.types import parse_type

# Asked for every licence, so built once.
_NAMED = select(licence_types.c.code, licence_types.c.updated_at).where(
    or_(licence_types.c.code == bindparam("named"), licence_types.c.slug == bindparam("named"))
)


class UnapprovedTypeError(RegistryError):
    """A definition that changes what the public may see, and that nobody else approved."""

    code = "second_person_required"


@dataclass(frozen=True, slots=True)
class TypeVersion:
    """A definition that a type had from some instant on."""

    version: int
    """From 1 on."""
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TypeHistory:
    """A type's definition, and those that it has had, the first one first."""

    current: LicenceType
    versions: tuple[TypeVersion, ...]

    def under(self, at: datetime) -> LicenceType:
        """Return the definition under which a licence was granted that was reserved `at`."""
        found = [one for one in self.versions if one.recorded_at <= at] or self.versions[:1]
        if not found or found[-1].source == self.current.source:
            return self.current
        return parse_once(found[-1].source)


class Catalogue:
    """Reads types through a cache, which a newer `updated_at` overrules; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parsed: dict[str, tuple[datetime, LicenceType]] = {}
        self._versions: dict[str, tuple[datetime, tuple[TypeVersion, ...]]] = {}
        """Both guarded by `_lock`."""

    def find(self, connection: Connection, code_or_slug: str) -> LicenceType:
        """Return a type by its code or its short name. Raises `NotFoundError`."""
        row = connection.execute(_NAMED, {"named": code_or_slug}).one_or_none()
        if row is None:
            raise NotFoundError(messages.no_such_licence_type(code_or_slug))
        return self._current(connection, row.code, row.updated_at)

    def code_named(self, connection: Connection, code_or_slug: str) -> TypeCode:
        """Return the code of a type by it or the short name; what nobody knows stays as it is."""
        row = connection.execute(_NAMED, {"named": code_or_slug}).one_or_none()
        return TypeCode(code_or_slug if row is None else row.code)

    def list_types(self, connection: Connection) -> list[LicenceType]:
        """Return all types, by code."""
        query = select(licence_types.c.code, licence_types.c.updated_at)
        rows = connection.execute(query.order_by(licence_types.c.code)).all()
        return [self._current(connection, code, updated_at) for code, updated_at in rows]

    def granted_under(self, connection: Connection, code: TypeCode, at: datetime) -> LicenceType:
        """Return the definition under which a licence was granted that was reserved `at`.

        Where the earlier ones are not known (of a register of before they were kept), the first
        that is. Raises `NotFoundError`.
        """
        return self.history(connection, code).under(at)

    def history(self, connection: Connection, code: TypeCode) -> "TypeHistory":
        """Return a type's definitions as they are now. Raises `NotFoundError`."""
        row = connection.execute(_NAMED, {"named": code}).one_or_none()
        if row is None:
            raise NotFoundError(messages.no_such_licence_type(code))
        current = self._current(connection, row.code, row.updated_at)
        with self._lock:
            cached = self._versions.get(code)
        if cached is None or cached[0] != row.updated_at:
            cached = row.updated_at, tuple(list_versions(connection, code))
            with self._lock:
                self._versions[code] = cached
        return TypeHistory(current, cached[1])

    def hold(self, connection: Connection, code: TypeCode) -> datetime | None:
        """Keep a type as it is until the transaction ends, and return since when it has been so.

        A licence that is reserved meanwhile is of that definition, whatever clocks say: a newer one
        waits, and is recorded as later (`put_type`). None for an unknown type.
        """
        query = select(licence_types.c.updated_at).where(licence_types.c.code == code)
        return connection.execute(query.with_for_update(read=True)).scalar_one_or_none()

    def _current(self, connection: Connection, code: str, updated_at: datetime) -> LicenceType:
        """Return a type as it was parsed, anew where its definition has changed since."""
        with self._lock:
            cached = self._parsed.get(code)
        if cached is not None and cached[0] == updated_at:
            return cached[1]
        source = connection.execute(
            select(licence_types.c.source).where(licence_types.c.code == code)
        ).scalar_one()
        licence_type = parse_type(source)
        with self._lock:
            self._parsed[code] = (updated_at, licence_type)
        return licence_type


def list_versions(connection: Connection, code: TypeCode) -> Iterator[TypeVersion]:
    """Yield the definitions that a type has had, the first one first."""
    column = licence_type_versions.c
    query = select(column.version, column.source, column.recorded_at)
    for row in connection.execute(query.where(column.type_code == code).order_by(column.version)):
        yield TypeVersion(row.version, row.source, row.recorded_at)


def find_version(connection: Connection, licence_type: LicenceType, version: int) -> LicenceType:
    """Return an earlier definition of a type. Raises `NotFoundError`."""
    for one in list_versions(connection, TypeCode(licence_type.code)):
        if one.version == version:
            return parse_type(one.source)
    raise NotFoundError(messages.no_such_version(type_name=licence_type.slug, version=version))


@lru_cache(maxsize=64)
def parse_once(source: str) -> LicenceType:
    """Return the type of a definition, parsed once per text."""
    return parse_type(source)


def definition_in_use(connection: Connection, code: TypeCode) -> LicenceType:
    """Return a type's present definition, parsed once per text."""
    query = select(licence_types.c.source).where(licence_types.c.code == code)
    return parse_once(connection.execute(query).scalar_one())


def definition_on_record(connection: Connection, code: TypeCode) -> LicenceType | None:
    """Return a type as it is on record, locked until the transaction ends; None if it is not."""
    query = select(licence_types.c.source).where(licence_types.c.code == code)
    source = connection.execute(query.with_for_update()).scalar_one_or_none()
    return None if source is None else parse_type(source)


def refuse_other_kind(before: LicenceType | None, after: LicenceType) -> None:
    """Have a type of licences stay one, and likewise one of documents. Raises `ConflictError`."""
    if before is not None and before.kind is not after.kind:
        raise ConflictError(messages.KIND_STAYS)


def changes_of_public_view(
    connection: Connection, before: LicenceType | None, after: LicenceType
) -> tuple[Text, ...]:
    """Return the changes of a definition that take a second person.

    They are those of what the public may see, as soon as a licence of the type was granted:
    before, there is nothing that anybody sees.
    """
    if before is None:
        return ()
    granted = select(licences.c.identifier).where(licences.c.type_code == before.code).limit(1)
    if connection.execute(granted).first() is None:
        return ()
    return public_differences(before, after)


def put_type(
    connection: Connection,
    licence_type: LicenceType,
    permit: Permit,
    at: datetime,
    *,
    approved: str | None = None,
) -> None:
    """Record a type, or its newer definition; the one that is there already changes nothing.

    `approved` names the request by which a second person approved of it. Raises
    `UnapprovedTypeError` where one is needed, `ConflictError` if its slug is another's, or if a
    type of licences is to become one of documents, or the other way.
    """
    actor = permit.require(Action.MANAGE_AUTHORITY)
    values = {
        "slug": licence_type.slug,
        "name_zh": licence_type.name.zh,
        "name_en": licence_type.name.en,
        "source": licence_type.source,
        "updated_at": at,
    }
    code = TypeCode(licence_type.code)
    try:
        added = insert_unless_there(connection, licence_types, {"code": code, **values})
        before = None if added else definition_on_record(connection, code)
        if before is not None and _is_same(before, licence_type):
            return
        refuse_other_kind(before, licence_type)
        if approved is None and changes_of_public_view(connection, before, licence_type):
            raise UnapprovedTypeError(messages.PUBLIC_VIEW_NEEDS_SECOND_PERSON)
        at = at if added else _later_than_grants(connection, code, at)
        newer = update(licence_types).where(licence_types.c.code == code)
        known = (
            added or connection.execute(newer.values({**values, "updated_at": at})).rowcount == 1
        )
    except IntegrityError:
        known = False
    if not known:
        raise ConflictError(messages.short_name_taken(licence_type.slug))
    version = _keep_version(connection, licence_type, at)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="type.added" if added else "type.changed",
        subject=code,
        after={
            "slug": licence_type.slug,
            "sha256": source_sha256(licence_type.source),
            "version": version,
            **({} if approved is None else {"request": approved}),
        },
    )


def _is_same(before: LicenceType, after: LicenceType) -> bool:
    return (before.source, before.slug) == (after.source, after.slug)


def _later_than_grants(connection: Connection, code: TypeCode, at: datetime) -> datetime:
    """Return an instant after what was reserved under the earlier definition.

    The type's own row is locked by now, so that nothing more is reserved under that.
    """
    newest = select(func.max(licences.c.created_at)).where(licences.c.type_code == code)
    reserved: datetime | None = connection.execute(newest).scalar()
    return at if reserved is None else max(at, reserved + timedelta(microseconds=1))


def _keep_version(connection: Connection, licence_type: LicenceType, at: datetime) -> int:
    """Keep a definition under the next number; the type's own row is locked by now."""
    column = licence_type_versions.c
    query = select(func.max(column.version)).where(column.type_code == licence_type.code)
    version = (connection.execute(query).scalar() or 0) + 1
    connection.execute(
        insert(licence_type_versions).values(
            type_code=licence_type.code,
            version=version,
            source=licence_type.source,
            recorded_at=at,
        )
    )
    return version


def source_sha256(source: str) -> str:
    """Return the digest of a type's definition."""
    return hashlib.sha256(source.encode()).hexdigest()
