"""Routes of the register of seals: what is on record, each use, and how a seal stood when."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from core.ids import SealId
from issuing_api.calls import Cursor, Identifier, Instant, Limit, cursor_of, page, place_of
from issuing_api.wire import BilingualWire, ToldWire
from registry.bodies.seal_records import SealStatus, seal_record, seal_records
from registry.bodies.seal_register import (
    UseOfSeal,
    UsePlace,
    find_use,
    list_uses,
    seal_at,
)
from registry.desk.desk import Desk
from registry.desk.exports.filing import seal_facts, status_facts, use_facts
from registry.desk.rights import CallerStanding as Caller
from registry.licences.licences import no_such_licence

_SealId = Annotated[str, Path(max_length=64, description="Of a seal.")]
_SealCursor = Annotated[
    str | None, Query(max_length=64, description="From `next` of the page before.")
]
_At = Annotated[Instant | None, Query(description="The moment; now, unless it is given.")]
_Since = Annotated[Instant | None, Query(description="Begun at this moment or later.")]
_Until = Annotated[Instant | None, Query(description="Begun at this moment or before.")]


class SealCertificateWire(ToldWire):
    """A certificate that a seal has or had."""

    serial: str
    issuer: str
    subject: str
    certificate_sha256: str
    algorithm: str
    valid_from: datetime
    valid_until: datetime
    used_from: datetime
    used_until: datetime | None = Field(description="Null: it is the present one.")


class SealOnRecordWire(ToldWire):
    """A seal on record."""

    seal: str
    authority: str
    authority_name: str
    uscc: str
    level: str
    kind: str = Field(description="`own`: the body's own seal; `special`: 专用章.")
    name: str = Field(description="Of a special seal, below the star.")
    diameter_mm: float
    image_sha256: str = Field(description="Of the appearance as it is drawn today.")
    made_at: datetime
    status: SealStatus
    types: list[BilingualWire]
    count: int = Field(description="Documents that bear it.")
    last_used_at: datetime | None
    certificates: list[SealCertificateWire] = Field(description="The present one first.")


class SealsWire(ToldWire):
    """Seals within reach, by id."""

    seals: list[SealOnRecordWire]
    next: str | None = Field(description="Address of the next page, if there is one.")


class SealUseWire(ToldWire):
    """A document that was sealed."""

    at: datetime
    by: str | None = Field(description="Who, as the audit has it.")
    number: str
    identifier: str
    type: str
    sha256: str = Field(description="Of the document as it was sealed.")
    event: int | None = Field(description="Of the audit.")


class SealUsesWire(ToldWire):
    """Uses of a seal, the newest first."""

    uses: list[SealUseWire]
    next: str | None = Field(description="Address of the next page, if there is one.")


class SealStatusWire(ToldWire):
    """Status of a seal at a moment, and of the certificate that it had then now."""

    seal: str
    at: datetime
    status: SealStatus
    was_good: bool = Field(description="Good then, and its key not suspected by then.")
    serial: str | None
    certificate_sha256: str | None
    status_now: SealStatus
    revoked_at: datetime | None
    invalidity_at: datetime | None


def add_seals(router: APIRouter, desk: Desk, signed_in: Any, now: Callable[[], datetime]) -> None:
    """Add the routes of the register of seals."""

    @router.get("/seals", summary="Seals within reach 印章列表", tags=["seals"])
    def seals(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        cursor: _SealCursor = None,
        limit: Limit = 100,
    ) -> SealsWire:
        """A page of the seals, by id."""
        sight, reach = desk.rights.sight(caller), caller.reach.authorities
        after = None if cursor is None else SealId(cursor)
        with sight.reading_use() as connection:
            found = seal_records(connection, now(), reach, after=after, limit=limit + 1)
        shown, following = page(request, response, found, limit, lambda one: one.seal.seal_id)
        told = [SealOnRecordWire.model_validate(seal_facts(one)) for one in shown]
        return SealsWire(seals=told, next=following)

    @router.get("/seals/{seal_id}", summary="A seal 查看印章", tags=["seals"])
    def seal(caller: Annotated[Caller, signed_in], seal_id: _SealId) -> SealOnRecordWire:
        sight = desk.rights.sight(caller)
        known = sight.seal(seal_id)
        with sight.reading_use(seal_id) as connection:
            found = seal_record(connection, known.seal_id, now())
            return SealOnRecordWire.model_validate(seal_facts(found))

    @router.get("/seals/{seal_id}/uses", summary="Its uses 用印记录", tags=["seals"])
    def uses(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        seal_id: _SealId,
        since: _Since = None,
        until: _Until = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> SealUsesWire:
        """Sealed documents, with who sealed them and when, the newest first."""
        sight, place = desk.rights.sight(caller), place_of(cursor)
        known = sight.seal(seal_id)
        after = None if place is None else UsePlace(place.at, place.row_id)
        with sight.reading_use(seal_id) as connection:
            found = list_uses(
                connection,
                known.seal_id,
                since=since,
                until=until,
                after=after,
                limit=limit + 1,
            )
        shown, following = page(request, response, found, limit, _cursor)
        told = [SealUseWire.model_validate(use_facts(one)) for one in shown]
        return SealUsesWire(uses=told, next=following)

    @router.get("/seals/{seal_id}/status", summary="How it stood 印章状态", tags=["seals"])
    def status(
        caller: Annotated[Caller, signed_in], seal_id: _SealId, at: _At = None
    ) -> SealStatusWire:
        """Status of the seal at a moment."""
        sight = desk.rights.sight(caller)
        known = sight.seal(seal_id)
        with sight.reading_use(seal_id) as connection:
            found = seal_at(connection, known.seal_id, at or now(), now())
        return SealStatusWire.model_validate(status_facts(found))

    @router.get(
        "/licences/{identifier}/seal-status",
        summary="Its seal when it was sealed 签章时的印章状态",
        tags=["seals"],
    )
    def as_sealed(caller: Annotated[Caller, signed_in], identifier: Identifier) -> SealStatusWire:
        """Was the seal good when this was sealed, and is it now."""
        sight = desk.rights.sight(caller)
        licence = sight.licence(identifier)
        with sight.reading_use(identifier) as connection:
            found = find_use(connection, licence.identifier)
            if found is None:  # reserved, and not sealed yet
                raise no_such_licence()
            seal_id, use = found
            told = seal_at(connection, seal_id, use.at, now())
        return SealStatusWire.model_validate(status_facts(told))


def _cursor(one: UseOfSeal) -> str:
    return cursor_of(one.reserved_at, one.identifier)
