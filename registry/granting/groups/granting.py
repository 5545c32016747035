"""Granting a group of licences: each as one grant would, with one transaction, one flush of the
journal and one of the disk where that has one each.

1. *reserve* all in one transaction; those that were pending are taken over in another.
2. *render* and *seal*, here or by other processes (`registry.granting.groups.sealers`).
3. *journal* the digests and timestamps of all documents, then *store* all.
4. *register* all in one transaction, where the seals may seal still.

Whatever cannot be done so for one row (a number that is taken, a holder who has a licence, a next
version) is done for that row alone by `Granting`, whose error it then has. A crash leaves pending
licences, as that of one grant does; asking again finishes them.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, select, update

from ca.recorder import SigningEvent
from core.clock import Clock
from core.errors import XinyinError
from core.ids import AuthorityId, LicenceIdentifier, SealId, TypeCode
from core.permits import Permit
from core.web.problems import is_of_surroundings
from registry.archive.schedule import record_protections
from registry.audit.recorder import SERVICE, to_events
from registry.bodies.authorities import mandated_seal
from registry.db.counters import MOST_AT_ONCE
from registry.db.database import Database
from registry.db.faults import UnknownOutcomeError
from registry.db.tables import licences
from registry.granting.granting import PAGE_ERRORS, Granted, Granting, GrantStep, granted_event
from registry.granting.groups.reserving import (
    GroupReserving,
    NewRow,
    RowsRefusedError,
    is_plain,
)
from registry.granting.groups.sealers import Sealed, SealedLicence, Sealers, SealingTask, Wait
from registry.granting.reservation import GrantRequest, PendingGrant, Reservations
from registry.licences.licences import find_by_request, scoped_key
from registry.model import Licence, LicenceState, Seal
from registry.objects.store import ObjectStore
from registry.revisions.record import (
    JournalledDocument,
    NewDocument,
    journal_documents,
    register_documents,
)
from registry.revisions.tokens import record_missing
from registry.types.catalogue import Catalogue
from signing.levels import PadesLevel

_log = logging.getLogger(__name__)

MOST = MOST_AT_ONCE
"""Rows in a group: as many numbers as one transaction may take."""
_TRIES = 4
"""Times that a group is reserved without the rows that stood in the way before."""
_COLUMN = licences.c

Within = Callable[[Connection], object]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A licence that is pending, to be finished."""

    identifier: LicenceIdentifier
    permit: Permit


@dataclass(frozen=True, slots=True)
class Done:
    """A licence that was granted before, to be handed out again."""

    identifier: LicenceIdentifier
    permit: Permit


Row = GrantRequest | Unfinished | Done
Outcome = Granted | XinyinError


@dataclass(slots=True)
class _Place:
    """A row on its way."""

    row: Row
    pending: PendingGrant | None = None
    outcome: Outcome | None = None

    @property
    def permit(self) -> Permit:
        return self.row.permit


@dataclass(frozen=True, slots=True)
class BegunGroup:
    """A group that is reserved and being sealed."""

    places: list[_Place]
    wait: Wait
    within: Within


