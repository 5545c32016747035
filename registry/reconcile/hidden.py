"""Rows of licences as they were before their codes were sealed, and what stands in the clear
otherwise than what is sealed means.
"""

import json
from datetime import UTC, datetime

from sqlalchemy import Connection

from core.errors import XinyinError
from core.ids import TypeCode
from registry.licences.hiding import revealed_row as revealed_licence
from registry.licences.hiding import taken_apart
from registry.privacy.codes import UnreadableCodeError, privacy_of
from registry.privacy.records import SEALED_IN, shown_in
from registry.reconcile.events import Row, instant_of, json_of
from registry.types.catalogue import Catalogue, TypeHistory
from registry.types.licence_type import LicenceType

_JSON = ("holders", "data")


class Definitions:
    """Definitions of types as a snapshot has them: asked for every licence, read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._catalogue = Catalogue()
        self._known: dict[TypeCode, TypeHistory] = {}

    def granted_under(self, code: TypeCode, at: datetime) -> LicenceType:
        """Return the one under which a licence was granted. Raises `NotFoundError`."""
        history = self._known.get(code)
        if history is None:
            history = self._catalogue.history(self._connection, code)
            self._known[code] = history
        return history.under(at)


def revealed_row(
    connection: Connection, stored: Row, definitions: Definitions
) -> tuple[Row, list[str]]:
    """Return a stored row with what is sealed in its place, and the names of its faults.

    Raises `PrivacyKeyMissingError`: without the key nothing can be said of it.
    """
    if stored[SEALED_IN] is None:
        return {name: stored[name] for name in stored if name != SEALED_IN}, []
    privacy = privacy_of(connection)
    privacy.box  # noqa: B018
    try:
        row = revealed_licence(privacy, stored)
    except UnreadableCodeError:
        return {name: stored[name] for name in stored if name != SEALED_IN}, [SEALED_IN]
    at = instant_of(row["created_at"]) or datetime.now(UTC)
    try:
        definition = definitions.granted_under(TypeCode(str(row["type_code"])), at)
        apart = taken_apart(privacy, definition, row)
    except (XinyinError, KeyError, TypeError, AttributeError):
        return _as_stored(row), [SEALED_IN]
    found = {**stored, **{name: json_of(stored[name]) for name in _JSON}}
    wrong = [name for name, value in apart.clear.items() if found[name] != value]
    if shown_in(str(stored[SEALED_IN])) != apart.shown:
        wrong.append(SEALED_IN)
    return _as_stored(row), wrong


def _as_stored(row: Row) -> Row:
    """Return a row whose JSON is text again, as in one that was never sealed."""
    texts = {
        name: json.dumps(row[name], ensure_ascii=False)
        for name in _JSON
        if not isinstance(row[name], str)
    }
    return {**row, **texts}
