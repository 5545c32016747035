"""Evidence of an enrolment: judged by the side that takes it, and anew by the side that certifies.

Whoever writes the database gets no certificate by that: what certifies looks at the signature of
the identity provider and of the key itself, and at what the token's nonce commits to.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from ca.errors import BadRequestError
from ca.profiles.profiles import ProfileKind
from core.clock import Clock
from core.errors import NotAllowedError
from core.ids import AuthorityId
from identity.oidc.sign_in import SignInClient
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.people.rules import FRESH
from identity.people.told import divided, groups_of, name_of
from identity.tokens.commitment import Commitment
from identity.tokens.id_token import SignInRequest
from identity.tokens.jose import unverified_issuer
from identity.tokens.refusals import Refusal, TokenRefusedError
from keys.algorithms import verify_with
from registry.desk.enrolment import messages

KINDS = (ProfileKind.OFFICER_SHORT, ProfileKind.OFFICER)
"""Profiles that officers enrol for: a working day, or years on a token."""


@dataclass(frozen=True, slots=True)
class EnrolmentProvider:
    """An identity provider, by the client that serves enrolments alone."""

    label: str
    """How people call it."""
    client: SignInClient
    groups_claim: str
    strong_acrs: tuple[str, ...]
    """Sign-ins that are strong, the best first; none: nobody enrols by it."""


@dataclass(frozen=True, slots=True)
class EnrolmentEvidence:
    """All that an officer hands in."""

    challenge: str
    profile: ProfileKind
    authority_id: AuthorityId
    spki: bytes
    """The public key to be certified, DER."""
    id_token: str
    possession: bytes
    """Signature by the key over the commitment's statement."""

    def commitment(self, server: str) -> Commitment:
        """Return the commitment that the sign-in must have been for."""
        return Commitment(server, self.challenge, self.profile, self.authority_id, self.spki)

    def kept(self) -> dict[str, str]:
        """Return it as it is kept until it is decided."""
        return {
            "challenge": self.challenge,
            "profile": self.profile,
            "authority": self.authority_id,
            "spki": base64.b64encode(self.spki).decode(),
            "id_token": self.id_token,
            "possession": base64.b64encode(self.possession).decode(),
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "EnrolmentEvidence":
        """Return it as it was kept. Raises `BadRequestError`."""
        try:
            return cls(
                str(kept["challenge"]),
                ProfileKind(kept["profile"]),
                AuthorityId(str(kept["authority"])),
                base64.b64decode(kept["spki"], validate=True),
                str(kept["id_token"]),
                base64.b64decode(kept["possession"], validate=True),
            )
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise BadRequestError(messages.EVIDENCE_UNREADABLE) from error


@dataclass(frozen=True, slots=True)
class Proven:
    """Facts that evidence proves."""

    identity: Identity
    """With the name that the provider tells."""
    key: CertificatePublicKeyTypes
    parts: tuple[str, str] | None
    """Surname and given name, where the provider divides the name."""
    issued_at: datetime
    """Of the ID token."""


class EvidenceCheck:
    """Judges evidence for one server, by its providers' keys."""

    def __init__(
        self, server: str, providers: Mapping[str, EnrolmentProvider], clock: Clock
    ) -> None:
        """`server` is its address, `providers` are by alias."""
        self.server = server
        self.providers = providers
        self._by_issuer = {one.client.provider.issuer: one for one in providers.values()}
        self._clock = clock

    def verify(self, evidence: EnrolmentEvidence) -> Proven:
        """Verify evidence.

        Raises `BadRequestError`, `UnsupportedKeyError`, `TokenRefusedError`, `NotAllowedError`, and
        `KeysUnavailableError` or `ProviderUnreachableError` where the provider's keys cannot be had
        just now.
        """
        # 1. A profile for officers, and a key in its one encoding.
        if evidence.profile not in KINDS:
            raise BadRequestError(messages.NOT_AN_OFFICERS_PROFILE)
        key = _key_of(evidence.spki)
        commitment = evidence.commitment(self.server)
        # 2. The key itself says that it is to be certified so.
        try:
            verify_with(key, evidence.possession, commitment.statement)
        except InvalidSignature as error:
            raise BadRequestError(messages.POSSESSION_NOT_PROVEN) from error
        # 3. A person signed in for this very thing, just now, by strong means, at the client that
        # serves nothing else.
        provider = self._by_issuer.get(unverified_issuer(evidence.id_token))
        if provider is None:
            raise TokenRefusedError(Refusal.WRONG_ISSUER)
        if not provider.strong_acrs:
            raise TokenRefusedError(Refusal.WRONG_ACR)
        request = SignInRequest(
            commitment.nonce,
            max_age=int(FRESH.max_age.total_seconds()),
            acr_values=frozenset(provider.strong_acrs),
            alone=True,
        )
        token = provider.client.profile.verify(evidence.id_token, request, self._clock.now())
        # 4. It says whom the certificate will name.
        name = name_of(token.claims.get("name"))
        if not name:
            raise NotAllowedError(messages.NAME_MISSING)
        identity = Identity(
            Pin(token.issuer, token.subject),
            IdentityKind.PERSON,
            name,
            SignInWay.BROWSER,
            groups=frozenset(groups_of(token.claims.get(provider.groups_claim))),
            acr=token.acr,
            auth_time=token.auth_time,
        )
        return Proven(identity, key, divided(name, token.claims), token.issued_at)


def _key_of(spki: bytes) -> CertificatePublicKeyTypes:
    try:
        key = load_der_public_key(spki)
        same = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == spki
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadRequestError(messages.KEY_UNREADABLE) from error
    if not same:
        raise BadRequestError(messages.KEY_UNREADABLE)
    return key  # type: ignore[return-value]  # which kinds may stand in it, the profile says
