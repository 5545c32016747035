"""Licences on record: looking them up and moving them between states.

States move only as `TRANSITIONS` says, each with a reason that the law knows and its basis, and
with an audit event in the same transaction.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    String,
    and_,
    bindparam,
    delete,
    or_,
    select,
    type_coerce,
    update,
)

from core.ids import (
    AuthorityId,
    LicenceIdentifier,
    LicenceNumber,
    LinkToken,
    Sha256,
    TypeCode,
)
from core.permits import Action, Permit
from core.text import Text
from registry.audit import events as audit
from registry.audit.walk import stored_instant
from registry.db.tables import (
    authorities,
    awaited_seals,
    licence_types,
    licences,
    revisions,
    series,
)
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.licences import messages
from registry.licences.hiding import (
    bears_number,
    may_be_blinded,
    refuse_contradicted,
    reveal,
    revealed_row,
)
from registry.licences.journal import licence_entry
from registry.licences.reason_words import list_reasons
from registry.licences.reasons import (
    InvalidChangeError,
    check_document_number,
    check_reason,
    own_code,
)
from registry.licences.suspending import check_until, is_distrusted, settle
from registry.model import (
    ConflictError,
    Holder,
    KeyReusedError,
    Licence,
    LicenceState,
    NotFoundError,
    Reason,
    RegistryError,
    Revision,
    TypeKind,
)
from registry.privacy.codes import Privacy, UnreadableCodeError, is_token, privacy_of
from registry.privacy.records import NUMBER_MARK
from registry.state_words import standing_of
from registry.types.catalogue import definition_in_use
from registry.types.licence_type import LicenceType

MAX_BASIS_CHARACTERS = 500
REINSTATED, COMPLETED = "licence.reinstated", "licence.completed"
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
    UnreadableCodeError,
)


NO_HOLDER = Holder("（已删除 erased）", "", "")
"""Stands in the place of the holder of a licence that was erased."""


ERASED_NUMBER = "***"
"""In the place of the number of one, which held its holder's code."""


class UnreadableLicenceError(RegistryError):
    """A licence on record whose columns hold what nothing here writes."""

    code = "unreadable_record"


class ErasedError(RegistryError):
    """Contents of a licence were erased: there is nothing to hand out."""

    code = "erased"


class LicenceChange(StrEnum):
    """Change that an authority may make to a licence that it granted."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    CANCEL = "cancel"
    REPLACE = "replace"
    DISTRUST = "distrust"
    """The seal's key was in other hands, and nothing proves that it was not used by them."""
    RESEAL = "reseal"
    """Replace a distrusted document by the same under another key."""
    COMPLETE = "complete"
    """The last of those who were to seal a document did."""
    REFUSE = "refuse"
    """One of them will not."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From which states, to which, for which reasons."""

    sources: frozenset[LicenceState]
    target: LicenceState
    reasons: frozenset[Reason]
    suspended_for: frozenset[Reason] = frozenset(Reason)
    """Where it starts from SUSPENDED: suspended for which reasons."""
    rights: tuple[Action, ...] = (Action.CHANGE_LICENCE,)
    """Permits that will do."""


