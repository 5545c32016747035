"""Shapes of documents that several seal."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from core.ids import AuthorityId
from issuing_api.routes.papers.document_wire import (
    DocumentWire,
    SealPlaceWire,
    StandingDocumentWire,
    standing_document,
)
from issuing_api.wire import AskedWire, Line, ToldWire
from registry.desk.documents.round_looks import RoundPlace
from registry.desk.documents.rounds import RoundView
from registry.licences.countersignatures import RoundProgress, RoundStep, SigningState
from registry.officers.model import DeskRequest

_Authority = Annotated[str | None, StringConstraints(max_length=64)]


class CountersignBody(AskedWire):
    """A seal that is asked for."""

    authority: _Authority = Field(
        default=None, description="Whose seal, where several in reach are awaited."
    )

    def authority_id(self) -> AuthorityId | None:
        """Return the authority that is named."""
        return None if self.authority is None else AuthorityId(self.authority)


class RefusalBody(CountersignBody):
    """A refusal; it ends the round for all."""

    reason: Line
    outside: Annotated[str | None, StringConstraints(max_length=64)] = Field(
        default=None, description="Name of one that signs elsewhere, of which the issuer says so."
    )


class LastDayBody(AskedWire):
    """Another last day of a round."""

    deadline: date
    reason: Line


class RoundStepWire(ToldWire):
    """A seal of a round: whose, and how far it has come."""

    position: int
    name: str
    authority: str | None = Field(description="Null: it signs with software of its own.")
    outside: bool
    state: SigningState
    awaited_since: datetime | None = Field(description="Since when its turn is; null: it is not.")
    acted: str | None = Field(description="Authority that sealed, refused or took it in.")
    at: datetime | None = Field(description="When it did.")
    place: SealPlaceWire | None = None
    request: str | None = Field(
        default=None, description="By which a seal of an authority in reach was asked for last."
    )
    yours: bool = Field(default=False, description="Of an authority in reach.")


class RoundWire(ToldWire):
    """A round of seals."""

    open: bool = Field(description="It waits for seals.")
    ordered: bool
    deadline: date | None
    overdue: bool
    signers: list[RoundStepWire]

    @classmethod
    def of(
        cls,
        progress: RoundProgress,
        today: date,
        view: RoundView | None = None,
        places: Mapping[int, RoundPlace] | None = None,
    ) -> "RoundWire":
        """Return a round as it stands."""
        own = {} if view is None else {one.step.position: one.request for one in view.own}
        return cls(
            open=progress.open,
            ordered=progress.asked.ordered,
            deadline=progress.asked.deadline,
            overdue=progress.open and progress.overdue(today),
            signers=[
                _step(
                    one,
                    None if places is None else places[one.position],
                    own.get(one.position),
                    yours=one.position in own,
                )
                for one in progress.steps
            ],
        )


class WholeDocumentWire(DocumentWire):
    """A document on record, with its round where several seal it."""

    countersigning: RoundWire | None = None


class CountersignedWire(StandingDocumentWire):
    """A document that several seal, as whoever issued it or is asked to seal it may see it."""

    issued_here: bool = Field(description="Its issuer is within reach.")
    to_do: list[str] = Field(description="Authorities in reach whose seal may be asked for now.")
    countersigning: RoundWire
    pages: int | None = None
    pictures: list[str] = Field(
        default=[], description="Addresses of PNGs of its first pages, with your seal on them."
    )

    @classmethod
    def of(cls, view: RoundView, today: date, public_url: str) -> "CountersignedWire":
        """Return a document of a list."""
        return cls(
            **standing_document(view.licence, today, public_url),
            issued_here=view.is_issuer,
            to_do=[own.authority_id for own in view.to_do],
            countersigning=RoundWire.of(view.progress, today, view),
        )


class CountersignedListWire(ToldWire):
    """Documents that several seal."""

    documents: list[CountersignedWire]
    more: bool = Field(description="There are more than are listed.")
    next: str | None = Field(default=None, description="Address of the next page.")


def _step(
    one: RoundStep, place: RoundPlace | None, request: DeskRequest | None, *, yours: bool
) -> RoundStepWire:
    where = None
    if place is not None:
        left, top = round(place.left, 1), round(place.top, 1)
        where = SealPlaceWire(page=place.page, left_mm=left, top_mm=top)
    return RoundStepWire(
        position=one.position,
        name=one.signer.name,
        authority=one.signer.authority or None,
        outside=one.signer.outside,
        state=one.state,
        awaited_since=one.since,
        acted=one.authority_id,
        at=one.settled_at,
        place=where,
        request=None if request is None else request.request_id,
        yours=yours,
    )
