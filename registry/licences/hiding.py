"""Sealing of parts of a licence beside its record, and their stand-ins in the clear.

Sealed are the codes of its holders, wherever they stand: in the fields, and in the number of a type
whose numbers hold them; codes of other persons; and the salt and digests with which somebody who
knows all the rest could try codes until one fits. What the type makes public stays, as the public
sees it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, RowMapping, cast, func, select

from registry.db.tables import licences
from registry.model import Holder
from registry.privacy.codes import Privacy, privacy_of
from registry.privacy.records import SEALED_IN, revealed, sealed_secret
from registry.types.fields import CodeCheck, FieldKind, FieldRule
from registry.types.licence_type import LicenceType
from registry.types.metadata import CODE_TYPES
from registry.types.public_view import masked, masked_number

Values = Mapping[str, Any] | RowMapping
HOLDER_CODE: Final = "holder_code"
_DIGEST: Final = "request_digest"
_OF_PERSONS: Final = (CodeCheck.RESIDENT_ID, CodeCheck.USCC_OR_RESIDENT_ID)
_TELLING: Final = 6
"""Characters from which on a code within another value is no chance."""


def place_of(identifier: str) -> str:
    """Return the place to which a licence's secret is bound."""
    return f"licences\0{identifier}\0{SEALED_IN}"


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """A licence's row, taken apart."""

    clear: dict[str, Any]
    """The columns that say something else in the clear than they mean."""
    hidden: dict[str, Any]
    """What they mean."""
    shown: str | None
    """The number as the public sees it, where it is hidden."""


def hidden_values(privacy: Privacy, licence_type: LicenceType, values: Values) -> dict[str, Any]:
    """Return the columns of a licence's row as they are stored, its secrets sealed.

    `values` has `identifier`, `holders`, `data`, `number`, `holder_code`, and where they are set
    `salt` and `request_digest`. Raises `PrivacyKeyMissingError`.
    """
    row = taken_apart(privacy, licence_type, values)
    place = place_of(str(values["identifier"]))
    secret = sealed_secret(privacy, place, row.hidden, shown=row.shown)
    return {**values, **row.clear, SEALED_IN: secret}


def taken_apart(privacy: Privacy, licence_type: LicenceType, values: Values) -> HiddenRow:
    """Return the hidden part of a licence's row, and the rest."""
    index, holders, number = privacy.index, values["holders"], str(values["number"])
    codes = [str(one["code"]) for one in holders]
    stored: dict[str, Any] = {}
    stored["holders"] = [
        {**one, "code": index.token(str(one["code_type"]), str(one["code"]))} for one in holders
    ]
    stored[HOLDER_CODE] = stored["holders"][0]["code"] if holders else None
    stored["data"] = _public_data(licence_type, values["data"], codes, _of_person(holders))
    hidden = {name: values[name] for name in ("holders", "data", HOLDER_CODE)}
    shown = None
    if _holds_code(licence_type, number, codes):
        shown = masked_number(number, codes[0] if codes else "")
        hidden["number"], stored["number"] = number, index.number(number)
    if values.get("salt") is not None:
        hidden["salt"], stored["salt"] = values["salt"], None
    if values.get(_DIGEST) is not None:
        digest = str(values[_DIGEST])
        hidden[_DIGEST], stored[_DIGEST] = digest, index.blinded(digest)
    return HiddenRow(stored, hidden, shown)


def reveal(connection: Connection, row: Values) -> dict[str, Any]:
    """Return the columns of a licence's row as far as this process may know them."""
    return revealed_row(privacy_of(connection), row)


def revealed_row(privacy: Privacy, row: Values) -> dict[str, Any]:
    """Return the same, of a process that may know this."""
    found = revealed(privacy, place_of(str(row["identifier"])), row)
    if row.get(_DIGEST, "") is None:  # it was given up: its request may come again
        found[_DIGEST] = None
    return found


