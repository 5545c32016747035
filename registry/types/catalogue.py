"""The licence types on record: their TOML source in SQL, parsed once per change."""

import hashlib
import threading
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.ids import TypeCode
from core.permits import Action, Permit
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import licence_types
from registry.model import ConflictError, NotFoundError
from registry.types import messages
from registry.types.licence_type import LicenceType
from registry.types.types import parse_type

# Asked for every licence, so built once.
_NAMED = select(licence_types.c.code, licence_types.c.updated_at).where(
    or_(licence_types.c.code == bindparam("named"), licence_types.c.slug == bindparam("named"))
)


class Catalogue:
    """Reads types through a cache, which a newer `updated_at` overrules; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parsed: dict[str, tuple[datetime, LicenceType]] = {}
        """Guarded by `_lock`."""

    def find(self, connection: Connection, code_or_slug: str) -> LicenceType:
        """Return a type by its code or its short name. Raises `NotFoundError`."""
        row = connection.execute(_NAMED, {"named": code_or_slug}).one_or_none()
        if row is None:
            raise NotFoundError(messages.no_such_licence_type(code_or_slug))
        return self._current(connection, row.code, row.updated_at)

    def list_types(self, connection: Connection) -> list[LicenceType]:
        """Return all types, by code."""
        query = select(licence_types.c.code, licence_types.c.updated_at)
        rows = connection.execute(query.order_by(licence_types.c.code)).all()
        return [self._current(connection, code, updated_at) for code, updated_at in rows]

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


def put_type(
    connection: Connection, licence_type: LicenceType, permit: Permit, at: datetime
) -> None:
    """Record a type, or its newer definition. Raises `ConflictError` if its slug is another's."""
    actor = permit.require(Action.MANAGE_AUTHORITY)
    values = {
        "slug": licence_type.slug,
        "name_zh": licence_type.name.zh,
        "name_en": licence_type.name.en,
        "source": licence_type.source,
        "updated_at": at,
    }
    code = TypeCode(licence_type.code)
    newer = update(licence_types).where(licence_types.c.code == code).values(values)
    try:
        added = insert_unless_there(connection, licence_types, {"code": code, **values})
        known = added or connection.execute(newer).rowcount == 1
    except IntegrityError:
        known = False
    if not known:
        raise ConflictError(messages.short_name_taken(licence_type.slug))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="type.added" if added else "type.changed",
        subject=code,
        after={"slug": licence_type.slug, "sha256": source_sha256(licence_type.source)},
    )


def source_sha256(source: str) -> str:
    """Return the digest of a type's definition."""
    return hashlib.sha256(source.encode()).hexdigest()
