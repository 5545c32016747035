"""Larger forms: both encodings, files beside fields, and what is no form."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart.multipart import MultipartParser
from starlette.requests import Request
from starlette.types import Message

from core.web.limits.bodies import Pace
from core.web.limits.form_parts import MAX_FIELDS, FormParts, read_form_parts
from core.web.request_errors import RequestError, TooLargeError, UnusableRequestError

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=frontier"


def read(body: bytes, kind: str, limit: int = 100_000) -> FormParts:
    """Read a form that arrives in pieces."""
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)] or [b""]

    async def receive() -> Message:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    headers = [(b"content-type", kind.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    return asyncio.run(read_form_parts(Request(scope, receive), limit, Pace(10)))


def part(name: bytes, value: bytes, file: bytes | None = None) -> bytes:
    """Return a part of a multipart body."""
    named = b'; filename="' + file + b'"' if file is not None else b""
    head = b'Content-Disposition: form-data; name="' + name + b'"' + named
    return b"--frontier\r\n" + head + b"\r\n\r\n" + value + b"\r\n"


END = b"--frontier--\r\n"


def test_a_form_of_parts_is_parsed_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent to slow the parser down must not hold up everybody."""
    write, seen = MultipartParser.write, list[int]()

    def noting(self: MultipartParser, data: bytes) -> int:
        seen.append(threading.get_ident())
        return write(self, data)

    monkeypatch.setattr(MultipartParser, "write", noting)
    assert read(part(b"a", b"1") + END, MULTIPART).fields == {"a": "1"}
    assert seen
    assert threading.get_ident() not in seen


def test_fields_in_both_encodings() -> None:
    assert read(b"a=%E4%BD%8F&b=&a=2", URLENCODED).fields == {"a": "住", "b": ""}
    body = part(b"a", "住".encode()) + part(b"b", b"") + part(b"a", b"2") + END
    assert read(body, MULTIPART).fields == {"a": "住", "b": ""}
    assert read(b"", URLENCODED) == FormParts()


def test_files_stand_apart_and_an_unchosen_one_is_none() -> None:
    body = part(b"photo", b"\xff\x00\r\n\xfe", b"p.jpg") + part(b"other", b"", b"") + END
    found = read(body, MULTIPART)
    assert (found.fields, found.files) == ({}, {"photo": b"\xff\x00\r\n\xfe"})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=%FF", URLENCODED),
        (b"\xff=1", URLENCODED),
        (b"&".join([b"a=1"] * (MAX_FIELDS + 1)), URLENCODED),
        (part(b"a", b"\xff") + END, MULTIPART),
        (part(b"\xff", b"1") + END, MULTIPART),
        (part(b"", b"1") + END, MULTIPART),
        (part(b"a", b"1"), MULTIPART),
        (part(b"a", b"1") * (MAX_FIELDS + 1) + END, MULTIPART),
        (b"--frontier\r\nX: 1\r\n\r\n1\r\n" + END, MULTIPART),
        (b"--frontier\r\n" + b"X: 1\r\n" * 99 + b"\r\n1\r\n" + END, MULTIPART),
        (b"nothing of the kind", MULTIPART),
        (part(b"a", b"1") + END, "multipart/form-data"),
        (b"", MULTIPART),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(UnusableRequestError):
        read(body, kind)


def test_limits_and_other_types() -> None:
    with pytest.raises(TooLargeError):
        read(part(b"a", b"x" * 1000) + END, MULTIPART, limit=500)
    with pytest.raises(RequestError):
        read(b"{}", "application/json")


@given(st.binary(max_size=400))
def test_no_bytes_are_our_fault(body: bytes) -> None:
    for whole in (body, b"--frontier" + body, part(b"a", body) + END):
        try:
            read(whole, MULTIPART)
        except RequestError:
            continue
