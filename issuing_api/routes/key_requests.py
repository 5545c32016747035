"""Requests for seals and for officers' certificates of years: asked, shown, carried out."""

from collections.abc import Callable
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from cryptography import x509
from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from core.ids import AuthorityId, SealId
from core.web.problem_schema import problem_doc
from issuing_api.calls import PREFIX, request_key_of
from issuing_api.routes.request_wire import RequestWire
from registry.desk.key_requests import KeyRequests, SealAsk
from registry.desk.rights import CallerStanding
from registry.model import Seal

_AUTHENTICATING = 16
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: problem_doc("Not signed in, or not strongly or recently enough (RFC 9470)."),
    403: problem_doc("The caller may not do this."),
    404: problem_doc("There is no such thing within the caller's reach."),
    409: problem_doc("In conflict with what is there."),
    422: problem_doc("The request cannot be used."),
}
_RequestId = Annotated[str, Path(max_length=32, description="Of a request.")]
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,47}$")]


class SealBody(BaseModel):
    """A seal asked for: a new one, or another certificate of one that is there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seal: _Slug = Field(examples=["market-food"])
    authority: str = Field(min_length=1, max_length=64, examples=["market"])
    name: str = Field(default="", max_length=64, examples=["食品经营许可专用章"])


class KeyContentWire(BaseModel):
    """Content of a request for a key, for who decides on it."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="`seal` or `officers-key`.")
    authority: str
    body: str | None = None
    uscc: str | None = None
    seal: str | None = None
    name: str | None = Field(default=None, description="Of the seal, or of the officer.")
    replaces: str | None = Field(
        default=None, description="SHA-256 of the certificate that the seal has now."
    )
    officer: str | None = None
    profile: str | None = None
    spki_sha256: str | None = Field(
        default=None, description="Of the officer's key: compare it with the token in hand."
    )


class SealWire(BaseModel):
    """A seal as it is on record."""

    model_config = ConfigDict(frozen=True)

    seal: str
    authority: str
    name: str
    serial: str
    not_after: str

    @classmethod
    def of(cls, seal: Seal) -> "SealWire":
        """Describe a seal."""
        certificate = x509.load_der_x509_certificate(seal.certificate)
        return cls(
            seal=seal.seal_id,
            authority=seal.authority_id,
            name=seal.name,
            serial=f"{certificate.serial_number:x}",
            not_after=certificate.not_valid_after_utc.isoformat(),
        )


def key_request_router(
    keys: KeyRequests, standing: Callable[[Request], CallerStanding]
) -> APIRouter:
    """Return the routes; `standing` looks up who calls."""
    router = APIRouter(prefix=PREFIX, tags=["certificates"], responses=_REFUSALS)
    limiter = CapacityLimiter(_AUTHENTICATING)

    async def look_up(request: Request) -> CallerStanding:
        return await to_thread.run_sync(standing, request, limiter=limiter)

    signed_in = Depends(look_up)

    @router.post("/seal-requests", status_code=201, summary="Ask for a seal 申请印章")
    def ask(
        caller: Annotated[CallerStanding, signed_in],
        body: SealBody,
        response: Response,
        idempotency_key: Annotated[str, Header()],
    ) -> RequestWire:
        asked = SealAsk(SealId(body.seal), AuthorityId(body.authority), body.name)
        made = keys.ask_seal(caller, asked, request_key_of(idempotency_key))
        response.headers["Location"] = f"{PREFIX}/requests/{made.request_id}"
        return RequestWire.of(made)

    @router.get("/requests/{request_id}/key", summary="The key that it is for 申请的密钥")
    def content(
        caller: Annotated[CallerStanding, signed_in], request_id: _RequestId
    ) -> KeyContentWire:
        told = dict(keys.content(caller, request_id))
        if "shown_as" in told:
            told["name"] = told.pop("shown_as")
        return KeyContentWire(**told)

    @router.post("/requests/{request_id}/seal", status_code=201, summary="Make the seal 制作印章")
    def make(caller: Annotated[CallerStanding, signed_in], request_id: _RequestId) -> SealWire:
        return SealWire.of(keys.make_seal(caller, request_id))

    return router
