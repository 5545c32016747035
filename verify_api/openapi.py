"""OpenAPI description beyond the models: bodies that we read ourselves, and problems."""

from typing import Any

from pydantic import BaseModel

from core.web.problem_answers import EDGE_PROBLEMS
from core.web.problem_schema import problem_doc

DESCRIPTION = (
    "Anyone may ask what an e-licence or a sealed document is worth. "
    "任何人都可以核验电子证照和经电子签章的文件。\n\n"
    "`outcome` is never a plain yes or no: it tells altered from not issued here from could not "
    "check. By identifier, number or link no document is looked at, so compare it with the "
    "licence in your hands."
)


PUBLIC_CODES = (
    "usage",
    "not_found",
    "not_a_pdf",
    "encrypted_pdf",
    "unreadable_input",
    "too_large",
    "too_many_requests",
    "unreachable",
    *EDGE_PROBLEMS,
    "internal",
)
"""Codes that the public may meet, in the order in which /problems explains them."""
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    408: problem_doc("The body did not arrive in time (`request_timeout`)."),
    413: problem_doc("The body exceeds its limit (`too_large`)."),
    415: problem_doc("Another content type (`unsupported_media_type`), or no PDF (`not_a_pdf`)."),
    405: problem_doc("The address takes another method (`method_not_allowed`)."),
    422: problem_doc("The request cannot be used (`usage`), or the PDF is encrypted or damaged."),
    429: {
        **problem_doc("Too many requests (`too_many_requests`)."),
        "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    },
    500: problem_doc("Our fault, and recorded (`internal`)."),
}
CLAIMS_RESPONSES: dict[int | str, dict[str, Any]] = {
    **PROBLEM_RESPONSES,
    404: problem_doc("There is no such licence type (`not_found`)."),
    503: problem_doc("The register is out of reach (`unreachable`); elsewhere the answer says so."),
}
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "One PDF, not kept; its name is ignored.",
                        }
                    },
                }
            }
        },
    }
}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the documentation of a JSON body."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
