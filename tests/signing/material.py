"""A small PKI and PDFs signed by pyHanko itself, so that validation is tested against others."""

# mypy: disable-error-code="no-untyped-call, method-assign"

import asyncio
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.validation import TrustMaterial

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ORGANIZATION_IDENTIFIER = ObjectIdentifier("2.5.4.97")
IDENTIFIER = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def name(common: str, **more: str) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, more.get("o", "Test")),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if "organization_identifier" in more:
        attributes.append(
            x509.NameAttribute(ORGANIZATION_IDENTIFIER, more["organization_identifier"])
        )
    if "surname" in more:
        attributes.append(x509.NameAttribute(NameOID.SURNAME, more["surname"]))
    return x509.Name(attributes)


@dataclass
class Entity:
    key: PrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.der)

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        return asn1_keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def make(
    subject: x509.Name,
    issuer: Entity | None = None,
    *,
    key: PrivateKey | None = None,
    ca: bool = False,
    usage: frozenset[str] = frozenset({"content_commitment"}),
    eku: ObjectIdentifier | None = None,
    no_check: bool = False,
    no_revocation: bool = False,
    address: bool = True,
    start: datetime = NOW - timedelta(days=30),
    days: int = 730,
) -> Entity:
    key = key or ec.generate_private_key(ec.SECP256R1())
    flags = {
        flag: flag in usage
        for flag in (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
            "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        )
    }  # fmt: skip
    signer = issuer.key if issuer else key
    issuer_public = signer.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**flags), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False
        )
    )
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage([eku]), critical=True)
    if no_revocation:
        mark = x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.56"), b"\x05\x00")
        builder = builder.add_extension(mark, critical=False)
    if issuer and not no_check and not ca and address:
        # pyHanko looks at OCSP answers only where the certificate names a responder.
        responder = x509.UniformResourceIdentifier("http://pki.example/ocsp")
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    if no_check:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return Entity(key, builder.sign(signer, hashes.SHA256()))


CA_USAGE = frozenset({"key_cert_sign", "crl_sign"})
SIGN_USAGE = frozenset({"digital_signature"})


class FixedTimePdfSigner(signers.PdfSigner):
    """States a signing time of the test's, not the machine's."""

    claimed: datetime = NOW

    def init_signing_session(self, *arguments: Any, **more: Any) -> Any:
        session = super().init_signing_session(*arguments, **more)
        session.system_time = self.claimed
        return session


@dataclass
class Pki:
    """Root, issuing CA, a seal, an officer, a TSA and an OCSP responder."""

    root: Entity
    issuing: Entity
    seal: Entity
    officer: Entity
    tsa: Entity
    responder: Entity
    revoked: dict[int, tuple[datetime, x509.ReasonFlags | None]] = field(default_factory=dict)
    invalid_since: dict[int, datetime] = field(default_factory=dict)
    """Invalidity dates (RFC 5280 5.3.2), stated in CRLs alone."""

    def crl(self, issuer: Entity, at: datetime = NOW - timedelta(hours=1), days: int = 7) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(at)
            .next_update(at + timedelta(days=days))
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
        )
        for serial, (moment, reason) in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment)
            if reason:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            if serial in self.invalid_since:
                since = self.invalid_since[serial].replace(tzinfo=None)
                entry = entry.add_extension(x509.InvalidityDate(since), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp(self, subject: Entity, at: datetime = NOW, days: int = 1) -> bytes:
        revoked = self.revoked.get(subject.certificate.serial_number)
        response = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=subject.certificate,
                issuer=self.issuing.certificate,
                algorithm=hashes.SHA1(),
                cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
                this_update=at,
                next_update=at + timedelta(days=days),
                revocation_time=revoked[0] if revoked else None,
                revocation_reason=revoked[1] if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.responder.certificate)
            .certificates([self.responder.certificate])
            .sign(self.responder.key, hashes.SHA256())
        )
        return response.public_bytes(serialization.Encoding.DER)

    def trust(self, *, at: datetime = NOW, crls: bool = True) -> TrustMaterial:
        moment = at - timedelta(hours=1)
        return TrustMaterial(
            anchors=(self.root.der,),
            certificates=(self.issuing.der,),
            crls=(self.crl(self.root, moment), self.crl(self.issuing, moment)) if crls else (),
        )

    def bare_trust(self) -> TrustMaterial:
        return TrustMaterial(anchors=(self.root.der,))

    def timestamper(self, at: datetime = NOW) -> DummyTimeStamper:
        store = SimpleCertificateStore()
        store.register(self.issuing.asn1)
        return DummyTimeStamper(
            tsa_cert=self.tsa.asn1,
            tsa_key=self.tsa.asn1_key,
            certs_to_embed=store,
            fixed_dt=at,
        )

    def signer(self, entity: Entity | None = None) -> signers.SimpleSigner:
        entity = entity or self.seal
        store = SimpleCertificateStore()
        store.register(self.issuing.asn1)
        return signers.SimpleSigner(
            signing_cert=entity.asn1, signing_key=entity.asn1_key, cert_registry=store
        )

    def validation_data(self, at: datetime = NOW) -> dict[str, Any]:
        return {
            "certs": [
                entity.asn1 for entity in (self.root, self.issuing, self.tsa, self.responder)
            ],
            "ocsps": [
                asn1_ocsp.OCSPResponse.load(self.ocsp(entity, at))
                for entity in (self.seal, self.officer, self.tsa)
            ],
            "crls": [
                asn1_crl.CertificateList.load(self.crl(issuer, at)) for issuer in (self.root,)
            ],
        }


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_pki(**seal: object) -> Pki:
    root = make(name("Test Root"), ca=True, usage=CA_USAGE, days=7300)
    issuing = make(name("Test Issuing CA"), root, ca=True, usage=CA_USAGE, days=3650)
    uscc = "NTRCN-11430000006122244L"
    return Pki(
        root=root,
        issuing=issuing,
        seal=make(
            name("测试市市场监督管理局", organization_identifier=uscc),
            issuing,
            **seal,  # type: ignore[arg-type]
        ),
        officer=make(name("Li Si", surname="Li"), issuing),
        tsa=make(
            name("Test TSA"),
            issuing,
            key=_rsa(),
            usage=SIGN_USAGE,
            eku=ExtendedKeyUsageOID.TIME_STAMPING,
            days=3650,
        ),
        responder=make(
            name("Test OCSP"),
            issuing,
            usage=SIGN_USAGE,
            eku=ExtendedKeyUsageOID.OCSP_SIGNING,
            no_check=True,
        ),
    )


