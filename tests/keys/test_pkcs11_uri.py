"""Addresses of tokens: what is taken, and that hostile ones are refused without repeating a PIN."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from keys.pkcs11_uri import TokenAddress, parse_token_uri

MODULE = "module-path=/usr/lib/softhsm/libsofthsm2.so"


def test_all_that_is_taken() -> None:
    address = parse_token_uri(
        "pkcs11:token=%E7%9C%81%20CA;serial=0facf365;slot-id=12;manufacturer=SoftHSM%20project;"
        f"model=SoftHSM%20v2?{MODULE}&pin-source=file:/etc/xinyin/pin"
    )
    assert address == TokenAddress(
        module_path=Path("/usr/lib/softhsm/libsofthsm2.so"),
        token="省 CA",
        serial="0facf365",
        manufacturer="SoftHSM project",
        model="SoftHSM v2",
        slot_id=12,
        pin_file=Path("/etc/xinyin/pin"),
    )


@pytest.mark.parametrize("source", ["/run/pin", "file:/run/pin", "file:///run/pin"])
def test_a_pin_source_is_a_file(source: str) -> None:
    address = parse_token_uri(f"pkcs11:token=a?{MODULE}&pin-source={source}")
    assert address.pin_file == Path("/run/pin")


def test_a_token_may_be_whichever_there_is() -> None:
    assert parse_token_uri(f"pkcs11:?{MODULE}").token is None


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("", "begin with"),
        ("PKCS11:token=a", "begin with"),
        ("pkcs11:", "module-path"),
        ("pkcs11:token=a", "module-path"),
        ("pkcs11:token=a?module-path=relative.so", "absolute"),
        (f"pkcs11:token=a?{MODULE}&pin-source=pin.txt", "absolute"),
        (f"pkcs11:token=a?{MODULE}&pin-source=|cat%20/etc/shadow", "absolute"),
        (f"pkcs11:token=a;token=b?{MODULE}", "twice"),
        (f"pkcs11:token=a?{MODULE}&{MODULE}", "twice"),
        (f"pkcs11:token=a;object=root?{MODULE}", "names an object"),
        (f"pkcs11:token=a;type=private?{MODULE}", "names an object"),
        (f"pkcs11:token=a;id=%01?{MODULE}", "names an object"),
        (f"pkcs11:token=a;x-vendor=1?{MODULE}", "x-vendor"),
        (f"pkcs11:token=a?{MODULE}&module-name=softhsm2", "module-name"),
        (f"pkcs11:token=?{MODULE}", "malformed"),
        (f"pkcs11:token?{MODULE}", "malformed"),
        (f"pkcs11:token=a b?{MODULE}", "malformed"),
        (f"pkcs11:token=%zz?{MODULE}", "malformed"),
        (f"pkcs11:token=%ff?{MODULE}", "UTF-8"),
        (f"pkcs11:token=a%00b?{MODULE}", "unprintable"),
        (f"pkcs11:token=a%1b[31m?{MODULE}", "unprintable"),
        (f"pkcs11:slot-id=-1?{MODULE}", "decimal"),
        (f"pkcs11:slot-id=99999999999999999999?{MODULE}", "decimal"),
        (f"pkcs11:;token=a?{MODULE}", "not supported"),
        (f"pkcs11:token=a?{MODULE}&module-path%00=x", "not supported"),
        (f"pkcs11:token={'a' * 2000}?{MODULE}", "longer"),
    ],
)
def test_what_is_refused(uri: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        parse_token_uri(uri)


@pytest.mark.parametrize(
    "uri", [f"pkcs11:token=a?{MODULE}&pin-value=987654", f"pkcs11:pin-value=987654?{MODULE}"]
)
def test_a_pin_in_the_address_is_refused_and_not_repeated(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="pin-value is refused") as caught:
        parse_token_uri(uri)
    assert "987654" not in str(caught.value)
    assert "987654" not in caught.value.text.zh


@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused(text: str) -> None:
    for uri in (text, "pkcs11:" + text, f"pkcs11:token=a?{MODULE}&" + text):
        with suppress(ConfigurationError):
            assert parse_token_uri(uri).module_path.is_absolute()
