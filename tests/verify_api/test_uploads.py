"""Uploads: limits while streaming, broken and hostile multipart, nothing on disk."""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from starlette.testclient import TestClient

from core.web.limits.throttling import Rate
from tests.verify_api import world
from tests.verify_api.world import ScriptedVerifier
from verify_api.settings import VerifyApiSettings

V1 = "/v1/verifications"
LIMIT = 1024 * 1024


@pytest.fixture
def settings(settings: VerifyApiSettings) -> VerifyApiSettings:
    """A limit that a test can pass quickly, and no rate that it could meet."""
    free = Rate(burst=10**6, per_minute=10**6)
    return replace(settings, max_file_bytes=LIMIT, file_rate=free, lookup_rate=free)


def multipart(*parts: bytes, boundary: bytes = b"frontier") -> bytes:
    """Return a body of parts that bring their own headers."""
    return b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % (
        boundary
    )


def file_part(data: bytes = world.PDF, name: bytes = b"file") -> bytes:
    """Return one part."""
    return b'Content-Disposition: form-data; name="%s"; filename="a.pdf"\r\n\r\n%s' % (name, data)


def send(client: TestClient, body: bytes | Iterator[bytes], boundary: str = "frontier") -> str:
    """Post `body`; return the code of the problem, or `ok`."""
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    response = client.post(V1, content=body, headers=headers)
    assert response.status_code < 500
    return "ok" if response.status_code == 200 else str(response.json()["code"])


def test_a_file_of_exactly_the_limit_passes(client: TestClient, verifier: ScriptedVerifier) -> None:
    assert send(client, multipart(file_part(b"x" * LIMIT))) == "ok"
    assert verifier.asked == [("file", b"x" * LIMIT)]


def test_an_empty_file_is_judged_and_no_file_is_not(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    assert send(client, multipart(file_part(b""))) == "ok"
    assert verifier.asked == [("file", b"")]
    chosen_none = b'Content-Disposition: form-data; name="file"; filename=""\r\n\r\n'
    assert send(client, multipart(chosen_none)) == "usage"
    assert (
        send(client, multipart(b'Content-Disposition: form-data; name="file"\r\n\r\n')) == "usage"
    )
    assert len(verifier.asked) == 1


def test_one_byte_more_is_too_large(client: TestClient, verifier: ScriptedVerifier) -> None:
    response = client.post(V1, files={"file": b"x" * (LIMIT + 1)})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert verifier.asked == []


def test_a_stream_without_length_is_stopped_at_the_limit(client: TestClient) -> None:
    """Without Content-Length only counting helps."""

    def endless() -> Iterator[bytes]:
        yield b"--frontier\r\n" + file_part(b"")
        for _ in range(4 * LIMIT // 65536):
            yield b"x" * 65536

    assert send(client, endless()) == "too_large"


def test_a_declared_length_is_refused_before_reading(client: TestClient) -> None:
    headers = {
        "Content-Type": "multipart/form-data; boundary=frontier",
        "Content-Length": "9" * 5000,
    }
    response = client.post(V1, content=b"--frontier", headers=headers)
    assert response.status_code == 413


def test_json_has_a_limit_of_its_own(client: TestClient, settings: VerifyApiSettings) -> None:
    body = b'{"code": "' + b"x" * settings.max_json_bytes + b'"}'
    response = client.post(f"{V1}/code", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_json_without_a_length_has_it_too(client: TestClient, settings: VerifyApiSettings) -> None:
    body = (b" " * 1024 for _ in range(settings.max_json_bytes // 1024 + 1))
    response = client.post(f"{V1}/code", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_the_limit_counts_what_is_beside_the_file(client: TestClient) -> None:
    def padded() -> Iterator[bytes]:
        yield b"--frontier\r\n" + file_part(b"x", b"other")
        for _ in range(LIMIT // 65536 + 2):
            yield b"x" * 65536

    assert send(client, padded()) == "too_large"


def test_forms_have_the_same_limit(client: TestClient, settings: VerifyApiSettings) -> None:
    response = client.post("/lookup", data={"code": "x" * settings.max_json_bytes})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"", "frontier"),
        (b"\x00\xff" * 500, "frontier"),
        (multipart(file_part()), "other"),
        (multipart(file_part()), ""),
        (multipart(file_part()), "x" * 5000),
        (multipart(file_part())[:-4], "frontier"),
        (multipart(file_part())[: len(file_part())], "frontier"),
        (multipart(*[file_part(name=b"other")] * 9), "frontier"),
        (multipart(*[file_part(b"x")] * 2000), "frontier"),
        (multipart(b"\r\n".join([b"A: b"] * 9) + b"\r\n" + file_part()), "frontier"),
        (multipart(b"A: " + b"x" * 5000 + b"\r\n" + file_part()), "frontier"),
        (multipart(b"no header at all"), "frontier"),
        (multipart(file_part(name=b"other")), "frontier"),
        (multipart(file_part(), file_part()), "frontier"),
        (multipart(b"Content-Disposition: form-data\r\n\r\nx"), "frontier"),
        (multipart(b'Content-Disposition: form-data; name*="file"\r\n\r\nx'), "frontier"),
    ],
)
def test_a_broken_upload_is_the_senders_fault(
    client: TestClient, verifier: ScriptedVerifier, body: bytes, boundary: str
) -> None:
    assert send(client, body, boundary) == "usage"
    assert verifier.asked == []


def test_small_fields_beside_the_file_are_ignored(
    client: TestClient, verifier: ScriptedVerifier
) -> None:
    body = multipart(b'Content-Disposition: form-data; name="lang"\r\n\r\nen', file_part())
    assert send(client, body + b"epilogue" * 1000) == "ok"
    assert verifier.asked == [("file", world.PDF)]


@effort(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_mutation_of_an_upload_is_our_fault(client: TestClient, data: st.DataObject) -> None:
    body = bytearray(multipart(file_part()))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert send(client, bytes(body)) in ("ok", "usage")


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=2000))
def test_any_bytes_arrive_as_they_were_sent(
    client: TestClient, verifier: ScriptedVerifier, data: bytes
) -> None:
    response = client.post(V1, files={"file": ("a.pdf", io.BytesIO(data))})
    assert response.status_code == 200
    assert verifier.asked[-1] == ("file", data)


def test_nothing_is_written_to_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework's own form parser would spool beyond 1 MiB into a temporary file."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was opened")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert send(client, multipart(file_part(b"x" * LIMIT))) == "ok"
