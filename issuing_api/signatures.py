"""Signing in person: `/issuing/v1/requests/{id}/signature`.

The key stays with the officer: the page goes out, a signature value comes back. A client makes the
octets to be signed itself, from the page, and compares; one that signs whatever it is sent gives
its key away to whoever holds its session.
"""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.web.request_errors import UnusableRequestError
from issuing_api import messages
from registry.desk.person_signing import SigningDesk
from registry.desk.rights import CallerStanding as Caller

_MAX_BASE64 = 16 * 1024
"""A certificate with an ML-DSA key takes 8 KiB, a signature by one 5."""
_RequestId = Annotated[str, Path(max_length=32, description="Of a request.")]
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


def add_signatures(router: APIRouter, signing: SigningDesk, standing: Any) -> None:
    """Add the routes; `standing` is the dependency that says who asks."""
    signed_in = Depends(standing)

    @router.post(
        "/requests/{request_id}/signature", status_code=201, summary="Get what to sign 取待签文件"
    )
    def begin(
        caller: Annotated[Caller, signed_in],
        request_id: _RequestId,
        body: CertificateBody,
    ) -> PreparedWire:
        prepared = signing.begin(caller, request_id, _octets(body.certificate))
        return PreparedWire(
            identifier=prepared.identifier,
            document=base64.b64encode(prepared.page).decode(),
            to_be_signed=base64.b64encode(prepared.to_be_signed).decode(),
            expires_at=prepared.expires_at,
        )

    @router.put("/requests/{request_id}/signature", summary="Hand the signature in 提交签名")
    def finish(
        caller: Annotated[Caller, signed_in],
        request_id: _RequestId,
        body: SignatureBody,
    ) -> SignedWire:
        return SignedWire(identifier=signing.finish(caller, request_id, _octets(body.value)))


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableRequestError(messages.NOT_BASE64) from error
