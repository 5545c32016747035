"""What requests ask for, kept until they are carried out or end: it holds personal data."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from core.ids import AuthorityId
from registry.db.tables import request_contents
from registry.desk import messages
from registry.model import ConflictError
from registry.officers.model import OPEN, DeskRequest
from signing.levels import PadesLevel


class ContentGoneError(ConflictError):
    """The content of a request is not kept any more: it ended."""


@dataclass(frozen=True, slots=True)
class GrantAsk:
    """A licence that somebody asks for."""

    type_code: str
    """Code or short name of the type."""
    record: Mapping[str, str]
    """Fields by key or Chinese label."""
    authority_id: AuthorityId | None = None
    """None where one authority alone grants the type."""
    basis: str | None = None
    photo: bytes | None = None
    level: PadesLevel = PadesLevel.B_LT


def content_of(connection: Connection, found: DeskRequest) -> GrantAsk:
    """Return what a request asks for. Raises `ContentGoneError`."""
    query = select(request_contents).where(request_contents.c.request_id == found.request_id)
    row = connection.execute(query).one_or_none()
    if row is None or found.state not in OPEN:
        raise ContentGoneError(messages.CONTENT_GONE)
    kept = row.content
    return GrantAsk(
        kept["type"],
        kept["record"],
        found.authority_id,
        kept["basis"],
        row.photo,
        PadesLevel(kept["level"]),
    )


def forget(connection: Connection, request_id: str) -> None:
    """Forget what a request asked for."""
    this = request_contents.c.request_id == request_id
    connection.execute(delete(request_contents).where(this))
