"""Licences that a holder has of a type already: tells a second one from a changed row.

How many licences of a type one holder may have in force is the type's rule: one; or many, told
apart by some of their fields. Licences that are pending, in force or suspended count; what has
expired does not.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, select, text

from core.ids import Sha256, TypeCode
from registry.db.tables import licences
from registry.licences import messages
from registry.licences.hiding import holder_token, is_of_holder
from registry.licences.licences import select_held, select_licences
from registry.model import Application, ConflictError, Holder, Licence, LicenceState
from registry.objects.store import sha256_of
from registry.state_words import standing_on
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER
from registry.types.validity import VALID_UNTIL, ValidityKind

_CURRENT = (LicenceState.PENDING, LicenceState.IN_FORCE, LicenceState.SUSPENDED)
Kind = tuple[str, ...]
_CODES_AT_ONCE: Final = 1000
"""In one query: of 500 holders, each known by its token or, from before, by its code."""


class SecondLicenceError(ConflictError):
    """The holder has a licence of that type, and the type allows one."""


def kind_of(licence_type: LicenceType, data: Mapping[str, str], number: str | None) -> Kind:
    """Return the key by which a licence is one of its kind among those of its holder."""
    return tuple(
        number or "" if key == NUMBER else data.get(key, "")
        for key in licence_type.holder.told_apart_by
    )


def list_held(connection: Connection, licence_type: LicenceType, holder: Holder) -> list[Licence]:
    """Return all licences of a type that a holder has or had, newest first."""
    found = select_licences(
        connection,
        is_of_holder(connection, holder),
        licences.c.type_code == licence_type.code,
    )
    return found[::-1]


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """A licence that a holder has or had, and the digest of its photo."""

    licence: Licence
    photo_sha256: Sha256 | None


def list_all_held(
    connection: Connection, licence_type: LicenceType, holders: Collection[Holder]
) -> dict[Holder, list[HeldLicence]]:
    """Return the same of many holders, by one query for each few hundred of them."""
    known = {one: (holder_token(connection, one), one.code) for one in holders}
    codes = sorted({code for pair in known.values() for code in pair})
    by_code: dict[str, list[HeldLicence]] = {}
    for start in range(0, len(codes), _CODES_AT_ONCE):
        few = codes[start : start + _CODES_AT_ONCE]
        for code, licence, photo in select_held(connection, licence_type.code, few):
            by_code.setdefault(code, []).append(HeldLicence(licence, photo))
    return {one: _newest_first(by_code, pair) for one, pair in known.items()}


def _newest_first(
    by_code: Mapping[str, list[HeldLicence]], codes: tuple[str, ...]
) -> list[HeldLicence]:
    found = [held for code in codes for held in by_code.get(code, ())]
    found.sort(key=lambda one: (one.licence.created_at, one.licence.identifier), reverse=True)
    return found


def is_current(licence: Licence, today: date) -> bool:
    """Tell whether a licence counts against the type's rule."""
    return licence.state in _CURRENT and licence.effective_state(today) in _CURRENT


def refuse_second(
    connection: Connection,
    licence_type: LicenceType,
    application: Application,
    today: date,
    *,
    before: Licence | None = None,
    seen_by: str | None = None,
) -> None:
    """Raise `SecondLicenceError` if the holder has a licence of that kind already.

    `seen_by`: an authority that may be told of its own licences alone; None: of all.

    `before` is the one whose place it takes: a new version that is of the same kind adds none.
    Until the transaction ends, no other process grants this holder one of that type.
    """
    holder = application.holders[0]
    lock_holder(connection, licence_type.code, holder)
    number = application.number if before is None else before.number
    wanted = kind_of(licence_type, application.data, number)
    same_kind = before is not None and kind_of(licence_type, before.data, number) == wanted
    if before is not None and same_kind and is_current(before, today):
        return
    second = _second_of(
        list_held(connection, licence_type, holder),
        licence_type,
        wanted,
        today,
        seen_by,
        replacing=before is not None,
    )
    if second is not None:
        raise second