@cache
def pki() -> Pki:
    """The PKI of most tests; nothing in it is ever revoked."""
    return make_pki()


def blank(*, text: str = "licence", stream_xrefs: bool = False) -> bytes:
    """One page with a line of text, an Info dictionary, and our identifier in it."""
    writer = PdfFileWriter(stream_xrefs=stream_xrefs)
    content = generic.StreamObject(
        stream_data=f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode("ascii")
    )
    font = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Font"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Type1"),
            generic.pdf_name("/BaseFont"): generic.pdf_name("/Helvetica"),
        }
    )
    resources = generic.DictionaryObject(
        {
            generic.pdf_name("/Font"): generic.DictionaryObject(
                {generic.pdf_name("/F1"): writer.add_object(font)}
            )
        }
    )
    writer.insert_page(
        PageObject(
            contents=writer.add_object(content), media_box=(0, 0, 300, 200), resources=resources
        )
    )
    info = generic.DictionaryObject(
        {
            generic.pdf_name("/Title"): generic.TextStringObject("Licence"),
            generic.pdf_name("/Keywords"): generic.TextStringObject(IDENTIFIER),
            generic.pdf_name("/ModDate"): generic.TextStringObject("D:20260101000000Z"),
        }
    )
    writer.set_info(writer.add_object(info))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@dataclass(frozen=True)
class How:
    """How a PDF is to be signed."""

    level: str = "B-LT"
    docmdp: MDPPerm | None = MDPPerm.NO_CHANGES
    field: str = "Seal"
    box: tuple[int, int, int, int] | None = None
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES
    at: datetime = NOW
    """When the timestamps and the validation data are made."""
    claimed: datetime | None = None
    bytes_reserved: int = 24576


def sign(
    data: bytes,
    world: Pki | None = None,
    how: How = How(),
    entity: Entity | None = None,
) -> bytes:
    """Sign as our Sealer does: DSS first, one revision; the archive timestamp in one more."""
    world = world or pki()
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None
    if how.level in ("B-LT", "B-LTA"):
        DocumentSecurityStore.supply_dss_in_writer(writer, None, **world.validation_data(how.at))
    metadata = signers.PdfSignatureMetadata(
        field_name=how.field,
        md_algorithm="sha256",
        subfilter=how.subfilter,
        certify=how.docmdp is not None,
        docmdp_permissions=how.docmdp or MDPPerm.FILL_FORMS,
    )
    signer = FixedTimePdfSigner(
        metadata,
        signer=world.signer(entity),
        timestamper=None if how.level == "B-B" else world.timestamper(how.at),
        new_field_spec=SigFieldSpec(how.field, box=how.box),
    )
    signer.claimed = how.claimed or how.at
    out = io.BytesIO()
    asyncio.run(signer.async_sign_pdf(writer, output=out, bytes_reserved=how.bytes_reserved))
    return archive(out.getvalue(), world, how.at) if how.level == "B-LTA" else out.getvalue()


def archive(data: bytes, world: Pki, at: datetime, *, update_dss: bool = True) -> bytes:
    """Add one revision with fresh validation data and a document timestamp."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None
    if update_dss:
        moment = at + timedelta(seconds=1)
        DocumentSecurityStore.supply_dss_in_writer(writer, None, **world.validation_data(moment))
    stamper = signers.PdfTimeStamper(
        world.timestamper(at + timedelta(seconds=2)), field_name=f"Archive{len(data)}"
    )
    out = io.BytesIO()
    asyncio.run(
        stamper.async_timestamp_pdf(
            writer, "sha256", validation_context=None, bytes_reserved=24576, output=out
        )
    )
    return out.getvalue()


@cache
def sealed(level: str = "B-LT", **more: object) -> bytes:
    """A sealed PDF of the common PKI, made once per process."""
    docmdp = MDPPerm.FILL_FORMS if level == "B-LTA" else MDPPerm.NO_CHANGES
    how = How(**{"level": level, "docmdp": docmdp, **more})  # type: ignore[arg-type]
    return sign(blank(), pki(), how)


__all__ = [
    "IDENTIFIER",
    "NOW",
    "How",
    "Pki",
    "archive",
    "blank",
    "fields",
    "make",
    "make_pki",
    "pki",
    "sealed",
    "sign",
]
