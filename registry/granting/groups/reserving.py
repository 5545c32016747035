"""Reservations of a group of licences in one transaction, with a statement for all of them where
a single grant has one.

Each row meets the rules of `registry.granting.reservation`. One that meets with a refusal, or with
something that only a look at it alone can decide, is named by `RowsRefusedError`; nothing of the
group is recorded then. The caller leaves these out, tries again, and grants them one by one.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import XinyinError
from core.ids import LicenceIdentifier, LicenceNumber, Sha256, TypeCode
from core.permits import Actor, Permit
from registry.accession.rows import held_on_paper
from registry.audit.chain import append
from registry.bodies.authorities import find_authority
from registry.db.counters import take_several
from registry.db.tables import licences, series
from registry.facts.loss import check_loss
from registry.granting.reservation import (
    RESUMED,
    GrantRequest,
    Name,
    PendingGrant,
    Reservations,
    announcement,
    pending_of,
    reserved_event,
    rights_for,
)
from registry.identifiers import build_identifier
from registry.journal.mirroring import mirror_of
from registry.licences.hiding import (
    bears_number,
    has_code_in_number,
    hidden_values,
    take_number_turns,
)
from registry.licences.holdings import kind_of, lock_holders, refuse_second, with_licences
from registry.licences.licences import (
    NoSuchLicenceError,
    UnreadableLicenceError,
    read_licence,
    read_licences,
)
from registry.licences.reasons import check_document_number
from registry.licences.replacing import Term
from registry.licences.search_index import index_licences
from registry.model import LicenceState, Seal
from registry.privacy.codes import privacy_of
from registry.revisions.tokens import record_strays_of
from registry.types.licence_type import LicenceType
from registry.types.numbering import NUMBER

_LICENCE, _SERIES = licences.c, series.c


class RowsRefusedError(Exception):
    """Rows of a group that cannot be recorded with the others, by their places in it."""

    def __init__(self, places: Iterable[int]) -> None:
        super().__init__()
        self.places = frozenset(places)


@dataclass(frozen=True, slots=True)
class NewRow:
    """A licence to be reserved: the first of its series, with a number of the type or its own."""

    request: GrantRequest
    seal: Seal
    photo_sha256: Sha256 | None

    @property
    def type_code(self) -> TypeCode:
        """Code of its type."""
        return self.request.application.type_code

    @property
    def holder_and_kind(self) -> tuple[str, str, str]:
        """The first holder, of whom another row of the group may speak too."""
        holder = self.request.application.holders[0]
        return self.type_code, holder.code_type, holder.code


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with what was found of it."""

    asked: NewRow
    actor: Actor
    licence_type: LicenceType
    since: datetime | None
    uscc: str
    """Of the authority."""


def is_plain(request: GrantRequest) -> bool:
    """Tell whether a request may be granted in a group: nothing is replaced or taken over by it,
    and nobody signs in person.
    """
    special = request.replaces, request.reason, request.from_paper, request.signer
    return all(one is None for one in special)


def clashing(asked: Sequence[NewRow], types: Mapping[TypeCode, LicenceType]) -> list[int]:
    """Return the places of rows that an earlier row of the group may stand against: of the same
    holder and kind, under the same number or the same request's key.
    """
    seen: set[Hashable] = set()
    found = []
    for place, one in enumerate(asked):
        application, request = one.request.application, one.request
        keys: list[Hashable] = []
        if application.number is not None:
            keys.append(("number", one.type_code, application.number))
        if request.request_key is not None:
            keys.append(("request", one.seal.authority_id, request.request_key))
        licence_type = types[one.type_code]
        if application.number is not None or NUMBER not in licence_type.holder.told_apart_by:
            kind = kind_of(licence_type, application.data, application.number)
            keys.append(("kind", one.holder_and_kind, kind))
        if seen.intersection(keys):
            found.append(place)
        seen.update(keys)
    return found


