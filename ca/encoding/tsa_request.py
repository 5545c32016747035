"""Reading timestamp requests (RFC 3161 2.4.1): hostile bytes in, a small frozen value out."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from ca.encoding import der

MAX_REQUEST_BYTES = 2048
"""A SHA-512 imprint with policy and nonce takes some 150 octets."""
MAX_NONCE_BITS = 512
"""Clients send 64 to 128; a nonce comes back in every token, so it is bounded."""

DIGEST_OIDS: dict[str, bytes] = {
    "sha256": der.oid("2.16.840.1.101.3.4.2.1"),
    "sha384": der.oid("2.16.840.1.101.3.4.2.2"),
    "sha512": der.oid("2.16.840.1.101.3.4.2.3"),
}
"""Imprints that are accepted (EN 319 422 5.1.2 with TS 119 312): no SHA-1."""
_NAMES = {oid: name for name, oid in DIGEST_OIDS.items()}


class Failure(IntEnum):
    """PKIFailureInfo, by bit (RFC 3161 2.4.2)."""

    BAD_ALG = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


class TimestampRefused(Exception):  # noqa: N818 (an answer of the protocol, caught by the unit)
    """The request gets a rejection."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.name)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """What is to be stamped."""

    message_imprint: bytes
    """MessageImprint, DER, as it stands in the token."""
    policy: bytes | None
    """OBJECT IDENTIFIER, DER."""
    nonce: int | None
    certificates: bool
    """Whether the unit's certificate and chain are wanted in the token (certReq)."""


def parse_request(data: bytes) -> TimestampRequest:
    """Read a TimeStampReq. Raises `TimestampRefused` with the bit that says why."""
    try:
        return _parse(data)
    except der.DerError as error:
        raise TimestampRefused(Failure.BAD_DATA_FORMAT) from error


def _parse(data: bytes) -> TimestampRequest:
    if len(data) > MAX_REQUEST_BYTES:
        raise TimestampRefused(Failure.BAD_DATA_FORMAT)
    members = der.read_one(data, der.SEQUENCE).members()
    if der.read_integer(members.next(der.INTEGER)) != 1:
        raise TimestampRefused(Failure.BAD_REQUEST)
    imprint = _checked_imprint(members.next(der.SEQUENCE))
    policy = members.optional(der.OBJECT_IDENTIFIER)
    nonce = members.optional(der.INTEGER)
    wanted = members.optional(0x01)
    extensions = members.optional(0xA0)
    members.finish()
    if extensions is not None:
        raise TimestampRefused(Failure.UNACCEPTED_EXTENSION)  # we know none (RFC 3161 2.4.1)
    return TimestampRequest(
        imprint,
        None if policy is None else policy.encoded,
        None if nonce is None else _checked_nonce(nonce),
        certificates=wanted is not None and wanted.content != b"\0",
    )


def _checked_imprint(imprint: der.Element) -> bytes:
    members = imprint.members()
    algorithm = members.next(der.SEQUENCE).members()
    oid = algorithm.next(der.OBJECT_IDENTIFIER).encoded
    der.read_null(algorithm)
    digest = members.next(der.OCTET_STRING).content
    members.finish()
    if oid not in _NAMES:
        raise TimestampRefused(Failure.BAD_ALG)
    if len(digest) != hashlib.new(_NAMES[oid]).digest_size:
        raise TimestampRefused(Failure.BAD_DATA_FORMAT)
    return imprint.encoded


def _checked_nonce(nonce: der.Element) -> int:
    value = der.read_integer(nonce)
    if value.bit_length() > MAX_NONCE_BITS:
        raise TimestampRefused(Failure.BAD_REQUEST)
    return value
