"""Annotations of a page: links stay; empty signature fields are places; the rest is refused, or
painted on the page where it is shown and `clean` was asked for.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.findings import IntakeVerdict
from signing.intake.looking import detail_of, entry, is_dictionary, look_up, name_at, raw_entry
from signing.intake.report import EmptyField, Hazard, PageBox
from signing.intake.rules import action_of, real_name
from signing.intake.writing import OddFileError

_MARKS = frozenset(
    (
        "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine",
        "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink",
        "/Watermark",
    )
)  # fmt: skip
"""Kinds whose appearance is what all readers show."""
_ACTIVE = frozenset({"/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/Projection"})
_FILES = frozenset({"/FileAttachment"})
_WINDOWS = frozenset({"/Popup", "/Screen"})
"""Without an appearance no part of a page: windows of the reader's own, and areas."""
_MAY_ACT = {"/AA": Hazard.ACTIVE, "/AF": Hazard.ATTACHMENT, "/OC": Hazard.LAYERS}
_HIDDEN, _PRINT, _NO_VIEW = 1 << 1, 1 << 2, 1 << 5
_NO_TURN = 1 << 3 | 1 << 4
"""NoZoom, NoRotate: shown upright on a turned page."""
_DEEPEST = 32
_BLANK_BYTES = 1024
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
    verdicts: tuple[IntakeVerdict, ...] = ()
    field: EmptyField | None = None
    painted: Painted | None = None


def judge(annotation: generic.DictionaryObject, page: int, turn: int) -> JudgedAnnotation:
    """Judge an annotation of a page (from 1) that is shown turned. Raises `OddFileError`."""
    kind = real_name(annotation, "/Subtype")
    if kind == "/Link":
        return _judge_link(annotation, turn)
    if kind == "/Widget":
        return _judge_widget(annotation, page, turn)
    hazard = Hazard.ANNOTATION
    if kind in _ACTIVE:
        hazard = Hazard.ACTIVE
    elif kind in _FILES:
        hazard = Hazard.ATTACHMENT
    known = kind in _MARKS | _ACTIVE | _FILES | _WINDOWS and "/FixedPrint" not in annotation
    painted, settled = _shown(annotation, turn)
    settled = settled or (kind in _WINDOWS and "/AP" not in annotation)
    verdict = IntakeVerdict(hazard, f"/Annots {kind}", known and settled)
    return JudgedAnnotation(verdicts=(verdict, *_extras(annotation)), painted=painted)


def _judge_link(annotation: generic.DictionaryObject, turn: int) -> JudgedAnnotation:
    """Links stay, written anew; what is drawn over one is painted, like any other mark."""
    verdicts = list(_extras(annotation))
    leads = False
    for key in ("/A", "/PA"):
        if entry(annotation, key) is not None:
            found = action_of(entry(annotation, key))
            if isinstance(found, IntakeVerdict):
                verdicts.append(found)
            elif key == "/A":
                leads = True
    if entry(annotation, "/A") is None:
        leads = entry(annotation, "/Dest") is not None
    hidden = bool(_flags(annotation) & (_HIDDEN | _NO_VIEW))
    painted, settled = None, True
    if "/AP" in annotation and not hidden:
        painted, settled = _shown(annotation, turn)
        verdicts.append(IntakeVerdict(Hazard.ANNOTATION, "/Annots /Link /AP", settled))
    box = rectangle(entry(annotation, "/Rect"))
    keep = leads and not hidden and box is not None
    return JudgedAnnotation(keep=keep, verdicts=tuple(verdicts), painted=painted)


def _extras(annotation: generic.DictionaryObject) -> Iterator[IntakeVerdict]:
    for key, hazard in _MAY_ACT.items():
        value = entry(annotation, key)
        if value is not None:
            yield IntakeVerdict(hazard, detail_of(key, value))


