"""pyHanko's validators on what we sealed, from the DSS alone, revocation data required."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.ades.report import AdESSubIndic
from pyhanko.sign.validation import ades, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from ca.validation.validation_data import ValidationData
from signing.inspection.engine.moment import judged_at
from tests.signing.sealing.sealing_world import dss_of, read


@dataclass(frozen=True, slots=True)
class Judge:
    """Trusts one root and looks nowhere but into the file, as of one moment."""

    root: x509.Certificate
    moment: datetime

    def seal(self, pdf: bytes) -> PdfSignatureStatus:
        context = self._context(pdf)
        return validate_pdf_signature(_seal_of(pdf), context, context)

    def timestamp(self, pdf: bytes) -> DocumentTimestampStatus:
        stamp = read(pdf).embedded_timestamp_signatures[-1]
        return validate_pdf_timestamp(stamp, self._context(pdf))

    def ades_basic(self, pdf: bytes, known: ValidationData) -> AdESSubIndic:
        """Judge at B-B, with revocation data from elsewhere."""
        spec = self._spec(_knowledge(known))
        signature = _seal_of(pdf)
        result = asyncio.run(
            ades.ades_basic_validation(
                signature.signed_data,
                spec,
                timing_info=self._timing(),
                raw_digest=signature.compute_digest(),
            )
        )
        return result.ades_subindic

    def ades_with_time(self, pdf: bytes, known: ValidationData | None = None) -> AdESSubIndic:
        """Judge at B-T and above; without `known`, from the DSS."""
        signature = _seal_of(pdf)
        spec = self._spec(_knowledge(known or dss_of(pdf)))
        result = asyncio.run(
            ades.ades_with_time_validation(
                signature.signed_data,
                spec,
                timing_info=self._timing(),
                raw_digest=signature.compute_digest(),
            )
        )
        return result.ades_subindic

    def ades_archived(self, pdf: bytes, known: ValidationData | None = None) -> AdESSubIndic:
        """Judge at B-LTA; `known` is what a validator would fetch now."""
        knowledge = LocalKnowledge() if known is None else _knowledge(known)
        with judged_at(self.moment):  # else it asks the machine's clock, whatever it was told
            result = asyncio.run(
                ades.ades_lta_validation(
                    _seal_of(pdf),
                    PdfSignatureValidationSpec(self._spec(knowledge)),
                    timing_info=self._timing(),
                )
            )
        return result.ades_subindic

    def ades_in(self, pdf: bytes, term: timedelta) -> AdESSubIndic:
        """Judge at a later time, supposing that document timestamps are renewed until then."""
        result = asyncio.run(
            ades.simulate_future_ades_lta_validation(
                _seal_of(pdf),
                PdfSignatureValidationSpec(self._spec(LocalKnowledge())),
                future_validation_time=self.moment + term,
                current_reference_time=self.moment,
            )
        )
        return result.ades_subindic

    @property
    def _anchor(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.root.public_bytes(Encoding.DER))

    def _context(self, pdf: bytes) -> ValidationContext:
        dss = DocumentSecurityStore.read_dss(read(pdf))
        return dss.as_validation_context(
            {
                "trust_roots": [self._anchor],
                "revocation_mode": "require",
                "allow_fetching": False,
                "moment": self.moment,
            }
        )

    def _timing(self) -> ValidationTimingInfo:
        return ValidationTimingInfo(self.moment, self.moment, point_in_time_validation=False)

    def _spec(self, knowledge: LocalKnowledge) -> SignatureValidationSpec:
        return SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build([self._anchor]),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, retroactive_revinfo=True),
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            local_knowledge=knowledge,
        )


def _seal_of(pdf: bytes) -> EmbeddedPdfSignature:
    seal: EmbeddedPdfSignature
    (seal,) = read(pdf).embedded_regular_signatures
    return seal


def _knowledge(data: ValidationData) -> LocalKnowledge:
    responses = map(asn1_ocsp.OCSPResponse.load, data.ocsps)
    return LocalKnowledge(
        known_ocsps=[one for response in responses for one in OCSPContainer.load_multi(response)],
        known_crls=[CRLContainer(asn1_crl.CertificateList.load(crl)) for crl in data.crls],
        known_certs=[asn1_x509.Certificate.load(der) for der in data.certificates],
    )
