"""Routes of signing in person: `/issuing/v1/requests/{id}/signature`.

The key stays with the officer: the page goes out, a signature value comes back. A client makes the
octets to be signed itself, from the page, and compares; one that signs whatever it is sent gives
its key away to whoever holds its session.
"""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter

from core.web.request_errors import UnusableRequestError
from issuing_api.calls import RequestId
from issuing_api.routes import messages
from issuing_api.routes.signature_wire import (
    CertificateBody,
    PreparedWire,
    SignatureBody,
    SignedWire,
)
from registry.desk.person_signing import SigningDesk
from registry.desk.rights import CallerStanding as Caller


def add_signatures(router: APIRouter, signing: SigningDesk, signed_in: Any) -> None:
    """Add the routes; `signed_in` is the dependency that says who asks."""

    @router.post(
        "/requests/{request_id}/signature",
        status_code=201,
        summary="Get what to sign 取待签文件",
        tags=["requests"],
    )
    def begin(
        caller: Annotated[Caller, signed_in],
        request_id: RequestId,
        body: CertificateBody,
    ) -> PreparedWire:
        prepared = signing.begin(caller, request_id, _octets(body.certificate))
        return PreparedWire(
            identifier=prepared.identifier,
            document=base64.b64encode(prepared.page).decode(),
            to_be_signed=base64.b64encode(prepared.to_be_signed).decode(),
            expires_at=prepared.expires_at,
        )

    @router.put(
        "/requests/{request_id}/signature",
        summary="Hand the signature in 提交签名",
        tags=["requests"],
    )
    def finish(
        caller: Annotated[Caller, signed_in],
        request_id: RequestId,
        body: SignatureBody,
    ) -> SignedWire:
        return SignedWire(identifier=signing.finish(caller, request_id, _octets(body.value)))


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableRequestError(messages.NOT_BASE64) from error
