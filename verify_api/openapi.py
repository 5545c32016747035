"""What /openapi.json says beyond the models: bodies that we read ourselves, and problems."""

from typing import Any

from pydantic import BaseModel, Field

PROBLEM_MEDIA_TYPE = "application/problem+json"
DESCRIPTION = (
    "Anyone may ask what an e-licence or a sealed document is worth. "
    "任何人都可以核验电子证照和经电子签章的文件。\n\n"
    "`outcome` is never a plain yes or no: it tells altered from not issued here from could not "
    "check. By identifier, number or link no document is looked at, so compare it with the paper."
)


class ProblemWire(BaseModel):
    """RFC 9457."""

    type: str = Field(examples=["https://verify.example.gov.cn/problems#not_a_pdf"])
    title: str
    status: int = Field(examples=[415])
    detail: str
    code: str = Field(description="Stable; for machines.", examples=["not_a_pdf"])
    errors: list[dict[str, str]] | None = Field(
        default=None, description="What is wrong where: `pointer` (RFC 6901) and `problem`."
    )


def _problem(description: str) -> dict[str, Any]:
    schema = ProblemWire.model_json_schema()
    return {"description": description, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    408: _problem("The body did not arrive in time (`request_timeout`)."),
    413: _problem("The body exceeds its limit (`too_large`)."),
    415: _problem("Another content type (`unsupported_media_type`), or no PDF (`not_a_pdf`)."),
    422: _problem("The request cannot be used (`usage`), or the PDF is encrypted or damaged."),
    429: {
        **_problem("Too many requests (`too_many_requests`)."),
        "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    },
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
