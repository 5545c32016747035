"""Quick proof that a face's pages hold it, for plans of many licences.

Laying a page out takes half a millisecond, and nearly all pages of a sheet hold what they show with
room to spare. Here the lines of the fields are counted in each size that the layout would try;
beside a photo every field is given a row of its own, as narrow as the narrowest row of the page:
what fits so fits as it is laid out, which sets short fields side by side and uses the room below
the photo. What is not proven so is not refused: the layout itself decides
(`LicenceRenderer.refuse_unfit`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signing.face import LicenceFace
from signing.render.body import (
    GUTTER,
    LABEL_LIMIT,
    MIN_GAP,
    NARROWEST_COLUMN,
    Sizes,
    attempts,
    indent,
)
from signing.render.errors import FieldTooLongError, MissingGlyphError
from signing.render.geometry import PageShape, shape_of
from signing.render.header import fit_number, number_style
from signing.render.layout import UNCOUNTED, check_glyphs, counted, make_frame
from signing.render.setting import stack_height
from signing.render.terms import validity
from signing.render.type.files import EM
from signing.render.type.typefaces import Fonts
from signing.render.wrapping import measure, wrap

_KEPT: Final = 256
"""Frames that are kept: the pages of a type, times the sizes of its numbers."""

_SPARE: Final = 1e-6
"""Points left at least: sums of floats in another order differ by less."""


@dataclass(frozen=True, slots=True)
class _Room:
    """Room for the fields of a page: as wide as beside the photo, down to its foot."""

    width: float
    height: float
    beside_photo: bool
    """Fields are proven to fit each in a row of its own: how the rows share the width out depends
    on where the photo ends."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A value, measured."""

    text: str
    width: int
    """In thousandths of an em."""
    wide: bool

    def takes(self, width: float, sizes: Sizes) -> bool:
        """Tell whether it is short enough to stand beside another in so much room."""
        return not self.wide and self.width * sizes.shared <= width * EM


class PageFit:
    """Proves of faces that their pages hold them; keeps what faces of a type share."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._rooms: dict[object, _Room | None] = {}
        self._glyphs = frozenset(fonts.regular.main.glyphs)

    def holds(self, face: LicenceFace) -> bool:
        """Tell whether it is certain that laying the face out raises nothing."""
        pages = face.pages()
        return all(self._holds(one, counted(at, len(pages))) for at, one in enumerate(pages, 1))

    def _holds(self, face: LicenceFace, said: str) -> bool:
        if face.design.bilingual or any(one.columns for one in face.fields):
            return False
        labels = [one.label.zh for one in face.fields]
        drawn = "".join((face.number, *labels, *(one.value for one in face.fields)))
        if "\n" in face.number or not self._glyphs.issuperset(drawn.replace("\n", "")):
            return False
        values = [(one.value, one.wide) for one in face.fields]
        if not face.design.without_term:
            labels.append(face.design.validity_label.zh)
            values.append((validity(face), False))
        if not labels or any(len(one) > LABEL_LIMIT for one in labels):
            return False
        shape = shape_of(face.design.orientation)
        rooms = [self._room(face, shape, said)]
        if face.design.continued:
            rooms.append(self._room(face, shape, UNCOUNTED))
        label_width = max(map(self._fonts.bold.width, labels))
        measured = [_Value(text, self._width(text), wide) for text, wide in values]
        return all(
            room is not None
            and any(
                self._fits(measured, label_width, room, sizes)
                for sizes in attempts(shape.body_size, roomy=face.design.continued)
            )
            for room in rooms
        )

    def _width(self, text: str) -> int:
        """Return the width of a text on one line; of several lines, more than any page's."""
        return EM * EM if "\n" in text else self._fonts.regular.width(text)

    def _fits(self, values: Sequence[_Value], label_width: int, room: _Room, sizes: Sizes) -> bool:
        gap, before = MIN_GAP * sizes.shared, indent(label_width, sizes)
        half = 0.0
        if not room.beside_photo:
            half = (room.width - GUTTER * sizes.shared) / 2
            half = half - before if half >= NARROWEST_COLUMN * sizes.shared else 0.0
        left, at = room.height + gap, 0
        while at < len(values) and left >= _SPARE:
            if all(one.takes(half, sizes) for one in values[at : at + 2]) and at + 1 < len(values):
                left -= gap + sizes.shared
                at += 2
                continue
            one = values[at]
            size = sizes.wide if one.wide else sizes.shared
            limit = (room.width - before) / size * EM
            lines = 1
            if one.width > limit:
                lines = len(wrap(measure(one.text, self._fonts.regular.widths), limit))
            left -= gap + max(stack_height(lines, size), sizes.shared)
            at += 1
        return left >= _SPARE

    def _room(self, face: LicenceFace, shape: PageShape, said: str) -> _Room | None:
        """Return the room of a page, or None where its other parts do not fit as they are."""
        width = shape.margin.x2 - shape.margin.x1
        try:
            size, _ = fit_number(face, width, number_style(self._fonts))
        except FieldTooLongError:
            return None
        shared = (face.design, face.number_label, face.identifier, face.authority, face.link)
        key = (*shared, face.granted_on, face.photo is None, said, size)
        if key not in self._rooms:
            if len(self._rooms) >= _KEPT:
                self._rooms.clear()
            self._rooms[key] = self._measured_room(face, said)
        return self._rooms[key]

    def _measured_room(self, face: LicenceFace, said: str) -> _Room | None:
        try:
            check_glyphs(face, self._fonts)
            frame = make_frame(face, self._fonts, said)
        except (FieldTooLongError, MissingGlyphError):
            return None
        room, hole = frame.room, frame.hole
        right = room.x2 if hole is None else hole.x1
        return _Room(right - room.x1, room.y2 - room.y1, hole is not None)
