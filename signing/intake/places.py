"""Place of a seal: by coordinates, by a word, by a page, or in an empty signature field.

People measure from the upper left corner of the page as it is shown, in millimetres.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.errors import XinyinError
from core.text import Text
from signing.face import SealAppearance
from signing.intake import messages
from signing.intake.intake import WordPlace
from signing.intake.report import EmptyField, PageBox, TakenFile

MM = 72 / 25.4
_FROM_RIGHT, _FROM_BOTTOM = 55.0, 60.0
"""Millimetres: where a letter is signed."""


class NoPlaceError(XinyinError):
    """The seal has no place where it was asked for."""

    code = "no_place"


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """Place as it was asked for; at most one of word, field and point."""

    page: int | None = None
    """From 1; -1 is the last one. None: the last, or any where a word is looked for."""
    point: tuple[float, float] | None = None
    """Of the seal's middle: from the left and from the top, in millimetres."""
    word: str | None = None
    """Over its last occurrence, unless `occurrence` says which."""
    occurrence: int = -1
    field: str | None = None
    """Name of an empty signature field; empty for the only one."""


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Place of a seal's middle."""

    page: int
    """The first one being 0."""
    x: float
    y: float
    """In the page's own coordinates."""
    turn: int
    """The page's /Rotate."""


@dataclass(frozen=True, slots=True)
class FurtherPlace:
    """Another place of the same seal, drawn on the page."""

    page: int
    """From 1; -1 is the last one."""
    left: float
    top: float
    """Of its middle, in millimetres."""


Find = Callable[[str], Sequence[WordPlace]]


def find_place(asked: PlaceAsked, taken: TakenFile, find: Find) -> SealPlace:
    """Return the place in a file that was taken in. Raises `NoPlaceError`."""
    if asked.field is not None:
        return _in_field(asked.field, taken)
    if asked.word is not None:
        return _over_word(asked, taken, find(asked.word))
    number = _page_number(-1 if asked.page is None else asked.page, taken)
    box = taken.pages[number]
    if asked.point is None:
        wide, high = _shown(box)
        across, down = wide - _FROM_RIGHT * MM, high - _FROM_BOTTOM * MM
        across, down = max(across, wide / 2), max(down, high / 2)
    else:
        across, down = (one * MM for one in asked.point)
    x, y = _on_page(box, across, down)
    return SealPlace(number, x, y, box.turn)


def fit(
    place: SealPlace, asked: PlaceAsked, appearance: SealAppearance, taken: TakenFile
) -> SealPlace:
    """Return the place at which the whole seal stands on the page: near a word it is moved.

    Raises `NoPlaceError` where it was asked for at a point, or the page is too small.
    """
    box = taken.pages[place.page]
    left, bottom, right, top = appearance.around((place.x, place.y))
    across = max(0.0, box.left - left) + min(0.0, box.right - right)
    up = max(0.0, box.bottom - bottom) + min(0.0, box.top - top)
    larger = right - left > box.right - box.left or top - bottom > box.top - box.bottom
    if larger or (asked.point is not None and (across or up)):
        raise NoPlaceError(messages.OUTSIDE_THE_PAGE, page=place.page + 1)
    return replace(place, x=place.x + across, y=place.y + up)


def find_further(
    asked: FurtherPlace, appearance: SealAppearance, taken: TakenFile
) -> tuple[int, tuple[float, float]]:
    """Return page (the first being 0) and point, from the lower left corner as it is shown.

    Raises `NoPlaceError`.
    """
    number = _page_number(asked.page, taken)
    wide, high = _shown(taken.pages[number])
    x, y, half = asked.left * MM, high - asked.top * MM, appearance.diameter / 2
    if not (half <= x <= wide - half and half <= y <= high - half):
        raise NoPlaceError(messages.OUTSIDE_THE_PAGE, page=number + 1)
    return number, (x, y)


def _in_field(name: str, taken: TakenFile) -> SealPlace:
    fitting = [one for one in taken.fields if not name or one.name == name]
    if len(fitting) != 1:
        known = ", ".join(one.name for one in taken.fields)
        raise NoPlaceError(messages.field_not_found(name, known))
    return _middle(fitting[0], taken)


def _over_word(asked: PlaceAsked, taken: TakenFile, found: Sequence[WordPlace]) -> SealPlace:
    assert asked.word is not None
    if asked.page is not None:
        number = _page_number(asked.page, taken) + 1
        found = [one for one in found if one.page == number]
    index = asked.occurrence - 1 if asked.occurrence > 0 else asked.occurrence
    if not -len(found) <= index < len(found):
        raise NoPlaceError(messages.word_not_found(asked.word))
    return _middle(found[index], taken)


def _middle(found: WordPlace | EmptyField, taken: TakenFile) -> SealPlace:
    if not 1 <= found.page <= len(taken.pages):
        raise NoPlaceError(messages.NO_SUCH_PAGE)
    x, y = (found.left + found.right) / 2, (found.bottom + found.top) / 2
    return SealPlace(found.page - 1, x, y, taken.pages[found.page - 1].turn)


def _page_number(page: int, taken: TakenFile) -> int:
    number = page - 1 if page > 0 else len(taken.pages) + page
    if page == 0 or not 0 <= number < len(taken.pages):
        raise NoPlaceError(messages.NO_SUCH_PAGE, page=page)
    return number


def _shown(box: PageBox) -> tuple[float, float]:
    """Return width and height of a page as it is shown."""
    wide, high = box.right - box.left, box.top - box.bottom
    return (high, wide) if box.turn in {90, 270} else (wide, high)


def _on_page(box: PageBox, across: float, down: float) -> tuple[float, float]:
    """Return the page's own coordinates of a point as it is shown, from the upper left corner."""
    match box.turn:
        case 90:
            return box.left + down, box.bottom + across
        case 180:
            return box.right - across, box.bottom + down
        case 270:
            return box.right - down, box.top - across
        case _:
            return box.left + across, box.top - down


def as_measured(box: PageBox, x: float, y: float) -> tuple[float, float]:
    """Return how far a point of the page is from its left and its top, as shown, in millimetres."""
    match box.turn:
        case 90:
            across, down = y - box.bottom, x - box.left
        case 180:
            across, down = box.right - x, y - box.bottom
        case 270:
            across, down = box.top - y, box.right - x
        case _:
            across, down = x - box.left, box.top - y
    return across / MM, down / MM


def hazard_text(text: Text, page: int, detail: str) -> Text:
    """Return a finding in words: where, what, and as the file names it."""
    where, named = messages.place(page), f"（{detail}）" if detail else ""
    english = f" ({detail})" if detail else ""
    return Text(f"{where.zh}：{text.zh}{named}", f"{where.en}: {text.en}{english}")
