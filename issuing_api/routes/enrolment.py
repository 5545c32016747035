"""`/issuing/v1/enrolments`: officers have keys of their own certified.

Not signed in by session or access token: the ID token of the sign-in that commits to the key is all
that counts.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.requests import Request
from starlette.responses import Response

from ca.profiles.profiles import ProfileKind
from core.ids import AuthorityId
from core.web.problem_schema import problem_doc
from identity.people.rules import FRESH
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jose import MAX_TOKEN
from registry.desk.enrolment.asking import Enrolments, OwnCertificate
from registry.desk.enrolment.evidence import EnrolmentEvidence
from registry.desk.enrolment.rows import Enrolment, EnrolmentState, Offer
from registry.desk.rights import CallerStanding

PREFIX = "/issuing/v1"
CHALLENGES = f"{PREFIX}/enrolment-challenges"
"""Each keeps a row for ten minutes: limited as sign-ins are."""
_PROVIDERS_AT_ONCE = 16
_MAX_SPKI = 8 * 1024
"""Characters in base64: ML-DSA-87 takes 3.5 KB."""
_MAX_SIGNATURE = 16 * 1024
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: problem_doc("The sign-in does not do for this enrolment."),
    403: problem_doc("This person may not have a key certified for this authority."),
    409: problem_doc("The challenge was used or is too old, or the key is another's."),
    422: problem_doc("The request cannot be used."),
}
_EnrolmentId = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Of an enrolment.")]


def _octets(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is no base64") from error
    return value


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class EnrolmentBody(_Asked):
    """A key to be certified. What the certificate says of its owner is not theirs to say."""

    challenge: str = Field(min_length=20, max_length=64)
    profile: ProfileKind = ProfileKind.OFFICER_SHORT
    authority: str = Field(min_length=1, max_length=64, examples=["market"])
    public_key: str = Field(max_length=_MAX_SPKI, description="SubjectPublicKeyInfo, DER, base64.")
    id_token: str = Field(max_length=MAX_TOKEN, description="Of the client for enrolments.")
    possession: str = Field(
        max_length=_MAX_SIGNATURE, description="The key's signature over the statement, base64."
    )

    _are_base64 = field_validator("public_key", "possession")(_octets)

    def evidence(self) -> EnrolmentEvidence:
        """Return it as the desk takes it."""
        return EnrolmentEvidence(
            self.challenge,
            self.profile,
            AuthorityId(self.authority),
            base64.b64decode(self.public_key),
            self.id_token,
            base64.b64decode(self.possession),
        )


class EnrolmentProviderWire(_Told):
    """An identity provider, by its client that serves enrolments alone."""

    alias: str
    label: str
    issuer: str
    client_id: str
    algorithm: JwsAlgorithm
    scopes: list[str]
    acr_values: list[str]


class ChallengeWire(_Told):
    """A challenge, and where to sign in with it."""

    challenge: str
    expires_at: str
    server: str = Field(description="Address that the sign-in's nonce must commit to.")
    max_age: int = Field(description="Seconds since the sign-in.")
    providers: list[EnrolmentProviderWire]

    @classmethod
    def of(cls, made: Offer, enrolments: Enrolments) -> "ChallengeWire":
        """Describe a challenge."""
        return cls(
            challenge=made.challenge,
            expires_at=made.expires_at.isoformat(),
            server=enrolments.check.server,
            max_age=int(FRESH.max_age.total_seconds()),
            providers=[
                EnrolmentProviderWire(
                    alias=alias,
                    label=one.label,
                    issuer=one.client.provider.issuer,
                    client_id=one.client.provider.client_id,
                    algorithm=one.client.provider.algorithm,
                    scopes=list(one.client.provider.scopes),
                    acr_values=list(one.strong_acrs),
                )
                for alias, one in enrolments.check.providers.items()
            ],
        )


class EnrolmentWire(_Told):
    """An enrolment as it stands."""

    id: str
    state: EnrolmentState
    request: str | None = Field(description="That a registrar is to approve first.")
    code: str | None = Field(description="Of why it was refused.")
    certificate: str | None = Field(description="PEM, once issued.")

    @classmethod
    def of(cls, one: Enrolment, der: bytes | None) -> "EnrolmentWire":
        """Describe an enrolment to whoever made it."""
        pem = None
        if der is not None:
            pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
        return cls(
            id=one.enrolment_id,
            state=one.state,
            request=one.request_id,
            code=one.detail,
            certificate=pem,
        )


class OwnCertificateWire(_Told):
    """A certificate of the caller's own."""

    issuer: str
    serial: str
    profile: str
    subject: str
    authority: str | None
    not_before: str
    not_after: str
    state: str
    usable: bool = Field(description="What it signs now is taken here.")

    @classmethod
    def of(cls, one: OwnCertificate) -> "OwnCertificateWire":
        """Describe a certificate to its owner."""
        intent = one.entry.intent
        return cls(
            issuer=intent.issuer,
            serial=f"{intent.serial:x}",
            profile=intent.profile,
            subject=intent.subject,
            authority=one.owned.authority_id,
            not_before=intent.not_before.isoformat(),
            not_after=intent.not_after.isoformat(),
            state=one.entry.state,
            usable=one.owned.ended_at is None and one.entry.revoked_at is None,
        )


class OwnCertificatesWire(_Told):
    """Certificates of the caller's own, those that ran out left out."""

    certificates: list[OwnCertificateWire]


def enrolment_router(
    enrolments: Enrolments, standing: Callable[[Request], CallerStanding]
) -> APIRouter:
    """Return the routes; `standing` looks up who calls."""
    router = APIRouter(prefix=PREFIX, tags=["certificates"], responses=_REFUSALS)
    # Providers may be slow: whoever waits for one takes no thread from anybody else.
    limiter = CapacityLimiter(_PROVIDERS_AT_ONCE)

    async def caller(request: Request) -> CallerStanding:
        return await to_thread.run_sync(standing, request, limiter=limiter)

    @router.post("/enrolment-challenges", status_code=201, summary="Begin an enrolment 开始申领")
    def challenge() -> ChallengeWire:
        return ChallengeWire.of(enrolments.offer(), enrolments)

    @router.post("/enrolments", status_code=201, summary="Have a key certified 申领证书")
    async def enrol(body: EnrolmentBody, response: Response) -> EnrolmentWire:
        def take() -> EnrolmentWire:
            taken = enrolments.enrol(body.evidence())
            return EnrolmentWire.of(*enrolments.find(taken.enrolment_id))

        told = await to_thread.run_sync(take, limiter=limiter)
        response.status_code = 201 if told.state is EnrolmentState.ISSUED else 202
        response.headers["Location"] = f"{PREFIX}/enrolments/{told.id}"
        return told

    @router.get("/enrolments/{enrolment_id}", summary="What became of it 查看申领")
    def enrolment(enrolment_id: _EnrolmentId) -> EnrolmentWire:
        return EnrolmentWire.of(*enrolments.find(enrolment_id))

    @router.get("/me/certificates", summary="The caller's certificates 本人证书")
    def own(
        caller: Annotated[CallerStanding, Depends(caller)],
    ) -> OwnCertificatesWire:
        found = enrolments.own(caller)
        return OwnCertificatesWire(certificates=[OwnCertificateWire.of(one) for one in found])

    return router