def _shown(annotation: generic.DictionaryObject, turn: int) -> tuple[Painted | None, bool]:
    """Return the appearance to be painted, and whether that is all that readers show."""
    flags = _flags(annotation)
    if flags & _HIDDEN:
        return None, True
    if flags & _NO_VIEW:
        return None, not flags & _PRINT
    looks = entry(annotation, "/AP")
    states = entry(looks, "/N")
    state = name_at(annotation, "/AS")
    if is_dictionary(states) and state and state not in states:
        return None, True  # a box that is not ticked
    painted = _painted(annotation)
    plain = "/BM" not in annotation and not (flags & _NO_TURN and turn)
    return painted, painted is not None and plain


def rectangle(raw: Any) -> tuple[float, float, float, float] | None:
    """Return a rectangle's left, bottom, right and top; None where it is none."""
    if not isinstance(raw, generic.ArrayObject) or len(raw) != _FOUR:
        return None
    values = [raw[n] for n in range(_FOUR)]
    if not all(isinstance(one, generic.NumberObject | generic.FloatObject) for one in values):
        return None
    x1, y1, x2, y2 = (float(one) for one in values)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _judge_widget(annotation: generic.DictionaryObject, page: int, turn: int) -> JudgedAnnotation:
    name = _full_name(annotation)
    kinds = [real_name(one, "/FT") for one in walk_up(annotation)]
    painted, settled = _shown(annotation, turn)
    extras = tuple(_extras(annotation))
    if next(filter(None, kinds), "") == "/Sig":
        if _inherited(annotation, "/V") is not None:
            verdict = IntakeVerdict(Hazard.SIGNED, name, cleanable=False)
            return JudgedAnnotation(verdicts=(verdict,))
        box = rectangle(entry(annotation, "/Rect"))
        field = None if box is None else EmptyField(name, page, *box)
        if _is_blank(annotation):
            return JudgedAnnotation(field=field, verdicts=extras)
        verdict = IntakeVerdict(Hazard.FORM, name, settled)
        return JudgedAnnotation(field=field, verdicts=(verdict, *extras), painted=painted)
    verdict = IntakeVerdict(Hazard.FORM, name, settled)
    return JudgedAnnotation(verdicts=(verdict, *extras), painted=painted)


def _is_blank(annotation: generic.DictionaryObject) -> bool:
    """Tell whether an annotation has no appearance, or one that draws nothing."""
    looks = entry(annotation, "/AP")
    form = entry(looks, "/N")
    if form is None:
        return True
    if not isinstance(form, generic.StreamObject):
        return False
    data = bytes(form.encoded_data)
    if name_at(form, "/Filter") == "/FlateDecode":
        try:
            data = zlib.decompressobj().decompress(data, _BLANK_BYTES)
        except zlib.error:
            return False
    return not data.strip()


def _painted(annotation: generic.DictionaryObject) -> Painted | None:
    """Return how an annotation's normal appearance is placed (ISO 32000-2 12.5.5, algorithm 8)."""
    looks = entry(annotation, "/AP")
    raw = raw_entry(looks, "/N")
    form = entry(looks, "/N")
    if is_dictionary(form):
        raw = raw_entry(form, name_at(annotation, "/AS"))
        form = None if raw is None else look_up(raw)
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
    return "".join(one for one in ".".join(reversed(parts)) if one.isprintable())[:200]


def page_box(get: Callable[[str], Any]) -> PageBox:
    """Return the shown part of a page, by its entries and those that it inherits.

    Raises `OddFileError`.
    """
    media = rectangle(get("/MediaBox"))
    crop = media if get("/CropBox") is None else rectangle(get("/CropBox"))
    turn = 0 if get("/Rotate") is None else get("/Rotate")
    if media is None or crop is None:
        raise OddFileError("/MediaBox")
    if not isinstance(turn, int | generic.FloatObject) or turn % 90 != 0:
        raise OddFileError("/Rotate")
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left < 1 or top - bottom < 1:
        raise OddFileError("/CropBox")
    return PageBox(left, bottom, right, top, int(turn) % 360)
