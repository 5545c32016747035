"""A body outside that signs with its own software: pyHanko, under a PKI of its own."""

# mypy: disable-error-code="no-untyped-call, method-assign, no-any-return"

import asyncio
import io
from dataclasses import dataclass
from datetime import datetime

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from tests.signing.inspection.updates import Change
from tests.signing.material import Entity, FixedTimePdfSigner, Pki


@dataclass(frozen=True)
class Outside:
    """How it signs."""

    pki: Pki
    at: datetime
    entity: Entity | None = None
    timestamp: bool = True
    data: bool = True
    """With validation data, as a B-LT signature."""
    before: Change | None = None
    """What its software changes in the same update."""

    def sign(self, pdf: bytes, field: str) -> bytes:
        """Sign in a field, an incremental update."""
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        writer._update_meta = lambda: None
        if self.data:
            found = self.pki.validation_data(self.at)
            DocumentSecurityStore.supply_dss_in_writer(writer, None, **found)
        if self.before is not None:
            self.before(writer)
        metadata = signers.PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
        )
        signer = FixedTimePdfSigner(
            metadata,
            signer=self.pki.signer(self.entity),
            timestamper=self.pki.timestamper(self.at) if self.timestamp else None,
        )
        signer.claimed = self.at
        out = io.BytesIO()
        asyncio.run(signer.async_sign_pdf(writer, output=out, bytes_reserved=24576))
        return out.getvalue()
