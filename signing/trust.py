"""Whom a validator trusts, and what is known beside the file itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """All DER. Only `anchors` are trusted; the rest helps to build and check paths to them."""

    anchors: tuple[bytes, ...]
    """Certificates of the roots; the system's store is never used."""
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
