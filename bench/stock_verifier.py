"""`python -m bench.stock_verifier`: stock pyHanko's validation as a process of its own.

What we change in its libraries would make it faster too, so that nothing of ours may be loaded
here. Reads one line of JSON (hexadecimal DER and PDFs), says that it is ready, and then validates
the file whose number each line gives. Ends with its stdin.
"""

import asyncio
import json
import logging
import sys
from dataclasses import dataclass
from io import BytesIO

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext


@dataclass(frozen=True, slots=True)
class StockTrust:
    """What to validate by; all DER."""

    root: bytes
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]

    def context(self) -> ValidationContext:
        """Return a context made anew, as each document needs one."""
        return ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(self.root)],
            other_certs=[asn1_x509.Certificate.load(one) for one in self.certificates],
            crls=[asn1_crl.CertificateList.load(one) for one in self.crls],
            ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in self.ocsps],
            revocation_mode="require",
            allow_fetching=False,
        )


def validate(trust: StockTrust, pdf: bytes) -> None:
    """Validate as pyHanko's documentation has it, every signature, with a path required."""
    context = trust.context()
    reader = PdfFileReader(BytesIO(pdf))
    for seal in reader.embedded_regular_signatures:
        status = asyncio.run(async_validate_pdf_signature(seal, context, context))
        if not status.bottom_line:
            raise AssertionError(status)
    for stamp in reader.embedded_timestamp_signatures:
        asyncio.run(async_validate_pdf_timestamp(stamp, context))


def main() -> None:
    """Serve until stdin ends."""
    logging.disable(logging.CRITICAL)
    told = json.loads(sys.stdin.readline())
    root, *certificates = (bytes.fromhex(one) for one in told["certificates"])
    trust = StockTrust(
        root=root,
        certificates=tuple(certificates),
        crls=tuple(bytes.fromhex(one) for one in told["crls"]),
        ocsps=tuple(bytes.fromhex(one) for one in told["ocsps"]),
    )
    files = [bytes.fromhex(one) for one in told["files"]]
    print("ready", flush=True)
    for line in sys.stdin:
        validate(trust, files[int(line)])
        print("valid", flush=True)


if __name__ == "__main__":
    main()