TRANSITIONS = {
    LicenceChange.SUSPEND: Transition(
        frozenset({LicenceState.IN_FORCE, LicenceState.SUSPENDED}),
        LicenceState.SUSPENDED,
        frozenset({Reason.WITHHELD, Reason.UNDER_REVIEW}),
        suspended_for=frozenset({Reason.WITHHELD, Reason.UNDER_REVIEW}),
    ),
    LicenceChange.REINSTATE: Transition(
        frozenset({LicenceState.SUSPENDED}),
        LicenceState.IN_FORCE,
        frozenset(),
        suspended_for=frozenset({Reason.WITHHELD, Reason.UNDER_REVIEW}),
    ),
    LicenceChange.CANCEL: Transition(
        frozenset({LicenceState.IN_FORCE, LicenceState.SUSPENDED}),
        LicenceState.CANCELLED,
        frozenset(
            {
                Reason.ANNULLED,
                Reason.FORFEITED,
                Reason.RECALLED,
                Reason.SURRENDERED,
                Reason.DEREGISTERED,
            }
        ),
    ),
    LicenceChange.REPLACE: Transition(
        frozenset({LicenceState.IN_FORCE}),
        LicenceState.REPLACED,
        frozenset({Reason.CHANGED, Reason.RENEWED, Reason.REISSUED, Reason.CORRECTED}),
        rights=(Action.GRANT,),
    ),
    LicenceChange.DISTRUST: Transition(
        frozenset({LicenceState.IN_FORCE}),
        LicenceState.SUSPENDED,
        frozenset({Reason.SEAL_COMPROMISED}),
        rights=(Action.HANDLE_COMPROMISE,),
    ),
    LicenceChange.RESEAL: Transition(
        frozenset({LicenceState.SUSPENDED}),
        LicenceState.REPLACED,
        frozenset({Reason.RESEALED}),
        suspended_for=frozenset({Reason.SEAL_COMPROMISED}),
        rights=(Action.GRANT, Action.HANDLE_COMPROMISE),
    ),
    LicenceChange.COMPLETE: Transition(
        frozenset({LicenceState.SUSPENDED}),
        LicenceState.IN_FORCE,
        frozenset(),
        suspended_for=frozenset({Reason.AWAITING_SIGNATURES}),
        rights=(Action.GRANT,),
    ),
    LicenceChange.REFUSE: Transition(
        frozenset({LicenceState.SUSPENDED}),
        LicenceState.CANCELLED,
        frozenset({Reason.REFUSED}),
        suspended_for=frozenset({Reason.AWAITING_SIGNATURES}),
        rights=(Action.GRANT, Action.DECIDE),
    ),
}
_NAMED = {LicenceChange.REINSTATE: REINSTATED, LicenceChange.COMPLETE: COMPLETED}
"""Changes whose event is not named after the state that they lead to."""
BOUND = frozenset({LicenceChange.SUSPEND, LicenceChange.CANCEL})
"""Changes whose reason must be one of the type's; of a new version it is checked as it is
reserved."""
CLOSED = frozenset({LicenceState.CANCELLED, LicenceState.REPLACED, LicenceState.VOID})
"""States after which a version no longer holds its number."""


class NoSuchLicenceError(NotFoundError):
    """No licence on record is named so."""

    code = "no_such_licence"


def get_licence(connection: Connection, identifier: str) -> Licence | None:
    """Return a licence by its identifier, if there is one. Raises `UnreadableLicenceError`."""
    found = _read(connection, identifier)
    return None if found is None else found[0]


def read_licence(connection: Connection, identifier: str) -> tuple[Licence, Mapping[str, Any]]:
    """Return a licence with all columns of its row.

    Raises `NoSuchLicenceError`, `UnreadableLicenceError`.
    """
    found = _read(connection, identifier)
    if found is None:
        raise no_such_licence()
    return found


def read_licences(
    connection: Connection, identifiers: Collection[LicenceIdentifier]
) -> dict[LicenceIdentifier, tuple[Licence, Mapping[str, Any]]]:
    """Return those licences that are on record, with all columns of their rows.

    Raises `UnreadableLicenceError`.
    """
    query = _query().where(licences.c.identifier.in_(sorted(identifiers)))
    try:
        rows = connection.execute(query).mappings().all()
    except _UNREADABLE:  # one by one, so that the error says which it is
        each = {identifier: _read(connection, identifier) for identifier in sorted(identifiers)}
        return {identifier: one for identifier, one in each.items() if one is not None}
    privacy = privacy_of(connection)
    return {row["identifier"]: _decoded(privacy, row) for row in rows}


def _read(connection: Connection, identifier: str) -> tuple[Licence, Mapping[str, Any]] | None:
    try:  # SQLAlchemy reads the columns' JSON as it fetches the row
        row = connection.execute(_BY_IDENTIFIER, {"asked": identifier}).mappings().one_or_none()
    except _UNREADABLE as error:
        raise _unreadable(identifier) from error
    return None if row is None else _decoded(privacy_of(connection), row)


def _decoded(privacy: Privacy, row: RowMapping) -> tuple[Licence, Mapping[str, Any]]:
    try:
        column = revealed_row(privacy, row)
        refuse_contradicted(privacy, row, column)
        return _licence(column), column
    except _UNREADABLE as error:
        raise _unreadable(row["identifier"]) from error


def _unreadable(identifier: str) -> UnreadableLicenceError:
    return UnreadableLicenceError(
        messages.licence_record_unreadable(identifier), identifier=identifier
    )