def would_be_second(
    connection: Connection,
    licence_type: LicenceType,
    application: Application,
    today: date,
    seen_by: str,
) -> SecondLicenceError | None:
    """Return the error that granting would end with as things stand, as `refuse_second`.

    A look ahead, under no lock: it decides nothing.
    """
    wanted = kind_of(licence_type, application.data, application.number)
    held = list_held(connection, licence_type, application.holders[0])
    return _second_of(held, licence_type, wanted, today, seen_by)


def _second_of(
    known: list[Licence],
    licence_type: LicenceType,
    wanted: Kind,
    today: date,
    seen_by: str | None,
    *,
    replacing: bool = False,
) -> SecondLicenceError | None:
    for held in known:
        if not is_current(held, today):
            continue
        if kind_of(licence_type, held.data, held.number) == wanted:
            if seen_by not in (None, held.authority_id):
                return SecondLicenceError(messages.HOLDER_LICENSED_ELSEWHERE)
            return _second(held, today, replacing=replacing)
    return None


def lock_holder(connection: Connection, type_code: TypeCode, holder: Holder) -> None:
    """Let one transaction at a time decide on a holder; SQLite's writers are one at a time."""
    lock_holders(connection, type_code, [holder])


def lock_holders(connection: Connection, type_code: TypeCode, holders: Sequence[Holder]) -> None:
    """Let one transaction at a time decide on each of them; they are locked in one order in all
    processes.
    """
    if connection.dialect.name != "postgresql":
        return
    keys = []
    for holder in holders:
        token = holder_token(connection, holder)  # the server shows what is locked
        digest = hashlib.sha256(f"{type_code}|{token}".encode()).digest()
        keys.append(int.from_bytes(digest[:8], signed=True))
    locking = "SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key"
    connection.execute(text(locking), {"keys": sorted(set(keys))})


def with_licences(
    connection: Connection, type_code: TypeCode, holders: Sequence[Holder]
) -> set[Holder]:
    """Return those holders who have or had licences of a type."""
    tokens = {holder: holder_token(connection, holder) for holder in holders}
    codes = [*tokens.values(), *(one.code for one in holders)]
    query = select(licences.c.holder_code).where(
        licences.c.type_code == type_code, licences.c.holder_code.in_(codes)
    )
    known = set(connection.execute(query).scalars())
    return {holder for holder, token in tokens.items() if known & {token, holder.code}}


def differences(
    licence_type: LicenceType, application: Application, one: HeldLicence
) -> tuple[str, ...]:
    """Return the labels of what an application says otherwise than a licence of its holder."""
    rules, held = licence_type.fields, one.licence
    said, before = application.data, held.data
    changed = [
        rule.label.zh for key, rule in rules.items() if said.get(key, "") != before.get(key, "")
    ]
    if application.number not in (None, held.number):
        changed.append(licence_type.number.label.zh)
    given = licence_type.validity.kind is ValidityKind.GIVEN
    if given and application.valid_until != held.valid_until:
        changed.append(licence_type.label_of(VALID_UNTIL))
    photo = licence_type.photo_field
    if photo is not None and one.photo_sha256 != _digest(application.photo):
        changed.append(photo.label.zh)
    return tuple(changed)


def _digest(photo: bytes | None) -> Sha256 | None:
    return None if photo is None else sha256_of(photo)


def _second(held: Licence, today: date, *, replacing: bool) -> SecondLicenceError:
    state = standing_on(held, today)
    if held.state is LicenceState.PENDING:
        does = messages.GRANT_UNFINISHED
    elif replacing:
        does = messages.replacement_would_duplicate(state)
    else:
        does = messages.replace_or_cancel_first(state)
    return SecondLicenceError(
        messages.holder_already_licensed(identifier=held.identifier, situation=does),
        identifier=held.identifier,
    )
