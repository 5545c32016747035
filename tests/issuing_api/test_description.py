"""The description of the API: every call is in the table, and every example fits its shape."""

from typing import Any
from zoneinfo import ZoneInfo

import jsonschema  # type: ignore[import-untyped]  # it has no types
import pytest

from core.clock import SystemClock
from core.web.problem_answers import EDGE_PROBLEMS
from core.web.problems import PROBLEMS
from issuing_api.app import IssuingMetrics, create_issuing_app
from issuing_api.calls import PREFIX
from issuing_api.description import CODES, TAGS
from issuing_api.examples import EXAMPLES
from issuing_api.pages.routes import PageSettings
from issuing_api.ports import SignInParts
from registry.desk.desk import Desk


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    parts = SignInParts("https://issuing.example.gov.cn", {}, None, None, None)  # type: ignore[arg-type]
    desk = Desk(None, None, None)  # type: ignore[arg-type]
    app = create_issuing_app(
        parts,
        desk,
        SystemClock(),
        previews=None,  # type: ignore[arg-type]
        settings=PageSettings(ZoneInfo("Asia/Shanghai"), "https://verify.example.gov.cn"),
        enrolments=None,  # type: ignore[arg-type]
        keys=None,  # type: ignore[arg-type]
        metrics=IssuingMetrics(),
    )
    return app.openapi()


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path.removeprefix(PREFIX), one)
        for path, found in description["paths"].items()
        for method, one in found.items()
    ]


def test_every_call_says_what_it_may_be_refused_for(description: dict[str, Any]) -> None:
    """A new address without an entry in the table fails here."""
    found = {(method, path) for method, path, _ in operations(description)}
    assert found == set(CODES)
    assert {code for codes in CODES.values() for code in codes} <= set(PROBLEMS) | set(
        EDGE_PROBLEMS
    )
    for method, path, one in operations(description):
        free = path == "/sign-in" or path.startswith("/enrolment")
        assert one["security"] == ([] if free else [{"dpop": []}, {"session": []}])
        assert ("401" in one["responses"]) is (not free or path == "/enrolments")  # its ID token
        assert ("200" in one["responses"]) or one["responses"].keys() & {"201", "202"}
        assert "HTTPValidationError" not in str(one)
        assert one["tags"][0] in {tag["name"] for tag in TAGS}
        words = one["summary"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words), words
        assert any(letter.isascii() and letter.isalpha() for letter in words), words
        assert (method, path) in CODES


def test_every_body_and_answer_has_an_example_that_fits(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    named = set()
    for _, path, one in operations(description):
        for body in (one.get("requestBody", {}), *one["responses"].values()):
            for kind, content in body.get("content", {}).items():
                if "json" not in kind:
                    continue
                assert "example" in content, (path, body)
                jsonschema.validate(
                    content["example"],
                    {**content["schema"], "components": {"schemas": schemas}},
                    jsonschema.Draft202012Validator,
                )
                named.add(content["schema"]["$ref"].rsplit("/", 1)[-1])
    assert named - {"Problem"} == set(EXAMPLES)


def test_examples_name_nothing_that_the_shape_does_not_know(description: dict[str, Any]) -> None:
    for name, example in EXAMPLES.items():
        known = description["components"]["schemas"][name]["properties"]
        assert set(example) <= set(known), name