def list_pending(connection: Connection) -> list[tuple[LicenceIdentifier, datetime | None]]:
    """Return the stored licences that are pending, oldest first, with the time of each.

    Nothing of them is decoded: one that somebody spoilt must not keep the others from being found.
    """
    created_at = type_coerce(licences.c.created_at, String)
    query = (
        select(licences.c.identifier, created_at)
        .where(licences.c.state == LicenceState.PENDING)
        .order_by(licences.c.created_at, licences.c.identifier)
    )
    found: list[tuple[LicenceIdentifier, datetime | None]] = []
    for identifier, stored in connection.execute(query):
        at = None
        with suppress(ValueError):
            at = stored_instant(stored)
        found.append((LicenceIdentifier(identifier), at))
    return found


def find_licence(connection: Connection, identifier: str) -> Licence:
    """Return a licence by its identifier. Raises `NoSuchLicenceError`."""
    found = get_licence(connection, identifier)
    if found is None:
        raise no_such_licence()
    return found


def no_such_licence() -> NoSuchLicenceError:
    """Return the error for what names no licence on record."""
    return NoSuchLicenceError(messages.NO_SUCH_LICENCE)


def find_by_link(connection: Connection, token: str) -> Licence | None:
    """Return the licence whose link holds `token`."""
    found = _fetch(connection, _query().where(licences.c.link_token == token))
    return found[0] if found else None


def find_by_number(connection: Connection, number: str) -> list[Licence]:
    """Return all licences that bear a number, newest version first."""
    query = _query().where(bears_number(connection, number))
    return _fetch(
        connection, query.order_by(licences.c.created_at.desc(), licences.c.version.desc())
    )


def scoped_key(authority_id: str, request_key: str) -> str:
    """Return a request's key as it is stored: an authority's own, whatever others call theirs."""
    return hashlib.sha256(f"{authority_id}:{request_key}".encode()).hexdigest()


def find_by_request(
    connection: Connection, authority_id: AuthorityId, request_key: str, digest: str | None
) -> Licence | None:
    """Return the licence that an authority's request has led to.

    Raises `KeyReusedError`; without a digest it is known for which request the key is. One from
    before keys were scoped and digests kept is taken at its key.
    """
    column = licences.c
    ours = column.request_key == scoped_key(authority_id, request_key)
    earlier = and_(column.request_key == request_key, column.request_digest.is_(None))
    query = _query().where(column.authority_id == authority_id, or_(ours, earlier))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    known = () if digest is None else (None, *may_be_blinded(privacy_of(connection), digest))
    if known and row["request_digest"] not in known:
        raise KeyReusedError(messages.request_key_reused(row["identifier"]))
    return _licence(reveal(connection, row))


def list_licences(
    connection: Connection,
    *,
    state: LicenceState | None = None,
    on: date | None = None,
    type_code: TypeCode | None = None,
    limit: int | None = 100,
) -> list[Licence]:
    """Return licences, oldest first; by the state that they have on a day, else the stored one."""
    query = _query()
    if state is not None:
        query = query.where(licences.c.state == state if on is None else is_in(state, on))
    if type_code is not None:
        query = query.where(licences.c.type_code == type_code)
    oldest_first = query.order_by(licences.c.created_at, licences.c.identifier)
    return _fetch(connection, oldest_first.limit(limit))


def select_licences(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Licence]:
    """Return the licences for which all conditions hold, oldest first."""
    query = _query().where(*conditions)
    return _fetch(
        connection, query.order_by(licences.c.created_at, licences.c.identifier).limit(limit)
    )


def is_in(state: LicenceState, on: date) -> ColumnElement[bool]:
    """Say in SQL what `Licence.effective_state` says."""
    stored, first, last = licences.c.state, licences.c.valid_from, licences.c.valid_until
    runs = or_(last.is_(None), last >= on)
    until = licences.c.suspended_until
    ended = and_(stored == LicenceState.SUSPENDED, until < on)
    match state:
        case LicenceState.EXPIRED:
            return and_(stored.in_([LicenceState.IN_FORCE, LicenceState.SUSPENDED]), last < on)
        case LicenceState.IN_FORCE:
            return and_(or_(stored == LicenceState.IN_FORCE, ended), runs, first <= on)
        case LicenceState.SUSPENDED:
            kept = or_(until.is_(None), until >= on)
            return and_(stored == LicenceState.SUSPENDED, kept, runs)
        case LicenceState.PENDING:
            waits = and_(or_(stored == LicenceState.IN_FORCE, ended), runs, first > on)
            return or_(stored == LicenceState.PENDING, waits)
        case _:
            return stored == state


