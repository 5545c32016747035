"""Having a document judged, and what is no document at all."""

import logging
from datetime import datetime
from typing import Protocol

from registry.model import RegistryError
from signing.report import Structure, ValidationReport
from signing.trust import TrustMaterial

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
        raise NotAPdfError(
            "这不是 PDF 文件。请选择颁发机构发出的 PDF 文件；只有照片或纸质证照的，请扫描证照上的"
            "二维码，或按编号查询。",
            "This is not a PDF file. Choose the PDF that the authority gave out; if you have a "
            "photo or paper only, scan the licence's QR code or look its number up.",
        )
    if report.structure is Structure.ENCRYPTED:
        raise EncryptedPdfError(
            "文件已加密，须输入口令才能打开，无法核验。请提供不需要口令的原始 PDF 文件。",
            "The file is encrypted and needs a password, so it cannot be checked. Provide the "
            "original PDF, one that opens without.",
        )
    damaged = report.structure is Structure.BROKEN
    if damaged and not report.traces and not report.identifiers:
        raise UnreadablePdfError(
            "PDF 文件已损坏，无法读取。请重新下载，或请对方重新提供。",
            "The PDF file is damaged and cannot be read. Download it again or ask for it again.",
        )
