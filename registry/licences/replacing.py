"""Rules for the version that may take a licence's place, and its term.

A licence that is corrected, changed or reissued keeps its term: only a renewal begins a new one
(行政许可法 art. 50). All stay with their holder (by code: a misspelt name may be corrected), their
number, and what that number says.
"""

from dataclasses import dataclass
from datetime import date

from core.ids import AuthorityId
from registry.licences import messages
from registry.licences.licences import (
    TRANSITIONS,
    LicenceChange,
    Transition,
    successor_change,
)
from registry.licences.reason_words import list_reasons
from registry.licences.reasons import InvalidChangeError, check_reason
from registry.model import Application, ConflictError, Holder, Licence, LicenceState, Reason
from registry.types.licence_type import LicenceType
from registry.types.numbering import NumberKind
from registry.types.validity import ValidityKind


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day of a licence; None: it has no last."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """Application for a version that replaces a licence."""

    application: Application
    authority_id: AuthorityId
    reason: Reason | None
    basis: str | None
    document_number: str | None = None

    def check(self, before: Licence, licence_type: LicenceType, today: date) -> Term:
        """Return the new version's term. Raises `InvalidChangeError`, `ConflictError`."""
        before = before.settled(today)
        change = self._change()
        reasons = TRANSITIONS[change].reasons
        check_reason(licence_type, reasons, self.reason, self.document_number)
        self._refuse_unfit(TRANSITIONS[change], before, licence_type)
        if change is LicenceChange.RESEAL:
            if not _says_the_same(self.application, before):
                raise ConflictError(messages.RESEALING_CHANGES_CONTENT)
            return Term(before.valid_from, before.valid_until)
        self._refuse_another(before, licence_type)
        if self.reason is Reason.RENEWED:
            self._refuse_gap(before, today)
            return Term(self.application.valid_from, self.application.valid_until)
        self._refuse_another_term(before, licence_type, today)
        return Term(before.valid_from, before.valid_until)

    def _change(self) -> LicenceChange:
        change = successor_change(self.reason)
        allowed = TRANSITIONS[change].reasons
        if self.reason not in allowed or not (self.basis or "").strip():
            reasons = list_reasons(allowed)
            raise InvalidChangeError(messages.replacement_basis_required(reasons))
        return change

    def _refuse_unfit(
        self, transition: Transition, before: Licence, licence_type: LicenceType
    ) -> None:
        number = self.application.number
        renumbers = licence_type.number.renews(self.reason)
        if renumbers and licence_type.number.kind is NumberKind.GIVEN and number == before.number:
            raise ConflictError(messages.NEW_NUMBER_NEEDED)
        fits = (
            before.state in transition.sources
            and (
                before.state is not LicenceState.SUSPENDED
                or before.reason in transition.suspended_for
            )
            and before.type_code == self.application.type_code
            and before.authority_id == self.authority_id
            and (renumbers or number in (None, before.number))
        )
        if not fits:
            raise ConflictError(messages.LICENCE_NOT_REPLACEABLE)

    def _refuse_gap(self, before: Licence, today: date) -> None:
        """Refuse a term yet to come while the old one runs: its holder would have neither."""
        runs = before.effective_state(today) is LicenceState.IN_FORCE
        if runs and self.application.valid_from > today:
            raise ConflictError(messages.RENEWAL_LEAVES_GAP)

    def _refuse_another(self, before: Licence, licence_type: LicenceType) -> None:
        if _codes(self.application.holders) != _codes(before.holders):
            raise ConflictError(messages.HOLDER_CODE_DIFFERS)
        data = self.application.data
        if licence_type.number.renews(self.reason):
            return
        if not licence_type.number.agrees(licence_type.fields, data, before.number):
            raise ConflictError(messages.LICENCE_NUMBER_CONTRADICTED)

    def _refuse_another_term(self, before: Licence, licence_type: LicenceType, today: date) -> None:
        if before.effective_state(today) is LicenceState.EXPIRED:
            raise ConflictError(messages.EXPIRED_LICENCE_NEEDS_RENEWAL)
        if licence_type.validity.kind is not ValidityKind.GIVEN:
            return
        stated = self.application
        first_differs = stated.valid_from not in (before.valid_from, today)
        if first_differs or stated.valid_until != before.valid_until:
            raise ConflictError(messages.LICENCE_TERM_DIFFERS)


def _codes(holders: tuple[Holder, ...]) -> list[tuple[str, str]]:
    return [(holder.code_type, holder.code) for holder in holders]


def _says_the_same(application: Application, before: Licence) -> bool:
    return (
        application.holders == before.holders
        and application.data == before.data
        and application.valid_from == before.valid_from
        and application.valid_until == before.valid_until
    )
