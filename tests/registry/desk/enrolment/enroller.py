"""Officers who enrol at a home, with an identity provider that the test speaks for."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.ids import AuthorityId, IdentityId
from core.permits import Role
from identity.people.model import IdentityKind, Pin
from identity.tokens.id_token import IdTokenProfile
from keys.algorithms import sign_with
from registry.desk.enrolment.asking import Enrolments
from registry.desk.enrolment.certifying import EnrolmentIssuer
from registry.desk.enrolment.evidence import EnrolmentEvidence, EnrolmentProvider, EvidenceCheck
from registry.desk.enrolment.rows import Enrolment
from registry.desk.rights import Rights
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.roles import RoleGift, assign_role
from tests.identity.tokens.forge import ISSUER, PrivateKey, ec_key, forge, issuer
from tests.permits import MANAGE_OFFICERS
from tests.world import World

SERVER = "https://issuing.example"
CLIENT = "enrol"
STRONG = "urn:example:two"
MARKET = AuthorityId("qinglan-market")


@dataclass
class Bureau:
    """A home, its enrolments, and a provider's key."""

    world: World
    strong: tuple[str, ...] = (STRONG,)
    trusted: Any = field(default_factory=issuer)
    steps: list[str] = field(default_factory=list)
    cut_off_at: str | None = None
    on_step: Any = None

    @property
    def rights(self) -> Rights:
        home = self.world.home
        strong = {ISSUER: self.strong}
        return Rights(home.database, home.clock, home.zone, secrets.token_bytes, {}, strong)

    @property
    def check(self) -> EvidenceCheck:
        client = SimpleNamespace(
            provider=SimpleNamespace(issuer=ISSUER), profile=IdTokenProfile(self.trusted, CLIENT)
        )
        provider = EnrolmentProvider("统一身份", client, "groups", self.strong)  # type: ignore[arg-type]
        return EvidenceCheck(SERVER, {"main": provider}, self.world.clock)

    @property
    def issuer(self) -> EnrolmentIssuer:
        home = self.world.home

        def step(name: str) -> None:
            self.steps.append(name)
            if self.on_step is not None:
                self.on_step(name)
            if name == self.cut_off_at:
                raise CutOffError(name)

        return EnrolmentIssuer(
            self.check,
            self.rights,
            home.ledger,
            home.profiles,
            lambda: home.hierarchy.authority,
            step,
        )

    def enrolments(self, *, apart: bool = False) -> Enrolments:
        """Return the use-cases, without the CA's key where they run apart from it."""
        issuing = None if apart else self.issuer
        return Enrolments(self.rights, self.check, self.world.home.ledger, issuing)

    def officer(
        self, sub: str = "u-17", name: str = "李样", role: Role | None = Role.SEALER
    ) -> "Officer":
        """Return somebody on record, with a role at the market's authority."""
        now = self.world.clock.now()
        with self.world.home.database.writing() as connection:
            new = NewIdentity(Pin(ISSUER, sub), IdentityKind.PERSON, name)
            made = add_identity(connection, new, MANAGE_OFFICERS, now, secrets.token_bytes)
            assignment = None
            if role is not None:
                gift = RoleGift(made.identity_id, role, MARKET)
                assignment = assign_role(
                    connection, gift, MANAGE_OFFICERS, now, secrets.token_bytes
                ).assignment_id
        return Officer(self, made.identity_id, sub, name, assignment)


class CutOffError(Exception):
    """The process ended here."""


@dataclass
class Officer:
    """Somebody with a key."""

    bureau: Bureau
    identity_id: IdentityId
    sub: str
    name: str
    assignment: str | None
    key: CertificateIssuerPrivateKeyTypes = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def claims(self, nonce: str) -> dict[str, object]:
        now = int(self.bureau.world.clock.now().timestamp())
        return {
            "iss": ISSUER,
            "sub": self.sub,
            "aud": CLIENT,
            "iat": now - 2,
            "exp": now + 300,
            "auth_time": now - 5,
            "acr": STRONG,
            "nonce": nonce,
            "name": self.name,
        }

    def evidence(
        self,
        challenge: str | None = None,
        *,
        profile: ProfileKind = ProfileKind.OFFICER_SHORT,
        authority: AuthorityId = MARKET,
        without: tuple[str, ...] = (),
        by: PrivateKey | None = None,
        at_hash: str | None = "of an access token that stays with the officer",
        **changed: object,
    ) -> EnrolmentEvidence:
        """Return evidence that is good but for what is said."""
        if challenge is None:
            challenge = self.bureau.enrolments(apart=True).offer().challenge
        draft = EnrolmentEvidence(challenge, profile, authority, spki_of(self.key), "", b"")
        commitment = draft.commitment(SERVER)
        told = {**self.claims(commitment.nonce), "at_hash": at_hash, **changed}
        token = forge(
            {"alg": "ES256", "kid": "k1"},
            {key: value for key, value in told.items() if key not in without},
            by or ec_key(),
        )
        return EnrolmentEvidence(
            challenge,
            profile,
            authority,
            draft.spki,
            token,
            sign_with(self.key, commitment.statement),
        )

    def enrol(self, **how: Any) -> Enrolment:
        """Enrol, and have it certified."""
        return self.bureau.enrolments().enrol(self.evidence(**how))

    def certificates(self) -> list[x509.Certificate]:
        """Return all that was ever issued for the key."""
        found = self.bureau.world.home.ledger.find_by_key(fingerprint(self.key))
        return [
            x509.load_der_x509_certificate(one.certificate)
            for one in found
            if one.certificate is not None
        ]


def fingerprint(key: CertificateIssuerPrivateKeyTypes) -> str:
    return spki_fingerprint(key.public_key())


def spki_of(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


LATER = timedelta(minutes=2)
