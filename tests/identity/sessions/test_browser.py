"""Cookies and signs of our own page, as browsers and attackers send them."""

import pytest

from identity.sessions.browser import (
    SESSION_COOKIE,
    drop_cookie,
    is_from_own_page,
    is_local_path,
    read_cookie,
    write_cookie,
)

OURS = ("https://issuing.example",)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("a=1; n=v", "v"),
        ("n=v", "v"),
        (" n = v ;a=1", "v"),
        ("n=v; n=w", None),
        ("xn=v", None),
        ("n", None),
        ("", None),
        ("n=v;" + "a=1;" * 4000, None),
    ],
)
def test_a_cookie_is_read_where_there_is_one(header: str, found: str | None) -> None:
    assert read_cookie(header, "n") == found


def test_cookies_are_of_this_host_and_out_of_reach_of_scripts() -> None:
    written = write_cookie(SESSION_COOKIE, "v")
    assert SESSION_COOKIE.startswith("__Host-")
    parts = set(written.split("; "))
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= parts
    assert "Domain" not in written
    assert "Max-Age=0" in drop_cookie(SESSION_COOKIE)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": OURS[0]}, True),
        ({"origin": OURS[0]}, True),
        ({}, False),
        ({"sec-fetch-site": "cross-site", "origin": OURS[0]}, False),
        ({"sec-fetch-site": "same-site", "origin": OURS[0]}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://issuing.example.evil.example"}, False),
    ],
)
def test_a_change_comes_from_our_own_page(headers: dict[str, str], *, ours: bool) -> None:
    assert is_from_own_page("POST", headers, OURS) is ours
    assert is_from_own_page("DELETE", headers, OURS) is ours
    assert is_from_own_page("GET", headers, OURS)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("/", True),
        ("/desk?q=1", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("desk", False),
        ("", False),
        ("/a\nb", False),
        ("/证", False),
    ],
)
def test_after_sign_in_one_goes_to_a_path_of_ours(address: str, *, local: bool) -> None:
    assert is_local_path(address) is local
