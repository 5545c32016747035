"""Having a document judged, and what is no document at all."""

import logging
from datetime import datetime
from typing import Protocol

from registry.answers import messages
from registry.model import RegistryError
from signing.report import Structure, ValidationReport
from signing.trust.anchors import TrustMaterial

_log = logging.getLogger(__name__)


class NotAPdfError(RegistryError):
    """Rejection of an upload that is not a PDF."""

    code = "not_a_pdf"


class EncryptedPdfError(RegistryError):
    """The PDF is encrypted and cannot be looked into without a password."""

    code = "encrypted_pdf"


class UnreadablePdfError(RegistryError):
    """The PDF is damaged, and bears no trace of a signature or of ours."""

    code = "unreadable_input"


class DocumentValidator(Protocol):
    """Judges a PDF's signatures; `signing.sandbox.Sandbox` outside tests."""

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Return the report; never raises for what the bytes hold."""
        ...


def judge_guarded(
    validator: DocumentValidator, data: bytes, trust: TrustMaterial, at: datetime
) -> ValidationReport:
    """Return the validator's report; what it should never raise is our failure, not the file's."""
    try:
        return validator.validate(data, trust, at)
    except Exception:  # noqa: BLE001  # whatever it is, nothing may be concluded from it
        _log.exception("the validator raised")
        return ValidationReport(
            Structure.FAILED,
            (),
            traces=False,
            identifiers=(),
            revision_ends=(),
            notes=("exception",),
        )


def refuse_unjudgeable(report: ValidationReport) -> None:
    """Raise for what is no document that could be judged."""
    if report.structure is Structure.NOT_A_PDF:
        raise NotAPdfError(messages.FILE_NOT_PDF)
    if report.structure is Structure.ENCRYPTED:
        raise EncryptedPdfError(messages.PDF_ENCRYPTED)
    damaged = report.structure is Structure.BROKEN
    if damaged and not report.traces and not report.identifiers:
        raise UnreadablePdfError(messages.PDF_DAMAGED)
