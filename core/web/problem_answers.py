"""Errors as RFC 9457 problems, or as a page for people; what is unforeseen reveals nothing."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import XinyinError
from core.log import current_request_id
from core.text import Language, Text
from core.web import messages
from core.web.access_log import note
from core.web.language import language_of
from core.web.limits.throttling import TooManyRequestsError
from core.web.problem_schema import PROBLEM_MEDIA_TYPE
from core.web.problems import OPERATORS, PROBLEMS, Problem, problem_of
from core.web.request_errors import (
    AddressNotFoundError,
    MethodNotAllowedError,
    UnusableRequestError,
)

EDGE_PROBLEMS: dict[str, Problem] = {
    "method_not_allowed": Problem(405, 2, Text("不支持的请求方法", "Method not allowed")),
    "request_timeout": Problem(408, 5, Text("上传超时", "The upload took too long")),
    "unsupported_media_type": Problem(415, 3, Text("不支持的内容类型", "Unsupported content type")),
}
"""Codes that only HTTP knows; `core.web.problems` has the rest."""
INTERNAL_DETAIL = Text(
    "服务内部出错，已记录。请稍后再试。",
    "Something went wrong on our side and was recorded. Try again later.",
)

MAX_PROBLEMS = 16
"""Fields at fault that an answer names."""
_NAME = re.compile("[A-Za-z][A-Za-z_-]{0,63}")

log = logging.getLogger(__name__)

ProblemPage = Callable[[Request, Problem, Text], Response]
"""Renders a problem for people."""


def edge_problem_of(code: str) -> Problem:
    """Return the problem of an error code; unknown codes are internal."""
    return EDGE_PROBLEMS.get(code) or problem_of(code)


def public_text(error: XinyinError) -> Text:
    """Return the sentence for whoever asks over HTTP; log what is an operator's."""
    if error.code not in OPERATORS:
        return error.text
    log.error("%s %s", error.text.zh, error.text.en, extra={"code": error.code})
    request_id = current_request_id() or "-"
    if error.code == "unknown_outcome":
        return messages.outcome_unknown(request_id)
    return messages.service_unavailable(error.code, request_id)


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser asks, not a script: addresses outside /v1/ that take HTML."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept[:1024] and "/v1/" not in request.scope["path"]


class ProblemHandlers:
    """Turns errors into responses, in the reader's language and form."""

    def __init__(self, public_url: str, page: ProblemPage) -> None:
        self._public_url = public_url
        self._page = page

    def known(self, request: Request, error: Exception) -> Response:
        """Answer one of our errors."""
        assert isinstance(error, XinyinError)
        known = error.code in PROBLEMS or error.code in EDGE_PROBLEMS
        problem = edge_problem_of(error.code)
        hidden = not known or problem.status == 500  # noqa: PLR2004 - RFC 9110 15.6.1
        if hidden:
            log.error("unforeseen error", exc_info=error, extra={"code": error.code})
        detail = INTERNAL_DETAIL if hidden else public_text(error)
        return self._respond(request, error, problem, detail)

    def http(self, request: Request, error: Exception) -> Response:
        """Answer what the framework found: an unknown address or method, a broken body."""
        assert isinstance(error, HTTPException)
        response = self.known(request, _from_http(error))
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    def invalid(self, request: Request, error: Exception) -> Response:
        """Answer the framework's validation, whose own answer would repeat the input."""
        assert isinstance(error, RequestValidationError)
        if wants_page(request):
            return self.known(request, _unusable())
        found = tuple(map(_where, error.errors()[:MAX_PROBLEMS]))
        return self.known(request, UnusableRequestError(messages.CALL_UNUSABLE, entries=found))

    def unforeseen(self, request: Request) -> Response:
        """Answer a fault of ours."""
        return self._respond(
            request, XinyinError(Text("", "")), edge_problem_of(""), INTERNAL_DETAIL
        )

    def _respond(
        self, request: Request, error: XinyinError, problem: Problem, detail: Text
    ) -> Response:
        code = "internal" if detail is INTERNAL_DETAIL else error.code
        note(request.scope, code)
        if wants_page(request):
            response = self._page(request, problem, detail)
        else:
            response = self._json(language_of(request), error, problem, code, detail)
        if isinstance(error, TooManyRequestsError):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    def _json(
        self, language: Language, error: XinyinError, problem: Problem, code: str, detail: Text
    ) -> Response:
        body: dict[str, object] = {
            "type": f"{self._public_url}/problems#{code}",
            "title": problem.title.to(language),
            "status": problem.status,
            "detail": detail.to(language),
            "code": code,
        }
        if (request_id := current_request_id()) is not None:
            body["request_id"] = request_id
        if isinstance(error, UnusableRequestError) and (error.problems or error.entries):
            pairs = [{"pointer": p, "problem": what} for p, what in error.problems]
            body["errors"] = [*pairs, *error.entries]
        return JSONResponse(
            body,
            problem.status,
            media_type=PROBLEM_MEDIA_TYPE,
            headers={"Content-Language": language, "Vary": "Accept-Language, Accept"},
        )


def _where(found: Mapping[str, Any]) -> dict[str, str]:
    """Return a fault's place and kind; a name is repeated only if the interface could have it."""
    place, *inner = (str(part) for part in found["loc"])
    name = inner[0] if inner and _NAME.fullmatch(inner[0]) else ""
    problem = str(found["type"])
    if place == "body":
        return {"pointer": f"/{name}" if name else "", "problem": problem}
    return {"header" if place == "header" else "parameter": name, "problem": problem}


def _from_http(error: HTTPException) -> XinyinError:
    if error.status_code == 404:  # noqa: PLR2004 - RFC 9110 15.5.5
        return AddressNotFoundError(messages.PAGE_NOT_FOUND)
    if error.status_code == 405:  # noqa: PLR2004 - RFC 9110 15.5.6
        return MethodNotAllowedError(messages.METHOD_NOT_ALLOWED)
    return _unusable()


def _unusable() -> UnusableRequestError:
    return UnusableRequestError(messages.BAD_REQUEST)
