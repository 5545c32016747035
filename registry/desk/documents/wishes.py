"""Wishes on how files are sealed, as they are kept, agreed to and approved: JSON of one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from core.errors import UsageError
from core.ids import AuthorityId
from core.permits import Permit
from registry.desk.documents import messages
from registry.granting.document_orders import (
    CaptionPart,
    CountersignerAsked,
    DocumentOrder,
    RoundAsked,
)
from registry.types.document_type import MOST_COUNTERSIGNERS
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
    round: RoundAsked = field(default_factory=RoundAsked)
    """Who is to seal them after their issuer."""

    def check(self) -> None:
        """See that they are within their limits. Raises `UsageError`."""
        places = [self.place, *(one.place for one in self.round.signers)]
        for one in places:
            _check_place(one)
        if len(self.round.signers) > MOST_COUNTERSIGNERS:
            raise UsageError(messages.too_many_countersigners(MOST_COUNTERSIGNERS))
        texts = self.reason, self.anew
        named = [text for one in self.round.signers for text in (one.name, *_codes(one))]
        sound = (
            all(len(one) <= LONGEST and one.isprintable() for one in (*texts, *named))
            and (self.basis or "").isprintable()
            and len(self.further) <= MOST_FURTHER
            and all(0 <= side <= MOST_MM for one in self.further for side in (one.left, one.top))
            and all(one.page and abs(one.page) <= _MOST_NUMBER for one in self.further)
        )
        if not sound:
            raise UsageError(messages.WISHES_UNUSABLE)

    def as_json(self) -> dict[str, object]:
        """Return them as they are kept."""
        kept: dict[str, object] = {
            "level": self.level.value,
            **_place_as_json(self.place),
            "caption": [one.value for one in self.caption],
            "reason": self.reason,
            "further": [[one.page, round(one.left, 2), round(one.top, 2)] for one in self.further],
            "edge": self.edge,
            "approval": self.approval,
            "basis": self.basis,
            "anew": self.anew,
        }
        if self.round:
            last = self.round.deadline
            kept["round"] = {
                "signers": [_signer_as_json(one) for one in self.round.signers],
                "ordered": self.round.ordered,
                "deadline": None if last is None else last.isoformat(),
            }
        return kept

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
            round=self.round,
        )


def wishes_of(kept: Mapping[str, Any]) -> SealWishes:
    """Return wishes as `as_json` wrote them."""
    return SealWishes(
        level=PadesLevel(kept["level"]),
        place=_place_of(kept),
        caption=tuple(CaptionPart(one) for one in kept["caption"]),
        reason=kept["reason"],
        further=tuple(
            FurtherPlace(one[0], float(one[1]), float(one[2])) for one in kept["further"]
        ),
        edge=kept["edge"],
        approval=kept["approval"],
        basis=kept["basis"],
        anew=kept["anew"],
        round=_round_of(kept.get("round")),
    )


def _check_place(place: PlaceAsked) -> None:
    ways = [one for one in (place.point, place.word, place.field) if one is not None]
    if len(ways) > 1:
        raise UsageError(messages.ONE_WAY_TO_PLACE)
    numbers = [place.occurrence, *([] if place.page is None else [place.page])]
    sound = (
        all(len(one) <= LONGEST and one.isprintable() for one in (place.word, place.field) if one)
        and all(0 <= one <= MOST_MM for one in place.point or ())
        and all(one and abs(one) <= _MOST_NUMBER for one in numbers)
        and place.word != ""
    )
    if not sound:
        raise UsageError(messages.WISHES_UNUSABLE)


def _codes(one: CountersignerAsked) -> tuple[str, str, str]:
    return one.authority_id or "", one.certificate, one.uscc


def _place_as_json(place: PlaceAsked) -> dict[str, object]:
    return {
        "page": place.page,
        "point": None if place.point is None else [round(one, 2) for one in place.point],
        "word": place.word,
        "occurrence": place.occurrence,
        "field": place.field,
    }


def _place_of(kept: Mapping[str, Any]) -> PlaceAsked:
    point = kept["point"]
    return PlaceAsked(
        page=kept["page"],
        point=None if point is None else (float(point[0]), float(point[1])),
        word=kept["word"],
        occurrence=kept["occurrence"],
        field=kept["field"],
    )


def _signer_as_json(one: CountersignerAsked) -> dict[str, object]:
    return {
        "authority": one.authority_id,
        "name": one.name,
        "certificate": one.certificate,
        "uscc": one.uscc,
        "place": _place_as_json(one.place),
    }


def _round_of(kept: Mapping[str, Any] | None) -> RoundAsked:
    if kept is None:
        return RoundAsked()
    last = kept["deadline"]
    signers = tuple(
        CountersignerAsked(
            _place_of(one["place"]),
            None if one["authority"] is None else AuthorityId(one["authority"]),
            one["name"],
            one["certificate"],
            one["uscc"],
        )
        for one in kept["signers"]
    )
    return RoundAsked(signers, kept["ordered"], None if last is None else date.fromisoformat(last))