class GroupGranting:
    """Grants groups; one per process. Several may be begun before the first is completed."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        catalogue: Catalogue,
        reservations: Reservations,
        granting: Granting,
        sealers: Sealers,
        clock: Clock,
        on_step: Callable[[GrantStep], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._store = store
        self._catalogue = catalogue
        self._reserving = GroupReserving(reservations)
        self._granting = granting
        self._sealers = sealers
        self._clock = clock
        self._on_step = on_step
        self._strays: list[SigningEvent] = []
        """Tokens of documents that came to nothing, not on record yet."""

    def grant_group(self, rows: Sequence[Row], within: Within = lambda _: None) -> list[Outcome]:
        """Grant licences, `MOST` at a time; return what became of each, in their order.

        Each has its own outcome, the error that granting it alone would have raised among them; a
        fault of the surroundings is the outcome of every row that it stood in the way of. The same
        request leads to the same licence, however often it is made.

        `within` runs first in each transaction that takes numbers; what it raises is raised, unless
        it is a fault of the surroundings.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(rows), MOST):
            outcomes += self.complete(self.begin(rows[start : start + MOST], within))
        return outcomes

    def begin(self, rows: Sequence[Row], within: Within = lambda _: None) -> BegunGroup:
        """Reserve up to `MOST` rows and have them sealed. Raises what `within` raises."""
        assert len(rows) <= MOST
        places = [_Place(row) for row in rows]
        with self._granting.turn:
            try:
                self._reserve(places, _told_apart(within))
            except _RefusedError as refused:
                raise refused.error from None
            except XinyinError as error:
                _fail(places, error)
        orders = self._orders([one for one in places if one.pending is not None])
        return BegunGroup(places, self._sealers.begin(orders), within)

    def complete(self, begun: BegunGroup) -> list[Outcome]:
        """Register what was sealed, and do one by one what is left. Raises as `begin`."""
        places = begun.places
        sealed = begun.wait()  # while others may grant
        with self._granting.turn:
            reserved = [one for one in places if one.pending is not None]
            try:
                self._finish(reserved, sealed)
            except XinyinError as error:
                _fail(reserved, error)
            self._finish_alone([one for one in places if one.outcome is None], begun.within)
        return [one.outcome for one in places if one.outcome is not None]

    def _finish_alone(self, places: Sequence[_Place], within: Within) -> None:
        """Grant rows as if there were no group, until the surroundings fail: that is told of the
        rest too, since each would meet it anew after a wait.
        """
        fault: XinyinError | None = None
        for one in places:
            one.outcome = fault or self._alone(one, within)
            error = one.outcome if isinstance(one.outcome, XinyinError) else None
            if error is not None and is_of_surroundings(error):
                fault = None if isinstance(error, UnknownOutcomeError) else error

    def _reserve(self, places: Sequence[_Place], within: Within) -> None:
        """Have each row that can be finished in a group pending; leave the others alone."""
        asked: dict[int, NewRow] = {}
        claims: dict[LicenceIdentifier, int] = {}
        with self._database.reading() as connection:
            mandates = _Mandates(connection)
            is_document = cache(lambda code: self._catalogue.find(connection, code).is_document)
            known = self._known(connection, places, mandates)
            for number, one in enumerate(places):
                row, found = one.row, known.get(number)
                if isinstance(row, Done):
                    continue
                if isinstance(row, Unfinished):
                    claims.setdefault(row.identifier, number)
                elif found is not None:
                    if found[1] == LicenceState.PENDING and mandates.is_same(row):
                        claims.setdefault(found[0], number)
                elif (
                    is_plain(row)
                    and (seal := mandates.seal_of(row)) is not None
                    and not is_document(row.application.type_code)
                ):
                    asked[number] = NewRow(row, seal, None)
        if claims:
            self._claim(places, claims)
        if asked:
            self._take(places, asked, within)

    def _known(
        self, connection: Connection, places: Sequence[_Place], mandates: "_Mandates"
    ) -> dict[int, tuple[LicenceIdentifier, str]]:
        """Return the licences that requests led to before, with their states, by the rows' places.

        Whether it was the same request is for a look at each: those in force are granted alone.
        """
        keys: dict[str, int] = {}
        for number, one in enumerate(places):
            if not isinstance(one.row, GrantRequest) or one.row.request_key is None:
                continue
            seal = mandates.seal_of(one.row)
            if seal is not None:
                keys.setdefault(scoped_key(seal.authority_id, one.row.request_key), number)
                keys.setdefault(one.row.request_key, number)  # from before they were scoped
        query = select(_COLUMN.request_key, _COLUMN.identifier, _COLUMN.state)
        rows = connection.execute(query.where(_COLUMN.request_key.in_(list(keys))))
        return {keys[key]: (LicenceIdentifier(name), state) for key, name, state in rows}

    def _claim(self, places: Sequence[_Place], claims: dict[LicenceIdentifier, int]) -> None:
        """Take over what is pending. What stands in the way of one seal is told of each row."""
        with self._database.reading() as connection:
            query = select(_COLUMN.identifier, _COLUMN.seal_id, _COLUMN.level)
            found = connection.execute(query.where(_COLUMN.identifier.in_(list(claims)))).all()
        usable = self._usable({(SealId(one.seal_id), PadesLevel(one.level)) for one in found})
        wanted = {
            LicenceIdentifier(one.identifier): places[claims[one.identifier]].permit
            for one in found
            if (one.seal_id, one.level) in usable
        }
        if not wanted:
            return
        self._record_strays()
        with self._database.writing() as connection:
            claimed = self._reserving.claim(connection, wanted)
        for identifier, pending in claimed.items():
            places[claims[identifier]].pending = pending

    def _take(self, places: Sequence[_Place], asked: dict[int, NewRow], within: Within) -> None:
        """Reserve what is new."""
        usable = self._usable({(one.seal.seal_id, one.request.level) for one in asked.values()})
        asked = {
            number: one
            for number, one in asked.items()
            if (one.seal.seal_id, one.request.level) in usable
        }
        self._put_photos(asked)
        for _ in range(_TRIES):
            if not asked:
                return
            numbers = list(asked)
            try:
                with self._database.writing() as connection:
                    within(connection)
                    pending = self._reserving.reserve(connection, list(asked.values()))
            except RowsRefusedError as error:
                for place in error.places:
                    del asked[numbers[place]]
                continue
            for number, one in zip(numbers, pending, strict=True):
                places[number].pending = one
            self._on_step(GrantStep.RESERVED)
            return

    def _usable(self, wanted: Iterable[tuple[SealId, PadesLevel]]) -> set[tuple[SealId, str]]:
        """Return the seals that may seal; why another may not is told by granting a row alone."""
        found: set[tuple[SealId, str]] = set()
        for seal_id, level in wanted:
            try:
                self._granting.room.prepare(seal_id, level)
            except XinyinError as error:
                if is_of_surroundings(error):
                    raise
            else:
                found.add((seal_id, level))
        return found

    def _put_photos(self, asked: dict[int, NewRow]) -> None:
        photos = {
            number: photo
            for number, one in asked.items()
            if (photo := one.request.application.photo) is not None
        }
        digests = self._store.put_all(list(photos.values()))
        for number, sha256 in zip(photos, digests, strict=True):
            asked[number] = replace(asked[number], photo_sha256=sha256)

    def _orders(self, places: Sequence[_Place]) -> list[SealingTask]:
        if not places:
            return []
        sources: dict[tuple[TypeCode, datetime], str] = {}
        orders = []
        with self._database.reading() as connection:
            for pending in map(_pending, places):
                under = pending.licence.type_code, pending.licence.created_at
                if under not in sources:
                    sources[under] = self._catalogue.granted_under(connection, *under).source
                orders.append(SealingTask(pending, sources[under]))
        return orders

    def _finish(self, reserved: Sequence[_Place], sealed: Sequence[Sealed]) -> None:
        """Journal, store and register the documents; give up the rows whose page is to blame."""
        made: list[tuple[_Place, SealedLicence, Sealed]] = []
        for place, one in zip(reserved, sealed, strict=True):
            if one.made is not None:
                made.append((place, one.made, one))
                continue
            assert one.error is not None
            self._strays += one.signed
            place.outcome = one.error
            if isinstance(one.error, PAGE_ERRORS):
                self._give_up(place, one.error)
        try:
            if made:
                self._register(made)
        except BaseException:  # what is on record by then is not recorded again
            self._strays += [event for *_, one in made for event in one.signed]
            raise
        finally:
            self._record_strays()

    def _register(self, made: Sequence[tuple[_Place, SealedLicence, Sealed]]) -> None:
        """Release documents: nothing of them has left until their transaction is committed."""
        journalled = [
            JournalledDocument(
                _pending(place).licence.identifier,
                document.new,
                one.signed,
                str(_pending(place).face),
            )
            for place, document, one in made
        ]
        for seal_id, level in {
            (_pending(place).seal_id, _pending(place).level) for place, *_ in made
        }:
            # An answer about it may be seconds old, and the group was begun before that.
            self._granting.room.prepare(seal_id, level)
        journal_documents(self._database, journalled)
        digests = self._store.put_all([document.pdf for _, document, _ in made])
        self._on_step(GrantStep.STORED)
        with self._database.writing() as connection:
            mine = self._move(connection, [place for place, *_ in made])
            ours: list[tuple[_Place, SealedLicence, Sealed]] = []
            strays: list[SigningEvent] = []
            for one in made:
                if _pending(one[0]).licence.identifier in mine:
                    ours.append(one)
                else:
                    strays += one[2].signed
            self._record(connection, ours)
            record_missing(connection, to_events(strays, SERVICE))
        self._on_step(GrantStep.REGISTERED)
        for (place, document, _), sha256 in zip(made, digests, strict=True):
            licence = _in_force(_pending(place).licence)
            if licence.identifier in mine:
                place.outcome = Granted(licence, document.pdf, sha256)

    def _move(self, connection: Connection, places: Sequence[_Place]) -> set[LicenceIdentifier]:
        """Put licences into force whose claims stand; return which those are."""
        claims = {one.licence.identifier: one.claim for one in map(_pending, places)}
        held = select(_COLUMN.identifier, _COLUMN.claim).where(
            _COLUMN.identifier.in_(sorted(claims)), _COLUMN.state == LicenceState.PENDING
        )
        rows = connection.execute(held.order_by(_COLUMN.identifier).with_for_update())
        mine = {
            LicenceIdentifier(identifier)
            for identifier, claim in rows
            if claim == claims[identifier]
        }
        moved = update(licences).where(_COLUMN.identifier.in_(sorted(mine)))
        connection.execute(
            moved.values(
                state=LicenceState.IN_FORCE, claim=None, reason=None, changed_at=self._clock.now()
            )
        )
        return mine

    def _record(
        self, connection: Connection, made: Sequence[tuple[_Place, SealedLicence, Sealed]]
    ) -> None:
        if not made:
            return
        at = self._clock.now()
        protections, documents = [], []
        for place, document, one in made:
            pending, actor = _pending(place), place.permit.actor
            licence = _in_force(pending.licence)
            last = len(document.new) - 1
            protections.append((licence.identifier, last, document.protection))
            granted = granted_event(pending, licence, document.new, document.protection, actor, at)
            events = [*to_events(one.signed, SERVICE), granted]
            documents.append(NewDocument(licence.identifier, document.new, events))
        record_protections(connection, protections)
        register_documents(connection, documents, at)

    def _give_up(self, place: _Place, error: XinyinError) -> None:
        """Void a number whose page cannot be made, as one grant does."""
        try:
            self._granting.give_up(_pending(place), f"{error.code}: {error.text.zh}", place.permit)
        except XinyinError as fault:
            _log.error("a number was not voided: %s", fault.text.en, extra={"code": fault.code})

    def _record_strays(self) -> None:
        """Record what was stamped for documents that came to nothing; kept where that fails."""
        if not self._strays:
            return
        events, self._strays = self._strays, []
        try:
            with self._database.writing() as connection:
                record_missing(connection, to_events(events, SERVICE))
        except XinyinError as error:
            self._strays = [*events, *self._strays]
            _log.error("tokens of a group: %s", error.text.en, extra={"code": error.code})

    def _alone(self, place: _Place, within: Within) -> Outcome:
        """Grant a row as if there were no group."""
        row = place.row
        try:
            if isinstance(row, Unfinished):
                return self._granting.finished(row.identifier, row.permit)
            if isinstance(row, Done):
                return self._granting.granted(row.identifier)
            return self._granting.grant(row, within)
        except XinyinError as error:
            return error


