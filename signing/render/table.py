"""Tables on the face: a heading, columns as wide as what stands in them, ruled rows."""

from dataclasses import dataclass

from core.text import Text
from signing.face import Box
from signing.render.design.colours import BLACK, Rgb
from signing.render.setting import (
    ASCENT,
    LEADING,
    PlacedText,
    Style,
    english_below,
    stack_height,
    stacked,
)
from signing.render.type.files import EM
from signing.render.type.typefaces import Fonts
from signing.render.wrapping import Paragraph, measure, wrap

PAD = 0.4
"""Within a cell, in ems of its type."""
ENGLISH = 0.62
"""Size of the English below a heading, of the Chinese."""
NARROWEST = 3.0
"""Of a column, in ems."""

Cell = tuple[PlacedText, ...]
Paragraphs = tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """A table before it is set."""

    title: Text
    columns: tuple[Text, ...]
    header: tuple[Paragraphs, ...]
    rows: tuple[tuple[Paragraphs, ...], ...]
    widths: tuple[float, ...]
    """Wanted by each column, in thousandths of an em."""


def measure_table(
    title: Text, columns: tuple[Text, ...], rows: tuple[tuple[str, ...], ...], fonts: Fonts
) -> MeasuredTable:
    """Measure a table."""
    regular, bold = fonts.regular, fonts.bold
    return MeasuredTable(
        title,
        columns,
        tuple(measure(column.zh, bold.widths) for column in columns),
        tuple(tuple(measure(cell, regular.widths) for cell in row) for row in rows),
        tuple(
            max(NARROWEST * EM, bold.width(head.zh), *(regular.width(row[at]) for row in rows))
            + 2 * PAD * EM
            for at, head in enumerate(columns)
        ),
    )


@dataclass(frozen=True, slots=True)
class SetTable:
    """A table in its place."""

    title: Cell
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rules: tuple[Box, ...]
    """Lines, as boxes without a width or without a height."""
    box: Box

    @property
    def texts(self) -> tuple[PlacedText, ...]:
        """All texts, in the order in which they are read."""
        cells = (self.title, *self.header, *(cell for row in self.rows for cell in row))
        return tuple(text for cell in cells for text in cell)


class TableSetter:
    """Sets one table at one width and size."""

    def __init__(
        self, table: MeasuredTable, width: float, size: float, fonts: Fonts, *, bilingual: bool
    ) -> None:
        self._bilingual = bilingual
        self._table = table
        self._size = size
        self._fonts = fonts
        self._widths = self._column_widths(width)
        self._header = [self._wrapped(one, at) for at, one in enumerate(table.header)]
        self._rows = [
            [self._wrapped(cell, at) for at, cell in enumerate(row)] for row in table.rows
        ]

    @property
    def height(self) -> float:
        """Height of all of it, heading included."""
        rows = sum(self._height(row) for row in self._rows)
        return self._title_height + self._header_height + rows

    @property
    def _title_height(self) -> float:
        return self._size * 1.5

    @property
    def _header_height(self) -> float:
        english = self._size * ENGLISH * LEADING if self._bilingual else 0.0
        return self._height(self._header) + english

    def _height(self, row: list[list[str]]) -> float:
        lines = max(len(cell) for cell in row)
        return stack_height(lines, self._size) + 2 * PAD * self._size

    def set(self, left: float, top: float, ink: Rgb) -> SetTable:
        """Place the table with its upper left corner there."""
        size, bold = self._size, Style(self._fonts.bold, self._size, self._size, ink)
        title = self._titled(left, top, bold)
        y = first = top - self._title_height
        header = self._cells(self._header, left, y, bold)
        if self._bilingual:
            header = self._with_english(header, bold)
        levels = [y, y := y - self._header_height]
        plain = Style(self._fonts.regular, size, size, BLACK)
        rows = []
        for row in self._rows:
            rows.append(self._cells(row, left, y, plain))
            levels.append(y := y - self._height(row))
        edges = [left]
        for width in self._widths:
            edges.append(edges[-1] + width)
        rules = [Box(edges[0], level, edges[-1], level) for level in levels]
        rules += [Box(edge, y, edge, first) for edge in edges]
        box = Box(left, y, edges[-1], top)
        return SetTable(title, header, tuple(rows), tuple(rules), box)

    def _titled(self, left: float, top: float, style: Style) -> Cell:
        size, words = self._size, self._table.title
        title = PlacedText(words.zh, left, top - ASCENT * size, style.font, size, style.colour)
        if not self._bilingual:
            return (title,)
        x = title.box.x2 + 0.5 * size
        english = PlacedText(
            words.en, x, title.y, style.font, size * ENGLISH, style.colour, english=True
        )
        return title, english

    def _cells(
        self, row: list[list[str]], left: float, top: float, style: Style
    ) -> tuple[Cell, ...]:
        placed = []
        for lines, width in zip(row, self._widths, strict=True):
            inner = left + PAD * self._size
            placed.append(tuple(stacked(lines, inner, top - PAD * self._size, self._size, style)))
            left += width
        return tuple(placed)

    def _with_english(self, header: tuple[Cell, ...], style: Style) -> tuple[Cell, ...]:
        found = []
        for cell, words, width in zip(header, self._table.columns, self._widths, strict=True):
            room = width - 2 * PAD * self._size
            lowest = min(cell, key=lambda text: text.y)
            below = english_below(words, lowest, room, self._size * ENGLISH, style, lines=1)
            found.append((*cell, *below))
        return tuple(found)

    def _wrapped(self, cell: Paragraphs, column: int) -> list[str]:
        room = self._widths[column] - 2 * PAD * self._size
        return wrap(cell, room / self._size * EM)

    def _column_widths(self, width: float) -> list[float]:
        """Share the width out by the longest text of each column."""
        wanted = self._table.widths
        total = sum(wanted)
        if total * self._size / EM <= width:
            return [one / total * width for one in wanted]
        # What is longer than its even share gives way first.
        share = width * EM / self._size / len(wanted)
        short = sum(one for one in wanted if one <= share)
        long = sum(one for one in wanted if one > share)
        left = width * EM / self._size - short
        return [(one if one <= share else one / long * left) * self._size / EM for one in wanted]
