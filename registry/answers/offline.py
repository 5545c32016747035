"""Verifying without a register: signatures, chain and the validation data in the file, under roots
that were given. Whether the licence is in force stays unknown, so the best answer is "could not
check".
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core.clock import Clock
from registry.answers.answering import Answering, AnswerSubject
from registry.answers.answers import VerificationAnswer
from registry.answers.findings import Evidence, Recognised, errored, judge_document
from registry.answers.judging import DocumentValidator, judge_guarded, refuse_unjudgeable
from registry.objects.store import sha256_of
from registry.types.catalogue import Catalogue
from signing.report import SignatureKind, ValidationReport
from signing.trust.anchors import TrustMaterial


class OfflineVerifier:
    """Judges files under given roots; needs neither a home nor a network."""

    def __init__(
        self, validator: DocumentValidator, roots: Sequence[bytes], clock: Clock, zone: ZoneInfo
    ) -> None:
        self._validator = validator
        self._trust = TrustMaterial(tuple(roots))
        self._clock = clock
        self._answering = Answering(Catalogue(), clock, zone)

    def by_file(self, data: bytes, *, at: datetime | None = None) -> VerificationAnswer:
        """Judge the bytes of a PDF, as of `at` where it is given.

        Raises `NotAPdfError`, `EncryptedPdfError`, `UnreadablePdfError`.
        """
        report = judge_guarded(self._validator, data, self._trust, at or self._clock.now())
        refuse_unjudgeable(report)
        evidence = Evidence(report, recognised=_recognised(report), roots_given=True)
        subject = AnswerSubject(report.signatures, sha256_of(data), document_checked=True)
        return self._answering.without_record(
            judge_document(evidence), subject, errored("no_register")
        )


def _recognised(report: ValidationReport) -> Recognised | None:
    return next(
        (
            Recognised(one, None)
            for one in report.signatures
            if one.kind is not SignatureKind.TIMESTAMP and one.intact and one.trusted
        ),
        None,
    )