def find_revisions(connection: Connection, digests: Iterable[Sha256]) -> list[Revision]:
    """Return the registered revisions among `digests`, longest first."""
    rows = connection.execute(
        select(revisions)
        .where(revisions.c.sha256.in_(list(digests)))
        .order_by(revisions.c.length.desc())
    )
    return [_revision(row) for row in rows]


def list_revisions(connection: Connection, identifier: LicenceIdentifier) -> list[Revision]:
    """Return a licence's registered revisions, the sealed one first."""
    rows = connection.execute(
        select(revisions).where(revisions.c.identifier == identifier).order_by(revisions.c.sequence)
    )
    return [_revision(row) for row in rows]


def revisions_of(
    connection: Connection, identifiers: Collection[LicenceIdentifier]
) -> dict[LicenceIdentifier, list[Revision]]:
    """Return the registered revisions of some licences, each one's sealed one first."""
    found: dict[LicenceIdentifier, list[Revision]] = {}
    rows = connection.execute(
        select(revisions)
        .where(revisions.c.identifier.in_(sorted(identifiers)))
        .order_by(revisions.c.identifier, revisions.c.sequence)
    )
    for row in rows:
        found.setdefault(LicenceIdentifier(row.identifier), []).append(_revision(row))
    return found


def change_state(
    connection: Connection,
    identifier: LicenceIdentifier,
    change: LicenceChange,
    *,
    reason: Reason | None,
    basis: str,
    permit: Permit,
    at: datetime,
    replaced_by: LicenceIdentifier | None = None,
    document_number: str | None = None,
    acting: AuthorityId | None = None,
    today: date | None = None,
    until: date | None = None,
) -> Licence:
    """Move a licence to another state, with its audit event.

    `document_number` is that of the document of record, where the type or the authority wants one.
    `acting` is the authority that does it, where that is not the licence's own: the caller saw that
    it may.
    `until` is the last day of a suspension; suspending again with another one changes it. `today`
    is the civil date by which such a suspension has ended; without it none has, and none begins.

    Raises `NotAllowedError`, `InvalidChangeError`, `NotFoundError`, `ConflictError`.
    """
    transition = TRANSITIONS[change]
    _check_request(transition, reason, basis)
    check_document_number(document_number)
    before = find_licence(connection, identifier)
    licence_type = definition_in_use(connection, before.type_code)
    if change in BOUND:
        check_reason(licence_type, transition.reasons, reason, document_number)
    actor = permit.require(*transition.rights, authority_id=acting or before.authority_id)
    if today is not None:
        before = settle(connection, before, today, at)
    _refuse_other_reasons(transition, before)
    _refuse_same_suspension(change, before, until)
    if until is not None:
        if change is not LicenceChange.SUSPEND or today is None:
            raise InvalidChangeError(messages.UNTIL_OF_SUSPENSION_ALONE)
        check_until(connection, before, until, today)
    target = transition.target
    if target is LicenceState.IN_FORCE and is_distrusted(connection, identifier):
        # It holds again, or is complete, but is not yet a document that can be relied on.
        target, reason = LicenceState.SUSPENDED, Reason.SEAL_COMPROMISED
    values = {
        "state": target,
        "reason": reason,
        "basis": basis,
        "document_number": document_number,
        "changed_at": at,
        "replaced_by": replaced_by,
        "suspended_until": until,
    }
    changed = connection.execute(
        update(licences)
        .where(
            licences.c.identifier == identifier,
            licences.c.state.in_(transition.sources),
            licences.c.reason.is_not_distinct_from(before.reason),
            licences.c.suspended_until.is_not_distinct_from(before.suspended_until),
        )
        .values(values)
        .returning(licences.c.series_id)
    ).scalar_one_or_none()
    if changed is None:
        raise ConflictError(
            messages.licence_state_unsuitable(
                standing=standing_of(before.state, before.reason, before.kind),
                state=before.state,
                kind=before.kind,
            ),
        )
    if target in CLOSED:
        connection.execute(delete(awaited_seals).where(awaited_seals.c.identifier == identifier))
    if target is LicenceState.CANCELLED:
        connection.execute(update(series).where(series.c.series_id == changed).values(open=False))
    mirror = mirror_of(connection)
    loosens = target is LicenceState.IN_FORCE or _ends_sooner(before, target, until)
    tell = mirror.loosen if loosens else mirror.tighten
    tell(
        JournalKind.LICENCE,
        licence_entry(identifier, target, reason, at, replaced_by, suspended_until=until),
    )
    audit.record(
        connection,
        at=at,
        actor=actor,
        action=_NAMED.get(change, f"licence.{target.lower()}"),
        subject=identifier,
        basis=basis,
        before={"state": before.state, "reason": before.reason, **_dated(before.suspended_until)},
        after={
            "state": target,
            "reason": reason,
            "replaced_by": replaced_by,
            **_dated(until),
            **said_of_reason(licence_type, reason, document_number),
        },
    )
    return find_licence(connection, identifier)


