"""Answers on licences that were taken over: told as what they are, never as granted or sealed here.

- From a package: another register's. The file taken in is told to be that one; it stays “not issued
  here”, and its state is that of the takeover.
- From paper, grade A or B: the record answers for itself, as of a number or identifier that was
  asked for; never for a file.
- From paper, grade C or D, and any scan: could not check.
"""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from core.clock import civil_date
from core.text import Text
from registry.accession.grades import CHECKED
from registry.accession.rows import Accession, Origin
from registry.answers import messages
from registry.answers.answering import Answering, AnswerSubject, status_of
from registry.answers.answers import Check, LicenceSummary, VerificationAnswer
from registry.answers.findings import Findings, errored, passed, skipped
from registry.answers.sentences import join
from registry.state_words import effective_reason, state_sentence

_HIDDEN = "***"


class TakenOverAnswers:
    """Puts such answers together; usable from several threads."""

    def __init__(self, answering: Answering, zone: ZoneInfo) -> None:
        self._answering = answering
        self._zone = zone

    def of_record(self, accession: Accession, subject: AnswerSubject) -> VerificationAnswer:
        """Answer for what was asked by number or identifier."""
        return self._answer(accession, subject, skipped("no_document"), self._issuer(accession))

    def of_file(
        self, accession: Accession, subject: AnswerSubject, integrity: Check
    ) -> VerificationAnswer:
        """Answer for a file that was taken over, byte for byte.

        `integrity` is of its signatures, where they were judged.
        """
        if accession.origin is Origin.PAPER:
            note = self._note(accession)
            return self._answer(
                accession, subject, skipped("scan_on_record"), errored("taken_over_scan", note)
            )
        return self._answer(accession, subject, integrity, self._issuer(accession))

    def _issuer(self, accession: Accession) -> Check:
        note = self._note(accession)
        if accession.origin is Origin.PACKAGE:
            return passed("taken_over_package", note)
        code = f"taken_over_{accession.grade.lower()}"
        return passed(code, note) if accession.grade in CHECKED else errored(code, note)

    def _note(self, accession: Accession) -> Text:
        """Say when it was recorded, and under whose name."""
        day: date = civil_date(accession.taken_at, self._zone)
        return messages.taken_over_on(day, accession.authority_name)

    def _answer(
        self, accession: Accession, subject: AnswerSubject, integrity: Check, issuer: Check
    ) -> VerificationAnswer:
        state = accession.effective_state(self._answering.today())
        reason = effective_reason(state, accession.reason)
        findings = Findings(integrity, issuer, ours=True)
        erased_at = accession.erased_at
        erased_on = None if erased_at is None else civil_date(erased_at, self._zone)
        summary = LicenceSummary(
            identifier=accession.identifier or "",
            number=_HIDDEN if accession.personal else accession.number,
            type=accession.type_code,
            type_name=accession.type_name,
            authority=accession.authority_name,
            state=state,
            reason=reason,
            valid_from=accession.valid_from,
            valid_until=accession.valid_until,
            replaced_by=None if accession.personal else accession.replaced_by,
            sample=False,
            erased_on=erased_on,
            by_retention=accession.erased_by_rule,
        )
        answer = self._answering.compose(findings, subject, status_of(state, reason), summary)
        told = join(issuer.message, state_sentence(state, reason), messages.COMPARE_IN_HAND)
        if erased_on is not None:
            told = join(told, messages.contents_erased(erased_on, by_rule=summary.by_retention))
        return replace(answer, summary=told)
