"""An officer who has a key certified, step by step, so that each step can go wrong."""

import base64
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.clock import SystemClock
from identity.oidc.provider import Provider
from identity.oidc.sign_in import SignInClient
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.commitment import Commitment
from keys.algorithms import sign_with
from tests.issuing_api.desk import ALIAS, RunningDesk

V1 = "/issuing/v1"
STRONG = "urn:xinyin:two"
_OF_SIGN_IN = ("client_id", "acr", "max_age")


@dataclass
class Enrolling:
    """An officer with a key."""

    desk: RunningDesk
    account: str
    authority: str
    key: CertificateIssuerPrivateKeyTypes = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    profile: str = "officer-short"

    @property
    def spki(self) -> bytes:
        return spki_of(self.key)

    def challenge(self) -> dict[str, Any]:
        """Ask for a challenge."""
        told: dict[str, Any] = self.desk.http.post(
            f"{self.desk.url}{V1}/enrolment-challenges"
        ).json()
        return told

    def commitment(self, challenge: str) -> Commitment:
        return Commitment(self.desk.url, challenge, self.profile, self.authority, self.spki)

    def sign_in(
        self, nonce: str, client_id: str = "enrol", acr: str = STRONG, max_age: int | None = 120
    ) -> str:
        """Sign in at the provider, and return the ID token."""
        client = self.client(client_id)
        address, pending = client.begin(
            "http://127.0.0.1/callback", nonce=nonce, max_age=max_age, acr_values=(acr,)
        )
        answer = self.desk.provider.browser().sign_in(address, self.account, acr=acr)
        token = client.finish(pending, answer, proof_key()).tokens.id_token
        assert token is not None
        return token

    def client(self, client_id: str = "enrol") -> SignInClient:
        provider = Provider(
            ALIAS,
            self.desk.provider.issuer,
            client_id,
            JwsAlgorithm.ES256,
            None,
            ("openid", "profile"),
            plain_loopback=True,
        )
        return SignInClient(provider, SystemClock(), secrets.token_bytes)

    def body(self, **changed: Any) -> dict[str, Any]:
        """Return all that is handed in: right, but for what is changed."""
        challenge = changed.pop("challenge", None) or self.challenge()["challenge"]
        commitment = self.commitment(challenge)
        sign_in = {one: changed.pop(one) for one in _OF_SIGN_IN if one in changed}
        made = {
            "challenge": challenge,
            "profile": self.profile,
            "authority": self.authority,
            "public_key": b64(self.spki),
            "possession": b64(sign_with(self.key, commitment.statement)),
            **changed,
        }
        if "id_token" not in made:
            made["id_token"] = self.sign_in(commitment.nonce, **sign_in)
        return made

    def send(self, body: dict[str, Any]) -> httpx2.Response:
        return self.desk.http.post(f"{self.desk.url}{V1}/enrolments", json=body)

    def enrol(self, **changed: Any) -> httpx2.Response:
        return self.send(self.body(**changed))

    def again(self, **changed: Any) -> "Enrolling":
        return replace(self, **changed)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki_of(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def proof_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate_in(response: httpx2.Response) -> x509.Certificate:
    return x509.load_pem_x509_certificate(response.json()["certificate"].encode())