def refuse_contradicted(privacy: Privacy, stored: Values, found: Values) -> None:
    """See that a row says in the clear what is sealed beside it, as far as it says anything.

    `found` is the row as it was revealed. Raises `ValueError`.
    """
    if stored[SEALED_IN] is None or privacy.its_box is None:
        return
    index, holders = privacy.index, found["holders"]
    tokens = [
        {**one, "code": index.token(str(one["code_type"]), str(one["code"]))} for one in holders
    ]
    first = tokens[0]["code"] if tokens else None
    number = found["number"], index.number(str(found["number"]))
    agrees = (
        stored["holders"] == tokens
        and stored[HOLDER_CODE] == first
        and stored["number"] in number
        and all(
            value == found["data"].get(key) or "*" in value for key, value in stored["data"].items()
        )
    )
    if not agrees:
        raise ValueError(SEALED_IN)


def holder_token(connection: Connection, holder: Holder) -> str:
    """Return the token of a holder's code. Raises `PrivacyKeyMissingError`."""
    return privacy_of(connection).index.token(holder.code_type, holder.code)


def is_of_holder(connection: Connection, holder: Holder) -> ColumnElement[bool]:
    """Say in SQL that a licence is of a holder; one that is not sealed yet too."""
    known = (holder_token(connection, holder), holder.code)
    return licences.c.holder_code.in_(known)


def is_of_code(connection: Connection, code: str) -> ColumnElement[bool]:
    """Say in SQL that a licence is of a holder of a code, of whatever kind, whole."""
    index = privacy_of(connection).its_index
    tokens = [] if index is None else [index.token(kind, code) for kind in CODE_TYPES]
    return licences.c.holder_code.in_([code, *tokens])


def bears_number(
    connection: Connection, *numbers: str, column: ColumnElement[str] | None = None
) -> ColumnElement[bool]:
    """Say in SQL that a licence, or what has a number in another column, bears one of these."""
    index = privacy_of(connection).its_index
    known = [*numbers, *(() if index is None else map(index.number, numbers))]
    return (licences.c.number if column is None else column).in_(known)


def take_number_turns(connection: Connection, type_code: str, numbers: Iterable[str]) -> None:
    """Let nobody else look for these numbers of a type, or take them, until the transaction ends.

    One may keep a number hidden and the other in the clear, so that no unique index holds them
    apart. On SQLite those who write come one after the other. Before any row of the bearers is
    locked.
    """
    if connection.dialect.name != "postgresql":
        return
    index = privacy_of(connection).its_index
    said = (one if index is None else index.number(one) for one in numbers)
    keys = sorted(_turn(f"number {type_code} {one}") for one in said)  # nobody waits in a circle
    of_all = func.unnest(cast(keys, ARRAY(BigInteger)))
    connection.execute(select(func.pg_advisory_xact_lock(of_all)))


def _turn(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def may_be_blinded(privacy: Privacy, digest: str) -> tuple[str, ...]:
    """Return a request's digest as it may be stored."""
    index = privacy.its_index
    return (digest,) if index is None else (digest, index.blinded(digest))


def has_code_in_number(licence_type: LicenceType, number: str, holders: Sequence[Holder]) -> bool:
    """Tell whether a number is hidden."""
    return _holds_code(licence_type, number, [one.code for one in holders])


def _holds_code(licence_type: LicenceType, number: str, codes: Sequence[str]) -> bool:
    if licence_type.is_document:
        return False
    return licence_type.number_holds_holder_code or _within(number, codes)


def _within(value: str, codes: Sequence[str]) -> bool:
    return any(len(code) >= _TELLING and code in value for code in codes)


def _of_person(holders: Sequence[Values]) -> bool:
    return any(one["code_type"] != "001" for one in holders)


def _public_data(
    licence_type: LicenceType,
    data: Mapping[str, str],
    codes: Sequence[str],
    person: bool,  # noqa: FBT001
) -> dict[str, str]:
    """Return the fields as they may stand in the clear."""
    found: dict[str, str] = {}
    for key, value in data.items():
        rule = licence_type.fields.get(key)
        if not (_is_code_of_person(rule) or _within(value, codes) or value in codes):
            found[key] = value
        elif rule is not None and rule.public:
            found[key] = masked(rule, value, person=person)
    return found


def _is_code_of_person(rule: FieldRule | None) -> bool:
    return rule is not None and rule.kind is FieldKind.CODE and rule.check in _OF_PERSONS
