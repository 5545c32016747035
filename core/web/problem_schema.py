"""Schema of RFC 9457 problems in OpenAPI descriptions."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

PROBLEM_MEDIA_TYPE = "application/problem+json"


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
        default=None,
        description="What is wrong (`problem`) where: `pointer` (RFC 6901), `parameter`, `header`.",
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


def problem_doc(description: str) -> dict[str, Any]:
    """Return the documentation of a response that is a problem."""
    schema = {"$ref": f"#/components/schemas/{PROBLEM_SCHEMA}"}
    return {"description": description, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}
