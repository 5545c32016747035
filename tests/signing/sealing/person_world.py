"""Officers of the CA in miniature, and documents that one signed before they were sealed."""

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from ca.profiles.names import NaturalSubject
from ca.profiles.profiles import ProfileKind
from ca.recorder import Collector
from keys.algorithms import generate_private_key, sign_with
from keys.model import KeyAlgorithm
from signing.levels import PadesLevel
from signing.sealing.pades import SealedDocument, SealingRequest
from signing.sealing.person_form import to_be_signed
from signing.sealing.personal import PersonalSigning
from tests.ca.world import OFFICER
from tests.permits import to_certify
from tests.signing.sealing.sealing_world import SealingWorld, request

ISSUER = "https://identity.example.gov.cn/realms/officers"


class Officer:
    """An officer with a key of their own, and a certificate that our CA issued."""

    def __init__(
        self,
        own: SealingWorld,
        kind: ProfileKind = ProfileKind.OFFICER_SHORT,
        algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256,
        subject: NaturalSubject = OFFICER,
        key: CertificateIssuerPrivateKeyTypes | None = None,
    ) -> None:
        self.world = own
        self.key: CertificateIssuerPrivateKeyTypes = key or generate_private_key(algorithm)
        authority, profile = own.hierarchy.authority, own.ca.parts.profiles[kind]
        token = authority.prepare(
            profile,
            subject.to_name(),
            self.key.public_key(),
            permit=to_certify(profile),
            identity_issuer=ISSUER,
        )
        self.certificate = authority.issue(token)

    @property
    def signing(self) -> PersonalSigning:
        services = self.world.hierarchy.person_services(self.certificate, Collector())
        return PersonalSigning(
            certificate=self.certificate,
            chain=services.chain,
            timestamper=services.timestamper,
            validation=services.validation,
        )

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self.world.hierarchy.chain_of(self.certificate)

    def prepare(self, asked: SealingRequest) -> bytes:
        signing = self.signing
        return signing.prepare(asked, self.world.ca.clock.now(), signing.room())

    def value(self, prepared: bytes) -> bytes:
        """Sign on the officer's own machine."""
        return sign_with(self.key, to_be_signed(prepared, self.certificate))

    def signed(self, asked: SealingRequest) -> bytes:
        prepared = self.prepare(asked)
        return self.signing.embed(prepared, self.value(prepared))

    def document(self, level: PadesLevel = PadesLevel.B_LT, **other: object) -> SealedDocument:
        asked = replace(request(level), **other)  # type: ignore[arg-type]
        page = self.signed(asked)
        sealer = self.world.sealer
        return sealer.seal_signed(page, self.certificate, asked, self.signing.data)
