"""A VerificationAnswer as JSON (CONTRACT.md): the one place where names on the wire are chosen."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.functional_validators import AfterValidator

from core.sanitize import has_controls, shown
from core.text import Language, Text
from registry.answers.answers import Check, CheckResult, LicenceSummary, Outcome, VerificationAnswer
from registry.model import LicenceState, TypeKind
from signing.report import Coverage, Indication, LaterChanges, SignatureKind, SignatureReport

MAX_CODE = 2953
"""Bytes that the largest QR code holds (ISO/IEC 18004)."""
MAX_CLAIMS = 32
"""A face has some twenty fields."""


def _refuse_controls(text: str) -> str:
    if has_controls(text):
        raise ValueError("control characters are not allowed")
    return text


def _refuse_too_many(claims: dict[str, str]) -> dict[str, str]:
    if len(claims) > MAX_CLAIMS:
        raise ValueError(f"at most {MAX_CLAIMS} claims")
    return claims


Clean = AfterValidator(_refuse_controls)


class _Model(BaseModel):
    """Answers may gain keys, so a client must not refuse what it does not know."""

    model_config = ConfigDict(frozen=True)


class _Request(BaseModel):
    """A key that is not known is a mistake, and said to be one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DigestRequest(_Request):
    """Asks by a file's SHA-256."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")] = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )


class CodeRequest(_Request):
    """Asks by what a QR code holds, or by what a person types."""

    code: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CODE), Clean
    ] = Field(examples=["https://verify.example.gov.cn/v/3q2-7wAAAAAAAAAAAAAAAAAAAAA"])


class ClaimsRequest(_Request):
    """States what the asker believes of a licence, and why it asks (GB/T 36906)."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=64), Clean] = Field(
        examples=["11100000MB0324082C001"]
    )
    claims: Annotated[
        dict[
            Annotated[str, StringConstraints(min_length=1, max_length=64), Clean],
            Annotated[str, StringConstraints(max_length=500), Clean],
        ],
        AfterValidator(_refuse_too_many),
    ] = Field(examples=[{"ZZBH": "JY19901210000017"}])
    use_cause: Annotated[str, StringConstraints(min_length=1, max_length=200), Clean] = Field(
        examples=["办理食品经营许可延续"]
    )


class ClaimsResponse(_Model):
    """0 correct and in force · 1 not yet valid · 2 suspended ·
    3 no longer in force · 4 not enough given to verify · 5 no such record.
    """

    result: Annotated[int, Field(ge=0, le=5)]
    message: str


class TextWire(_Model):
    """A sentence in both languages."""

    zh: str
    en: str


class CheckWire(_Model):
    """One of the three questions."""

    result: CheckResult
    code: str = Field(description="Stable; for machines.", examples=["registered_document"])
    message: str = Field(description="In the language of Accept-Language.")


class ChecksWire(_Model):
    """Is the content whole? Who granted it? Is it in force?"""

    integrity: CheckWire
    issuer: CheckWire
    status: CheckWire


class LicenceWire(_Model):
    """The record, without anything of its holder. `type_name`, `sample` and `kind` extend the
    contract.
    """

    identifier: str
    number: str
    type: str
    type_name: TextWire
    authority: str
    state: LicenceState
    reason: str | None
    reason_name: TextWire | None = Field(
        description="The reason as the branch calls it; null where none is told."
    )
    valid_from: date
    valid_until: date | None = Field(description="Last day, civil date; null: long-term.")
    replaced_by: str | None
    sample: bool = Field(description="Made by a demonstration: of no legal effect.")
    kind: TypeKind = Field(description="An official document (公文) is verified like a licence.")
    erased_on: date | None = Field(
        description="When what it said was erased, by its type's rule or a decision; else null."
    )


class SignatureWire(_Model):
    """One filled signature field (ETSI EN 319 102-1)."""

    field: str
    kind: SignatureKind
    signer: str
    only_claims: bool = Field(
        description="The names are only what the file says of itself, and shown to be nobody's: "
        "it was altered, or the signature was not found good."
    )
    organization: str = Field(
        description="The body for which the signer acts, by a trusted certificate; or empty.",
        examples=["某某市市场监督管理局"],
    )
    identity_issuer: str | None = Field(
        description="Which identity service vouched for the person who signed; null: not stated.",
        examples=["https://identity.example.gov.cn/realms/officers"],
    )
    level: str | None = Field(description="B-B, B-T, B-LT, B-LTA; null: not PAdES.")
    indication: Indication
    sub_indication: str | None
    claimed_time: datetime | None
    best_time: datetime | None
    coverage: Coverage
    later_changes: LaterChanges | None = Field(description="null: not judged.")
    notes: list[str] = Field(description="Codes; see docs/verification.md.")


class AnswerWire(_Model):
    """Answer on a document or a record."""

    outcome: Outcome
    document_checked: bool = Field(
        description="A document was looked at; false: a record only, to be compared by eye."
    )
    registered_length: int | None = Field(
        description="So many bytes at the start of the file are a registered licence, and "
        "something that is not registered follows them."
    )
    summary: TextWire
    checks: ChecksWire
    licence: LicenceWire | None
    signatures: list[SignatureWire]
    policy: str
    checked_at: datetime
    sha256: str | None
    receipt: str | None = Field(description="Compact JWS, or null.")


def answer_wire(answer: VerificationAnswer, language: Language) -> AnswerWire:
    """Return the answer as it goes on the wire, its messages in `language`."""
    return AnswerWire(
        outcome=answer.outcome,
        document_checked=answer.document_checked,
        registered_length=answer.registered_length,
        summary=_text(answer.summary),
        checks=ChecksWire(
            integrity=_check(answer.integrity, language),
            issuer=_check(answer.issuer, language),
            status=_check(answer.status, language),
        ),
        licence=None if answer.licence is None else _licence(answer.licence),
        signatures=[
            _signature(one, only_claims=answer.only_claims(one)) for one in answer.signatures
        ],
        policy=answer.policy,
        checked_at=answer.checked_at.astimezone(UTC),
        sha256=answer.sha256,
        receipt=answer.receipt,
    )


def _text(text: Text) -> TextWire:
    return TextWire(zh=text.zh, en=text.en)


def _check(check: Check, language: Language) -> CheckWire:
    return CheckWire(result=check.result, code=check.code, message=check.message.to(language))


def _licence(licence: LicenceSummary) -> LicenceWire:
    return LicenceWire(
        identifier=licence.identifier,
        number=licence.number,
        type=licence.type,
        type_name=_text(licence.type_name),
        authority=licence.authority,
        state=licence.state,
        reason=licence.reason,
        reason_name=None if licence.reason_name is None else _text(licence.reason_name),
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        replaced_by=licence.replaced_by,
        sample=licence.sample,
        kind=licence.kind,
        erased_on=licence.erased_on,
    )


def _signature(report: SignatureReport, *, only_claims: bool) -> SignatureWire:
    """Field and signer come from the document, which may be anybody's."""
    return SignatureWire(
        field=shown(report.field),
        kind=report.kind,
        signer=shown(report.signer),
        only_claims=only_claims,
        organization=shown(report.organization),
        identity_issuer=None if report.identity_issuer is None else shown(report.identity_issuer),
        level=report.level,
        indication=report.indication,
        sub_indication=report.sub_indication,
        claimed_time=_utc(report.claimed_time),
        best_time=_utc(report.best_time),
        coverage=report.coverage,
        later_changes=report.later_changes,
        notes=list(report.notes),
    )


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)
