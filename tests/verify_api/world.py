"""A verifier that answers as told, and one prepared answer for each thing a page must show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from core.errors import XinyinError
from core.ids import Sha256
from core.text import Text
from registry.answers import (
    Check,
    CheckResult,
    LicenceSummary,
    Outcome,
    PublicField,
    VerificationAnswer,
)
from registry.model import LicenceState
from signing.report import Coverage, Indication, LaterChanges, SignatureKind, SignatureReport

NOW = datetime(2026, 11, 24, 7, 30, 5, tzinfo=UTC)
TOKEN = "3q2-7wAAAAAAAAAAAAAAAAAAAAA"
UNKNOWN_TOKEN = "unknownAAAAAAAAAAAAAAAAAAAA"
PUBLIC_URL = "https://verify.example.gov.cn"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PDF = b"%PDF-1.7\n% prepared\n%%EOF\n"

LICENCE = LicenceSummary(
    identifier="1.2.156.3005.2.11100000MB0324082C001.11370781004289109X.JY1370781000001.001.K",
    number="JY13707810000018",
    type="11100000MB0324082C001",
    type_name=Text("食品经营许可证", "Food operation licence"),
    authority="青云市临海区市场监督管理局",
    state=LicenceState.IN_FORCE,
    reason=None,
    valid_from=date(2026, 1, 1),
    valid_until=date(2030, 12, 31),
    replaced_by=None,
    sample=False,
)
SEAL = SignatureReport(
    field="Seal",
    kind=SignatureKind.SEAL,
    signer="青云市临海区市场监督管理局",
    certificate_sha256=DIGEST,
    level="B-LT",
    intact=True,
    trusted=True,
    indication=Indication.TOTAL_PASSED,
    sub_indication=None,
    claimed_time=datetime(2026, 1, 1, 1, 2, 3, tzinfo=UTC),
    best_time=datetime(2026, 1, 1, 1, 2, 4, tzinfo=UTC),
    coverage=Coverage.WHOLE_FILE,
    covered_length=104_233,
    later_changes=LaterChanges.NONE,
)
TIMESTAMP = replace(
    SEAL, field="Timestamp", kind=SignatureKind.TIMESTAMP, signer="Qingyun TSA 1", level=None
)
PASSED, FAILED = CheckResult.PASSED, CheckResult.FAILED
SKIPPED, ERROR = CheckResult.SKIPPED, CheckResult.ERROR


def check(result: CheckResult, code: str, zh: str, en: str) -> Check:
    """Return a check."""
    return Check(result, code, Text(zh, en))


WHOLE = check(
    PASSED,
    "registered_document",
    "文件与登记的内容逐字节一致。",
    "The file is, byte for byte, one that was registered.",
)
OURS = check(
    PASSED,
    "registered_here",
    "由登记的颁发机构颁发并盖章。",
    "Granted and sealed by an authority on record.",
)
VALID = check(PASSED, "in_force", "现行有效。", "In force.")
NOT_LOOKED_AT = check(
    SKIPPED,
    "no_document",
    "只查了登记，没有核对文件。请与手中证照逐项比对，或上传 PDF 文件。",
    "Only the record was looked at, no document. Compare it with the paper, or upload the PDF.",
)
UNCHECKED = check(SKIPPED, "not_checked", "没有进行此项核对。", "This was not checked.")

IN_FORCE = VerificationAnswer(
    outcome=Outcome.IN_FORCE,
    summary=Text(
        "此证照真实、未被改动，现行有效。", "This licence is genuine, unaltered and in force."
    ),
    integrity=WHOLE,
    issuer=OURS,
    status=VALID,
    licence=LICENCE,
    signatures=(SEAL, TIMESTAMP),
    policy="xinyin-verification-1",
    checked_at=NOW,
    sha256=DIGEST,
    by_document=True,
)
SAMPLE = replace(
    IN_FORCE,
    summary=Text(
        "此证照真实、未被改动，现行有效。这是演示用的样例，没有法律效力。",
        "This licence is genuine, unaltered and in force. It is a sample, of no legal effect.",
    ),
    licence=replace(LICENCE, sample=True),
)
CANCELLED = replace(
    IN_FORCE,
    outcome=Outcome.NOT_IN_FORCE,
    summary=Text("此证照真实，但已被注销、撤销或吊销。", "This licence is genuine but cancelled."),
    status=check(FAILED, "cancelled", "已被注销、撤销或吊销。", "Cancelled."),
    licence=replace(LICENCE, state=LicenceState.CANCELLED, reason="FORFEITED"),
)
ALTERED = replace(
    IN_FORCE,
    outcome=Outcome.ALTERED,
    summary=Text(
        "此文件已被改动，请勿采信。请索要颁发机构出具的原件。",
        "This file has been altered; do not rely on it. Ask for the original from the authority.",
    ),
    integrity=check(
        FAILED,
        "signature_broken",
        "文件内容与签名不符，已被改动。请索要原件。",
        "The file does not match its signature: it was changed. Ask for the original.",
    ),
    issuer=UNCHECKED,
    status=UNCHECKED,
    licence=None,
    signatures=(
        replace(
            SEAL,
            intact=False,
            indication=Indication.TOTAL_FAILED,
            sub_indication="HASH_FAILURE",
            later_changes=LaterChanges.CONTENT_CHANGED,
        ),
    ),
)
NOT_ISSUED_HERE = replace(
    IN_FORCE,
    outcome=Outcome.NOT_ISSUED_HERE,
    summary=Text(
        "这不是本平台颁发的证照。请向其出具单位核实。",
        "This was not issued here. Ask the body whose name it bears.",
    ),
    integrity=check(
        PASSED,
        "signatures_intact",
        "文件自签名以来没有改动。",
        "The file has not changed since it was signed.",
    ),
    issuer=check(
        FAILED,
        "unknown_issuer",
        "签名者不是本平台的颁发机构。请向签名者所属机构核实。",
        "The signer is not an authority of this service. Ask the signer's own organisation.",
    ),
    status=UNCHECKED,
    licence=None,
)
UNAVAILABLE = check(
    ERROR,
    "registry_unavailable",
    "暂时无法查询登记簿，这不说明证照有问题。请稍后再试。",
    "The register cannot be reached just now; this says nothing against the licence. "
    "Try again shortly.",
)
COULD_NOT_CHECK = replace(
    IN_FORCE,
    outcome=Outcome.COULD_NOT_CHECK,
    summary=Text(
        "暂时无法核验，这不说明证照有问题。请稍后再试，或联系颁发机构。",
        "It could not be checked just now; this says nothing against the document. "
        "Try again shortly, or ask the authority.",
    ),
    issuer=UNAVAILABLE,
    status=UNAVAILABLE,
    licence=None,
)
BY_RECORD = replace(
    IN_FORCE,
    summary=Text(
        "登记簿中的这份证照现行有效。尚未核对文件：请与手中证照逐项比对，或上传 PDF 文件核验。",
        "The licence on record is in force. No document was looked at: compare it with the "
        "paper, or upload the PDF.",
    ),
    integrity=NOT_LOOKED_AT,
    signatures=(),
    sha256=None,
    by_document=False,
)
BY_LINK = replace(
    BY_RECORD,
    public_fields=(
        PublicField(Text("经营者名称", "Operator"), "临海区海*小吃店"),
        PublicField(Text("法定代表人", "Legal representative"), "张*三"),
        PublicField(
            Text("经营项目", "Scope"),
            "热食类食品制售；冷食类食品制售；自制饮品制售；预包装食品销售（含冷藏冷冻食品）",
        ),
    ),
)
NO_RECORD = replace(
    NOT_ISSUED_HERE,
    integrity=NOT_LOOKED_AT,
    issuer=check(
        FAILED,
        "no_record",
        "登记簿中没有这份证照。请核对输入的内容。",
        "No such licence is on record. Check what was entered.",
    ),
    signatures=(),
    sha256=None,
    by_document=False,
)
BY_OUTCOME = {
    one.outcome: one for one in (IN_FORCE, CANCELLED, ALTERED, NOT_ISSUED_HERE, COULD_NOT_CHECK)
}


@dataclass(frozen=True)
class Claims:
    """An answer to claims."""

    result: int
    message: Text


@dataclass
class ScriptedVerifier:
    """Answers as told, remembers what it was asked."""

    answer: VerificationAnswer = IN_FORCE
    claims: Claims = field(
        default_factory=lambda: Claims(0, Text("相符，现行有效。", "Correct and in force."))
    )
    error: Exception | None = None
    before: Callable[[], None] = lambda: None
    asked: list[tuple[str, object]] = field(default_factory=list)
    registered: frozenset[bytes] = frozenset()
    """Files that are known without looking into them."""

    def by_known_file(self, data: bytes) -> VerificationAnswer | None:
        """Answer at once where the file is registered."""
        return self.answer if data in self.registered else None

    def by_file(self, data: bytes) -> VerificationAnswer:
        """Answer as told."""
        return self._answer("file", data)

    def by_digest(self, sha256: Sha256) -> VerificationAnswer:
        """Answer as told."""
        return self._answer("digest", sha256)

    def by_code(self, code: str) -> VerificationAnswer:
        """Answer as told."""
        return self._answer("code", code)

    def by_token(self, token: str) -> VerificationAnswer:
        """Answer as told."""
        return self._answer("token", token)

    def by_claims(self, type: str, claims: Mapping[str, str], use_cause: str) -> Claims:  # noqa: A002
        """Answer as told."""
        self._answer("claims", (type, dict(claims), use_cause))
        return self.claims

    def _answer(self, way: str, what: object) -> VerificationAnswer:
        self.asked.append((way, what))
        self.before()
        if self.error is not None:
            raise self.error
        return self.answer


class NotAPdfError(XinyinError):
    """As the registry raises it."""

    code = "not_a_pdf"


class EncryptedPdfError(XinyinError):
    """As the registry raises it."""

    code = "encrypted_pdf"


class SteppedClock:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds
