"""The calls of pyHanko's AdES engine (ETSI EN 319 102-1), without network or system store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NoReturn

from asn1crypto import cms, x509
from pyhanko.sign.ades.report import AdESStatus, AdESSubIndic
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureStatus
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers.api import FetcherBackend
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from signing.inspection.engine.knowledge import Knowledge, LoadedTrust
from signing.inspection.engine.moment import judged_at
from signing.inspection.engine.signatures import remembering_validator
from signing.report import Indication


class _NoFetching(FetcherBackend):
    """Holds the place of a network client, so that none is made."""

    def get_fetchers(self) -> NoReturn:
        raise AssertionError("validation never fetches")


_KEY_USAGE = KeyUsageConstraints(key_usage=["digital_signature", "non_repudiation"])
"""Either serves for seals and signatures of other makers (ETSI EN 319 412-2 4.3.2)."""


@dataclass(frozen=True, slots=True)
class EngineOutcome:
    """Result of the engine."""

    indication: Indication
    sub_indication: str | None
    intact: bool | None
    """None where the engine stopped before the signature value."""
    signer_path: tuple[x509.Certificate, ...]
    """From the signing certificate to the anchor; empty where none was found."""
    timestamp_path: tuple[x509.Certificate, ...] = ()
    best_time: datetime | None = None

    @property
    def passed(self) -> bool:
        """The engine found nothing wrong."""
        return self.indication is Indication.TOTAL_PASSED


_INDICATIONS = {
    AdESStatus.PASSED: Indication.TOTAL_PASSED,
    AdESStatus.INDETERMINATE: Indication.INDETERMINATE,
    AdESStatus.FAILED: Indication.TOTAL_FAILED,
}


_NO_REVOCATION = "no_rev_avail"
_SHORT_LIVED = RevocationCheckingPolicy(
    RevocationCheckingRule.CHECK_IF_DECLARED, RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
)
"""For a signer whose certificate says that there are no revocation data (RFC 9608 4). What names an
address all the same is checked; the CAs above always are."""


def _signers_policy(signer: x509.Certificate | None) -> RevocationCheckingPolicy:
    # "hard-fail" would skip any certificate that names no address; "require" does not.
    extensions = () if signer is None else signer["tbs_certificate"]["extensions"]
    marked = any(one["extn_id"].native == _NO_REVOCATION for one in extensions)
    return _SHORT_LIVED if marked else REQUIRE_REVINFO


def lacks_revocation(
    knowledge: Knowledge, signer: x509.Certificate | None, anchors: SimpleTrustManager
) -> bool:
    """Tell whether judging by this knowledge cannot pass, so that it need not be tried: it says
    nothing of any revocation, and the signer is one of whom it must.
    """
    if knowledge.crls or knowledge.ocsps or signer is None:
        return False
    return _signers_policy(signer) is REQUIRE_REVINFO and not anchors.is_root(signer)


def _path_policy(
    anchors: SimpleTrustManager, revocation: RevocationCheckingPolicy
) -> CertValidationPolicySpec:
    return CertValidationPolicySpec(
        trust_manager=anchors,
        signature_validator=remembering_validator(),
        # Judging at the time of signing must accept what was fetched after it (PAdES adds the
        # DSS later); a revocation stated anywhere is looked for by itself.
        revinfo_policy=CertRevTrustPolicy(
            revocation_checking_policy=revocation, retroactive_revinfo=True
        ),
    )


def _spec(
    trust: LoadedTrust, knowledge: Knowledge, signer: x509.Certificate | None = None
) -> SignatureValidationSpec:
    """Return the policy; timestamps always need revocation data, whatever `signer` is."""
    _leave_out_objects()
    return SignatureValidationSpec(
        cert_validation_policy=_path_policy(trust.manager, _signers_policy(signer)),
        ts_cert_validation_policy=_path_policy(trust.timestamp_manager, REQUIRE_REVINFO),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
            fetcher_backend=_NoFetching(),
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=knowledge.as_local(),
        key_usage_settings=_KEY_USAGE,
    )


def _timing(moment: datetime) -> ValidationTimingInfo:
    # "point in time" would ask for a proof that each OCSP answer existed at `moment`, which only
    # an archive timestamp gives; that is `judge_archived`.
    return ValidationTimingInfo(
        validation_time=moment, best_signature_time=moment, point_in_time_validation=False
    )


@cache
def _leave_out_objects() -> None:
    """Let the engine make no lists of the objects that it used, which it does five times for each
    signature and which go into reports that nobody asks for here (ETSI TS 119 102-2).
    """
    changed: Any = ades
    changed._enumerate_validation_objects = lambda _: iter(())  # noqa: SLF001
    changed._enumerate_certs_in_paths = lambda _: iter(())  # noqa: SLF001


async def judge_basic(
    signature: EmbeddedPdfSignature, trust: LoadedTrust, knowledge: Knowledge, moment: datetime
) -> EngineOutcome:
    """Judge a signature without timestamp (EN 319 102-1 5.3)."""
    result = await ades.ades_basic_validation(
        signature.signed_data,
        _spec(trust, knowledge, signature.signer_cert),
        timing_info=_timing(moment),
        raw_digest=signature.compute_digest(),
    )
    return _outcome(result.ades_subindic, result.api_status)


async def judge_with_time(
    signature: EmbeddedPdfSignature, trust: LoadedTrust, knowledge: Knowledge, moment: datetime
) -> EngineOutcome:
    """Judge a signature with its signature timestamp (EN 319 102-1 5.5)."""
    result = await ades.ades_with_time_validation(
        signature.signed_data,
        _spec(trust, knowledge, signature.signer_cert),
        timing_info=_timing(moment),
        raw_digest=signature.compute_digest(),
    )
    timestamp = getattr(result.api_status, "timestamp_validity", None)
    return _outcome(result.ades_subindic, result.api_status, timestamp)


async def judge_token(
    token: cms.SignedData,
    signature: EmbeddedPdfSignature,
    trust: LoadedTrust,
    knowledge: Knowledge,
    moment: datetime,
) -> EngineOutcome:
    """Judge a document timestamp against the bytes it covers (EN 319 102-1 5.4)."""
    result = await ades.ades_timestamp_validation(
        token,
        _spec(trust, knowledge),
        signature.compute_digest,
        timing_info=_timing(moment),
    )
    return _outcome(result.ades_subindic, result.api_status, result.api_status)


async def judge_archived(
    signature: EmbeddedPdfSignature, trust: LoadedTrust, knowledge: Knowledge, moment: datetime
) -> EngineOutcome:
    """Judge a signature by the document timestamps over it (EN 319 102-1 5.6.3).

    The engine's answer leaves modifications out: `permitted_changes` judges those.
    """
    compute: Any = signature.compute_integrity_info  # untyped
    compute(skip_diff=True)
    spec = PdfSignatureValidationSpec(
        _spec(trust, knowledge, signature.signer_cert), diff_policy=None
    )
    with judged_at(moment):
        result = await ades.ades_lta_validation(signature, spec, timing_info=_timing(moment))
    timestamp = result.signature_timestamp_status
    return _outcome(
        result.ades_subindic, result.api_status, timestamp.api_status if timestamp else None
    )


def _outcome(
    sub_indication: AdESSubIndic | None,
    status: SignatureStatus | None,
    timestamp: SignatureStatus | None = None,
) -> EngineOutcome:
    indication = _INDICATIONS[sub_indication.status] if sub_indication else Indication.INDETERMINATE
    passed = indication is Indication.TOTAL_PASSED
    name = sub_indication.standard_name if sub_indication else "GENERIC"
    if name == "CRYPTO_CONSTRAINTS_FAILURE" and indication is Indication.INDETERMINATE:
        name += "_NO_POE"  # EN 319 102-1 5.2.8.4: nothing proves that it is older than the end
    return EngineOutcome(
        indication=indication,
        sub_indication=None if passed else name,
        intact=bool(status.intact and status.valid) if status else None,
        signer_path=_path(status),
        timestamp_path=_path(timestamp),
        best_time=getattr(timestamp, "timestamp", None),
    )


def _path(status: SignatureStatus | None) -> tuple[x509.Certificate, ...]:
    path = getattr(status, "validation_path", None)
    if path is None:
        return ()
    certificates: Iterable[x509.Certificate] = path.iter_certs(include_root=True)
    return tuple(reversed(list(certificates)))