class _RefusedError(Exception):
    """Refusal by the caller's own condition."""

    def __init__(self, error: XinyinError) -> None:
        super().__init__()
        self.error = error


def _told_apart(within: Within) -> Within:
    """Return the caller's condition, its refusals told apart from those of rows."""

    def judged(connection: Connection) -> None:
        try:
            within(connection)
        except XinyinError as error:
            if is_of_surroundings(error):
                raise
            raise _RefusedError(error) from error

    return judged


class _Mandates:
    """Seals of types and authorities, each looked up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: dict[tuple[TypeCode, AuthorityId | None], Seal | None] = {}

    def seal_of(self, request: GrantRequest) -> Seal | None:
        """Return the seal for a request; None where granting it will tell why there is none."""
        wanted = request.application.type_code, request.authority_id
        if wanted not in self._found:
            try:
                self._found[wanted] = mandated_seal(self._connection, *wanted)
            except XinyinError as error:
                if is_of_surroundings(error):
                    raise
                self._found[wanted] = None
        return self._found[wanted]

    def is_same(self, request: GrantRequest) -> bool:
        """Tell whether a request is the very one that was made under its key before."""
        seal = self.seal_of(request)
        assert seal is not None
        assert request.request_key is not None
        try:
            key, digest = request.request_key, request.digest()
            find_by_request(self._connection, seal.authority_id, key, digest)
        except XinyinError:
            return False
        return True


def _pending(place: _Place) -> PendingGrant:
    assert place.pending is not None
    return place.pending


def _in_force(licence: Licence) -> Licence:
    return replace(licence, state=LicenceState.IN_FORCE, reason=None)


def _fail(places: Iterable[_Place], error: XinyinError) -> None:
    for one in places:
        if one.outcome is None:
            one.outcome = error
