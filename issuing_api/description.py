"""The API's description (OpenAPI): how to sign in, what each call may be refused for, examples."""

from typing import Any, Final

from fastapi import FastAPI

from core.web.problem_answers import edge_problem_of
from core.web.problem_schema import PROBLEM_MEDIA_TYPE, problem_doc
from identity.sessions.browser import SESSION_COOKIE
from issuing_api.calls import PREFIX
from issuing_api.examples import EXAMPLES

TAGS: Final = [
    {"name": "sign-in", "description": "Who is there, and how a command line signs in. 登录。"},
    {
        "name": "requests",
        "description": "Asked for, decided by another, carried out. 申请与审批。",
    },
    {"name": "batches", "description": "Many licences from one sheet. 批量申请。"},
    {"name": "jobs", "description": "Batches that are being carried out. 批量任务。"},
    {
        "name": "certificates",
        "description": "Officers' own keys, and seals by two people. 人员证书与印章。",
    },
    {
        "name": "matters",
        "description": "Which licences stand for which paper. 事项与免提交的材料。",
    },
    {"name": "events", "description": "What was done, and by whom. 审计事件。"},
    {
        "name": "documents",
        "description": "Official documents: files handed in, a sample agreed to, sealed. 公文。",
    },
    {"name": "licences", "description": "Granted, found, counted, changed. 证照。"},
    {
        "name": "corrections",
        "description": "What a licence says wrongly, and the clock on it. 更正申请。",
    },
    {"name": "seals", "description": "The register of seals and of each use. 印章与用印。"},
]
SECURITY: Final = {
    "dpop": {
        "type": "http",
        "scheme": "DPoP",
        "description": "An access token bound to a key, and a new proof for each request in the "
        "header `DPoP` (RFC 9449, ES256). A bearer token alone is refused.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "A browser's session, from pages of this service alone.",
    },
}
_EVERY: Final = ("not_signed_in", "token_refused", "identity_ended", "too_many_requests")
_ASKING: Final = ("not_allowed", "not_found", "conflict", "usage", "too_large", "bad_row")
_SEEING: Final = ("not_found",)
_DECIDING: Final = (
    "not_allowed",
    "not_found",
    "own_request",
    "conflict",
    "usage",
    "precondition_failed",
)
_SEALING: Final = (
    "not_allowed",
    "not_found",
    "second_person_required",
    "own_request",
    "conflict",
    "bad_row",
    "key_unavailable",
    "storage",
)
_LOOKING: Final = ("not_found", "conflict", "usage", "no_place", "unreachable")
_ROUND: Final = ("no_such_licence", "not_found", "erased")
_SIGNING: Final = ("usage", "signer_refused", "signature_lapsed", "signer_gone")
_SEALING_SIGNED: Final = ("signature_needed", "awaits_signature", "signature_lapsed", "signer_gone")
CODES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("get", "/sign-in"): (),
    ("get", "/me"): (),
    ("get", "/matters"): ("not_found",),
    ("get", "/events"): ("not_found", "usage"),
    ("post", "/corrections"): (*_ASKING, "no_such_licence"),
    ("get", "/corrections"): ("usage",),
    ("get", "/corrections/{correction_id}"): _SEEING,
    ("get", "/corrections/{correction_id}/evidence/{number}"): ("not_found", "usage"),
    ("post", "/corrections/{correction_id}/decision"): (
        "not_allowed",
        "not_found",
        "conflict",
        "usage",
    ),
    ("post", "/requests"): _ASKING,
    ("get", "/requests"): ("usage",),
    ("get", "/requests/{request_id}"): _SEEING,
    ("get", "/requests/{request_id}/content"): ("not_found", "conflict"),
    ("get", "/requests/{request_id}/photo"): ("not_found", "conflict"),
    ("post", "/requests/{request_id}/approval"): _DECIDING,
    ("post", "/requests/{request_id}/rejection"): _DECIDING,
    ("post", "/requests/{request_id}/closing"): _DECIDING,
    ("post", "/requests/{request_id}/withdrawal"): _DECIDING,
    ("post", "/requests/{request_id}/licence"): (*_SEALING, *_SEALING_SIGNED),
    ("post", "/requests/{request_id}/signature"): (*_SEALING, *_SIGNING),
    ("put", "/requests/{request_id}/signature"): (*_SEALING, *_SIGNING),
    ("post", "/requests/{request_id}/job"): (*_SEALING, "step_up_required"),
    ("post", "/batches/check"): (*_ASKING, "bad_table"),
    ("post", "/batches"): (*_ASKING, "bad_table"),
    ("get", "/batches/{request_id}"): _SEEING,
    ("get", "/batches/{request_id}/rows"): ("not_found", "usage"),
    ("get", "/batches/{request_id}/photo"): _SEEING,
    ("get", "/batches/template"): ("not_found",),
    ("get", "/batches/{request_id}/preview"): ("not_found", "conflict", "bad_row"),
    ("post", "/documents/drafts"): ("not_allowed", "not_found", "conflict", "usage"),
    ("get", "/documents/drafts"): (),
    ("get", "/documents/drafts/{draft_id}"): _SEEING,
    ("delete", "/documents/drafts/{draft_id}"): ("not_found", "conflict"),
    ("delete", "/documents/drafts/{draft_id}/files"): ("not_found", "conflict", "usage"),
    ("post", "/documents/files"): (
        "not_allowed",
        "not_found",
        "conflict",
        "usage",
        "refused_file",
        "too_large",
        "unsupported_media_type",
        "request_timeout",
        "unreachable",
    ),
    ("put", "/documents/drafts/{draft_id}/terms"): ("not_found", "conflict", "usage"),
    ("get", "/documents/drafts/{draft_id}/sample"): _LOOKING,
    ("get", "/documents/drafts/{draft_id}/picture"): _LOOKING,
    ("post", "/documents/drafts/{draft_id}/request"): (
        *_LOOKING,
        "signature_needed",
        "not_allowed",
    ),
    ("get", "/requests/{request_id}/files"): _SEEING,
    ("get", "/requests/{request_id}/picture"): _LOOKING,
    ("get", "/documents"): ("usage",),
    ("get", "/documents/{identifier}"): ("no_such_licence",),
    ("get", "/documents/{identifier}/file"): ("no_such_licence", "not_found"),
    ("post", "/documents/{identifier}/cancellation"): (
        *_DECIDING,
        "no_such_licence",
        "second_person_required",
    ),
    ("get", "/countersigning"): ("usage",),
    ("get", "/countersigning/{identifier}"): _ROUND,
    ("get", "/countersigning/{identifier}/picture"): (*_ROUND, "usage", "unreachable"),
    ("get", "/countersigning/{identifier}/file"): _ROUND,
    ("post", "/countersigning/{identifier}/request"): (
        *_ASKING,
        *_ROUND,
        "not_awaited",
        "signature_needed",
    ),
    ("post", "/countersigning/{identifier}/refusal"): (*_DECIDING, *_ROUND, "not_awaited"),
    ("put", "/countersigning/{identifier}/deadline"): (*_DECIDING, *_ROUND, "not_awaited"),
    ("post", "/documents/signed-files"): (
        *_SEALING,
        *_ROUND,
        "not_awaited",
        "refused_signature",
        "too_large",
        "unsupported_media_type",
        "request_timeout",
    ),
    ("get", "/jobs"): ("usage",),
    ("get", "/jobs/{job_id}"): _SEEING,
    ("get", "/jobs/{job_id}/rows"): ("not_found", "usage"),
    ("get", "/jobs/{job_id}/documents"): ("not_found", "usage"),
    ("post", "/jobs/{job_id}/cancellation"): _DECIDING,
    ("post", "/jobs/{job_id}/pause"): _DECIDING,
    ("post", "/jobs/{job_id}/resumption"): (*_SEALING, "step_up_required"),
    ("post", "/licences"): (*_ASKING, *_SEALING, "signature_needed"),
    ("get", "/licences"): ("usage",),
    ("get", "/search"): ("usage",),
    ("get", "/search/export"): ("usage", "not_found", "not_allowed"),
    ("post", "/exports"): (
        "usage",
        "bad_request",
        "not_found",
        "not_allowed",
        "step_up_required",
        "conflict",
    ),
    ("get", "/exports"): (),
    ("get", "/exports/{export_id}"): ("not_found",),
    ("get", "/exports/{export_id}/file"): (
        "not_found",
        "conflict",
        "not_allowed",
        "step_up_required",
    ),
    ("post", "/exports/{export_id}/cancellation"): ("not_found", "conflict"),
    ("get", "/statistics"): ("usage",),
    ("get", "/seals"): (),
    ("get", "/seals/{seal_id}"): _SEEING,
    ("get", "/seals/{seal_id}/uses"): ("not_found", "usage"),
    ("get", "/seals/{seal_id}/status"): ("not_found", "usage"),
    ("get", "/licences/{identifier}/seal-status"): _SEEING,
    ("get", "/licences/expiring"): ("usage",),
    ("get", "/expiry-notices"): ("usage",),
    ("get", "/licences/{identifier}"): ("no_such_licence",),
    ("get", "/licences/{identifier}/document"): ("no_such_licence", "not_found"),
    ("get", "/licences/{identifier}/archive-package"): (
        "no_such_licence",
        "conflict",
        "step_up_required",
    ),
    ("post", "/licences/{identifier}/changes"): (
        *_DECIDING,
        "no_such_licence",
        "second_person_required",
    ),
    ("post", "/licences/{identifier}/change-requests"): (*_ASKING, "no_such_licence"),
    ("post", "/licences/{identifier}/versions"): (
        *_ASKING,
        *_SEALING,
        "signature_needed",
        "no_such_licence",
    ),
    ("post", "/licences/{identifier}/version-requests"): (*_ASKING, "no_such_licence"),
    ("post", "/enrolment-challenges"): ("usage",),
    ("post", "/enrolments"): (
        "token_refused",
        "keys_unavailable",
        "not_allowed",
        "step_up_required",
        "identity_ended",
        "bad_request",
        "weak_key",
        "used_key",
        "conflict",
        "usage",
    ),
    ("get", "/enrolments/{enrolment_id}"): ("not_found", "enrolment_lapsed"),
    ("get", "/me/certificates"): (),
    ("post", "/seal-requests"): (*_ASKING, "step_up_required"),
    ("get", "/requests/{request_id}/key"): ("not_found", "conflict"),
    ("post", "/requests/{request_id}/seal"): (*_SEALING, "step_up_required"),
}
"""Codes of the problems that each call may be answered with, beside those of every call."""
_OPEN: Final = frozenset(
    {
        ("get", "/sign-in"),
        ("post", "/enrolment-challenges"),
        ("post", "/enrolments"),
        ("get", "/enrolments/{enrolment_id}"),
    }
)
"""Calls for which nobody need be signed in; an enrolment has its ID token."""


