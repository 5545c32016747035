"""Batches of which a restore left the request alone: their rows and jobs are in no backup."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from core.ids import AuthorityId
from core.text import Text
from registry.db.tables import audit_events, grant_requests, jobs
from registry.officers import messages
from registry.officers.journal import is_lapsed_by_restore
from registry.officers.model import DeskRequestState

_COLUMN = grant_requests.c
_ENDED = frozenset({"job.done", "job.cancelled"})
_LEFT_OPEN = frozenset({"job.added", "job.taken_on", "job.stopped"})


@dataclass(frozen=True, slots=True)
class LostBatch:
    """A batch that has to be asked for again."""

    request_id: str
    authority_id: AuthorityId
    type_code: str
    rows: int
    requested_by: str
    begun: bool
    """Its job had begun and had not ended at the backup; else the request was open."""

    @property
    def said(self) -> Text:
        """Sentence that names it."""
        return messages.batch_lost(
            self.request_id,
            type_code=self.type_code,
            authority_id=self.authority_id,
            rows=self.rows,
            by=self.requested_by,
            begun=self.begun,
        )

    @property
    def advice(self) -> Text:
        """Sentence of what its asker does."""
        return messages.ASK_BATCH_AGAIN


def lost_batches(connection: Connection, since: datetime) -> list[LostBatch]:
    """Return the batches that a restore cut off, the oldest first.

    Those only that could be gone on with at some time after `since`, had nothing been lost.
    """
    begun = and_(_COLUMN.state == DeskRequestState.DONE, jobs.c.job_id.is_(None))
    cut_off = or_(begun, is_lapsed_by_restore())
    query = (
        select(grant_requests)
        .join_from(grant_requests, jobs, _COLUMN.request_id == jobs.c.request_id, isouter=True)
        .where(_COLUMN.rows.is_not(None), _COLUMN.lapses_at > since, cut_off)
        .order_by(_COLUMN.requested_at, _COLUMN.request_id)
    )
    found = connection.execute(query).all()
    done = [row for row in found if row.state == DeskRequestState.DONE]
    ended = _ended(connection, min(row.requested_at for row in done)) if done else set()
    return [
        LostBatch(
            row.request_id,
            AuthorityId(row.authority_id),
            row.type_code,
            row.rows,
            row.requested_by,
            begun=row.state == DeskRequestState.DONE,
        )
        for row in found
        if row.request_id not in ended
    ]


def _ended(connection: Connection, since: datetime) -> set[str]:
    """Return the requests whose job had ended by the audit's word."""
    column = audit_events.c
    query = select(column.after).where(column.at >= since, column.action.in_(_LEFT_OPEN | _ENDED))
    last = query.add_columns(column.action).order_by(column.sequence)
    said = {row.after["request"]: row.action for row in connection.execute(last)}
    return {request_id for request_id, action in said.items() if action in _ENDED}
