"""Assembly of answers from findings and a record: outcome by precedence, state of today, words."""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock, civil_date
from core.ids import Sha256
from registry.answers import messages
from registry.answers import sentences as wording
from registry.answers.answers import Check, CheckResult, LicenceSummary, Outcome, VerificationAnswer
from registry.answers.findings import Findings, skipped
from registry.answers.public import public_fields, public_number, public_reason
from registry.answers.rounds import incomplete
from registry.answers.signature_words import signers_of
from registry.model import Licence, LicenceState, PublicField, TypeKind
from registry.policy import POLICY
from registry.state_words import StateWords, effective_reason, sentence_of, state_sentence
from registry.types.catalogue import Catalogue
from signing.report import SignatureReport

_NOT_ISSUED_HERE = frozenset({"seal_without_record", "recognised_issuer", "taken_over_package"})
"""Codes of issuer that leave a document not issued here, although that check was passed."""


@dataclass(frozen=True, slots=True)
class AnswerSubject:
    """Subject of an answer, beside its findings."""

    signatures: tuple[SignatureReport, ...] = ()
    sha256: Sha256 | None = None
    document_checked: bool = False
    registered_length: int | None = None
    show_face: bool = False
    """Who asks has the licence's own link or its file."""
    asked: str = ""
    """`number`, `identifier` or `link`, where a record was asked for."""


class Answering:
    """Puts answers together; usable from several threads."""

    def __init__(self, catalogue: Catalogue, clock: Clock, zone: ZoneInfo) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        """Return the civil date of now."""
        return civil_date(self._clock.now(), self._zone)

    def without_record(
        self, findings: Findings, subject: AnswerSubject, status: Check | None = None
    ) -> VerificationAnswer:
        """Answer where no record was found, or none is to be told."""
        if findings.integrity.code == "no_document":  # there is nothing to compare anything with
            integrity = replace(findings.integrity, message=wording.NOTHING_LOOKED_AT)
            findings = replace(findings, integrity=integrity)
        return self.compose(findings, subject, status or skipped("not_checked"))

    def with_record(
        self, findings: Findings, subject: AnswerSubject, connection: Connection, licence: Licence
    ) -> VerificationAnswer:
        """Answer with the record; its state counts where the findings say that it is the one."""
        state = licence.effective_state(self.today())
        reason = effective_reason(state, licence.reason)
        present = self._catalogue.find(connection, licence.type_code)
        own = self._catalogue.granted_under(connection, licence.type_code, licence.created_at)
        kind = present.kind
        status = status_of(state, reason, kind) if findings.ours else skipped("not_checked")
        missing = None
        if kind is TypeKind.DOCUMENT:
            looked_at = subject.signatures if subject.document_checked or subject.sha256 else None
            missing = incomplete(connection, licence, state, looked_at)
        if missing is not None and findings.ours:
            status = Check(CheckResult.FAILED, missing.code, sentence_of(missing.words))
        summary = LicenceSummary(
            identifier=licence.identifier,
            number=public_number(own, licence, present),
            type=licence.type_code,
            type_name=licence.type_name,
            authority=licence.authority_name,
            state=state,
            reason=reason,
            valid_from=licence.valid_from,
            valid_until=licence.valid_until,
            replaced_by=licence.replaced_by,
            sample=licence.sample,
            kind=kind,
            reason_name=public_reason(present, reason),
            erased_on=None
            if licence.erased_at is None
            else civil_date(licence.erased_at, self._zone),
            by_retention=licence.erased_by_rule,
        )
        shown = subject.show_face and licence.erased_at is None
        fields = public_fields(own, licence, present) if shown else ()
        words = None if missing is None else missing.words
        return self.compose(worded(findings, kind), subject, status, summary, fields, words=words)

    def compose(
        self,
        findings: Findings,
        subject: AnswerSubject,
        status: Check,
        licence: LicenceSummary | None = None,
        fields: tuple[PublicField, ...] = (),
        *,
        words: StateWords | None = None,
    ) -> VerificationAnswer:
        """Put an answer together from its parts; `words` of a state that is not the record's."""
        outcome = decide(findings, status)
        said = wording.Said(
            outcome=outcome,
            integrity_code=findings.integrity.code,
            integrity_message=findings.integrity.message,
            issuer_code=findings.issuer.code,
            issuer_message=findings.issuer.message,
            state=None if licence is None else licence.state,
            reason=None if licence is None else licence.reason,
            document_checked=subject.document_checked,
            sample=licence is not None and licence.sample,
            signers=signers_of(subject.signatures),
            registered_part=subject.registered_length is not None,
            asked=subject.asked,
            kind=TypeKind.LICENCE if licence is None else licence.kind,
            words=words,
        )
        summary = wording.summarise(said)
        if licence is not None and licence.erased_on is not None:
            told = messages.contents_erased(licence.erased_on, by_rule=licence.by_retention)
            summary = wording.join(summary, told)
        return VerificationAnswer(
            outcome=outcome,
            summary=summary,
            integrity=findings.integrity,
            issuer=findings.issuer,
            status=status,
            licence=licence,
            signatures=subject.signatures,
            policy=POLICY,
            checked_at=self._clock.now(),
            sha256=subject.sha256,
            public_fields=fields,
            document_checked=subject.document_checked,
            registered_length=subject.registered_length,
        )


def decide(findings: Findings, status: Check) -> Outcome:
    """Return the outcome of three checks, by CONTRACT's precedence."""
    integrity, issuer = findings.integrity, findings.issuer
    if integrity.result is CheckResult.FAILED:
        return Outcome.ALTERED
    unknown = integrity.code == "unknown_digest" and issuer.result is CheckResult.SKIPPED
    if issuer.result is CheckResult.FAILED or issuer.code in _NOT_ISSUED_HERE or unknown:
        return Outcome.NOT_ISSUED_HERE
    if any(check.result is CheckResult.ERROR for check in (integrity, issuer, status)):
        return Outcome.COULD_NOT_CHECK
    return Outcome.IN_FORCE if status.result is CheckResult.PASSED else Outcome.NOT_IN_FORCE


def worded(findings: Findings, kind: TypeKind) -> Findings:
    """Return the findings on an official document in words of its own."""
    if kind is TypeKind.LICENCE:
        return findings
    checks = (findings.integrity, findings.issuer)
    integrity, issuer = (
        replace(one, message=wording.document_message(one.code, one.message)) for one in checks
    )
    return replace(findings, integrity=integrity, issuer=issuer)


def status_of(state: LicenceState, reason: str | None, kind: TypeKind = TypeKind.LICENCE) -> Check:
    """Return the third check: whether the licence on record is in force."""
    result = CheckResult.PASSED if state is LicenceState.IN_FORCE else CheckResult.FAILED
    return Check(result, state.lower(), state_sentence(state, reason, kind))
