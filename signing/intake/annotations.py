"""Annotations of a page: links stay; empty signature fields are places; the rest is refused, or
painted on the page where it is shown and `clean` was asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from signing.inspection.objects import target
from signing.intake.report import EmptyField, Hazard, PageBox
from signing.intake.rules import IntakeVerdict, entry

_MARKUP_UNSEEN = frozenset({"/Popup", "/Text"})
"""Notes: what they say stands in a window of the reader's own."""
_ACTIVE = frozenset({"/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/Projection"})
_FILES = frozenset({"/FileAttachment"})
_HIDDEN, _PRINT, _NO_VIEW = 1 << 1, 1 << 2, 1 << 5
_DEEPEST = 32
_FOUR = 4


@dataclass(frozen=True, slots=True)
class Painted:
    """An appearance to be painted on its page: a form XObject and the matrix that places it."""

    form: generic.IndirectObject
    matrix: tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class JudgedAnnotation:
    """Judgement of one annotation."""

    keep: bool = False
    verdict: IntakeVerdict | None = None
    field: EmptyField | None = None
    painted: Painted | None = None


def judge(annotation: generic.DictionaryObject, page: int) -> JudgedAnnotation:
    """Judge an annotation of a page (from 1)."""
    kind = str(entry(annotation, "/Subtype") or "")
    if kind == "/Link":
        flags = _flags(annotation)
        return JudgedAnnotation(keep=not flags & (_HIDDEN | _NO_VIEW))
    if kind == "/Widget":
        return _judge_widget(annotation, page)
    if kind in _ACTIVE:
        return JudgedAnnotation(verdict=IntakeVerdict(Hazard.ACTIVE, f"/Annots {kind}"))
    if kind in _FILES:
        return JudgedAnnotation(verdict=IntakeVerdict(Hazard.ATTACHMENT, f"/Annots {kind}"))
    painted = None if kind in _MARKUP_UNSEEN else _painted(annotation)
    return JudgedAnnotation(
        verdict=IntakeVerdict(Hazard.ANNOTATION, f"/Annots {kind}"), painted=painted
    )


def rectangle(raw: Any) -> tuple[float, float, float, float] | None:
    """Return a rectangle's left, bottom, right and top; None where it is none."""
    if not isinstance(raw, generic.ArrayObject) or len(raw) != _FOUR:
        return None
    values = [raw[n] for n in range(_FOUR)]
    if not all(isinstance(one, generic.NumberObject | generic.FloatObject) for one in values):
        return None
    x1, y1, x2, y2 = (float(one) for one in values)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _judge_widget(annotation: generic.DictionaryObject, page: int) -> JudgedAnnotation:
    if _inherited(annotation, "/FT") == "/Sig":
        if _inherited(annotation, "/V") is not None:
            return JudgedAnnotation(
                verdict=IntakeVerdict(Hazard.SIGNED, _full_name(annotation), cleanable=False)
            )
        box = rectangle(entry(annotation, "/Rect"))
        if box is None:
            return JudgedAnnotation()
        return JudgedAnnotation(field=EmptyField(_full_name(annotation), page, *box))
    hidden = bool(_flags(annotation) & (_HIDDEN | _NO_VIEW))
    painted = None if hidden else _painted(annotation)
    verdict = IntakeVerdict(Hazard.FORM, _full_name(annotation), hidden or painted is not None)
    return JudgedAnnotation(verdict=verdict, painted=painted)


def _painted(annotation: generic.DictionaryObject) -> Painted | None:
    """Return how an annotation's normal appearance is placed (ISO 32000-2 12.5.5, algorithm 8)."""
    if _flags(annotation) & (_HIDDEN | _NO_VIEW):
        return None
    looks = entry(annotation, "/AP")
    if not isinstance(looks, generic.DictionaryObject) or "/N" not in looks:
        return None
    raw: Any = looks.raw_get("/N")
    form: Any = target(raw)
    if isinstance(form, generic.DictionaryObject) and not isinstance(form, generic.StreamObject):
        state = str(entry(annotation, "/AS") or "/Off")
        if state not in form:
            return None
        raw = form.raw_get(state)
        form = target(raw)
    place, box = rectangle(entry(annotation, "/Rect")), None
    if isinstance(form, generic.StreamObject) and isinstance(raw, generic.IndirectObject):
        box = rectangle(entry(form, "/BBox"))
    if place is None or box is None:
        return None
    matrix = _placed(box, _matrix(form), place)
    return None if matrix is None else Painted(raw, matrix)


def _placed(
    box: tuple[float, float, float, float],
    own: tuple[float, ...],
    target: tuple[float, float, float, float],
) -> tuple[float, float, float, float, float, float] | None:
    a, b, c, d, e, f = own
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if width <= 0 or height <= 0:
        return None
    wide, high = (target[2] - target[0]) / width, (target[3] - target[1]) / height
    return wide, 0.0, 0.0, high, target[0] - min(xs) * wide, target[1] - min(ys) * high


def _matrix(form: generic.DictionaryObject) -> tuple[float, ...]:
    found = entry(form, "/Matrix")
    if isinstance(found, generic.ArrayObject) and len(found) == 6:  # noqa: PLR2004
        return tuple(float(found[n]) for n in range(6))
    return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0


def _flags(annotation: generic.DictionaryObject) -> int:
    found = entry(annotation, "/F")
    return int(found) if isinstance(found, generic.NumberObject) else 0


def walk_up(field: generic.DictionaryObject) -> list[generic.DictionaryObject]:
    """Return a field and those above it."""
    found: list[generic.DictionaryObject] = []
    one: Any = field
    while isinstance(one, generic.DictionaryObject) and len(found) < _DEEPEST:
        found.append(one)
        one = entry(one, "/Parent")
    return found


def _inherited(field: generic.DictionaryObject, key: str) -> Any:
    values = (entry(one, key) for one in walk_up(field))
    return next((one for one in values if one is not None), None)


def _full_name(field: generic.DictionaryObject) -> str:
    parts = [str(entry(one, "/T")) for one in walk_up(field) if "/T" in one]
    return ".".join(reversed(parts))[:200]


def page_box(get: Callable[[str], Any]) -> PageBox | None:
    """Return the shown part of a page, by its entries and those that it inherits."""
    media = rectangle(get("/MediaBox"))
    if media is None:
        return None
    crop = rectangle(get("/CropBox")) or media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left < 1 or top - bottom < 1:
        left, bottom, right, top = media
    turn = get("/Rotate")
    turned = int(turn) % 360 if isinstance(turn, generic.NumberObject) else 0
    return PageBox(left, bottom, right, top, turned if turned % 90 == 0 else 0)