def said_of_reason(
    licence_type: LicenceType, reason: Reason | None, document_number: str | None
) -> audit.Facts:
    """Return an event's facts on a reason beside the law's code: the branch's, and the number of
    the document of record.
    """
    said = {"industry_code": own_code(licence_type, reason), "document_number": document_number}
    return {name: value for name, value in said.items() if value is not None}


def check_change(
    before: Licence,
    licence_type: LicenceType,
    change: LicenceChange,
    *,
    reason: Reason | None,
    basis: str,
    document_number: str | None = None,
    today: date | None = None,
    until: date | None = None,
) -> None:
    """See that a change could be made to a licence as it stands.

    Raises `InvalidChangeError`, `ConflictError`.
    """
    transition = TRANSITIONS[change]
    _check_request(transition, reason, basis)
    check_document_number(document_number)
    if change in BOUND:
        check_reason(licence_type, transition.reasons, reason, document_number)
    before = before if today is None else before.settled(today)
    _refuse_other_reasons(transition, before)
    _refuse_same_suspension(change, before, until)
    if before.state not in transition.sources:
        raise ConflictError(
            messages.licence_state_unsuitable(
                standing=standing_of(before.state, before.reason, before.kind),
                state=before.state,
                kind=before.kind,
            ),
        )


def state_again(connection: Connection, identifier: LicenceIdentifier) -> None:
    """Journal how a licence stands, once its next version is given up.

    The grant of that may have died with “replaced” in the journal and no commit; a restore would
    follow it, and leave the holder with neither.
    """
    query = select(licences).where(licences.c.identifier == identifier).with_for_update()
    now = connection.execute(query).one()
    facts = licence_entry(
        identifier,
        now.state,
        now.reason,
        now.changed_at,
        now.replaced_by,
        suspended_until=now.suspended_until,
    )
    mirror_of(connection).loosen(JournalKind.LICENCE, facts)


def successor_change(reason: Reason | None) -> LicenceChange:
    """Return the change that a new version for this reason makes to the version before it."""
    return LicenceChange.RESEAL if reason is Reason.RESEALED else LicenceChange.REPLACE


def _refuse_same_suspension(change: LicenceChange, before: Licence, until: date | None) -> None:
    """Refuse to suspend what is suspended, unless that gives it another end."""
    same = change is LicenceChange.SUSPEND and before.state is LicenceState.SUSPENDED
    if same and before.suspended_until == until:
        raise ConflictError(
            messages.licence_state_unsuitable(
                standing=standing_of(before.state, before.reason),
                state=before.state,
                kind=before.kind,
            ),
        )


def _ends_sooner(before: Licence, target: LicenceState, until: date | None) -> bool:
    """Tell whether a change makes a running suspension end sooner than it would."""
    if not before.state is target is LicenceState.SUSPENDED or until is None:
        return False
    return before.suspended_until is None or until < before.suspended_until


def _dated(until: date | None) -> audit.Facts:
    return {} if until is None else {"suspended_until": until.isoformat()}


def is_erased(connection: Connection, identifier: LicenceIdentifier, *, lock: bool = False) -> bool:
    """Tell whether what a licence said was erased, its files with it; `lock`: nor is it until the
    transaction ends, unless it is.
    """
    query = select(licences.c.erased_at).where(licences.c.identifier == identifier)
    query = query.with_for_update() if lock else query
    return connection.execute(query).scalar_one_or_none() is not None


def leave_file(connection: Connection, identifier: str, sha256: Sha256) -> None:
    """Mark a file of an erased licence that cannot be removed yet, for the next sweep."""
    this = licences.c.identifier == identifier
    query = select(licences.c.erased_objects).where(this).with_for_update()
    marked = {*(connection.execute(query).scalar_one() or ()), sha256}
    connection.execute(update(licences).where(this).values(erased_objects=sorted(marked)))


def refuse_erased(licence: Licence) -> None:
    """Raise `ErasedError` for a licence whose contents are no more."""
    if licence.erased_at is not None:
        raise no_contents(licence.identifier)


