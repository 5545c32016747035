"""Our DER against asn1crypto's and the decoder of `cryptography`."""

from datetime import UTC, datetime

import pytest
from asn1crypto import core
from cryptography.hazmat import asn1
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der


@given(st.integers(min_value=-(2**200), max_value=2**200))
def test_integers(value: int) -> None:
    encoded = der.integer(value)
    assert encoded == core.Integer(value).dump()
    assert asn1.decode_der(int, encoded) == value


@given(st.lists(st.integers(min_value=0, max_value=2**40), max_size=8), st.integers(0, 2))
def test_object_identifiers(arcs: list[int], first: int) -> None:
    dotted = ".".join(map(str, (first, 5, *arcs)))
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths(length: int) -> None:
    content = bytes(length)
    assert der.octets(content) == core.OctetString(content).dump()
    assert asn1.decode_der(bytes, der.octets(content)) == content


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(0, "Z"), (999, "Z"), (1000, ".001Z"), (120_000, ".12Z"), (999_999, ".999Z")],
)
def test_generalized_time_has_no_trailing_zeros(microsecond: int, text: str) -> None:
    instant = datetime(2026, 1, 2, 3, 4, 5, microsecond, UTC)
    encoded = der.generalized_time(instant, milliseconds=True)
    assert encoded[2:].decode() == f"20260102030405{text}"
    asn1.decode_der(asn1.GeneralizedTime, encoded)  # which is strict about fractions
