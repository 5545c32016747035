"""Every endpoint for programs, every error code."""

import json
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from core.errors import UnreachableError, XinyinError
from core.text import Text
from core.web.access_log import AccessLog
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier

V1 = "/v1/verifications"
Post = Callable[[TestClient], object]


def test_blanks_around_a_code_are_forgiven(client: TestClient, verifier: ScriptedVerifier) -> None:
    """Readers of codes that act as keyboards end with a line break."""
    assert client.post(f"{V1}/code", json={"code": " JY1\r\n"}).status_code == 200
    assert verifier.asked == [("code", "JY1")]
    assert client.post(f"{V1}/code", json={"code": " \n"}).status_code == 422


def test_a_file_is_judged_by_its_bytes(client: TestClient, verifier: ScriptedVerifier) -> None:
    response = client.post(V1, files={"file": ("../../etc/passwd\x00", world.PDF)})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["outcome"] == "in_force"
    assert verifier.asked == [("file", world.PDF)]


def test_a_digest_may_be_in_either_case(client: TestClient, verifier: ScriptedVerifier) -> None:
    assert client.post(f"{V1}/digest", json={"sha256": world.DIGEST.upper()}).status_code == 200
    assert verifier.asked == [("digest", world.DIGEST)]


def test_a_code_is_handed_on_as_it_is(client: TestClient, verifier: ScriptedVerifier) -> None:
    verifier.answer = world.BY_RECORD
    code = f"{world.PUBLIC_URL}/v/{world.TOKEN}"
    response = client.post(f"{V1}/code", json={"code": code})
    assert response.json()["checks"]["integrity"]["result"] == "skipped"
    assert verifier.asked == [("code", code)]


