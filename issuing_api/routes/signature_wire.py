"""Shapes of signing in person on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_MAX_BASE64 = 16 * 1024
"""A certificate with an ML-DSA key takes 8 KiB, a signature by one 5."""
_Octets = Annotated[str, StringConstraints(max_length=_MAX_BASE64, min_length=4)]


class CertificateBody(BaseModel):
    """The certificate of the officer who is to sign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: _Octets = Field(description="DER, in base64.", examples=["MIIC…"])


class SignatureBody(BaseModel):
    """A signature over the page that was handed out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: _Octets = Field(
        description="Over `to_be_signed`, in base64: ECDSA-Sig-Value, RSA PKCS#1 v1.5 or ML-DSA.",
        examples=["MEUCIQ…"],
    )


class PreparedWire(BaseModel):
    """A page to be signed."""

    model_config = ConfigDict(frozen=True)

    identifier: str = Field(description="Of the licence, which has its number now.")
    document: str = Field(description="The PDF, with room for the signature; base64.")
    to_be_signed: str = Field(
        description="Signed attributes (RFC 5652 5.4) over the digest of the PDF, base64. Make "
        "them yourself from the PDF and compare: sign nothing else."
    )
    expires_at: datetime


class SignedWire(BaseModel):
    """Licence that was signed and waits for its seal."""

    model_config = ConfigDict(frozen=True)

    identifier: str
