"""Exports on record: who asked for which, how far each is, until when its file is kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from core.ids import AuthorityId, Sha256, TypeCode
from core.permits import Actor, Reach
from core.text import Language
from registry.audit.chain import NewEvent, append
from registry.db.tables import export_parts, exports
from registry.desk.exports import messages
from registry.desk.exports.tables import TableFormat
from registry.licences.exported import UNDER_WAY, ExportState, place_of_filter
from registry.licences.finding import LicenceFilter
from registry.model import LicenceState, NotFoundError
from registry.officers.jobs import WORKER
from registry.officers.leases import Held, Leases
from registry.privacy.codes import Privacy, privacy_of
from registry.privacy.records import read_content, sealed_content

EXPORT_SUBJECT: Final = "export:"
"""Beginning of the subject of an export's events; its id follows."""
LEASES: Final = Leases(exports, "export_id")
_COLUMN = exports.c
_PART = export_parts.c


class NoSuchExportError(NotFoundError):
    """No export of that id is the caller's."""


@dataclass(frozen=True, slots=True)
class Export:
    """File of licences that a server writes for somebody."""

    export_id: str
    asked_by: str
    vouched: Mapping[str, Any]
    sought: Mapping[str, Any]
    """Sealed."""
    form: TableFormat
    language: Language
    personal: bool
    bodies: tuple[AuthorityId, ...] | None
    """Authorities whose licences it may name; None: all."""
    state: ExportState
    why: str | None
    """Code of what stopped it, or of what it waits for."""
    asked_at: datetime
    changed_at: datetime
    ends_at: datetime
    """Its file is deleted then."""
    taken_at: datetime | None
    """The moment whose licences it has."""
    lease_until: datetime | None
    fence: int
    failures: int
    rows: int
    size: int
    sha256: Sha256 | None

    @property
    def held(self) -> Held:
        """As its worker has it."""
        return Held(self.export_id, self.fence)

    def covered_by(self, reach: Reach) -> bool:
        """Tell whether a reach includes all that it may name."""
        if self.bodies is None:
            return reach.authorities is None
        return all(reach.includes(one) for one in self.bodies)


@dataclass(frozen=True, slots=True)
class NewExport:
    """An export to be made."""

    export_id: str
    request_key: str
    vouched: Mapping[str, Any]
    sought: LicenceFilter
    form: TableFormat
    language: Language
    personal: bool
    bodies: Collection[AuthorityId] | None
    ends_at: datetime


def add_export(connection: Connection, new: NewExport, actor: Actor, at: datetime) -> Export:
    """Put an export on record, with the event."""
    privacy = privacy_of(connection)
    values = {
        "export_id": new.export_id,
        "asked_by": actor.name,
        "request_key": new.request_key,
        "vouched": dict(new.vouched),
        "sought": sealed_content(privacy, place_of_filter(new.export_id), _said(new.sought)),
        "form": new.form,
        "language": new.language,
        "personal": new.personal,
        "bodies": None if new.bodies is None else sorted(new.bodies),
        "state": ExportState.WAITING,
        "asked_at": at,
        "changed_at": at,
        "ends_at": new.ends_at,
    }
    connection.execute(insert(exports).values(values))
    after = {**new.sought.told(privacy), "format": new.form, "personal": new.personal}
    note(connection, new.export_id, "export.asked", actor, at, after)
    return find_export(connection, new.export_id)


