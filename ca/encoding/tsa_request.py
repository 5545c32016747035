"""Reading timestamp requests (RFC 3161 2.4.1): hostile bytes in, a small frozen value out."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from ca.encoding import der
from ca.encoding.reading import DerError, Imprint, read

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
    """Parsed timestamp request."""

    message_imprint: bytes
    """MessageImprint, DER, as it stands in the token."""
    policy: bytes | None
    """OBJECT IDENTIFIER, DER."""
    nonce: int | None
    certificates: bool
    """Whether the unit's certificate and chain are wanted in the token (certReq)."""


@asn1.sequence
class _Request:
    version: int
    imprint: Imprint
    policy: ObjectIdentifier | None
    nonce: int | None
    certificates: bool | None  # FALSE is taken where it is written out, against X.690 11.5
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]


def parse_request(data: bytes) -> TimestampRequest:
    """Read a TimeStampReq. Raises `TimestampRefused` with the bit that says why."""
    if len(data) > MAX_REQUEST_BYTES:
        raise TimestampRefused(Failure.BAD_DATA_FORMAT)
    try:
        asked = read(_Request, data)
    except DerError as error:
        raise TimestampRefused(Failure.BAD_DATA_FORMAT) from error
    if asked.version != 1:
        raise TimestampRefused(Failure.BAD_REQUEST)
    _check_imprint(asked.imprint)
    if asked.nonce is not None and asked.nonce.bit_length() > MAX_NONCE_BITS:
        raise TimestampRefused(Failure.BAD_REQUEST)
    if asked.extensions is not None:
        raise TimestampRefused(Failure.UNACCEPTED_EXTENSION)  # we know none (RFC 3161 2.4.1)
    return TimestampRequest(
        asn1.encode_der(asked.imprint),
        None if asked.policy is None else asn1.encode_der(asked.policy),
        asked.nonce,
        certificates=bool(asked.certificates),
    )


def _check_imprint(imprint: Imprint) -> None:
    name = _NAMES.get(imprint.hash.oid)
    if name is None:
        raise TimestampRefused(Failure.BAD_ALG)
    if len(imprint.digest) != hashlib.new(name).digest_size:
        raise TimestampRefused(Failure.BAD_DATA_FORMAT)
