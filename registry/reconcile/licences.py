"""Reconciliation of every licence's life: its row says what the events of its grant and of all
changes since say, and its face is the one that was granted.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, String, and_, exists, or_, select, type_coerce

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import HOLDER_NAME, licences, protections, series
from registry.licences.licences import CLOSED, COMPLETED, REINSTATED
from registry.model import LicenceState
from registry.privacy.codes import is_token
from registry.reconcile.events import (
    AT_ONCE,
    ONE_TRANSACTION,
    Row,
    Told,
    all_told,
    day_of,
    differing,
    instant_in,
    instant_of,
    json_of,
    stored_rows,
    told_of,
)
from registry.reconcile.hidden import Definitions, revealed_row
from registry.reconcile.keeping import KEEPING, check_keeping
from registry.revisions.faces import (
    FACT,
    OTHERS,
    REQUEST,
    SIGNER,
    digest_of,
    request_of,
    signer_of,
)
from registry.revisions.record import (
    COUNTERSIGNED,
    GRANTED,
    REGISTERING,
    RENEWED,
    entries_of,
)

RESERVED, VOIDED, RESTORED = "licence.reserved", "licence.voided", "licence.restored"
FACE_STATED = "licence.face_stated"
"""Of one that was granted before the events of a grant held the face's digest."""
_BEGINS = {
    RESERVED: LicenceState.PENDING,
    GRANTED: LicenceState.IN_FORCE,
    VOIDED: LicenceState.VOID,
}
ACTIONS = (
    *_BEGINS,
    *KEEPING,
    RESTORED,
    FACE_STATED,
    "licence.resumed",
    REINSTATED,
    COMPLETED,
    *(f"licence.{state.lower()}" for state in LicenceState),
)
_PLAIN = (
    "identifier",
    "number",
    "type_code",
    "authority_id",
    "link_token",
    "replaces",
    *OTHERS,
)


class LicenceRow:
    """A licence's row with what is sealed in its place."""

    def __init__(self, row: Row, faults: list[str]) -> None:
        self.row = row
        self.faults = faults
        """Names of what stands in the clear otherwise than what is sealed means."""

    @cached_property
    def face(self) -> str | None:
        """Digest of what it says; None where it says what no licence can."""
        return face_in(self.row)


def check_licences(
    connection: Connection,
    *which: ColumnElement[bool],
    beside: Callable[[Sequence[LicenceRow]], None] = lambda _rows: None,
) -> Iterator[AuditFinding]:
    """Yield the disagreements of the rows of a part with their events, in no particular order.

    The rows are handed on to `beside`, so that each is read once.
    """
    definitions = Definitions(connection)
    for rows in stored_rows(connection, licences, *which):
        names = [str(row["identifier"]) for row in rows]
        told = told_of(connection, names, (*ACTIONS, RENEWED, COUNTERSIGNED))
        resting = _protections(connection, names)
        revealed = [LicenceRow(*revealed_row(connection, row, definitions)) for row in rows]
        for identifier, one in zip(names, revealed, strict=True):
            events = told.get(identifier, [])
            if not events:
                yield findings.unborne(Kind.LICENCE, identifier)
                continue
            kept = check_keeping(one.row, events)
            wrong = [*one.faults, *kept.wrong, *_wrong(one, kept.others, erased=kept.erased)]
            wrong += _unprotected(resting.get(identifier), [] if kept.erased else events)
            if wrong:
                yield findings.edited(Kind.LICENCE, identifier, events[-1].sequence, wrong)
            yield from _impossible(identifier, events)
        beside(revealed)


def _wrong(licence: LicenceRow, events: Sequence[Told], *, erased: bool) -> list[str]:
    """Return the names of what a row says otherwise than its events."""
    row = licence.row
    expected: dict[str, object] = {}
    at, wrong = None, [] if erased else _otherwise(row, events)
    for one in events:
        after = one.after
        if one.action in (RENEWED, COUNTERSIGNED):
            continue
        if one.action == RESERVED:
            expected |= {"created_at": one.at, "from_paper": after.get("from_paper")}
        state = after.get("state") or _BEGINS.get(one.action)
        if state is not None:
            expected |= {"state": str(state), "basis": one.basis}
            expected["document_number"] = after.get("document_number")
            expected["suspended_until"] = after.get("suspended_until")
            at = instant_in(after, "changed_at") or one.at
        if one.action == GRANTED:
            expected |= {"reason": None, "replaced_by": None}
        expected |= {name: after[name] for name in ("reason", "replaced_by") if name in after}
        for fact, column in (("seal", "seal_id"), ("level", "level")):
            if fact in after:
                expected[column] = after[fact]
        if after.get(FACT) is not None and not erased and after[FACT] != licence.face:
            wrong.append("face")
    changed_at = instant_of(row["changed_at"])
    if at is not None and (changed_at is None or abs(changed_at - at) > ONE_TRANSACTION):
        wrong.append("changed_at")
    days = {"suspended_until": day_of(row["suspended_until"])}
    found = {**row, **days, "created_at": instant_of(row["created_at"])}
    return sorted({*wrong, *differing(expected, found)})


