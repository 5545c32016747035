"""Validating a sealed document at each level, in this process (the service does so in workers)."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from bench.floor import verifying_floor
from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.sealing import row_name
from ca.validation_data import ValidationData
from signing.pades import PadesLevel
from signing.report import Indication
from signing.trust import TrustMaterial
from signing.validation import validate_pdf


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `verify.b_b` to `verify.b_lta`."""
    known = home.hierarchy.validation.for_seal(home.certificate)
    for level in PadesLevel:
        pdf = home.seal(level).pdf
        yield Row(
            f"verify.{row_name(level)}",
            ours(home, known, pdf),
            (
                Baseline("pyhanko-stock", partial(stock_validation, home, known, pdf), calls=3),
                Baseline("crypto-floor", verifying_floor(home, level, pdf), calls=10),
            ),
            calls=5,
        )


def ours(home: BenchHome, known: ValidationData, pdf: bytes) -> Callable[[], object]:
    """Return the validation of one document, all checks that a public answer rests on."""
    trust = TrustMaterial(
        anchors=(home.hierarchy.root.public_bytes(Encoding.DER),),
        certificates=known.certificates,
        crls=known.crls,
        ocsps=known.ocsps,
    )

    def work() -> None:
        report = validate_pdf(pdf, trust, home.clock.now())
        passed = [one.indication is Indication.TOTAL_PASSED for one in report.signatures]
        if not passed or not all(passed):
            raise AssertionError(report)

    return work


def stock_validation(home: BenchHome, known: ValidationData, pdf: bytes) -> None:
    """Validate as pyHanko's documentation has it, with the same data and a path required."""
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(home.hierarchy.root.public_bytes(Encoding.DER))],
        other_certs=[asn1_x509.Certificate.load(one) for one in known.certificates],
        crls=[asn1_crl.CertificateList.load(one) for one in known.crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in known.ocsps],
        revocation_mode="require",
        allow_fetching=False,
    )
    reader = PdfFileReader(BytesIO(pdf))
    (seal,) = reader.embedded_regular_signatures
    status = asyncio.run(async_validate_pdf_signature(seal, context, context))
    if not status.bottom_line:
        raise AssertionError(status)
    for stamp in reader.embedded_timestamp_signatures:
        asyncio.run(async_validate_pdf_timestamp(stamp, context))
