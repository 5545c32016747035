"""What is not DER, or not what was asked for, is refused by the reader's own error."""

from collections.abc import Callable

import pytest
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der
from ca.encoding.ocsp_request import parse_request
from ca.encoding.reading import DerError, Digest, first_of, read, read_sequence
from ca.encoding.tsa_request import Failure, TimestampRefused
from ca.encoding.tsa_request import parse_request as parse_timestamp_request

SHA256 = der.oid("2.16.840.1.101.3.4.2.1")
NONCE = der.oid("1.3.6.1.5.5.7.48.1.2")


@pytest.mark.parametrize(
    "data",
    [
        "", "30", "3001", "308000000000", "30810100", "30820001ff", "30850000000001ff",
        "3f8101", "3000ff", "30ff", "0400", "3100", "1f3000",
    ],
)  # fmt: skip
def test_what_is_no_sequence_is_refused(data: str) -> None:
    with pytest.raises(DerError):
        read_sequence(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (int, "0200"), (int, "02020001"), (int, "0202ff80"), (int, "0202007f"),
        (bool, "010101"), (bool, "0102ffff"), (asn1.Null, "050100"),
        (bytes, "2403040100"), (ObjectIdentifier, "0600"), (ObjectIdentifier, "06025580"),
        (Digest, der.sequence(SHA256, der.octets(b"rides along")).hex()),
        (Digest, der.sequence(SHA256, der.NULL, der.NULL).hex()),
    ],
)  # fmt: skip
def test_what_is_not_der_is_refused(kind: type, data: str) -> None:
    with pytest.raises(DerError):
        read(kind, bytes.fromhex(data))


@given(st.binary(max_size=60))
def test_the_reader_only_ever_raises_its_own_error(data: bytes) -> None:
    first, rest = first_of(data)
    assert first + rest == data
    try:
        read_sequence(data)
    except DerError:
        return
    assert (first, rest) == (data, b"")


def ocsp(*extensions: bytes, version: bytes = b"", of_one: bytes = b"") -> bytes:
    cert_id = der.sequence(
        der.sequence(SHA256, der.NULL), der.octets(b"n"), der.octets(b"k"), der.integer(7)
    )
    listed = der.context(2, der.sequence(*extensions)) if extensions else b""
    requests = der.sequence(der.sequence(cert_id, of_one))
    return der.sequence(der.sequence(version, requests, listed))


def extension(critical: bytes = b"", oid: bytes = NONCE) -> bytes:
    return der.sequence(oid, critical, der.octets(der.octets(b"n" * 32)))


FALSE, OTHER = b"\x01\x01\0", der.oid("1.2.3")
ACCEPTED = [
    ocsp,
    lambda: ocsp(version=der.context(0, der.integer(0))),
    lambda: ocsp(extension()),
    lambda: ocsp(extension(FALSE), extension(FALSE, OTHER)),
    lambda: ocsp(extension(der.TRUE)),
    lambda: ocsp(of_one=der.context(0, der.sequence(extension(FALSE, OTHER)))),
]
REFUSED = [
    lambda: ocsp(version=der.context(0, der.integer(1))),
    lambda: ocsp(extension(), extension()),
    lambda: ocsp(extension(der.TRUE, OTHER)),
    lambda: ocsp(extension(b"\x01\x01\x01")),
    lambda: ocsp(of_one=der.context(0, der.sequence(extension(der.TRUE, OTHER)))),
    lambda: der.sequence(der.sequence(der.sequence())),
    lambda: ocsp() + b"\0",
]


@pytest.mark.parametrize("request_of", ACCEPTED)
def test_defaults_that_are_written_out_are_read(request_of: Callable[[], bytes]) -> None:
    (one,) = parse_request(request_of()).cert_ids
    assert one.encoded in request_of()
    assert one.serial == 7


@pytest.mark.parametrize("request_of", REFUSED)
def test_other_requests_are_refused(request_of: Callable[[], bytes]) -> None:
    with pytest.raises(DerError):
        parse_request(request_of())


def stamp(*rest: bytes, version: int = 1, oid: bytes = SHA256, digest: bytes = bytes(32)) -> bytes:
    imprint = der.sequence(der.sequence(oid, der.NULL), der.octets(digest))
    return der.sequence(der.integer(version), imprint, *rest)


def test_a_timestamp_request_is_read_with_all_its_fields() -> None:
    read = parse_timestamp_request(stamp(der.oid("1.2.3"), der.integer(-5), der.TRUE))
    assert (read.policy, read.nonce, read.certificates) == (der.oid("1.2.3"), -5, True)
    assert not parse_timestamp_request(stamp(FALSE)).certificates
    assert read.message_imprint in stamp()


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (stamp(version=2), Failure.BAD_REQUEST),
        (stamp(der.integer(1 << 512)), Failure.BAD_REQUEST),
        (stamp(oid=der.oid("1.3.14.3.2.26"), digest=bytes(20)), Failure.BAD_ALG),
        (stamp(digest=bytes(31)), Failure.BAD_DATA_FORMAT),
        (stamp(der.context(0, der.sequence())), Failure.UNACCEPTED_EXTENSION),
        (stamp(der.octets(b"")), Failure.BAD_DATA_FORMAT),
        (stamp() + b"\0", Failure.BAD_DATA_FORMAT),
        (stamp(der.octets(bytes(2048))), Failure.BAD_DATA_FORMAT),
    ],
)
def test_why_a_timestamp_request_is_refused(data: bytes, failure: Failure) -> None:
    with pytest.raises(TimestampRefused) as refused:
        parse_timestamp_request(data)
    assert refused.value.failure is failure
