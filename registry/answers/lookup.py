"""Licences found as an operator names them: by identifier, printed number or link; and listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, or_, select

from core.ids import TypeCode
from registry.answers import messages
from registry.answers.sentences import check_message
from registry.db.tables import authorities, licences
from registry.identifiers import MalformedIdentifierError
from registry.licences.asked import AskedKind, read_asked
from registry.licences.hiding import bears_number, is_of_code
from registry.licences.licences import (
    CLOSED,
    find_by_link,
    find_by_number,
    get_licence,
    is_in,
    no_such_licence,
    scoped_key,
    select_licences,
)
from registry.model import ConflictError, Licence, LicenceState
from registry.types.cells.cleaning import clean_code
from registry.types.document_type import TITLE
from registry.types.licence_type import LicenceType
from registry.types.row_problems import BadValueError

_MOST_VERSIONS = 999
"""As an identifier counts them."""


def find_named(
    connection: Connection, text: str, public_url: str, types: Iterable[LicenceType]
) -> Licence:
    """Return the one licence that `text` names; by number, the version that holds it.

    A slip in a check character is named as the public answer names it, before anything is said of
    the record. Raises `NoSuchLicenceError`, `MalformedIdentifierError`, and `ConflictError` where
    licences of several types bear the number.
    """
    asked = read_asked(text, public_url)
    found: Licence | None = None
    if asked.kind is AskedKind.MISTYPED:
        raise _mistyped()
    if asked.identifier is not None:
        found = get_licence(connection, asked.identifier.identifier)
    if found is None and asked.token is not None:
        found = find_by_link(connection, asked.token)
    for number in asked.numbers:
        if found is None:
            found = _by_number(connection, number)
    if found is None and has_slip(types, asked.numbers):
        raise _mistyped()
    if found is None:
        raise no_such_licence()
    return found


def has_slip(types: Iterable[LicenceType], spellings: Sequence[str]) -> bool:
    """Tell whether what was typed is the number of a type but for its check digit.

    Only spellings that look like a number of the type count: one of them may have a label in front.
    """
    for one in types:
        alike = [text for text in spellings if one.matches_number(text)]
        if alike and all(map(one.has_slip, alike)):
            return True
    return False


def _mistyped() -> MalformedIdentifierError:
    said = check_message("mistyped")
    return MalformedIdentifierError(said)


def _by_number(connection: Connection, number: str) -> Licence | None:
    """Return the licence that holds a number now, or the newest that held it."""
    found = find_by_number(connection, number)
    holding = [one for one in found if one.state not in CLOSED]
    # A new version that is pending does not hold it yet: what is in force does.
    current = [one for one in holding if one.state is not LicenceState.PENDING] or holding
    if len({one.type_code for one in current or found}) > 1 or len(current) > 1:
        listed = "、".join(one.identifier for one in current or found)
        raise ConflictError(messages.licence_number_ambiguous(listed))
    return _latest(connection, next(iter(current or found), None))


def _latest(connection: Connection, found: Licence | None) -> Licence | None:
    """Return the version that a licence's number leads to, where its next one bears another."""
    for _ in range(_MOST_VERSIONS):
        if found is None or found.state is not LicenceState.REPLACED or found.replaced_by is None:
            break
        found = get_licence(connection, found.replaced_by) or found
    return found


@dataclass(frozen=True, slots=True)
class LicenceQuery:
    """Filter of licences; all criteria that are given must hold."""

    on: date
    """The day whose states are meant."""
    state: LicenceState | None = None
    type_code: TypeCode | None = None
    type_codes: tuple[TypeCode, ...] | None = None
    """Any of these."""
    title: str | None = None
    """Part of a document's."""
    number: str | None = None
    """Part of it."""
    holder: str | None = None
    """Part of the name, or the whole code."""
    request_key: str | None = None


def search_licences(
    connection: Connection, query: LicenceQuery, limit: int | None = 100
) -> list[Licence]:
    """Return the licences asked for, oldest first."""
    conditions = list[ColumnElement[bool]]()
    if query.state is not None:
        conditions.append(is_in(query.state, query.on))
    if query.type_code is not None:
        conditions.append(licences.c.type_code == query.type_code)
    if query.type_codes is not None:
        conditions.append(licences.c.type_code.in_(query.type_codes))
    if query.title is not None:
        title: ColumnElement[str] = licences.c.data[TITLE].as_string()
        conditions.append(_holds(title, query.title.strip()))
    if query.number is not None:
        number = _folded(query.number)
        conditions.append(or_(_holds(licences.c.number, number), bears_number(connection, number)))
    if query.holder is not None:
        conditions.append(_is_holder(connection, query.holder))
    if query.request_key is not None:
        key = query.request_key
        bodies = connection.execute(select(authorities.c.authority_id)).scalars()
        kept = [key, *(scoped_key(body, key) for body in bodies)]
        conditions.append(licences.c.request_key.in_(kept))
    return select_licences(connection, *conditions, limit=limit)


def _is_holder(connection: Connection, text: str) -> ColumnElement[bool]:
    name: ColumnElement[str] = licences.c.holders[(0, "name")].as_string()
    return or_(_holds(name, text.strip()), is_of_code(connection, _folded(text)))


def _holds(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return column.contains(part, autoescape=True)


def _folded(text: str) -> str:
    """Return a number or code as it is kept: no blanks, capitals, half width."""
    try:
        return clean_code(text)
    except BadValueError:  # characters that no code has
        return text.strip()
