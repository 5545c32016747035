"""Stock pyHanko, as its documentation has it: the baseline, with all that can be reused reused.

Signer, timestamper, certificates and revocation data are loaded once, and room for the signature is
stated: without `bytes_reserved` it would sign each document twice, once to see how long that gets.
What it must make anew for each document is its validation context: the revocation data of a seal
are of its own minute. Its field is invisible, and it attaches nothing: both are to its favour. What
is left is asn1crypto's encoding of what it puts together, in Python.
"""

import asyncio
from io import BytesIO
from typing import Any

from asn1crypto import cms, keys
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bench.home import BenchHome
from ca.hierarchy.hierarchy import ISSUING_KEY
from keys.model import KeyPurpose
from signing.levels import PadesLevel

_RESERVED = 16_384
"""Hexadecimal digits of the longest signature here, and some more."""


class OurTimeStamper(TimeStamper):
    """pyHanko's timestamper over our unit."""

    def __init__(self, home: BenchHome) -> None:
        start: Any = super().__init__  # untyped
        start(include_nonce=False)
        self._unit = home.hierarchy.timestamps

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token, loaded from bytes."""
        return cms.ContentInfo.load(self._unit.token(message_digest, md_algorithm))


class Stock:
    """`PdfSigner` with `SimpleSigner`."""

    def __init__(
        self, home: BenchHome, timestamper: TimeStamper, page: bytes | None = None
    ) -> None:
        """`page` is what is signed; None: the licence's."""
        self._page = page or home.rendered.pdf
        self._timestamper = timestamper
        store = _store(home)
        self._signer = signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(home.certificate),
            signing_key=_key_info(home.signer.builder_key()),
            cert_registry=store,
        )
        self._root = _asn1(home.hierarchy.root)
        self._others = [_asn1(home.hierarchy.issuing), _asn1(home.hierarchy.ocsp)]
        data = home.hierarchy.validation.for_seal(home.certificate)
        crls = (*data.crls, home.hierarchy.crls.current())
        self._crls = [asn1_crl.CertificateList.load(crl) for crl in crls]
        self._ocsps = [asn1_ocsp.OCSPResponse.load(ocsp) for ocsp in data.ocsps]

    def seal(self, level: PadesLevel) -> bytes:
        """Sign the page at a level."""
        long_term = level in (PadesLevel.B_LT, PadesLevel.B_LTA)
        metadata = signers.PdfSignatureMetadata(
            field_name="Seal",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            embed_validation_info=long_term,
            use_pades_lta=level is PadesLevel.B_LTA,
            validation_context=self._context() if long_term else None,
        )
        stamped = level is not PadesLevel.B_B
        signer = signers.PdfSigner(
            metadata, signer=self._signer, timestamper=self._timestamper if stamped else None
        )
        return _signed(signer, self._page)

    def sign_often(self, count: int) -> bytes:
        """Sign the page so many times, each signature stamped and in a revision of its own."""
        data = self._page
        for number in range(count):
            metadata = signers.PdfSignatureMetadata(
                field_name=f"Signature{number}",
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
            )
            signer = signers.PdfSigner(metadata, signer=self._signer, timestamper=self._timestamper)
            data = _signed(signer, data)
        return data

    def _context(self) -> ValidationContext:
        return ValidationContext(
            trust_roots=[self._root],
            other_certs=self._others,
            crls=self._crls,
            ocsps=self._ocsps,
            revocation_mode="hard-fail",
            allow_fetching=False,
        )


def _signed(signer: signers.PdfSigner, page: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(page))
    signed = asyncio.run(signer.async_sign_pdf(writer, bytes_reserved=_RESERVED))
    made: bytes = signed.getvalue()
    return made


def dummy_timestamper(home: BenchHome) -> TimeStamper:
    """Return pyHanko's `DummyTimeStamper` with an RSA-2048 key, certified by our issuing CA."""
    key = rsa.generate_private_key(65537, 2048)
    ours = home.hierarchy.tsa
    builder = (
        x509.CertificateBuilder()
        .subject_name(ours.subject)
        .issuer_name(ours.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ours.not_valid_before_utc)
        .not_valid_after(ours.not_valid_after_utc)
    )
    for extension in ours.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    issuing = home.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA).builder_key()
    certificate = builder.sign(issuing, hashes.SHA384())
    make: type[DummyTimeStamper] = DummyTimeStamper
    return make(tsa_cert=_asn1(certificate), tsa_key=_key_info(key), certs_to_embed=_store(home))


def _store(home: BenchHome) -> SimpleCertificateStore:
    make: Any = SimpleCertificateStore  # untyped
    store: SimpleCertificateStore = make()
    store.register(_asn1(home.hierarchy.issuing))
    return store


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _key_info(key: PrivateKeyTypes) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(
        key.private_bytes(
            Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
