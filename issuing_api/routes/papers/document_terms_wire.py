"""Shape of the terms on which the files of a draft are sealed."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from core.ids import AuthorityId
from issuing_api.wire import AskedWire, Line
from registry.desk.documents.wishes import LONGEST, MOST_FURTHER, MOST_MM, SealWishes
from registry.granting.document_orders import CaptionPart, CountersignerAsked, RoundAsked
from registry.types.document_type import LONGEST_TITLE, MOST_COUNTERSIGNERS
from signing.intake.places import FurtherPlace, PlaceAsked
from signing.levels import PadesLevel

MOST_TITLES = 100
_Short = Annotated[str, StringConstraints(max_length=LONGEST)]
_Title = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE)]
_Mm = Annotated[float, Field(ge=0, le=MOST_MM, description="Millimetres.")]
_Page = Annotated[int, Field(ge=-20_000, le=20_000, description="From 1; -1 is the last.")]


class PointWire(AskedWire):
    """A point of a page as it is shown, from its upper left corner."""

    left: _Mm
    top: _Mm


class FurtherWire(PointWire):
    """Another place of the same seal, drawn on a page."""

    page: _Page


class PlaceWire(AskedWire):
    """Place of the seal's middle: at a point, over words, or in a field."""

    page: _Page | None = Field(default=None, description="None: the last, or any with `keyword`.")
    at: PointWire | None = None
    keyword: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)] | None = None
    occurrence: int = Field(default=-1, ge=-500, le=500, description="Of the words; -1: the last.")
    field: _Short | None = Field(
        default=None, description="Name of an empty signature field; empty: the only one."
    )

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if sum(one is not None for one in (self.at, self.keyword, self.field)) > 1:
            raise ValueError("at, keyword or field")
        if 0 in {self.page, self.occurrence}:
            raise ValueError("0 is none")
        return self

    def asked(self) -> PlaceAsked:
        """Return it as the intake takes it."""
        point = None if self.at is None else (self.at.left, self.at.top)
        return PlaceAsked(self.page, point, self.keyword, self.occurrence, self.field)


class CountersignerBody(AskedWire):
    """A body that is to seal the document after its issuer: an authority here, or one that signs
    with software of its own, by its name and certificate or code.
    """

    authority: Annotated[str, StringConstraints(max_length=64)] | None = None
    name: Annotated[str, StringConstraints(max_length=64)] = ""
    certificate: Annotated[str, StringConstraints(max_length=95)] = Field(
        default="", description="SHA-256 of its signing certificate, hexadecimal."
    )
    uscc: Annotated[str, StringConstraints(max_length=18)] = Field(
        default="", description="Unified social credit code, which its certificate names."
    )
    place: PlaceWire

    def asked(self) -> CountersignerAsked:
        """Return it as the desk takes it."""
        return CountersignerAsked(
            self.place.asked(),
            None if self.authority is None else AuthorityId(self.authority),
            self.name.strip(),
            self.certificate.replace(":", "").strip().lower(),
            self.uscc.strip().upper(),
        )


class TermsBody(AskedWire):
    """Terms on which the files of a draft are sealed, and their titles."""

    level: PadesLevel = PadesLevel.B_LT
    place: PlaceWire = PlaceWire()
    also: list[FurtherWire] = Field(
        default=[], max_length=MOST_FURTHER, description="Further places of the same seal."
    )
    edge: bool = Field(default=False, description="Across the edges of all pages (骑缝章).")
    approval: bool = Field(default=False, description="It approves; others may sign after it.")
    show: list[CaptionPart] = Field(default=[], max_length=3, description="Words below the seal.")
    reason: _Short = ""
    basis: Line | None = None
    anew: _Short = Field(
        default="",
        description="Name of a batch that seals anew what was sealed before and left force.",
    )
    countersigners: list[CountersignerBody] = Field(
        default=[],
        max_length=MOST_COUNTERSIGNERS,
        description="Who is to seal it after its issuer; it is in force once all have.",
    )
    ordered: bool = Field(default=True, description="One after the other, as they are listed.")
    deadline: date | None = Field(default=None, description="Last day of their sealing.")
    titles: dict[Annotated[int, Field(ge=1, le=10_000)], _Title] = Field(
        default={}, max_length=MOST_TITLES, description="Titles by the files' numbers."
    )

    def wishes(self) -> SealWishes:
        """Return it as the desk takes it."""
        return SealWishes(
            level=self.level,
            place=self.place.asked(),
            caption=tuple(dict.fromkeys(self.show)),
            reason=self.reason.strip(),
            further=tuple(FurtherPlace(one.page, one.left, one.top) for one in self.also),
            edge=self.edge,
            approval=self.approval,
            basis=self.basis,
            anew=self.anew.strip(),
            round=RoundAsked(
                tuple(one.asked() for one in self.countersigners), self.ordered, self.deadline
            ),
        )
