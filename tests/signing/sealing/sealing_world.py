"""A seal of the real CA in miniature, and documents that it sealed."""

import subprocess
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from reportlab.pdfgen.canvas import Canvas

from ca.hierarchy.hierarchy import ISSUING_KEY
from ca.issuers import FIRST_ISSUING
from ca.ledger import Intent
from ca.profiles.profiles import ProfileKind, Suite
from ca.validation.validation_data import ValidationData
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyPurpose, KeyStore, Signer
from signing.face import RenderedLicence, SealAppearance
from signing.levels import PadesLevel
from signing.sealing.pades import SealedDocument, Sealer, SealingRequest
from tests.ca.world import SEAL, World
from tests.permits import MANAGE_SEAL, to_certify

IDENTIFIER = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
AUTHORITY = "某某市市场监督管理局"
METADATA = "<证照><ZZMC>食品经营许可证</ZZMC></证照>".encode()
APPEARANCE = SealAppearance(b"/Shade gs 1 0 0 RG 3 w 5 5 110 110 re S", 120.0, (("Shade", 0.86),))


@cache
def page() -> RenderedLicence:
    """A page as small as they get."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), pdfVersion=(1, 7), invariant=1)
    canvas.drawString(100, 700, "licence")
    canvas.showPage()
    canvas.save()
    return RenderedLicence(buffer.getvalue(), (400.0, 150.0))


def request(level: PadesLevel = PadesLevel.B_LT) -> SealingRequest:
    return SealingRequest(
        rendered=page(),
        appearance=APPEARANCE,
        metadata=METADATA,
        metadata_name="licence-metadata.xml",
        title="食品经营许可证",
        author=AUTHORITY,
        subject="食品经营许可证 (副本)",
        identifier=IDENTIFIER,
        keywords=("电子证照", "A&B"),
        reason="颁发证照",
        level=level,
    )


class SealingWorld:
    """One seal with its CA, clock and key."""

    def __init__(
        self,
        algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256,
        keys: KeyStore | None = None,
        suite: Suite = Suite.ECDSA,
    ) -> None:
        self.ca = World(keys=keys, suite=suite)
        self.hierarchy = self.ca.found()
        key_id = KeyId("seal-1")
        self.ca.keys.generate(key_id, KeyPurpose.SEAL, algorithm)
        self.signer: Signer = self.ca.keys.open(key_id, KeyPurpose.SEAL)
        authority = self.hierarchy.authority
        token = authority.prepare(
            self.ca.parts.profiles[ProfileKind.SEAL],
            SEAL.to_name(),
            self.signer.public_key,
            permit=to_certify(self.ca.parts.profiles[ProfileKind.SEAL]),
        )
        self.certificate = authority.issue(token)
        self.chain = (self.hierarchy.issuing, self.hierarchy.root)
        self.sealer = self.make_sealer()

    @property
    def root(self) -> x509.Certificate:
        return self.hierarchy.root

    def certify_outside_the_profile(self, algorithm: KeyAlgorithm) -> tuple[bytes, Signer]:
        """Return a key of any algorithm with a certificate that looks like this seal's."""
        key_id = KeyId(f"seal-{algorithm}")
        self.ca.keys.generate(key_id, KeyPurpose.SEAL, algorithm)
        signer = self.ca.keys.open(key_id, KeyPurpose.SEAL)
        own = x509.load_der_x509_certificate(self.certificate)
        builder = (
            x509.CertificateBuilder()
            .subject_name(own.subject)
            .issuer_name(own.issuer)
            .public_key(signer.public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(own.not_valid_before_utc)
            .not_valid_after(own.not_valid_after_utc)
        )
        for extension in own.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        issuing = self.ca.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA).builder_key()
        certificate = builder.sign(issuing, hashes.SHA384())
        encoded = certificate.public_bytes(Encoding.DER)
        self._record(certificate, encoded)
        return encoded, signer

    def _record(self, certificate: x509.Certificate, encoded: bytes) -> None:
        """What is not on record is not vouched for, and seals nothing."""
        now, ledger = self.ca.clock.now(), self.ca.ledger
        serial = certificate.serial_number
        intent = Intent(FIRST_ISSUING, serial, ProfileKind.SEAL, "", "", "", now, now)
        ledger.record_intent(intent, now, permit=to_certify(intent.profile))
        ledger.record_issued(FIRST_ISSUING, serial, encoded, now, permit=MANAGE_SEAL)

    def make_sealer(self, **other: object) -> Sealer:
        parts: dict[str, object] = {
            "signer": self.signer,
            "certificate": self.certificate,
            "chain": tuple(c.public_bytes(Encoding.DER) for c in self.chain),
            "timestamper": self.hierarchy.timestamps,
            "validation": self.hierarchy.validation,
            "clock": self.ca.clock,
        }
        return Sealer(**{**parts, **other})  # type: ignore[arg-type]

    def seal(self, level: PadesLevel = PadesLevel.B_LT, **other: object) -> SealedDocument:
        return self.sealer.seal(replace(request(level), **other))  # type: ignore[arg-type]


_world = cache(SealingWorld)


def world(algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256) -> SealingWorld:
    """The world of all tests that change nothing in it, made once per process."""
    return _world(algorithm)


@cache
def _sealed(level: PadesLevel, algorithm: KeyAlgorithm) -> SealedDocument:
    return world(algorithm).seal(level)


def sealed(level: PadesLevel, algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256) -> SealedDocument:
    """A document sealed once per process."""
    return _sealed(level, algorithm)


def read(pdf: bytes) -> PdfFileReader:
    return PdfFileReader(BytesIO(pdf))


def contents(pdf: bytes, index: int = 0) -> tuple[bytes, cms.ContentInfo]:
    """Return the bytes that a signature covers, and its CMS."""
    signature = read(pdf).embedded_signatures[index]
    start, length, second, rest = signature.byte_range
    info = cms.ContentInfo.load(signature.pkcs7_content)
    return pdf[start : start + length] + pdf[second : second + rest], info


def dss_of(pdf: bytes) -> ValidationData:
    """Return what the DSS of a sealed file holds."""
    dss = read(pdf).root["/DSS"]
    kinds = ("/Certs", "/OCSPs", "/CRLs")
    return ValidationData(*(tuple(one.data for one in members(dss[kind])) for kind in kinds))


def members(listed: generic.ArrayObject) -> list[Any]:
    """Return the members of an array, references followed."""
    return [listed[index] for index in range(len(listed))]


def run(*command: str | Path) -> str:
    """Run a witness; fail with what it said unless it exits 0."""
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
