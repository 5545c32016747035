"""OpenAPI description beyond the models: bodies that we read ourselves, and problems."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

PROBLEM_MEDIA_TYPE = "application/problem+json"
DESCRIPTION = (
    "Anyone may ask what an e-licence or a sealed document is worth. "
    "任何人都可以核验电子证照和经电子签章的文件。\n\n"
    "`outcome` is never a plain yes or no: it tells altered from not issued here from could not "
    "check. By identifier, number or link no document is looked at, so compare it with the "
    "licence in your hands."
)


class ProblemWire(BaseModel):
    """RFC 9457."""

    type: str = Field(examples=["https://verify.example.gov.cn/problems#not_a_pdf"])
    title: str
    status: int = Field(examples=[415])
    detail: str
    code: str = Field(description="Stable; for machines.", examples=["not_a_pdf"])
    request_id: str | None = Field(
        default=None,
        description="As in `X-Request-ID`: tell it to the operator, who finds it in the log.",
    )
    errors: list[dict[str, str]] | None = Field(
        default=None, description="What is wrong where: `pointer` (RFC 6901) and `problem`."
    )


PROBLEM_SCHEMA = "Problem"
"""Name of the component that all errors share, so that generated clients know one type."""


def add_problem_schema(app: FastAPI) -> None:
    """Put the schema of problems among the components of the app's description."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        description = describe()
        schemas = description.setdefault("components", {}).setdefault("schemas", {})
        schemas[PROBLEM_SCHEMA] = ProblemWire.model_json_schema()
        return description

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{PROBLEM_SCHEMA}"}
    return {"description": description, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    408: _problem("The body did not arrive in time (`request_timeout`)."),
    413: _problem("The body exceeds its limit (`too_large`)."),
    415: _problem("Another content type (`unsupported_media_type`), or no PDF (`not_a_pdf`)."),
    405: _problem("The address takes another method (`method_not_allowed`)."),
    422: _problem("The request cannot be used (`usage`), or the PDF is encrypted or damaged."),
    429: {
        **_problem("Too many requests (`too_many_requests`)."),
        "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    },
    500: _problem("Our fault, and recorded (`internal`)."),
}
CLAIMS_RESPONSES: dict[int | str, dict[str, Any]] = {
    **PROBLEM_RESPONSES,
    404: _problem("There is no such licence type (`not_found`)."),
    503: _problem("The register is out of reach (`unreachable`); elsewhere the answer says so."),
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