class GroupReserving:
    """Reserves and claims licences of a group, within the caller's transaction."""

    def __init__(self, reservations: Reservations) -> None:
        self._reservations = reservations

    def reserve(self, connection: Connection, asked: Sequence[NewRow]) -> list[PendingGrant]:
        """Record pending licences, in the order of `asked`.

        Raises `RowsRefusedError`, `UnacceptedLossError`, and what a journal raises.
        """
        check_loss(connection)
        rows = self._judged(connection, asked)
        names = self._named(connection, rows)
        self._hold_numbers(connection, rows, names)
        self._refuse_seconds(connection, rows)
        times = {since: self._reservations.not_before(since) for since in {r.since for r in rows}}
        values = [
            self._reservations.columns_of(
                row.asked.request,
                row.asked.seal,
                row.asked.photo_sha256,
                name=name,
                term=Term(
                    row.asked.request.application.valid_from,
                    row.asked.request.application.valid_until,
                ),
                now=times[row.since],
            )
            for row, name in zip(rows, names, strict=True)
        ]
        self._insert(connection, rows, values)
        found = _read(connection, [name.identifier for name in names])
        pending = [found[name.identifier] for name in names]
        self._reservations.journalled.note_all(
            connection, {one.licence.identifier: str(one.face) for one in pending}
        )
        events = [
            reserved_event(row.actor, one, its)
            for row, one, its in zip(rows, pending, values, strict=True)
        ]
        append(connection, events)
        return pending

    def claim(
        self, connection: Connection, wanted: Mapping[LicenceIdentifier, Permit]
    ) -> dict[LicenceIdentifier, PendingGrant]:
        """Take over pending licences that one grant each left behind, with what was stamped for
        them; those are left out that only a look at each can decide.

        Raises what a journal raises.
        """
        try:
            pending = _read(connection, list(wanted), lock=True)
        except UnreadableLicenceError:  # it must not keep the others from being finished
            pending = _read(connection, _readable(connection, wanted))
        found = {
            identifier: one
            for identifier, one in pending.items()
            if self._may_claim(connection, one, wanted[identifier])
        }
        if not found:
            return {}
        claims = {identifier: self._reservations.new_claim() for identifier in found}
        mine = update(licences).where(
            _LICENCE.identifier == bindparam("this"), _LICENCE.state == LicenceState.PENDING
        )
        connection.execute(
            mine.values(claim=bindparam("taken")),
            [{"this": one, "taken": claim} for one, claim in claims.items()],
        )
        claimed = _read(connection, list(found))
        now = self._reservations.not_before(None)
        append(
            connection,
            [
                announcement(wanted[identifier].actor, RESUMED, one, now)
                for identifier, one in claimed.items()
            ],
        )
        record_strays_of(connection, mirror_of(connection), *claimed)
        return claimed

    def _may_claim(self, connection: Connection, one: PendingGrant, permit: Permit) -> bool:
        licence = one.licence
        if licence.state is not LicenceState.PENDING or licence.replaces or one.signer:
            return False
        try:
            permit.require(*rights_for(licence.reason), authority_id=licence.authority_id)
            self._reservations.journalled.refuse_unknown(
                connection, mirror_of(connection), licence.identifier, one.face
            )
        except XinyinError:
            return False
        return True

    def _judged(self, connection: Connection, asked: Sequence[NewRow]) -> list[_Row]:
        """See what can be seen of each row before anything is taken."""
        since, types, refused = {}, {}, set()
        for code in dict.fromkeys(one.type_code for one in asked):
            since[code] = self._reservations.catalogue.hold(connection, code)
            types[code] = self._reservations.catalogue.find(connection, code)
        today = self._reservations.today()
        authorities = {
            one: find_authority(connection, one)
            for one in dict.fromkeys(one.seal.authority_id for one in asked)
        }
        rows = []
        for place, one in enumerate(asked):
            request, authority_id = one.request, one.seal.authority_id
            try:
                check_document_number(request.document_number)
                rights = rights_for(request.reason)
                actor = request.permit.require(*rights, authority_id=authority_id)
            except XinyinError:
                refused.add(place)
                continue
            code, authority = one.type_code, authorities[authority_id]
            rows.append(_Row(one, actor, types[code], since[code], authority.uscc))
            if not authority.in_being(today):
                refused.add(place)
        refused.update(clashing(asked, types))
        if refused:
            raise RowsRefusedError(refused)
        return rows

    @staticmethod
    def _named(connection: Connection, rows: Sequence[_Row]) -> list[Name]:
        """Give each row its names."""
        sequences = _numbered(
            connection, [f"sequence:{row.licence_type.code}:{row.uscc}" for row in rows]
        )
        given = [row.asked.request.application.number for row in rows]
        wanting = [place for place, number in enumerate(given) if number is None]
        scopes = [
            f"number:{rows[place].licence_type.code}:"
            f"{rows[place].licence_type.number_scope(rows[place].asked.request.application.data)}"
            for place in wanting
        ]
        refused = []
        for place, counted in zip(wanting, _numbered(connection, scopes), strict=True):
            row = rows[place]
            try:
                data = row.asked.request.application.data
                given[place] = row.licence_type.assign_number(data, counted)
            except XinyinError:
                refused.append(place)
        if refused:
            raise RowsRefusedError(refused)
        names = []
        for row, counted, number in zip(rows, sequences, given, strict=True):
            assert number is not None
            code, uscc, sequence = row.licence_type.code, row.uscc, f"{counted:09d}"
            identifier = build_identifier(code, uscc, sequence, 1)
            names.append(Name(identifier, 1, f"{code}.{uscc}.{sequence}", number))
        return names

    def _hold_numbers(
        self, connection: Connection, rows: Sequence[_Row], names: Sequence[Name]
    ) -> None:
        """Open a series for each row; no licence may have its number, on paper or here."""
        today = self._reservations.today()
        refused: set[int] = set()
        opened: list[dict[str, object]] = [{}] * len(rows)
        for code, places in sorted(_by_type(rows).items()):
            numbers = [names[place].number for place in places]
            if held_on_paper(connection, code, *numbers, today=today):
                refused |= {
                    place
                    for place in places
                    if held_on_paper(connection, code, names[place].number, today=today)
                }
            take_number_turns(connection, code, numbers)
            self._reservations.release_expired(connection, code, numbers)
            kept = {place: _as_kept(connection, rows[place], names[place]) for place in places}
            refused |= _held(connection, code, {one: names[one].number for one in places}, kept)
            for place in places:
                name = names[place]
                opened[place] = {
                    "series_id": name.series_id,
                    "type_code": code,
                    "number": kept[place],
                    "open": True,
                }
        if refused:
            raise RowsRefusedError(refused)
        try:
            connection.execute(insert(series), opened)
        except IntegrityError as error:  # another process took one meanwhile
            raise RowsRefusedError(range(len(rows))) from error

    def _refuse_seconds(self, connection: Connection, rows: Sequence[_Row]) -> None:
        """Leave it to a look at each where its holder has licences of the type already."""
        today = self._reservations.today()
        refused: set[int] = set()
        for code, places in _by_type(rows).items():
            holders = [rows[place].asked.request.application.holders[0] for place in places]
            lock_holders(connection, code, holders)
            known = with_licences(connection, code, holders)
            for place, holder in zip(places, holders, strict=True):
                if holder not in known:
                    continue
                row = rows[place]
                request = row.asked.request
                try:
                    refuse_second(
                        connection,
                        row.licence_type,
                        request.application,
                        today,
                        seen_by=request.permit.authority_id,
                    )
                except XinyinError:
                    refused.add(place)
        if refused:
            raise RowsRefusedError(refused)

    @staticmethod
    def _insert(
        connection: Connection, rows: Sequence[_Row], values: Sequence[Mapping[str, Any]]
    ) -> None:
        privacy = privacy_of(connection)
        stored = [
            hidden_values(privacy, row.licence_type, one)
            for row, one in zip(rows, values, strict=True)
        ]
        columns = {name for one in stored for name in one}
        try:
            connection.execute(
                insert(licences), [{name: one.get(name) for name in columns} for one in stored]
            )
            index_licences(connection, stored)
        except IntegrityError as error:  # another process works on one of the requests
            raise RowsRefusedError(range(len(rows))) from error


