"""Wishes on how files are sealed, as they are kept, agreed to and approved: JSON of one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import UsageError
from core.ids import AuthorityId
from core.permits import Permit
from registry.desk.documents import messages
from registry.granting.document_orders import CaptionPart, DocumentOrder
from signing.intake.places import FurtherPlace, PlaceAsked
from signing.levels import PadesLevel

MOST_FURTHER: Final = 50
LONGEST: Final = 200
MOST_MM: Final = 5000.0
_MOST_NUMBER: Final = 20_000


@dataclass(frozen=True, slots=True)
class SealWishes:
    """Wishes for each file of a draft."""

    level: PadesLevel = PadesLevel.B_LT
    place: PlaceAsked = field(default_factory=PlaceAsked)
    caption: tuple[CaptionPart, ...] = ()
    reason: str = ""
    further: tuple[FurtherPlace, ...] = ()
    edge: bool = False
    approval: bool = False
    basis: str | None = None
    anew: str = ""
    """Name of a batch that seals anew what was sealed before and left force."""

    def check(self) -> None:
        """See that they are within their limits. Raises `UsageError`."""
        place = self.place
        ways = [one for one in (place.point, place.word, place.field) if one is not None]
        if len(ways) > 1:
            raise UsageError(messages.ONE_WAY_TO_PLACE)
        texts = self.reason, self.anew, place.word or "", place.field or "", self.basis or ""
        points = [*((one.left, one.top) for one in self.further)]
        points += [] if place.point is None else [place.point]
        numbers = [place.occurrence, *(one.page for one in self.further)]
        numbers += [] if place.page is None else [place.page]
        sound = (
            all(len(one) <= LONGEST and one.isprintable() for one in texts[:4])
            and texts[4].isprintable()
            and len(self.further) <= MOST_FURTHER
            and all(0 <= value <= MOST_MM for point in points for value in point)
            and all(one and abs(one) <= _MOST_NUMBER for one in numbers)
            and place.word != ""
        )
        if not sound:
            raise UsageError(messages.WISHES_UNUSABLE)

    def as_json(self) -> dict[str, object]:
        """Return them as they are kept."""
        place = self.place
        return {
            "level": self.level.value,
            "page": place.page,
            "point": None if place.point is None else [round(one, 2) for one in place.point],
            "word": place.word,
            "occurrence": place.occurrence,
            "field": place.field,
            "caption": [one.value for one in self.caption],
            "reason": self.reason,
            "further": [[one.page, round(one.left, 2), round(one.top, 2)] for one in self.further],
            "edge": self.edge,
            "approval": self.approval,
            "basis": self.basis,
            "anew": self.anew,
        }

    def order(
        self, type_code: str, authority_id: AuthorityId, permit: Permit, *, title: str, clean: bool
    ) -> DocumentOrder:
        """Return the order for one file."""
        return DocumentOrder(
            type_name=type_code,
            permit=permit,
            authority_id=authority_id,
            level=self.level,
            place=self.place,
            caption=self.caption,
            reason=self.reason,
            further=self.further,
            edge=self.edge,
            approval=self.approval,
            clean=clean,
            title=title,
            basis=self.basis,
        )


def wishes_of(kept: Mapping[str, Any]) -> SealWishes:
    """Return wishes as `as_json` wrote them."""
    point = kept["point"]
    return SealWishes(
        level=PadesLevel(kept["level"]),
        place=PlaceAsked(
            page=kept["page"],
            point=None if point is None else (float(point[0]), float(point[1])),
            word=kept["word"],
            occurrence=kept["occurrence"],
            field=kept["field"],
        ),
        caption=tuple(CaptionPart(one) for one in kept["caption"]),
        reason=kept["reason"],
        further=tuple(
            FurtherPlace(one[0], float(one[1]), float(one[2])) for one in kept["further"]
        ),
        edge=kept["edge"],
        approval=kept["approval"],
        basis=kept["basis"],
        anew=kept["anew"],
    )
