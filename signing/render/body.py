"""The labelled fields: one or two columns, wrapped, shrunk together until they fit their room."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.text import Text
from signing.face import Box, FaceField
from signing.render.design.colours import BLACK, Rgb
from signing.render.errors import FieldTooLongError
from signing.render.setting import (
    ASCENT,
    LEADING,
    PlacedText,
    Style,
    english_below,
    spread,
    stack_height,
    stacked,
)
from signing.render.table import MeasuredTable, SetTable, TableSetter, measure_table
from signing.render.type.files import EM
from signing.render.type.typefaces import Fonts
from signing.render.wrapping import Paragraph, measure, wrap

SMALLEST_SHARED = 10.5
"""Down to here all fields shrink together."""
SMALLEST_WIDE = 7.5
"""Below that only long texts shrink, down to here; 7.5 pt is the least that law texts use."""
ROOMY = 12.0
"""Smallest size of a page that may be continued on another."""
STEP = 0.5
LABEL_LIMIT = 10
"""Characters of the longest label."""
MIN_GAP, MAX_GAP = 0.5, 1.4
"""Between rows, in ems of the shared size."""
COLON = "："
GUTTER = 1.6
"""Between columns, in ems."""
ENGLISH = 0.52
"""Size of the English below a label, of the Chinese."""
MOST_ENGLISH = 2
"""Lines of it."""
NARROWEST_COLUMN = 13
"""Ems; where two columns would be narrower (beside a photo), there is one."""


class MeasuredField(NamedTuple):
    """A field, measured."""

    label: Text
    label_english: tuple[Paragraph, ...]
    """Measured; without a bilingual page, nothing."""
    value: str
    wide: bool
    paragraphs: tuple[Paragraph, ...]
    width: int
    """Of the longest paragraph, in thousandths of an em."""
    english: str = ""
    """Of the value, below it."""
    table: MeasuredTable | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Type sizes of one attempt, in points."""

    shared: float
    wide: float

    def of(self, entry: MeasuredField) -> float:
        """Return the size of an entry's value."""
        return self.wide if entry.wide else self.shared


class FieldCell(NamedTuple):
    """An entry with its lines and its place in the row, from the body's left edge."""

    entry: MeasuredField
    x: float
    lines: list[str]


class Row(NamedTuple):
    """Cells side by side."""

    cells: tuple[FieldCell, ...]
    height: float
    table: TableSetter | None = None
    """In the place of cells."""


class PlacedField(NamedTuple):
    """A field in its place: its label's texts and its value's, or its table."""

    name: str
    label: tuple[PlacedText, ...] = ()
    value: tuple[PlacedText, ...] = ()
    table: SetTable | None = None

    @property
    def texts(self) -> tuple[PlacedText, ...]:
        """All texts."""
        return (*self.label, *self.value) if self.table is None else self.table.texts


def make_entry(
    field: FaceField, fonts: Fonts, *, english: str = "", bilingual: bool = False
) -> MeasuredField:
    """Measure a field. Raises `FieldTooLongError` if its label is too long."""
    label = field.label
    if len(label.zh) > LABEL_LIMIT and not field.columns:
        raise FieldTooLongError(label, len(label.zh))
    paragraphs = measure(field.value, fonts.regular.widths)
    width = max(paragraph.width for paragraph in paragraphs)
    label_english = measure(label.en, fonts.bold.widths) if bilingual else ()
    table = measure_table(label, field.columns, field.rows, fonts) if field.columns else None
    return MeasuredField(
        label, label_english, field.value, field.wide, paragraphs, width, english, table
    )


