"""Shapes of licences on record, and of changes of their states."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from core.ids import LicenceIdentifier
from issuing_api.wire import AskedWire, BilingualWire, Line, ToldWire
from registry.desk.contents import ChangeAsk
from registry.granting.granting import Granted
from registry.licences.history import PastState
from registry.licences.licences import LicenceChange
from registry.licences.reasons import MAX_DOCUMENT_NUMBER
from registry.model import Licence, LicenceState, Reason
from registry.state_words import standing_on

Named = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=MAX_DOCUMENT_NUMBER)]


class ChangeBody(AskedWire):
    """A change of a licence's state."""

    change: LicenceChange = Field(examples=["suspend"])
    reason: Named | None = Field(
        default=None,
        description="One of those that the type lists: the law's code or word, or the branch's "
        "own code. A refusal names them.",
    )
    basis: Line
    document_number: Number | None = Field(
        default=None,
        description="Of the document of record (文号); needed where the type says so.",
        examples=["青市监罚〔2026〕12号"],
    )

    until: date | None = Field(
        default=None,
        description="Last day of a suspension, after which the licence is in force again by "
        "itself; without it, until it is reinstated. Suspending again with another day changes it.",
    )

    @field_validator("change")
    @classmethod
    def _is_an_authoritys(cls, value: LicenceChange) -> LicenceChange:
        if value not in (LicenceChange.SUSPEND, LicenceChange.REINSTATE, LicenceChange.CANCEL):
            raise ValueError("is suspend, reinstate or cancel")
        return value

    def ask(self, identifier: LicenceIdentifier, reason: Reason | None) -> ChangeAsk:
        """Return it as the desk takes it, for the reason that it names."""
        return ChangeAsk(
            identifier, self.change, reason, self.basis, self.document_number, self.until
        )


class LicenceRecordWire(ToldWire):
    """A licence on record."""

    identifier: str
    number: str
    type: str
    authority: str
    state: LicenceState
    words: BilingualWire
    reason: Reason | None
    basis: str | None
    document_number: str | None = Field(description="Of the document of record (文号).")
    holders: list[str]
    granted_on: date
    valid_from: date
    valid_until: date | None
    suspended_until: date | None = Field(
        default=None, description="Last day of a suspension that ends by itself."
    )
    replaces: str | None = Field(description="The version that it took the place of.")
    replaced_by: str | None = Field(description="The version that took its place.")
    sha256: str | None = Field(
        default=None,
        description="Of its document as it is handed out; null while there is none.",
    )

    at: datetime | None = Field(
        default=None, description="Instant as of which the state, its reason and basis are told."
    )
    told: BilingualWire | None = Field(
        default=None, description="What whoever verified it at that instant was told of its state."
    )

    @classmethod
    def then(cls, past: PastState, one: Licence) -> "LicenceRecordWire":
        """Describe a licence as it stood; one that was not on record yet, as not granted."""
        unknown = replace(
            one,
            state=LicenceState.PENDING,
            reason=None,
            basis=None,
            document_number=None,
            replaced_by=None,
            suspended_until=None,
        )
        wire = cls.of(past.licence or unknown, past.on)
        told = BilingualWire.of(past.told())
        return wire.model_copy(update={"at": past.at, "told": told})

    @classmethod
    def of(cls, one: Licence, today: date, sha256: str | None = None) -> "LicenceRecordWire":
        """Describe a licence, and how it stands today."""
        one = one.settled(today)
        return cls(
            identifier=one.identifier,
            number=one.number,
            type=one.type_code,
            authority=one.authority_id,
            state=one.effective_state(today),
            words=BilingualWire.of(standing_on(one, today)),
            reason=one.reason,
            basis=one.basis,
            document_number=one.document_number,
            suspended_until=one.suspended_until,
            holders=[holder.name for holder in one.holders],
            granted_on=one.granted_on,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            replaces=one.replaces,
            replaced_by=one.replaced_by,
            sha256=sha256,
        )

    @classmethod
    def granted(cls, one: Granted, today: date) -> "LicenceRecordWire":
        """Return a licence that was granted."""
        return cls.of(one.licence, today, one.sha256)


class LicencesWire(ToldWire):
    """Licences within reach."""

    licences: list[LicenceRecordWire]
    next: str | None = Field(description="Address of the next page, if there is one.")
