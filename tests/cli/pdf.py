"""A sealed file's signature, cut out without any of our own code."""

import re

from asn1crypto import cms
from cryptography import x509

from tests.der_length import encoded_length

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def signed_bytes(pdf: bytes, index: int = 0) -> bytes:
    """Return the bytes that a signature covers (ISO 32000-1 12.8.1)."""
    start, length, second, rest = _ranges(pdf)[index]
    return pdf[start : start + length] + pdf[second : second + rest]


def embedded_cms(pdf: bytes, index: int = 0) -> bytes:
    """Return a signature's CMS (DER), without the padding after it."""
    start, length, second, _ = _ranges(pdf)[index]
    padded = bytes.fromhex(pdf[start + length + 1 : second - 1].decode())
    return padded[: encoded_length(padded)]


def signature_value(der: bytes) -> bytes:
    """Return the signature of a CMS's one signer: what its signature timestamp is of."""
    return bytes(_signer(der)["signature"].native)


def signature_timestamp(der: bytes) -> bytes | None:
    """Return the token in a CMS's unsigned attributes (RFC 3161 appendix A), DER."""
    for attribute in _signer(der)["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return bytes(attribute["values"][0].dump())
    return None


def is_leaf(certificate: x509.Certificate) -> bool:
    """Tell a seal's certificate from its CA's."""
    constraints = [
        one.value.ca
        for one in certificate.extensions
        if isinstance(one.value, x509.BasicConstraints)
    ]
    return True not in constraints


def _signer(der: bytes) -> cms.SignerInfo:
    return cms.ContentInfo.load(der)["content"]["signer_infos"][0]


def _ranges(pdf: bytes) -> list[tuple[int, ...]]:
    return [tuple(map(int, found.groups())) for found in _RANGE.finditer(pdf)]