def test_claims_get_a_result_and_no_record(client: TestClient, verifier: ScriptedVerifier) -> None:
    verifier.claims = world.Claims(3, Text("相符，已失效。", "Correct, no longer in force."))
    body = {"type": "T", "claims": {"ZZBH": "1"}, "use_cause": "延续"}
    response = client.post(f"{V1}/claims", json=body, headers={"Accept-Language": "en"})
    assert response.json() == {"result": 3, "message": "Correct, no longer in force."}
    assert verifier.asked == [("claims", ("T", {"ZZBH": "1"}, "延续"))]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (world.NotAPdfError(Text("不是。", "No PDF.")), 415, "not_a_pdf"),
        (world.EncryptedPdfError(Text("加密。", "Encrypted.")), 422, "encrypted_pdf"),
        (UnreachableError(Text("连不上。", "Not reachable.")), 503, "unreachable"),
    ],
)
def test_errors_of_the_verifier_keep_their_code(
    client: TestClient, verifier: ScriptedVerifier, error: XinyinError, status: int, code: str
) -> None:
    verifier.error = error
    response = client.post(V1, files={"file": world.PDF}, headers={"Accept-Language": "en"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-language"] == "en"
    problem = response.json()
    assert problem.pop("title")
    assert problem.pop("request_id") == response.headers["x-request-id"]
    detail = problem.pop("detail")
    if code == "unreachable":  # what it is concerns operators alone
        assert response.headers["x-request-id"] in detail
        assert error.text.en not in detail
    else:
        assert detail == error.text.en
    assert problem == {
        "type": f"{world.PUBLIC_URL}/problems#{code}",
        "status": status,
        "code": code,
    }


class SecretError(XinyinError):
    """An error that the table does not know."""

    code = "secret_thing"


@pytest.mark.parametrize("error", [ValueError("secret"), SecretError(Text("secret", "secret"))])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_fault_of_ours_reveals_nothing(
    client: TestClient, verifier: ScriptedVerifier, error: Exception, accept: str
) -> None:
    verifier.error = error
    for path in (f"{V1}/code", f"/v/{world.TOKEN}"):
        response = (
            client.post(path, json={"code": "x"})
            if path.startswith("/v1/")
            else client.get(path, headers={"Accept": accept})
        )
        assert response.status_code == 500
        assert "secret" not in response.text
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("digest", {"sha256": "abc"}, "/sha256"),
        ("digest", {"sha256": world.DIGEST + "\n"}, "/sha256"),
        ("digest", {}, "/sha256"),
        ("digest", [], ""),
        ("digest", {"sha256": world.DIGEST, "<script>": 1}, ""),
        ("code", {"code": ""}, "/code"),
        ("code", {"code": "a\x00b"}, "/code"),
        ("code", {"code": "x" * 2954}, "/code"),
        ("code", {"code": 7}, "/code"),
        ("claims", {"type": "T", "claims": {"a": "b"}}, "/use_cause"),
        ("claims", {"type": "T", "claims": {"a": "b"}, "use_cause": "x" * 201}, "/use_cause"),
        ("claims", {"type": "T", "claims": {"a": ["b"]}, "use_cause": "x"}, "/claims"),
        ("claims", {"type": "T", "claims": {"a": "\x00"}, "use_cause": "x"}, "/claims"),
        (
            "claims",
            {"type": "T", "claims": {str(i): "" for i in range(33)}, "use_cause": "x"},
            "/claims",
        ),
    ],
)
def test_a_body_that_does_not_fit_is_named_and_not_repeated(
    client: TestClient, verifier: ScriptedVerifier, path: str, body: object, pointer: str
) -> None:
    response = client.post(f"{V1}/{path}", json=body)
    assert response.status_code == 422
    problem = response.json()
    assert problem["code"] == "usage"
    assert pointer in [one["pointer"] for one in problem["errors"]]
    assert "script" not in response.text
    assert verifier.asked == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"{",
        b"[" * 10_000,
        b'{"code": "\\ud800"}',
        b'{"code": NaN}',
        b'{"code": "a"} trailing',
    ],
)
def test_broken_json_is_the_senders_fault(client: TestClient, raw: bytes) -> None:
    response = client.post(f"{V1}/code", content=raw, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["code"] == "usage"


@pytest.mark.parametrize("path", ["", "/digest", "/code", "/claims"])
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/xml", "multipart/mixed"])
def test_another_content_type_is_refused(
    client: TestClient, path: str, content_type: str | None
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = client.post(V1 + path, content=b"x", headers=headers)
    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


def test_an_unknown_address_and_method_are_problems(client: TestClient) -> None:
    missing = client.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = client.get(V1)
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


def test_the_frameworks_own_validation_does_not_repeat_the_input(client: TestClient) -> None:
    """Its default answer echoes what was sent; no route of ours uses it today."""
    assert isinstance(client.app, AccessLog)
    app = client.app._app
    assert isinstance(app, FastAPI)

    async def numbered(number: int) -> int:
        return number

    app.add_api_route("/numbered", numbered)
    response = client.get("/numbered?number=hostile")
    assert (response.status_code, response.json()["code"]) == (422, "usage")
    assert "hostile" not in response.text


def test_openapi_describes_bodies_answers_and_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {V1, f"{V1}/digest", f"{V1}/code", f"{V1}/claims"}
    everywhere = {"200", "405", "408", "413", "415", "422", "429", "500"}
    for path, item in document["paths"].items():
        post = item["post"]
        assert post["requestBody"]["required"]
        more = {"404", "503"} if path == f"{V1}/claims" else set()
        assert set(post["responses"]) == everywhere | more
        problem = post["responses"]["429"]
        assert list(problem["content"]) == ["application/problem+json"]
        for one in post["responses"].values():
            for body in one["content"].values():
                name = body["schema"]["$ref"].removeprefix("#/components/schemas/")
                assert name in document["components"]["schemas"]
        assert "Retry-After" in problem["headers"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert "examples" in json.dumps(document["paths"][f"{V1}/claims"])


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_loads_scripts_from_elsewhere(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
