"""The verification API for machines, under /v1/."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from core.web.language import language_of
from core.web.limits.bodies import read_small, require_media_type
from core.web.problem_answers import MAX_PROBLEMS
from core.web.request_errors import UnusableRequestError
from registry.answers.answers import VerificationAnswer
from verify_api import messages
from verify_api.checks import Checks
from verify_api.openapi import CLAIMS_RESPONSES, FILE_BODY, PROBLEM_RESPONSES, json_body
from verify_api.settings import VerifyApiSettings
from verify_api.wire import (
    AnswerWire,
    ClaimsRequest,
    ClaimsResponse,
    CodeRequest,
    DigestRequest,
    answer_wire,
)

M = TypeVar("M", bound=BaseModel)
"""Of a body; the first few tell the caller what to mend."""


def api_router(checks: Checks, settings: VerifyApiSettings) -> APIRouter:
    """Return the routes of the verification API."""
    router = APIRouter(prefix="/v1/verifications", tags=["verification"])

    async def read(request: Request, model: type[M]) -> M:
        checks.admit_lookup(request)
        return await _read_json(request, model, settings)

    async def by_file(request: Request) -> Response:
        """Verify a PDF: its signatures, its issuer, and whether the licence is in force."""
        return _answer(request, await checks.file(request))

    async def by_digest(request: Request) -> Response:
        """Verify a file by its SHA-256, without sending it."""
        asked = await read(request, DigestRequest)
        return _answer(request, await checks.digest(request, asked.sha256))

    async def by_code(request: Request) -> Response:
        """Look up a link, token, QR payload, identifier or number. No document is looked at."""
        asked = await read(request, CodeRequest)
        return _answer(request, await checks.code(request, asked.code))

    async def by_claims(request: Request) -> Response:
        """State what you believe of a licence; learn whether it is so, never the record."""
        answer = await checks.claims(request, await read(request, ClaimsRequest))
        message = answer.message.to(language_of(request))
        return _json(request, ClaimsResponse(result=answer.result, message=message))

    def add(
        path: str,
        endpoint: Endpoint,
        model: type[BaseModel],
        body: dict[str, Any],
        responses: dict[int | str, dict[str, Any]] = PROBLEM_RESPONSES,
    ) -> None:
        router.add_api_route(
            path,
            endpoint,
            methods=["POST"],
            response_model=model,
            responses=responses,
            openapi_extra=body,
        )

    add("", by_file, AnswerWire, FILE_BODY)
    add("/digest", by_digest, AnswerWire, json_body(DigestRequest))
    add("/code", by_code, AnswerWire, json_body(CodeRequest))
    add("/claims", by_claims, ClaimsResponse, json_body(ClaimsRequest), CLAIMS_RESPONSES)
    return router


Endpoint = Callable[[Request], Awaitable[Response]]


async def _read_json(request: Request, model: type[M], settings: VerifyApiSettings) -> M:
    """Read a small JSON body; the framework's own reading has no limit and repeats the input."""
    require_media_type(request, "application/json")
    raw = await read_small(request, settings.max_json_bytes, settings.small_pace)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise UnusableRequestError(
            messages.REQUEST_BODY_INVALID,
            problems=tuple(
                (_pointer(one["loc"], model), one["type"])
                for one in error.errors(include_url=False, include_input=False)[:MAX_PROBLEMS]
            ),
        ) from error


def _pointer(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """Name the field (RFC 6901); below it stands the caller's own text, which is not repeated."""
    return f"/{location[0]}" if location and location[0] in model.model_fields else ""


def _answer(request: Request, answer: VerificationAnswer) -> Response:
    return _json(request, answer_wire(answer, language_of(request)))


def _json(request: Request, model: BaseModel) -> Response:
    return Response(
        model.model_dump_json(),
        media_type="application/json",
        headers={"Content-Language": language_of(request), "Vary": "Accept-Language"},
    )
