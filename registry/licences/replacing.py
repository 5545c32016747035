"""Rules for the version that may take a licence's place, and its term.

A licence that is corrected, changed or reissued keeps its term: only a renewal begins a new one
(行政许可法 art. 50). All stay with their holder (by code: a misspelt name may be corrected), their
number, and what that number says.
"""

from dataclasses import dataclass
from datetime import date

from core.ids import AuthorityId
from registry.licences.licences import (
    TRANSITIONS,
    InvalidChangeError,
    LicenceChange,
    Transition,
    successor_change,
)
from registry.licences.reason_words import list_reasons
from registry.model import Application, ConflictError, Holder, Licence, LicenceState, Reason
from registry.types.licence_type import LicenceType
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

    def check(self, before: Licence, licence_type: LicenceType, today: date) -> Term:
        """Return the new version's term. Raises `InvalidChangeError`, `ConflictError`."""
        change = self._change()
        self._refuse_unfit(TRANSITIONS[change], before)
        if change is LicenceChange.RESEAL:
            if not _says_the_same(self.application, before):
                raise ConflictError(
                    "重新签章不能改变证照内容。", "Sealing anew cannot change what a licence says."
                )
            return Term(before.valid_from, before.valid_until)
        self._refuse_another(before, licence_type)
        if self.reason is Reason.RENEWED:
            return Term(self.application.valid_from, self.application.valid_until)
        self._refuse_another_term(before, licence_type, today)
        return Term(before.valid_from, before.valid_until)

    def _change(self) -> LicenceChange:
        change = successor_change(self.reason)
        allowed = TRANSITIONS[change].reasons
        if self.reason not in allowed or not (self.basis or "").strip():
            reasons = list_reasons(allowed)
            raise InvalidChangeError(
                f"换发须写明依据和事由：{reasons.zh}。",
                f"Replacing needs a basis and a reason: {reasons.en}.",
            )
        return change

    def _refuse_unfit(self, transition: Transition, before: Licence) -> None:
        fits = (
            before.state in transition.sources
            and (
                before.state is not LicenceState.SUSPENDED
                or before.reason in transition.suspended_for
            )
            and before.type_code == self.application.type_code
            and before.authority_id == self.authority_id
            and self.application.number in (None, before.number)
        )
        if not fits:
            raise ConflictError(
                "只能由原颁发机构换发，且新证与原证照的类型、编号相同，原证照须有效。"
                "请用 xinyin licence show 查看原证照。",
                "Only a licence in force can be replaced, by its own authority, with one of the "
                "same type and number. See xinyin licence show.",
            )

    def _refuse_another(self, before: Licence, licence_type: LicenceType) -> None:
        if _codes(self.application.holders) != _codes(before.holders):
            raise ConflictError(
                "新证的持证主体代码与原证照不同：换发不能改换持证主体。请核对代码；"
                "确属他人的，另行颁发。",
                "The holder's code is not that of the licence: a new version stays with its "
                "holder. Compare the code; for another holder, grant another licence.",
            )
        data = self.application.data
        if not licence_type.number.agrees(licence_type.fields, data, before.number):
            raise ConflictError(
                "新证的内容与证照编号所含的信息（如业态、类别、区划）不符，编号不变时不能更改。"
                "请核对；确需更改的，注销后重新颁发。",
                "What the licence's number says (form, class, area) is not what the new version "
                "says, and the number stays. Compare them; where it must change, cancel the "
                "licence and grant another.",
            )

    def _refuse_another_term(self, before: Licence, licence_type: LicenceType, today: date) -> None:
        if before.effective_state(today) is LicenceState.EXPIRED:
            raise ConflictError(
                "证照已过有效期，只能以延续（RENEWED）换发新证。",
                "The licence has expired; only a renewal (RENEWED) can follow it.",
            )
        if licence_type.validity.kind is not ValidityKind.GIVEN:
            return
        stated = self.application
        first_differs = stated.valid_from not in (before.valid_from, today)
        if first_differs or stated.valid_until != before.valid_until:
            raise ConflictError(
                "数据中的有效期与原证照不同：更正、变更、补办不改变有效期，延续（RENEWED）才重新起算。",
                "The term in the data is not that of the licence: CORRECTED, CHANGED and REISSUED "
                "keep the term, only RENEWED begins another.",
            )


def _codes(holders: tuple[Holder, ...]) -> list[tuple[str, str]]:
    return [(holder.code_type, holder.code) for holder in holders]


def _says_the_same(application: Application, before: Licence) -> bool:
    return (
        application.holders == before.holders
        and application.data == before.data
        and application.valid_from == before.valid_from
        and application.valid_until == before.valid_until
    )