def describe(app: FastAPI) -> None:
    """Complete the description that FastAPI makes of the routes."""
    made = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        description = made()
        components = description["components"]
        components["securitySchemes"] = SECURITY
        description["tags"] = TAGS
        for name, schema in components["schemas"].items():
            if name in EXAMPLES:
                schema["examples"] = [EXAMPLES[name]]
        components["schemas"].pop("HTTPValidationError", None)
        components["schemas"].pop("ValidationError", None)
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                _complete(operation, method, path.removeprefix(PREFIX))
        app.openapi_schema = description
        return description

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    """Add to a call how it is signed in for, its refusals by status, and its examples."""
    free = (method, path) in _OPEN
    operation["security"] = [] if free else [{"dpop": []}, {"session": []}]
    every = ("too_many_requests",) if free else _EVERY
    codes = dict.fromkeys((*every, *CODES.get((method, path), ())))
    answers = operation["responses"]
    for status in [one for one in answers if not one.startswith("2")]:
        del answers[status]
    by_status: dict[str, list[str]] = {}
    for code in codes:
        by_status.setdefault(str(edge_problem_of(code).status), []).append(code)
    for status, found in sorted(by_status.items()):
        title = edge_problem_of(found[0]).title
        listed = ", ".join(f"`{code}`" for code in found)
        documented = problem_doc(f"{title.en} {title.zh}: {listed}")
        documented["content"][PROBLEM_MEDIA_TYPE]["example"] = {
            "type": f"https://issuing.example.gov.cn/problems#{found[0]}",
            "title": title.en,
            "status": int(status),
            "detail": title.en,
            "code": found[0],
        }
        answers[status] = documented
    bodies = [operation.get("requestBody", {}), *answers.values()]
    for body in bodies:
        for content in body.get("content", {}).values():
            name = str(content.get("schema", {}).get("$ref", "")).rsplit("/", 1)[-1]
            if name in EXAMPLES:
                content["example"] = EXAMPLES[name]
