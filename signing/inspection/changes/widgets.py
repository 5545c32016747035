"""Widgets and signature values: what can be seen of them, and whether they are what they say."""

from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.view import Key, RevisionView
from signing.inspection.objects import is_name, items, raw

Rectangle = tuple[float, float, float, float]
_HIDING = 2
"""Hidden (ISO 32000-2 table 167). Invisible is said of unknown types alone, which a widget is not,
and what has NoView is printed, and drawn by some viewers all the same."""
_SHOWING = _HIDING | 1 | 4 | 8 | 16 | 32 | 256
"""And Invisible, Print, NoZoom, NoRotate, NoView, ToggleNoView; the others only tell what may be
edited."""
_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class AddedWidget:
    """A widget of a signature field that an update adds or signs, where it can be seen."""

    key: Key | None
    page: Key | None
    rectangle: Rectangle


def flags(view: RevisionView, widget: generic.DictionaryObject, name: str = "/F") -> int:
    """Return an entry of flags."""
    value = view.entry(widget, name)
    return int(value) if isinstance(value, generic.NumberObject) else 0


def same_visibility(old: int, new: int) -> bool:
    """Tell whether two annotation flags show alike."""
    return old & _SHOWING == new & _SHOWING


def rectangle(view: RevisionView, widget: generic.DictionaryObject) -> Rectangle | None:
    """Return the rectangle of a widget, its corners in order; None where it says nothing."""
    value = view.entry(widget, "/Rect")
    if value is None:
        return None
    sides = (
        [view.follow(side) for side in items(value)]
        if isinstance(value, generic.ArrayObject)
        else []
    )
    numbers = [
        float(side)
        for side in sides
        if isinstance(side, generic.NumberObject | generic.FloatObject)
    ]
    if len(numbers) != _NUMBERS:
        raise UnclearError("a /Rect that is none")
    x1, y1, x2, y2 = numbers
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def visible(view: RevisionView, widget: generic.DictionaryObject) -> bool:
    """Tell whether a widget can be seen: it has an area and nothing hides it."""
    place = rectangle(view, widget)
    if place is None or flags(view, widget) & _HIDING:
        return False
    return place[0] < place[2] and place[1] < place[3]


def is_widget(view: RevisionView, widget: generic.DictionaryObject) -> bool:
    """Tell whether an annotation is drawn as a widget is, and not as another type says."""
    subtype = view.entry(widget, "/Subtype")
    return subtype is None or is_name(subtype, "/Widget")


def is_timestamp(value: generic.DictionaryObject) -> bool:
    """Tell whether a signature dictionary is a document timestamp's (ISO 32000-2 12.8.5)."""
    named = raw(value, "/Type")
    return is_name(raw(value, "/SubFilter"), "/ETSI.RFC3161") and (
        named is None or is_name(named, "/DocTimeStamp") or is_name(named, "/Sig")
    )


def covered_end(view: RevisionView, value: generic.DictionaryObject) -> int | None:
    """Return the end of the bytes that a signature dictionary names as covered, else None."""
    numbers = view.array(value, "/ByteRange")
    if len(numbers) != _NUMBERS or not all(isinstance(n, generic.NumberObject) for n in numbers):
        return None
    first, _, third, fourth = (int(str(number)) for number in numbers)
    return third + fourth if not first else None


def is_filled(view: RevisionView, value: generic.DictionaryObject) -> bool:
    """Tell whether /Contents holds something else than the zeros of a prepared field."""
    contents = dict.get(value, "/Contents")  # never encrypted
    contents = getattr(contents, "raw_object", contents)
    held = getattr(view.follow(contents), "original_bytes", b"")
    return bool(held.strip(b"\0"))