def find_export(connection: Connection, export_id: str, *, lock: bool = False) -> Export:
    """Return an export. Raises `NoSuchExportError`."""
    query = select(exports).where(_COLUMN.export_id == export_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NoSuchExportError(messages.no_such_export(export_id))
    return _export(row)


def export_of_key(connection: Connection, request_key: str) -> Export | None:
    """Return the export that was asked for under a key."""
    query = select(exports).where(_COLUMN.request_key == request_key)
    row = connection.execute(query).one_or_none()
    return None if row is None else _export(row)


def exports_of(connection: Connection, actor: str, limit: int) -> list[Export]:
    """Return the exports of somebody, the newest first."""
    query = select(exports).where(_COLUMN.asked_by == actor)
    rows = connection.execute(query.order_by(_COLUMN.asked_at.desc()).limit(limit))
    return [_export(row) for row in rows]


def count_exports(connection: Connection, actor: str, states: Collection[ExportState]) -> int:
    """Return how many exports of somebody are in some states."""
    query = select(func.count()).where(_COLUMN.asked_by == actor, _COLUMN.state.in_(states))
    return connection.execute(query).scalar_one()


def sought_of(privacy: Privacy, export: Export, on: date) -> LicenceFilter:
    """Return the search of an export, by the states of a day. Raises `UnreadableCodeError`."""
    kept = read_content(privacy, place_of_filter(export.export_id), export.sought)
    state, kind, body = kept.get("state"), kept.get("type"), kept.get("authority")
    return LicenceFilter(
        on=on,
        text=str(kept.get("text", "")),
        state=None if state is None else LicenceState(state),
        type_code=None if kind is None else TypeCode(kind),
        authority_id=None if body is None else AuthorityId(body),
        granted_from=_day(kept.get("from")),
        granted_until=_day(kept.get("until")),
    )


def end_export(
    connection: Connection,
    export: Export,
    state: ExportState,
    actor: Actor,
    at: datetime,
    *,
    why: str | None = None,
) -> None:
    """Bring an export that is locked to an end without a file: what it has is deleted."""
    forget_parts(connection, export.export_id)
    values: dict[str, object] = {
        "state": state,
        "why": why,
        "sought": {},
        "fence": export.fence + 1,
        "lease_until": None,
        "changed_at": at,
        "size": 0,
        "sha256": None,
    }
    connection.execute(update(exports).where(_COLUMN.export_id == export.export_id).values(values))
    after = {} if why is None else {"why": why}
    note(connection, export.export_id, f"export.{state.lower()}", actor, at, after)


def is_anything_due(connection: Connection, now: datetime) -> bool:
    """Tell whether there is a file whose time is over."""
    return connection.execute(_due(now).limit(1)).first() is not None


def expire_due(connection: Connection, now: datetime) -> int:
    """Delete the files whose time is over, with an event of each; return how many."""
    due = connection.execute(_due(now).order_by(_COLUMN.export_id).with_for_update()).all()
    for row in due:
        end_export(connection, _export(row), ExportState.EXPIRED, WORKER, now)
    return len(due)


def _due(now: datetime) -> Select[Any]:
    states = (ExportState.DONE, *UNDER_WAY)
    return select(exports).where(_COLUMN.state.in_(states), _COLUMN.ends_at <= now)


def forget_parts(connection: Connection, export_id: str) -> None:
    """Delete what was written of an export."""
    connection.execute(delete(export_parts).where(_PART.export_id == export_id))


def note(  # noqa: PLR0917  # each of another type
    connection: Connection,
    export_id: str,
    action: str,
    actor: Actor,
    at: datetime,
    after: Mapping[str, Any],
) -> None:
    """Record an event of an export, as the last thing of a transaction."""
    subject = f"{EXPORT_SUBJECT}{export_id}"
    event = NewEvent(at=at, actor=actor, action=action, subject=subject, after=dict(after))
    append(connection, [event])


def _said(sought: LicenceFilter) -> dict[str, str]:
    given = {
        "text": sought.text or None,
        "state": sought.state,
        "type": sought.type_code,
        "authority": sought.authority_id,
        "from": sought.granted_from,
        "until": sought.granted_until,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _day(kept: str | None) -> date | None:
    return None if kept is None else date.fromisoformat(kept)


def _export(row: Row[Any]) -> Export:
    bodies = row.bodies
    return Export(
        export_id=row.export_id,
        asked_by=row.asked_by,
        vouched=row.vouched,
        sought=row.sought,
        form=TableFormat(row.form),
        language="zh" if row.language == "zh" else "en",
        personal=row.personal,
        bodies=None if bodies is None else tuple(AuthorityId(one) for one in bodies),
        state=ExportState(row.state),
        why=row.why,
        asked_at=row.asked_at,
        changed_at=row.changed_at,
        ends_at=row.ends_at,
        taken_at=row.taken_at,
        lease_until=row.lease_until,
        fence=row.fence,
        failures=row.failures,
        rows=row.rows,
        size=row.size,
        sha256=row.sha256,
    )
