"""Ways back after sign-in: pages of the desk, whoever wrote the address."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from core.client_networks import ClientNetworks
from core.web.request_errors import UnusableRequestError
from issuing_api.local.opening import HOME, PageParts, way_back


@pytest.mark.parametrize(
    "address",
    [
        "/issuing/",
        "/issuing/licences?q=%E5%BA%97&x=/..%2f",
        "/issuing/requests/5be1428890ab3f9a0c5d",
        "/issuing/account",
    ],
)
def test_a_page_of_the_desk(address: str) -> None:
    assert way_back(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/trust/ca.crl",
        "/verify?next=/issuing/",
        "/issuing",
        "/issuing/../verify",
        "/issuing/%2e%2e/verify",
        "/issuing/%2E./verify",
        "/issuing/.%2E",
        "/issuing/..%2fverify",
        "/issuing/..%5Cverify",
        "/issuing/\\evil.example",
        "/issuing/\t/evil",
        "/issuing/\ud800",
        "//evil.example/issuing/",
        "https://evil.example/issuing/",
        "/issuing/" + "x" * 1000,
        None,
        7,
    ],
)
def test_anything_else_leads_home(address: object) -> None:
    assert way_back(address) == HOME


def test_what_a_script_sends_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lone surrogate in a field was kept from the database by a fault of ours (500)."""
    monkeypatch.setattr(PageParts, "require_own_page", lambda *_: None)
    desk = PageParts(SimpleNamespace(), ClientNetworks())  # type: ignore[arg-type]

    def sent(body: bytes) -> dict[str, Any]:
        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        return asyncio.run(desk.sent(Request(scope, receive)))

    assert sent(b'{"label": "\\ud83d\\udd11"}') == {"label": "\N{KEY}"}
    for body in (b'{"code": "\\ud800"}', b'{"\\udfff": [{"a": "b"}]}', b'{"a": [[["\\ud800"]]]}'):
        with pytest.raises(UnusableRequestError):
            sent(body)
