"""Hostile DER (ITU-T X.690), read strictly by the decoder of `cryptography` (written in Rust).

What is read is told by classes: one for each SEQUENCE, as the standard's ASN.1 has it. Its fields
are read in their order and nothing may follow. `asn1.TLV` stands for what is not looked into.
"""

from typing import TypeVar

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from ca.encoding import der

_T = TypeVar("_T")
_LONG_FORM = 0x80


class DerError(ValueError):
    """The bytes are not DER, or not what was expected of them."""


@asn1.sequence
class Digest:
    """AlgorithmIdentifier of a digest; parameters NULL or absent (RFC 5754 2).

    What is read here is echoed in answers: nothing else may ride along.
    """

    algorithm: ObjectIdentifier
    parameters: asn1.Null | None

    @property
    def oid(self) -> bytes:
        """The OBJECT IDENTIFIER, DER."""
        return asn1.encode_der(self.algorithm)


@asn1.sequence
class Imprint:
    """MessageImprint (RFC 3161 2.4.1)."""

    hash: Digest
    digest: bytes


def read(kind: type[_T], data: bytes) -> _T:
    """Read the single value that `data` is. Raises `DerError`."""
    try:
        return asn1.decode_der(kind, data)
    except ValueError as error:
        raise DerError("not DER, or another type than expected") from error


def read_sequence(data: bytes) -> None:
    """See that `data` is a single SEQUENCE, whatever is inside. Raises `DerError`."""
    if read(asn1.TLV, data).tag_bytes[0] != der.SEQUENCE:
        raise DerError("no SEQUENCE")


def first_of(data: bytes) -> tuple[bytes, bytes]:
    """Return the first value's bytes and what follows it; only its length is looked at."""
    head = data[:2].ljust(2, b"\0")
    count = max(0, head[1] - _LONG_FORM)
    length = int.from_bytes(data[2 : 2 + count]) if count else head[1]
    end = 2 + count + length
    return data[:end], data[end:]