def _otherwise(row: Row, events: Sequence[Told]) -> list[str]:
    """Return the faults of the columns by which a licence is found again."""
    wrong = []
    asked = [one.after.get(REQUEST) for one in events if one.action == RESERVED]
    if row["state"] != LicenceState.VOID:
        wrong = ["request"] if asked and asked[0] not in (None, request_in(row)) else []
    elif row["request_key"] is not None or row["request_digest"] is not None:
        wrong = ["request"]  # the request of one that was given up may come again
    if not is_token(row["holder_code"]) and row["holder_code"] != _first_code(row):
        wrong.append("holder_code")
    if row["holder_name"] != _first_name(row):
        wrong.append("holder_name")
    return wrong


def _first_code(row: Row) -> str | None:
    """Return the code of a licence's first holder, by which it is looked for."""
    listed = json_of(row["holders"])
    first = listed[0] if isinstance(listed, list) and listed else None
    return first.get("code") if isinstance(first, dict) else None


def _first_name(row: Row) -> object:
    """Return the beginning of its name, likewise."""
    listed = json_of(row["holders"])
    first = listed[0] if isinstance(listed, list) and listed else None
    name = first.get("name") if isinstance(first, dict) else None
    return name[:HOLDER_NAME] if isinstance(name, str) else name


def request_in(row: Row) -> str | None:
    """Return the digest of what a row says of its request; None where it says what none can."""
    try:
        return request_of(row)
    except (TypeError, UnicodeEncodeError):
        return None


def _protections(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    column = protections.c
    query = select(
        column.identifier,
        column.sequence,
        column.suite,
        type_coerce(column.certificate_until, String).label("certificate_until"),
    ).where(column.identifier.in_(names))
    return {str(row["identifier"]): dict(row) for row in connection.execute(query).mappings()}


def _unprotected(row: Row | None, events: Sequence[Told]) -> list[str]:
    """Return the faults of a document's protection, by the event that registered its longest
    revision: the archive would not be renewed in time.
    """
    last = next((one for one in reversed(events) if one.action in REGISTERING), None)
    if row is None:
        return [] if last is None else ["protections"]
    if last is None:
        return ["protections"]
    listed = entries_of(last.after)
    said: dict[str, object] = {}
    if listed is not None:
        said["sequence"] = max(int(one.partition("/")[0]) for one in listed)
    if "suite" in last.after:
        until = instant_in(last.after, "certificate_until")
        said |= {"suite": last.after["suite"], "certificate_until": until}
    found = {**row, "certificate_until": instant_of(row["certificate_until"])}
    return [f"protections.{one}" for one in differing(said, found)]


def _impossible(identifier: str, events: Sequence[Told]) -> Iterator[AuditFinding]:
    """Yield the changes of state that the life of a licence does not have."""
    before: str | None = None
    for one in events:
        told = one.after.get("state") or _BEGINS.get(one.action)
        if told is None:
            continue
        state = str(told)
        closed = before is not None and before in CLOSED
        void = state == LicenceState.VOID and before != LicenceState.PENDING
        if one.action != RESTORED and state != before and (closed or void):
            yield findings.impossible(Kind.LICENCE, identifier, one.sequence, before, state)
        before = state


def face_in(row: Row) -> str | None:
    """Return the digest of what a row says; None where it says what no licence can."""
    values = {name: row[name] for name in _PLAIN if name != SIGNER} | signer_of(row)
    days = {name: day_of(row[name]) for name in ("granted_on", "valid_from", "valid_until")}
    content = {name: json_of(row[name]) for name in ("holders", "data")}
    try:
        return digest_of(values | days | content | {"sample": bool(row["sample"])})
    except (TypeError, UnicodeEncodeError):
        return None


def check_reserved(connection: Connection, *which: ColumnElement[bool]) -> Iterator[AuditFinding]:
    """Yield the licences that events of a part reserved and that are gone."""
    for group in all_told(connection, [RESERVED], *which):
        query = select(licences.c.identifier).where(
            licences.c.identifier.in_([one.subject for one in group])
        )
        known = set(connection.execute(query).scalars())
        for one in group:
            if one.subject not in known:
                yield findings.erased(Kind.LICENCE, one.subject, one.sequence)


def check_series(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the series that hold a number which is not that of the licences that bear it."""
    other, later = licences.alias("other"), licences.alias("later")
    # A version that was given up says nothing of the number that is held; unless all were.
    given_up = other.c.state == LicenceState.VOID
    newer = (
        select(later.c.identifier)
        .where(later.c.series_id == other.c.series_id, later.c.state != LicenceState.VOID)
        .where(or_(given_up, later.c.version > other.c.version))
        .exists()
    )
    query = (
        select(other.c.identifier)
        .outerjoin(series, series.c.series_id == other.c.series_id)
        .where(
            or_(
                series.c.series_id.is_(None),
                and_(series.c.number != other.c.number, ~newer),
                series.c.type_code != other.c.type_code,
            )
        )
        .order_by(other.c.identifier)
        .execution_options(yield_per=AT_ONCE)
    )
    with connection.execute(query) as result:
        for identifier in result.scalars():
            yield findings.edited(Kind.LICENCE, identifier, 0, ["series"])
    empty = select(series.c.series_id).where(
        ~exists().where(licences.c.series_id == series.c.series_id)
    )
    for series_id in connection.execute(empty.order_by(series.c.series_id)).scalars():
        yield findings.unborne(Kind.LICENCE, series_id)