def no_contents(identifier: LicenceIdentifier) -> ErasedError:
    """Return the error of a licence whose contents are no more."""
    return ErasedError(messages.CONTENTS_ERASED, identifier=identifier)


def _refuse_other_reasons(transition: Transition, before: Licence) -> None:
    if before.state is not LicenceState.SUSPENDED or before.state not in transition.sources:
        return
    if before.reason in transition.suspended_for:
        return
    if before.reason is Reason.SEAL_COMPROMISED:
        raise ConflictError(
            messages.DOCUMENT_SEAL_COMPROMISED
            if before.kind is TypeKind.DOCUMENT
            else messages.SEAL_KEY_COMPROMISED
        )
    if before.reason is Reason.AWAITING_SIGNATURES:
        raise ConflictError(messages.AWAITS_SEALS)
    raise ConflictError(
        messages.licence_suspended(
            standing=standing_of(before.state, before.reason, before.kind),
            reason=before.reason,
            kind=before.kind,
        ),
    )


def _check_request(transition: Transition, reason: Reason | None, basis: str) -> None:
    if transition.reasons and reason not in transition.reasons:
        allowed = list_reasons(transition.reasons)
        raise InvalidChangeError(messages.reason_required(allowed))
    if not 1 <= len(basis.strip()) <= MAX_BASIS_CHARACTERS:
        raise InvalidChangeError(messages.legal_basis_required(MAX_BASIS_CHARACTERS))


def select_held(
    connection: Connection, type_code: TypeCode, codes: Collection[str]
) -> list[tuple[str, Licence, Sha256 | None]]:
    """Return the licences of a type whose holder's code is stored as one of some, oldest first.

    Each with its holder's code as it is stored, and the digest of its photo.
    """
    column = licences.c
    rows = connection.execute(
        _query()
        .where(column.holder_code.in_(sorted(codes)), column.type_code == type_code)
        .order_by(column.created_at, column.identifier)
    ).mappings()
    return [
        (row["holder_code"], _licence(reveal(connection, row)), row["photo_sha256"]) for row in rows
    ]


def _query() -> Select[tuple[object, ...]]:
    return (
        select(
            licences,
            authorities.c.name.label("authority_name"),
            licence_types.c.name_zh,
            licence_types.c.name_en,
        )
        .join(authorities, authorities.c.authority_id == licences.c.authority_id)
        .join(licence_types, licence_types.c.code == licences.c.type_code)
    )


_BY_IDENTIFIER = _query().where(licences.c.identifier == bindparam("asked"))
"""Made once: SQLAlchemy takes longer to put it together than SQLite to answer it."""


def _fetch(connection: Connection, query: Select[tuple[object, ...]]) -> list[Licence]:
    rows = connection.execute(query).mappings()
    return [_licence(reveal(connection, row)) for row in rows]


def _licence(column: Mapping[str, Any]) -> Licence:
    holders = tuple(Holder(**holder) for holder in column["holders"])
    number = column["number"]
    return Licence(
        identifier=LicenceIdentifier(column["identifier"]),
        number=LicenceNumber(ERASED_NUMBER if is_token(number) else number),
        type_code=TypeCode(column["type_code"]),
        type_name=Text(column["name_zh"], column["name_en"]),
        authority_id=AuthorityId(column["authority_id"]),
        authority_name=column["authority_name"],
        state=LicenceState(column["state"]),
        reason=None if column["reason"] is None else Reason(column["reason"]),
        basis=column["basis"],
        holders=holders or (NO_HOLDER,),
        data=column["data"],
        granted_on=column["granted_on"],
        valid_from=column["valid_from"],
        valid_until=column["valid_until"],
        link_token=LinkToken(column["link_token"]),
        replaces=column["replaces"],
        replaced_by=column["replaced_by"],
        sample=column["sample"],
        created_at=column["created_at"],
        document_number=column["document_number"],
        suspended_until=column["suspended_until"],
        hidden=any(is_token(one.code) for one in holders),
        number_token=column.get(NUMBER_MARK),
        erased_at=column["erased_at"],
        erased_by_rule=column["erased_by"] == "RETENTION",
    )


def _revision(row: Row[tuple[object, ...]]) -> Revision:
    column = row._mapping  # noqa: SLF001
    return Revision(
        identifier=LicenceIdentifier(column["identifier"]),
        sequence=column["sequence"],
        length=column["length"],
        sha256=Sha256(column["sha256"]),
        registered_at=column["registered_at"],
        sealed=column["signed_digest"] is not None,
    )
