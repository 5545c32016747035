"""The first step of granting: a number and an identifier, taken with the licence's record.

A counter's value is taken in the same transaction that records the licence as PENDING, so that
every number can be accounted for. Nobody outside sees a pending licence.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Insert, Update, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.canonical import canonical_json
from core.clock import Clock, civil_date
from core.ids import (
    AuthorityId,
    LicenceIdentifier,
    LicenceNumber,
    Random,
    SealId,
    Sha256,
    TypeCode,
    random_token,
)
from core.permits import Action, Actor, Permit
from registry.accession.rows import held_on_paper
from registry.audit import events as audit
from registry.audit.chain import NewEvent, append
from registry.bodies.authorities import find_authority
from registry.db.counters import VERSIONS, take
from registry.db.tables import HOLDER_NAME, licences, series
from registry.facts.loss import check_loss, version_floor
from registry.granting import messages
from registry.granting.journalled import JournalledReservations
from registry.granting.paper import PaperLicences
from registry.granting.person_rows import forget_signature
from registry.identifiers import build_identifier, parse_identifier
from registry.journal.mirroring import Mirror, mirror_of
from registry.licences.hiding import (
    bears_number,
    has_code_in_number,
    hidden_values,
    take_number_turns,
)
from registry.licences.holdings import refuse_second
from registry.licences.licences import find_licence, read_licence, scoped_key, state_again
from registry.licences.reasons import check_document_number
from registry.licences.replacing import Replacement, Term
from registry.licences.search_index import index_licence
from registry.licences.suspending import settle
from registry.model import (
    Application,
    ConflictError,
    Licence,
    LicenceState,
    Reason,
    RegistryError,
    Seal,
)
from registry.privacy.codes import privacy_of
from registry.revisions import faces
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType
from signing.levels import PadesLevel

_MOST_PASSED_OVER = 1_000
RESUMED = "licence.resumed"
"""Action of the event by which a pending licence is taken over."""


class NumberTakenError(RegistryError):
    """Another licence of that type holds the number."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """Application for a licence, made by an authority."""

    application: Application
    permit: Permit
    basis: str | None = None
    authority_id: AuthorityId | None = None
    """None where one authority alone may grant the type."""
    level: PadesLevel = PadesLevel.B_LT
    request_key: str | None = None
    """An authority's same key never leads to two licences: a repeated request finds the first
    one's, and another request under it is refused."""
    replaces: LicenceIdentifier | None = None
    reason: Reason | None = None
    """Why it replaces the other."""
    document_number: str | None = None
    """Of the document of record (文号)."""
    signer: str | None = None
    """The officer, by their name as an actor, without whose own signature it is not sealed."""
    from_paper: LicenceNumber | None = None
    """Number of the licence on paper, taken over from the same authority, whose place it takes; it
    keeps that number."""

    def digest(self) -> str:
        """Return the SHA-256 (hex) of what is asked for, the same tomorrow: of a row that states
        it, what follows from the day of granting does not count.

        Sealing anew says what was said; on which words it is based may change until it succeeds.
        """
        application, photo = self.application, self.application.photo
        said: dict[str, object] = {
            "type": application.type_code,
            "photo": None if photo is None else hashlib.sha256(photo).hexdigest(),
            "basis": None if self.reason is Reason.RESEALED else self.basis,
            "level": self.level,
            "replaces": self.replaces,
            "reason": self.reason,
        }
        if self.document_number is not None:
            said["document_number"] = self.document_number
        if self.from_paper is not None:
            said["from_paper"] = self.from_paper
        if application.stated:
            said["stated"] = application.stated
        else:
            said |= {
                "holders": [asdict(holder) for holder in application.holders],
                "data": application.data,
                "number": application.number,
                "valid_from": application.valid_from.isoformat(),
                "valid_until": application.valid_until and application.valid_until.isoformat(),
            }
        return hashlib.sha256(canonical_json(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class PendingGrant:
    """A reserved licence, with what only granting needs to know of it."""

    licence: Licence
    seal_id: SealId
    level: PadesLevel
    photo_sha256: Sha256 | None
    claim: str
    """Who writes here last is the one who may register the licence."""
    face: str | None
    """Digest of what the licence says (`registry.revisions.faces`); None for one reserved before
    there were any."""
    signer: str | None = None
    """Who is to sign in person before it is sealed."""


@dataclass(frozen=True, slots=True)
class Name:
    """Names of a licence."""

    identifier: LicenceIdentifier
    version: int
    series_id: str
    number: LicenceNumber
    granted_on: date | None = None
    """None: today."""
    from_paper: str | None = None
    """The licence on paper whose place it takes, by its name on record."""


class Reservations:
    """Takes, claims and voids pending licences, all within the caller's transaction."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        clock: Clock,
        zone: ZoneInfo,
        random: Random,
        sample: bool,
    ) -> None:
        self.catalogue = catalogue
        self._clock = clock
        self._zone = zone
        self._random = random
        self._sample = sample
        self.journalled = JournalledReservations()

    def begin(self, connection: Connection, mirror: Mirror) -> None:
        """See that the journal hears of reservations. Raises `StorageError`, `JournalError`."""
        self.journalled.begin(connection, mirror)

    def reserve(
        self,
        connection: Connection,
        request: GrantRequest,
        seal: Seal,
        photo_sha256: Sha256 | None,
    ) -> PendingGrant:
        """Record a pending licence under the number it will have; `seal` is mandated for its type.

        Raises `NumberTakenError`, `SecondLicenceError`, `ConflictError`, `NotFoundError`,
        `InvalidChangeError`, `UnacceptedLossError`, and what a journal raises.
        """
        check_loss(connection)
        check_document_number(request.document_number)
        application = request.application
        since = self.catalogue.hold(connection, application.type_code)
        if request.replaces is None:
            name = self._name_first(connection, request, seal)
            term = Term(application.valid_from, application.valid_until)
        else:
            before = find_licence(connection, request.replaces)
            before = settle(connection, before, self.today(), self._clock.now())
            term = self._term_of_successor(connection, request, before, seal)
            name = self._name_successor(connection, before, request)
        actor = request.permit.require(*rights_for(request.reason), authority_id=seal.authority_id)
        now = self.not_before(since)
        values = self.columns_of(request, seal, photo_sha256, name=name, term=term, now=now)
        licence_type = self.catalogue.find(connection, application.type_code)
        stored = hidden_values(privacy_of(connection), licence_type, values)
        try:
            connection.execute(insert(licences).values(stored))
            index_licence(connection, stored)
        except IntegrityError as error:
            raise ConflictError(messages.REQUEST_IN_PROGRESS) from error
        pending = self._read(connection, name.identifier)
        assert pending.face is not None  # it has a salt
        self.journalled.note(connection, name.identifier, pending.face)
        append(connection, [reserved_event(actor, pending, values)])
        return pending

    def columns_of(
        self,
        request: GrantRequest,
        seal: Seal,
        photo_sha256: Sha256 | None,
        *,
        name: Name,
        term: Term,
        now: datetime,
    ) -> dict[str, Any]:
        """Return the columns of a licence that is to be recorded as pending, nothing hidden."""
        application = request.application
        return {
            "identifier": name.identifier,
            "series_id": name.series_id,
            "version": name.version,
            "type_code": application.type_code,
            "authority_id": seal.authority_id,
            "seal_id": seal.seal_id,
            "number": name.number,
            "state": LicenceState.PENDING,
            "reason": request.reason,
            "basis": request.basis,
            "document_number": request.document_number,
            "holders": [asdict(holder) for holder in application.holders],
            "holder_code": application.holders[0].code,
            "holder_name": application.holders[0].name[:HOLDER_NAME],
            "data": application.data,
            "photo_sha256": photo_sha256,
            "granted_on": name.granted_on or civil_date(now, self._zone),
            "valid_from": term.first,
            "valid_until": term.last,
            "link_token": random_token(self._random),
            "replaces": request.replaces,
            "from_paper": name.from_paper,
            "sample": self._sample,
            "level": request.level,
            "signer": request.signer,
            **_request_values(request, seal.authority_id),
            "claim": random_token(self._random),
            "salt": random_token(self._random),
            "created_at": now,
            "changed_at": now,
        }

    def check(self, connection: Connection, mirror: Mirror, identifier: LicenceIdentifier) -> None:
        """Raise `NotReservedHereError` where `claim` will; `mirror` is the database's.

        Apart from a transaction that writes: the first look into a long journal takes seconds.
        """
        face = self._read(connection, identifier).face
        self.journalled.refuse_unknown(connection, mirror, identifier, face)

    def look(
        self, connection: Connection, mirror: Mirror, identifier: LicenceIdentifier
    ) -> PendingGrant:
        """Return a pending licence as it was reserved, without taking it over; `mirror` is the
        database's.

        Raises `ConflictError` if it is not pending, and `NotReservedHereError`.
        """
        pending_seal(connection, identifier)
        pending = self._read(connection, identifier)
        self.journalled.refuse_unknown(connection, mirror, identifier, pending.face)
        return pending

    def claim(
        self, connection: Connection, identifier: LicenceIdentifier, permit: Permit
    ) -> PendingGrant:
        """Take over a pending licence. Raises `ConflictError` if it is not pending, and
        `NotReservedHereError` if the journal does not know of it.
        """
        claimed = connection.execute(
            update(licences)
            .where(licences.c.identifier == identifier, licences.c.state == LicenceState.PENDING)
            .values(claim=self.new_claim())
        )
        if claimed.rowcount != 1:
            refuse_not_pending()
        pending = self._read(connection, identifier)
        mirror = mirror_of(connection)
        self.journalled.refuse_unknown(connection, mirror, identifier, pending.face)
        licence = pending.licence
        rights = rights_for(licence.reason)
        actor = permit.require(*rights, authority_id=licence.authority_id)
        append(connection, [announcement(actor, RESUMED, pending, self._clock.now())])
        return pending

    def new_claim(self) -> str:
        """Return a new claim on a licence."""
        return random_token(self._random)

    def void(
        self,
        connection: Connection,
        identifier: LicenceIdentifier,
        why: str,
        permit: Permit,
        *,
        claim: str | None = None,
    ) -> None:
        """Close a pending licence that will not be finished; its number stays accounted for.

        With `claim`, only while nobody else has taken it over. Raises `ConflictError`.
        """
        now = self._clock.now()
        held = [licences.c.claim == claim] if claim is not None else []
        voided = connection.execute(
            update(licences)
            .where(
                licences.c.identifier == identifier,
                licences.c.state == LicenceState.PENDING,
                *held,
            )
            .values(
                state=LicenceState.VOID,
                basis=why,
                document_number=None,
                request_key=None,  # the mended request may come again
                request_digest=None,
                claim=None,
                changed_at=now,
            )
            .returning(
                licences.c.series_id,
                licences.c.replaces,
                licences.c.reason,
                licences.c.authority_id,
            )
        ).one_or_none()
        if voided is None:
            refuse_not_pending()
        actor = permit.require(*rights_for(voided.reason), authority_id=voided.authority_id)
        if voided.replaces is None:
            connection.execute(
                update(series).where(series.c.series_id == voided.series_id).values(open=False)
            )
        else:
            hold_again(connection, voided.series_id, voided.replaces)
            state_again(connection, voided.replaces)
        self.journalled.give_up(connection, identifier)
        forget_signature(connection, identifier)
        audit.record(
            connection,
            at=now,
            actor=actor,
            action="licence.voided",
            subject=identifier,
            basis=why,
        )

    def _name_first(self, connection: Connection, request: GrantRequest, seal: Seal) -> Name:
        application, seen_by = request.application, request.permit.authority_id
        licence_type = self.catalogue.find(connection, application.type_code)
        authority = find_authority(connection, seal.authority_id)
        if not authority.in_being(self.today()):
            raise ConflictError(messages.authority_not_in_being(authority.authority_id))
        uscc = authority.uscc
        code = licence_type.code
        sequence = f"{take(connection, f'sequence:{code}:{uscc}'):09d}"
        on_paper = None
        if request.from_paper is not None:
            paper = PaperLicences(connection, code, uscc, self.today())
            on_paper = paper.find(request.from_paper, application)
        number = request.from_paper or self._number_for(connection, licence_type, application)
        series_id = f"{code}.{uscc}.{sequence}"
        take_number_turns(connection, code, [number])
        self.release_expired(connection, code, [number])
        kept = self._number_as_kept(connection, licence_type, application, number, series_id)
        opened = {"series_id": series_id, "type_code": code, "number": kept, "open": True}
        _hold_number(connection, insert(series).values(opened))
        _refuse_former(connection, code, number, series_id)
        refuse_second(connection, licence_type, application, self.today(), seen_by=seen_by)
        identifier = build_identifier(code, uscc, sequence, 1)
        return Name(identifier, 1, series_id, number, from_paper=on_paper)

    def _number_for(
        self, connection: Connection, licence_type: LicenceType, application: Application
    ) -> LicenceNumber:
        """Return the number of an application, or the type's next one.

        Raises `NumberTakenError` where a licence on paper has it.
        """
        number = application.number
        if number is None:
            return self._next_number(connection, licence_type, application)
        if held_on_paper(connection, licence_type.code, number, today=self.today()):
            raise NumberTakenError(messages.NUMBER_ON_PAPER)
        return number

    def _next_number(
        self, connection: Connection, licence_type: LicenceType, application: Application
    ) -> LicenceNumber:
        """Return the type's next number; those that licences on paper have are passed over.

        Raises `NumberTakenError` where there is none for long.
        """
        scope = licence_type.number_scope(application.data)
        for _ in range(_MOST_PASSED_OVER):
            counted = take(connection, f"number:{licence_type.code}:{scope}")
            number = licence_type.assign_number(application.data, counted)
            if not held_on_paper(connection, licence_type.code, number, today=self.today()):
                return number
        raise NumberTakenError(messages.NUMBER_ON_PAPER)

    def _number_as_kept(
        self,
        connection: Connection,
        licence_type: LicenceType,
        application: Application,
        number: LicenceNumber,
        series_id: str,
    ) -> str:
        """Return a number as its series bears it: by a token, where it holds its holder's code.

        Raises `NumberTakenError` where another series, from before it was hidden, bears it.
        """
        if not has_code_in_number(licence_type, number, application.holders):
            return number
        column = series.c
        bears = column.type_code == licence_type.code, column.number == number, column.open
        another = select(column.series_id).where(*bears, column.series_id != series_id)
        if connection.execute(another.limit(1)).first():
            raise NumberTakenError(messages.LICENCE_NUMBER_IN_USE)
        return privacy_of(connection).index.number(number)

    def _term_of_successor(
        self, connection: Connection, request: GrantRequest, before: Licence, seal: Seal
    ) -> Term:
        """Return the term of a licence's next version.

        Raises `SecondLicenceError`, and what `Replacement.check` raises.
        """
        licence_type = self.catalogue.find(connection, before.type_code)
        asked = Replacement(
            request.application,
            seal.authority_id,
            request.reason,
            request.basis,
            request.document_number,
        )
        term = asked.check(before, licence_type, self.today())
        refuse_second(
            connection,
            licence_type,
            request.application,
            self.today(),
            before=before,
            seen_by=request.permit.authority_id,
        )
        return term

    def _name_successor(
        self, connection: Connection, before: Licence, request: GrantRequest
    ) -> Name:
        """Name the next version of the licence that is replaced: same series, and the same number
        unless its type wants another for that reason.
        """
        reason, number = request.reason, before.number
        parts = parse_identifier(before.identifier)
        series_id = f"{parts.type_code}.{parts.authority}.{parts.sequence}"
        licence_type = self.catalogue.find(connection, before.type_code)
        renumbers = licence_type.number.renews(reason)
        if renumbers:
            number = self._number_for(connection, licence_type, request.application)
        take_number_turns(connection, before.type_code, [number])
        if renumbers:
            self.release_expired(connection, before.type_code, [number])
        # An expired licence may have given its number to another.
        reopened = update(series).where(series.c.series_id == series_id)
        kept = self._number_as_kept(
            connection, licence_type, request.application, number, series_id
        )
        _hold_number(connection, reopened.values(open=True, number=kept))
        if renumbers:
            _refuse_former(connection, before.type_code, number, series_id)
        column = licences.c
        known = select(column.version, column.created_at).where(column.series_id == series_id)
        newest = connection.execute(known.order_by(column.version.desc()).limit(1)).one()
        floor = version_floor(connection, newest.version, newest.created_at)
        version = take(connection, f"{VERSIONS}{series_id}", floor=floor)
        identifier = build_identifier(parts.type_code, parts.authority, parts.sequence, version)
        # A document that is sealed anew says what it said.
        granted_on = before.granted_on if reason is Reason.RESEALED else None
        return Name(identifier, version, series_id, number, granted_on)

    def not_before(self, since: datetime | None) -> datetime:
        """Return now, or since when the type has been as it is, where that is later."""
        return max(filter(None, (self._clock.now(), since)))

    def today(self) -> date:
        """Return the civil date by which terms count."""
        return civil_date(self._clock.now(), self._zone)

    def release_expired(
        self, connection: Connection, code: TypeCode, numbers: Sequence[LicenceNumber]
    ) -> None:
        """Let expired licences no longer hold their numbers against new ones."""
        # Asked by the numbers alone: SQLite would rather go through all that are in force.
        bearing = select(licences.c.series_id, licences.c.state, licences.c.valid_until).where(
            licences.c.type_code == code, bears_number(connection, *numbers)
        )
        expired = {
            one.series_id
            for one in connection.execute(bearing)
            if one.state in (LicenceState.IN_FORCE, LicenceState.SUSPENDED)
            and one.valid_until is not None
            and one.valid_until < self.today()
        }
        if not expired:
            return
        pending = select(licences.c.identifier).where(
            licences.c.series_id == series.c.series_id, licences.c.state == LicenceState.PENDING
        )
        closed = update(series).where(series.c.series_id.in_(expired), ~pending.exists())
        connection.execute(closed.values(open=False))

    @staticmethod
    def _read(connection: Connection, identifier: LicenceIdentifier) -> PendingGrant:
        return pending_of(*read_licence(connection, identifier))


def pending_of(licence: Licence, row: Mapping[str, Any]) -> PendingGrant:
    """Return a reserved licence with the columns of its row that only granting needs."""
    return PendingGrant(
        licence,
        SealId(row["seal_id"]),
        PadesLevel(row["level"]),
        row["photo_sha256"],
        row["claim"],
        None if row["salt"] is None else faces.face_of(licence, row),
        row["signer"],
    )


def reserved_event(actor: Actor, pending: PendingGrant, values: Mapping[str, Any]) -> NewEvent:
    """Return the event of a reservation; `values` are the licence's columns, nothing hidden."""
    asked: dict[str, str] = {
        faces.REQUEST: faces.request_of({"request_key": None, "request_digest": None, **values})
    }
    if values["from_paper"] is not None:
        asked["from_paper"] = values["from_paper"]
    return announcement(actor, "licence.reserved", pending, values["created_at"], asked)


def announcement(
    actor: Actor,
    action: str,
    pending: PendingGrant,
    at: datetime,
    asked: audit.Facts | None = None,
) -> NewEvent:
    """Return the event that says which seal is about to be used: durable before its key signs."""
    return NewEvent(
        at=at,
        actor=actor,
        action=action,
        subject=pending.licence.identifier,
        basis=pending.licence.basis,
        after={
            "seal": pending.seal_id,
            "level": pending.level,
            "reason": pending.licence.reason,
            faces.FACT: pending.face,
            **document_fact(pending.licence),
            **({} if pending.signer is None else {faces.SIGNER: pending.signer}),
            **(asked or {}),
        },
    )


def document_fact(licence: Licence) -> dict[str, str]:
    """Return the fact that names a grant's document of record; empty where none is named."""
    number = licence.document_number
    return {} if number is None else {"document_number": number}


def rights_for(reason: Reason | None) -> tuple[Action, ...]:
    """Return which permits let a licence be granted for a reason."""
    resealed = reason is not None and reason == Reason.RESEALED
    return (Action.GRANT, Action.HANDLE_COMPROMISE) if resealed else (Action.GRANT,)


def _request_values(request: GrantRequest, authority_id: AuthorityId) -> dict[str, str]:
    if request.request_key is None:
        return {}
    key = scoped_key(authority_id, request.request_key)
    return {"request_key": key, "request_digest": request.digest()}


def hold_again(connection: Connection, series_id: str, identifier: LicenceIdentifier) -> None:
    """Let a licence hold its own number again, once its next version is given up."""
    its = select(licences.c.number).where(licences.c.identifier == identifier)
    this = update(series).where(series.c.series_id == series_id)
    connection.execute(this.values(number=its.scalar_subquery()))


def _refuse_former(
    connection: Connection, code: TypeCode, number: LicenceNumber, series_id: str
) -> None:
    """Refuse a number that an earlier version of a living licence bore: whoever has that on paper
    is led to its next version. After the number is held, so that of two at once one sees the other.

    Raises `NumberTakenError`.
    """
    former = (
        select(licences.c.identifier)
        .join(series, series.c.series_id == licences.c.series_id)
        .where(
            licences.c.type_code == code,
            bears_number(connection, number),
            licences.c.series_id != series_id,
            licences.c.state != LicenceState.VOID,
            series.c.open,
        )
    )
    if connection.execute(former.limit(1)).one_or_none() is not None:
        raise NumberTakenError(messages.LICENCE_NUMBER_IN_USE)


def _hold_number(connection: Connection, statement: Insert | Update) -> None:
    """Open a series. Raises `NumberTakenError` if another one has its number."""
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise NumberTakenError(messages.LICENCE_NUMBER_IN_USE) from error


def pending_seal(
    connection: Connection, identifier: LicenceIdentifier
) -> tuple[SealId, PadesLevel]:
    """Return a pending licence's seal and level. Raises `ConflictError` if it is not pending."""
    query = select(licences.c.seal_id, licences.c.level).where(
        licences.c.identifier == identifier, licences.c.state == LicenceState.PENDING
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        refuse_not_pending()
    return SealId(row.seal_id), PadesLevel(row.level)


def refuse_not_pending() -> NoReturn:
    """Raise the error for a licence that is not, or no longer, ours to finish."""
    raise ConflictError(messages.LICENCE_NOT_PENDING)
