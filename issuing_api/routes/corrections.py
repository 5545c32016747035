"""Routes of requests for a correction: asked for, listed, decided."""

import base64
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints, field_validator
from starlette.requests import Request
from starlette.responses import Response

from issuing_api.calls import (
    PREFIX,
    Cursor,
    Key,
    Limit,
    cursor_of,
    page,
    place_of,
    request_key_of,
)
from issuing_api.routes.request_wire import decodable
from issuing_api.wire import AskedWire, Line, ToldWire
from registry.desk.corrections import EXTEND, CorrectionDesk
from registry.desk.rights import CallerStanding as Caller
from registry.licences.corrections.evidence import (
    MOST_BYTES,
    MOST_FILES,
    EvidenceFile,
    read_evidence,
)
from registry.licences.corrections.rows import (
    MOST_CONTACT,
    MOST_FIELD,
    Correction,
    CorrectionSource,
    CorrectionState,
    NewCorrection,
)

CorrectionId = Annotated[str, Path(max_length=32, description="Of a request for a correction.")]
FileNumber = Annotated[int, Path(ge=1, le=MOST_FILES, description="From 1.")]
_File = Annotated[str, StringConstraints(max_length=MOST_BYTES * 4 // 3 + 4)]


class CorrectionDecision(StrEnum):
    """Decision on a request."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXTEND = EXTEND


STATES = {
    CorrectionDecision.ACCEPT: CorrectionState.ACCEPTED,
    CorrectionDecision.REFUSE: CorrectionState.REFUSED,
    CorrectionDecision.WITHDRAW: CorrectionState.WITHDRAWN,
    CorrectionDecision.EXTEND: EXTEND,
}


class CorrectionBody(AskedWire):
    """A correction asked for."""

    licence: str = Field(
        max_length=4096,
        description="Identifier, or link; the link alone where the licence is out of reach.",
    )
    source: Literal["holder", "office"] = Field(
        default="office", description="For a holder who was seen, or an office that found it."
    )
    field: Annotated[str, StringConstraints(min_length=1, max_length=MOST_FIELD)] = Field(
        examples=["经营者名称"]
    )
    wanted: Line = Field(description="What it should say.")
    reason: Line
    contact: Annotated[str, StringConstraints(max_length=MOST_CONTACT)] = Field(
        default="", description="Personal data: forgotten some time after the decision."
    )
    evidence: list[_File] = Field(
        default=[], max_length=MOST_FILES, description="PDF, JPEG or PNG, base64."
    )

    @field_validator("evidence")
    @classmethod
    def _is_base64(cls, value: list[str]) -> list[str]:
        for one in value:
            decodable(one)
        return value

    def new(self, key: str) -> NewCorrection:
        """Return it as the desk takes it. Raises `InvalidChangeError`."""
        return NewCorrection(
            CorrectionSource(self.source),
            self.field,
            self.wanted,
            self.reason,
            self.contact,
            read_evidence([base64.b64decode(one) for one in self.evidence]),
            key,
        )


class CorrectionDecisionBody(AskedWire):
    """A decision, and why; a refusal's reason is shown to who asked."""

    decision: CorrectionDecision
    reason: Line


class CorrectionWire(ToldWire):
    """A request for a correction."""

    id: str
    licence: str
    authority: str
    source: CorrectionSource
    state: CorrectionState
    asked_by: str
    asked_at: datetime
    due_on: date = Field(description="Last day of the clock, a civil date.")
    extended: bool
    overdue: bool
    field: str | None = Field(description="Null, as the three that follow, once forgotten.")
    wanted: str | None
    reason: str | None
    contact: str | None
    files: int = Field(description="How many there are at `/evidence/N`.")
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None = Field(description="Why it was decided so.")
    corrected_by: str | None = Field(description="The version that was made of it.")
    receipt: str | None = Field(
        default=None, description="Code by which who asked follows it; told once, here alone."
    )

    @classmethod
    def of(cls, one: Correction, today: date, receipt: str | None = None) -> "CorrectionWire":
        """Describe a request."""
        return cls(
            id=one.correction_id,
            licence=one.identifier,
            authority=one.authority_id,
            source=one.source,
            state=one.state,
            asked_by=one.asked_by,
            asked_at=one.asked_at,
            due_on=one.due_on,
            extended=one.extended,
            overdue=one.overdue(today),
            field=one.field,
            wanted=one.wanted,
            reason=one.reason,
            contact=one.contact,
            files=one.files,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            answer=one.answer,
            corrected_by=one.corrected_by,
            receipt=receipt,
        )


class CorrectionsWire(ToldWire):
    """Requests for corrections within reach, the oldest first."""

    corrections: list[CorrectionWire]
    next: str | None = Field(description="Address of the next page, if there is one.")


def add_corrections(
    router: APIRouter, desk: CorrectionDesk, signed_in: Any, today: Callable[[], date]
) -> None:
    """Add the routes of requests for a correction."""

    @router.post(
        "/corrections",
        status_code=201,
        summary="Ask for a correction 申请更正",
        tags=["corrections"],
    )
    def ask(
        caller: Annotated[Caller, signed_in],
        body: CorrectionBody,
        response: Response,
        idempotency_key: Key,
    ) -> CorrectionWire:
        """Ask for a correction; again under the same key, the same request with a new receipt."""
        new = body.new(request_key_of(idempotency_key))
        made, receipt = desk.ask(caller, body.licence, new)
        response.headers["Location"] = f"{PREFIX}/corrections/{made.correction_id}"
        return CorrectionWire.of(made, today(), receipt)

    @router.get("/corrections", summary="Requests for corrections 更正申请", tags=["corrections"])
    def listed(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        state: CorrectionState | None = None,
        overdue: bool = False,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> CorrectionsWire:
        """The oldest first; `overdue`: those alone whose clock has run out."""
        found = desk.list(
            caller, state=state, overdue=overdue, after=place_of(cursor), limit=limit + 1
        )
        shown, following = page(request, response, found, limit, _cursor)
        wires = [CorrectionWire.of(one, today()) for one in shown]
        return CorrectionsWire(corrections=wires, next=following)

    @router.get(
        "/corrections/{correction_id}", summary="A request 查看更正申请", tags=["corrections"]
    )
    def show(caller: Annotated[Caller, signed_in], correction_id: CorrectionId) -> CorrectionWire:
        return CorrectionWire.of(desk.find(caller, correction_id), today())

    @router.get(
        "/corrections/{correction_id}/evidence/{number}",
        summary="Its evidence 证明材料",
        tags=["corrections"],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    def evidence(
        caller: Annotated[Caller, signed_in], correction_id: CorrectionId, number: FileNumber
    ) -> Response:
        """A stranger's file, which nothing here has opened; to be kept, never shown in place."""
        return evidence_file(desk.evidence(caller, correction_id, number), number)

    @router.post(
        "/corrections/{correction_id}/decision",
        summary="Accept, refuse, extend, withdraw 处理更正申请",
        tags=["corrections"],
    )
    def decide(
        caller: Annotated[Caller, signed_in],
        correction_id: CorrectionId,
        body: CorrectionDecisionBody,
    ) -> CorrectionWire:
        """Decide; who accepts goes on to `/licences/{identifier}/versions` with `CORRECTED`."""
        decided = desk.decide(caller, correction_id, STATES[body.decision], body.reason)
        return CorrectionWire.of(decided, today())


def evidence_file(found: EvidenceFile, number: int) -> Response:
    """Return a file of a stranger's as a download that no browser shows."""
    name = f"evidence-{number}.{found.kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found.content, media_type="application/octet-stream", headers=headers)


def _cursor(one: Correction) -> str:
    return cursor_of(one.asked_at, one.correction_id)