class Body:
    """Sets entries into a box, leaving out `hole` (the photo) at its upper right."""

    def __init__(
        self,
        entries: Iterable[MeasuredField],
        room: Box,
        hole: Box | None,
        fonts: Fonts,
        *,
        bilingual: bool = False,
    ) -> None:
        self._bilingual = bilingual
        self._entries = tuple(entries)
        self._room = room
        self._hole = hole
        self._fonts = fonts
        self._label_width = max(
            (fonts.bold.width(one.label.zh) for one in self._entries if one.table is None),
            default=0,
        )

    def set(self, size: float, ink: Rgb, *, roomy: bool = False) -> list[PlacedField]:
        """Return each field in its place, at the largest sizes that fit; `roomy`: not small ones.

        Raises `FieldTooLongError` naming the field that takes the most room.
        """
        for sizes in attempts(size, roomy=roomy):
            rows = self._rows(sizes)
            if rows and self._height(rows, sizes) <= self._room.y2 - self._room.y1:
                return list(self._placed(rows, sizes, ink))
        longest = max(self._entries, key=lambda entry: len(entry.value))
        raise FieldTooLongError(longest.label, len(longest.value))

    def _height(self, rows: list[Row], sizes: Sizes) -> float:
        return sum(row.height for row in rows) + (len(rows) - 1) * MIN_GAP * sizes.shared

    def _rows(self, sizes: Sizes) -> list[Row]:
        rows: list[Row] = []
        top, index = self._room.y2, 0
        while index < len(self._entries):
            width = self._width_at(top)
            row = self._row(index, width, sizes)
            rows.append(row)
            index += len(row.cells)
            top -= row.height + MIN_GAP * sizes.shared
        return rows

    def _width_at(self, top: float) -> float:
        right = self._room.x2
        if self._hole is not None and top > self._hole.y1:
            right = self._hole.x1
        return right - self._room.x1

    def _row(self, index: int, width: float, sizes: Sizes) -> Row:
        half = (width - GUTTER * sizes.shared) / 2
        first, *others = pair = self._entries[index : index + 2]
        if first.table is not None:
            table = TableSetter(
                first.table, width, sizes.wide, self._fonts, bilingual=self._bilingual
            )
            return Row((FieldCell(first, 0.0, []),), table.height, table)
        paired = others and half >= NARROWEST_COLUMN * sizes.shared
        if paired and all(self._fits(entry, half, sizes) for entry in pair):
            offsets = (0.0, half + GUTTER * sizes.shared)
            cells = tuple(
                self._cell(entry, x, half, sizes) for entry, x in zip(pair, offsets, strict=True)
            )
        else:
            cells = (self._cell(first, 0.0, width, sizes),)
        height = max(self._cell_height(cell, sizes) for cell in cells)
        return Row(cells, max(height, sizes.shared))

    def _cell_height(self, cell: FieldCell, sizes: Sizes) -> float:
        height = stack_height(len(cell.lines), sizes.of(cell.entry))
        if not self._bilingual:
            return height
        small, width = sizes.shared * ENGLISH, self._label_width * sizes.shared / EM
        lines = len(wrap(cell.entry.label_english, width / small * EM))
        label = sizes.shared + min(lines, MOST_ENGLISH) * LEADING * small
        return max(height + (LEADING * small if cell.entry.english else 0.0), label)

    def _fits(self, entry: MeasuredField, width: float, sizes: Sizes) -> bool:
        room = width - self._indent(sizes)
        return (
            not entry.wide
            and entry.table is None
            and len(entry.paragraphs) == 1
            and entry.width * sizes.shared <= room * EM
        )

    def _cell(self, entry: MeasuredField, x: float, width: float, sizes: Sizes) -> FieldCell:
        limit = (width - self._indent(sizes)) / sizes.of(entry) * EM
        return FieldCell(entry, x, wrap(entry.paragraphs, limit))

    def _indent(self, sizes: Sizes) -> float:
        return indent(self._label_width, sizes)

    def _placed(self, rows: list[Row], sizes: Sizes, ink: Rgb) -> Iterator[PlacedField]:
        spare = self._room.y2 - self._room.y1 - self._height(rows, sizes)
        slots = max(1, len(rows) - 1)
        gap = min(MIN_GAP * sizes.shared + spare / slots, MAX_GAP * sizes.shared)
        top = self._room.y2
        for row in rows:
            for cell in row.cells:
                name = cell.entry.label.zh
                if row.table is not None:
                    yield PlacedField(name, table=row.table.set(self._room.x1, top, ink))
                else:
                    yield self._part(name, cell, top, sizes, ink)
            top -= row.height + gap

    def _part(self, name: str, cell: FieldCell, top: float, sizes: Sizes, ink: Rgb) -> PlacedField:
        size, x = sizes.shared, self._room.x1 + cell.x
        label = Style(self._fonts.bold, size, size, ink)
        value = Style(self._fonts.regular, size, size, BLACK)
        width = self._label_width * size / EM
        words = cell.entry.label
        placed = spread(words.zh, COLON, (x, top - ASCENT * size), width, label)
        lines = stacked(cell.lines, x + self._indent(sizes), top, sizes.of(cell.entry), value)
        if not self._bilingual:
            return PlacedField(name, (placed,), tuple(lines))
        small = size * ENGLISH
        below = english_below(words, placed, width, small, label, lines=MOST_ENGLISH)
        if cell.entry.english and lines:
            said = Text(cell.entry.value, cell.entry.english)
            room = self._room.x2 - lines[-1].x
            lines += english_below(said, lines[-1], room, small, value, lines=1)
        return PlacedField(name, (placed, *below), tuple(lines))


def indent(label_width: int, sizes: Sizes) -> float:
    """Return the room between a cell's left edge and its value: the longest label, the colon."""
    return label_width * sizes.shared / EM + 1.1 * sizes.shared


def attempts(size: float, *, roomy: bool) -> Iterator[Sizes]:
    """Yield the sizes that are tried, the largest first."""
    while size >= (ROOMY if roomy else SMALLEST_SHARED):
        yield Sizes(size, size)
        size -= STEP
    if roomy:
        return
    wide = SMALLEST_SHARED - STEP
    while wide >= SMALLEST_WIDE:
        yield Sizes(SMALLEST_SHARED, wide)
        wide -= STEP
