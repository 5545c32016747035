"""The form that says how a draft is sealed: where, and with which words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from core.text import Text
from issuing_api.pages.fields import member_of, read_line
from issuing_api.pages.papers import messages
from issuing_api.pages.papers.round_form import read_round, typed_of_round, typed_round
from issuing_api.pages.visits import Visit
from issuing_api.routes.papers.document_wire import size_of
from registry.desk.documents.rows import DraftFile
from registry.desk.documents.wishes import LONGEST, MOST_FURTHER, MOST_MM, SealWishes
from registry.granting.document_orders import CaptionPart
from signing.intake.places import FurtherPlace, PlaceAsked
from signing.levels import PadesLevel

_FROM_EDGE: Final = 45.0
_FROM_BOTTOM: Final = 60.0
_PAGE: Final = re.compile(r"-?\d{1,5}", re.ASCII)
_LENGTH: Final = r"\d{1,4}(?:\.\d{1,2})?"
_MM: Final = re.compile(_LENGTH, re.ASCII)
_FURTHER: Final = re.compile(
    rf"(-?\d{{1,5}})\s*[:：]\s*({_LENGTH})\s*[,，]\s*({_LENGTH})", re.ASCII
)


class PlaceWay(StrEnum):
    """Ways to say where the seal stands."""

    USUAL = "usual"
    """At the lower right: where a letter is signed."""
    BOTTOM_LEFT = "bottom_left"
    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    CENTRE = "centre"
    POINT = "point"
    WORD = "word"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class PlaceForm:
    """Content of the form as it was typed, with what is wrong."""

    typed: Mapping[str, str]
    wishes: SealWishes | None = None
    """None: something of it is wrong."""
    titles: Mapping[int, str] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)


def typed_of(wishes: SealWishes) -> dict[str, str]:
    """Return wishes as the form shows them."""
    place = wishes.place
    way = PlaceWay.USUAL
    if place.point is not None:
        way = PlaceWay.POINT
    elif place.word is not None:
        way = PlaceWay.WORD
    elif place.field is not None:
        way = PlaceWay.FIELD
    left, top = place.point or (None, None)
    return {
        "way": way.value,
        "page": "" if place.page is None else str(place.page),
        "left": "" if left is None else f"{left:g}",
        "top": "" if top is None else f"{top:g}",
        "word": place.word or "",
        "occurrence": "first" if place.occurrence == 1 else "last",
        "field": place.field or "",
        "further": "\n".join(f"{one.page}:{one.left:g},{one.top:g}" for one in wishes.further),
        "edge": "1" if wishes.edge else "",
        "approval": "1" if wishes.approval else "",
        **{f"show_{one}": "1" for one in wishes.caption},
        "reason": wishes.reason,
        "basis": wishes.basis or "",
        "anew": wishes.anew,
        "level": wishes.level.value,
        **typed_of_round(wishes),
    }


_NAMES: Final = (
    *("way", "page", "left", "top", "word", "occurrence", "field", "further", "edge", "approval"),
    *(f"show_{one}" for one in CaptionPart),
    *("reason", "basis", "anew", "level"),
)


def read_form(visit: Visit, files: list[DraftFile]) -> PlaceForm:
    """Read a form."""
    typed = {name: visit.said(name)[:4000] for name in _NAMES} | typed_round(visit)
    errors: dict[str, Text] = {}
    titles = _titles(visit, files, errors)
    way = member_of(PlaceWay, typed["way"]) or PlaceWay.USUAL
    page = _page(typed["page"], errors)
    place = _place(way, page, typed, files, errors)
    further = _further(typed["further"], errors)
    asked = read_round(typed, errors)
    lines = {}
    for name in ("reason", "basis", "anew"):
        lines[name], wrong = read_line(visit.form, name, required=False)
        most = LONGEST if name != "basis" else 500
        if wrong is None and len(lines[name]) > most:
            wrong = messages.line_too_long(most)
        if wrong is not None:
            errors[name] = wrong
    if errors:
        return PlaceForm(typed, None, titles, errors)
    wishes = SealWishes(
        level=member_of(PadesLevel, typed["level"]) or PadesLevel.B_LT,
        place=place,
        caption=tuple(one for one in CaptionPart if typed[f"show_{one}"]),
        reason=lines["reason"],
        further=further,
        edge=bool(typed["edge"]),
        approval=bool(typed["approval"]),
        basis=lines["basis"] or None,
        anew=lines["anew"],
        round=asked,
    )
    return PlaceForm(typed, wishes, titles)


def _titles(visit: Visit, files: list[DraftFile], errors: dict[str, Text]) -> dict[int, str]:
    titles = {}
    for one in files:
        name = f"title_{one.number}"
        if name not in visit.form.fields:
            continue
        title, wrong = read_line(visit.form, name)
        if wrong is None and len(title) > LONGEST:
            wrong = messages.line_too_long(LONGEST)
        if wrong is not None:
            errors[name] = wrong
        titles[one.number] = title
    return titles


def _page(typed: str, errors: dict[str, Text]) -> int | None:
    if not typed:
        return None
    if not _PAGE.fullmatch(typed) or int(typed) == 0:
        errors["page"] = messages.PAGE_NUMBER_WRONG
        return None
    return int(typed)


def _place(
    way: PlaceWay,
    page: int | None,
    typed: Mapping[str, str],
    files: list[DraftFile],
    errors: dict[str, Text],
) -> PlaceAsked:
    match way:
        case PlaceWay.POINT:
            for name in ("left", "top"):
                if not _MM.fullmatch(typed[name]) or float(typed[name]) > MOST_MM:
                    errors[name] = messages.MILLIMETRES_WRONG
            if "left" in errors or "top" in errors:
                return PlaceAsked(page)
            return PlaceAsked(page, (float(typed["left"]), float(typed["top"])))
        case PlaceWay.WORD:
            word = typed["word"]
            if not word or len(word) > LONGEST or not word.isprintable():
                errors["word"] = messages.WORD_WRONG
            return PlaceAsked(
                page, word=word, occurrence=1 if typed["occurrence"] == "first" else -1
            )
        case PlaceWay.FIELD:
            return PlaceAsked(page, field=typed["field"][:LONGEST])
        case PlaceWay.USUAL:
            return PlaceAsked(page)
    return PlaceAsked(page, _corner(way, page, files))


def _corner(way: PlaceWay, page: int | None, files: list[DraftFile]) -> tuple[float, float] | None:
    """Return a corner of the first file's page, in millimetres."""
    if not files or not files[0].found.pages:
        return None
    pages = files[0].found.pages
    number = (page or -1) - 1 if (page or -1) > 0 else len(pages) + (page or -1)
    across, down = size_of(pages[min(max(number, 0), len(pages) - 1)])
    left, right = min(_FROM_EDGE, across / 2), max(across - _FROM_EDGE, across / 2)
    top, bottom = min(_FROM_EDGE, down / 2), max(down - _FROM_BOTTOM, down / 2)
    points = {
        PlaceWay.BOTTOM_LEFT: (left, bottom),
        PlaceWay.TOP_LEFT: (left, top),
        PlaceWay.TOP_RIGHT: (right, top),
        PlaceWay.CENTRE: (across / 2, down / 2),
    }
    found = points[way]
    return round(found[0], 1), round(found[1], 1)


def _further(typed: str, errors: dict[str, Text]) -> tuple[FurtherPlace, ...]:
    lines = [one.strip() for one in typed.splitlines() if one.strip()]
    found = [_FURTHER.fullmatch(one) for one in lines]
    places = [
        FurtherPlace(int(one[1]), float(one[2]), float(one[3])) for one in found if one is not None
    ]
    sound = all(one.page and one.left <= MOST_MM and one.top <= MOST_MM for one in places)
    if len(places) != len(lines) or len(lines) > MOST_FURTHER or not sound:
        errors["further"] = messages.FURTHER_WRONG
        return ()
    return tuple(places)
