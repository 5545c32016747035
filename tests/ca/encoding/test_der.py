"""Our DER against asn1crypto's, and hostile bytes against the reader."""

from datetime import UTC, datetime

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der


@given(st.integers(min_value=-(2**200), max_value=2**200))
def test_integers(value: int) -> None:
    encoded = der.integer(value)
    assert encoded == core.Integer(value).dump()
    assert der.read_integer(der.read_one(encoded, der.INTEGER)) == value


@given(st.lists(st.integers(min_value=0, max_value=2**40), max_size=8), st.integers(0, 2))
def test_object_identifiers(arcs: list[int], first: int) -> None:
    dotted = ".".join(map(str, (first, 5, *arcs)))
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths(length: int) -> None:
    content = bytes(length)
    assert der.octets(content) == core.OctetString(content).dump()
    assert der.read_one(der.octets(content), der.OCTET_STRING).content == content


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(0, "Z"), (999, "Z"), (1000, ".001Z"), (120_000, ".12Z"), (999_999, ".999Z")],
)
def test_generalized_time_has_no_trailing_zeros(microsecond: int, text: str) -> None:
    instant = datetime(2026, 1, 2, 3, 4, 5, microsecond, UTC)
    encoded = der.generalized_time(instant, milliseconds=True)
    assert der.read_one(encoded, der.GENERALIZED_TIME).content.decode() == f"20260102030405{text}"


@pytest.mark.parametrize(
    "data",
    [
        "", "30", "3001", "308000000000", "30810100", "30820001ff", "30850000000001ff",
        "3f8101", "3000ff", "30ff",
    ],
)  # fmt: skip
def test_what_is_not_der_is_refused(data: str) -> None:
    with pytest.raises(der.DerError):
        der.read_one(bytes.fromhex(data), der.SEQUENCE)


@pytest.mark.parametrize("data", ["0200", "02020001", "0202ff80", "0202007f"])
def test_padded_integers_are_refused(data: str) -> None:
    with pytest.raises(der.DerError):
        der.read_integer(der.read_one(bytes.fromhex(data), der.INTEGER))


@given(st.binary(max_size=60))
def test_the_reader_only_ever_raises_its_own_error(data: bytes) -> None:
    try:
        element = der.read_one(data, der.SEQUENCE)
    except der.DerError:
        return
    assert element.encoded == data
    assert der.sequence(element.content) == data  # one value, one encoding
