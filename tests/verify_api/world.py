"""A verifier that answers as told, and one prepared answer for each thing a page must show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from core.errors import XinyinError
from core.ids import Sha256
from core.text import Text
from registry.answers.answering import Answering, AnswerSubject, status_of
from registry.answers.answers import Check, LicenceSummary, VerificationAnswer
from registry.answers.findings import Findings, errored, failed, passed, skipped
from registry.model import LicenceState, PublicField
from registry.types.catalogue import Catalogue
from signing.report import Coverage, Indication, LaterChanges, SignatureKind, SignatureReport
from tests.clock import StoppedClock

NOW = datetime(2026, 11, 24, 7, 30, 5, tzinfo=UTC)
TOKEN = "3q2-7wAAAAAAAAAAAAAAAAAAAAA"
UNKNOWN_TOKEN = "unknownAAAAAAAAAAAAAAAAAAAA"
PUBLIC_URL = "https://verify.example.gov.cn"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PDF = b"%PDF-1.7\n% prepared\n%%EOF\n"

LICENCE = LicenceSummary(
    identifier="1.2.156.3005.2.11100000MB0324082C001.11990101004289109X.JY1990101000001.001.K",
    number="JY19901010000018",
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
PERSON = replace(
    SEAL,
    field="Officer",
    kind=SignatureKind.SIGNATURE,
    signer="Zhang San",
    organization="Qingyun Bureau",
    identity_issuer="https://identity.example.gov.cn",
    coverage=Coverage.REVISION,
    covered_length=90_000,
    later_changes=LaterChanges.SIGNATURES,
)
SUBJECT = AnswerSubject(signatures=(SEAL, TIMESTAMP), sha256=Sha256(DIGEST), document_checked=True)
RECORD = AnswerSubject(asked="number")


def answering() -> Answering:
    """Return what puts answers together, without a register."""
    return Answering(Catalogue(), StoppedClock(NOW), ZoneInfo("Asia/Shanghai"))


def answer(
    findings: Findings,
    subject: AnswerSubject = SUBJECT,
    status: Check | None = None,
    licence: LicenceSummary | None = None,
) -> VerificationAnswer:
    """Return an answer whose words are the registry's own; `tests.registry` pins those."""
    status = status or skipped("not_checked")
    if licence is not None:
        status = status_of(licence.state, licence.reason) if findings.ours else status
    return answering().compose(findings, subject, status, licence)


OURS = Findings(passed("registered_document"), passed("registered_here"), ours=True)
ON_RECORD = Findings(skipped("no_document"), passed("registered_here"), ours=True)
FORFEITED = replace(LICENCE, state=LicenceState.CANCELLED, reason="FORFEITED")

IN_FORCE = answer(OURS, licence=LICENCE)
SAMPLE = answer(OURS, licence=replace(LICENCE, sample=True))
CANCELLED = answer(OURS, licence=FORFEITED)
ALTERED = answer(
    Findings(failed("signature_broken"), skipped("not_established")),
    replace(
        SUBJECT,
        signatures=(
            replace(
                SEAL,
                intact=False,
                indication=Indication.TOTAL_FAILED,
                sub_indication="HASH_FAILURE",
                later_changes=LaterChanges.CONTENT_CHANGED,
            ),
        ),
    ),
)
SIGNED_BY_A_PERSON = answer(
    OURS, replace(SUBJECT, signatures=(PERSON, SEAL, TIMESTAMP)), licence=LICENCE
)
NOT_ISSUED_HERE = answer(Findings(passed("signatures_intact"), failed("unknown_issuer")))
UNAVAILABLE = errored("registry_unavailable")
COULD_NOT_CHECK = answer(Findings(passed("signatures_intact"), UNAVAILABLE), status=UNAVAILABLE)
ADDED = answer(
    Findings(errored("unregistered_addition"), passed("registered_here"), ours=True),
    replace(SUBJECT, registered_length=21),
    licence=LICENCE,
)
ADDED_TO_CANCELLED = answer(
    Findings(errored("unregistered_addition"), passed("registered_here"), ours=True),
    replace(SUBJECT, registered_length=21),
    licence=replace(LICENCE, state=LicenceState.CANCELLED),
)
SCAN = answer(Findings(skipped("scan"), failed("no_signature")), replace(SUBJECT, signatures=()))
BY_RECORD = answer(ON_RECORD, RECORD, licence=LICENCE)
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
NO_RECORD = answer(Findings(skipped("no_document"), failed("no_record")), RECORD)
MISTYPED = answer(Findings(skipped("no_document"), failed("mistyped")), RECORD)
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
        default_factory=lambda: Claims(0, Text("信息一致，证照有效。", "Correct, and in force."))
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

    def registered_length(self, data: bytes) -> int | None:
        """Return what the answer says."""
        return self._answer("part", data).registered_length

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