def _numbered(connection: Connection, scopes: Sequence[str]) -> list[int]:
    """Return the next number of each scope, in order."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for place, scope in enumerate(scopes):
        wanted[scope].append(place)
    found = [0] * len(scopes)
    for scope in sorted(wanted):  # in one order in all processes, since each is locked
        places = wanted[scope]
        for place, number in zip(places, take_several(connection, scope, len(places)), strict=True):
            found[place] = number
    return found


def _by_type(rows: Sequence[_Row]) -> dict[TypeCode, list[int]]:
    found: dict[TypeCode, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[row.asked.type_code].append(place)
    return found


def _as_kept(connection: Connection, row: _Row, name: Name) -> str:
    """Return a number as its series bears it."""
    holders = row.asked.request.application.holders
    if has_code_in_number(row.licence_type, name.number, holders):
        return privacy_of(connection).index.number(name.number)
    return name.number


def _held(
    connection: Connection,
    code: TypeCode,
    numbers: Mapping[int, LicenceNumber],
    kept: Mapping[int, str],
) -> set[int]:
    """Return the places of numbers that an open series bears, or an earlier version of one."""
    known = list({*numbers.values(), *kept.values()})
    bearing = select(_SERIES.number).where(
        _SERIES.type_code == code, _SERIES.open, _SERIES.number.in_(known)
    )
    former = (
        select(_LICENCE.number)
        .join(series, _SERIES.series_id == _LICENCE.series_id)
        .where(
            _LICENCE.type_code == code,
            bears_number(connection, *numbers.values()),
            _LICENCE.state != LicenceState.VOID,
            _SERIES.open,
        )
    )
    taken = {*connection.execute(bearing).scalars(), *connection.execute(former).scalars()}
    if not taken:
        return set()
    index = privacy_of(connection).its_index
    return {
        place
        for place, number in numbers.items()
        if taken & {number, kept[place], *(() if index is None else (index.number(number),))}
    }


def _read(
    connection: Connection, identifiers: Sequence[LicenceIdentifier], *, lock: bool = False
) -> dict[LicenceIdentifier, PendingGrant]:
    if lock:  # in one order in all processes
        this = select(_LICENCE.identifier).where(_LICENCE.identifier.in_(identifiers))
        connection.execute(this.order_by(_LICENCE.identifier).with_for_update()).all()
    found = read_licences(connection, identifiers)
    return {identifier: pending_of(*one) for identifier, one in found.items()}


def _readable(
    connection: Connection, identifiers: Iterable[LicenceIdentifier]
) -> list[LicenceIdentifier]:
    """Return those of some licences that can be read."""
    found = []
    for identifier in identifiers:
        with suppress(UnreadableLicenceError, NoSuchLicenceError):
            read_licence(connection, identifier)
            found.append(identifier)
    return found
