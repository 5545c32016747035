"""Boxes of what a page's content paints, in the page's own space.

An estimate for a note (`covers_content`), never for a verdict: the width of text is guessed from
its length, clipping is not looked at, and white is taken for paper.
"""

from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic

from signing.inspection.changes.content import Operand, operators
from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.pages import InheritedPage
from signing.inspection.changes.view import RevisionView
from signing.inspection.changes.widgets import Rectangle
from signing.inspection.objects import items, raw

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MOST_DEPTH = 4
_MOST_BOXES = 20_000
_GLYPH = 0.5
"""Width of a byte of text in ems; a two-byte character is as wide as it is high."""
_RISE, _FALL = 0.9, -0.25
_FILLS = frozenset({"f", "F", "f*", "B", "B*", "b", "b*"})
_STROKES = frozenset({"S", "s", "B", "B*", "b", "b*"})
_INVISIBLE_TEXT = 3


def painted(view: RevisionView, page: InheritedPage) -> list[Rectangle]:
    """Return boxes of what a page shows. Raises `UnclearError` where that is too much to say."""
    value = view.follow(page.entry("/Contents"))
    parts = items(value) if isinstance(value, generic.ArrayObject) else [value]
    streams: list[Any] = [view.follow(part) for part in parts]
    data = b"\n".join(stream.data for stream in streams if isinstance(stream, generic.StreamObject))
    resources = view.follow(page.entry("/Resources"))
    painter = _Painter(view, resources, _IDENTITY, 0)
    painter.run(data)
    return painter.boxes


class _Painter:
    """Follows the graphics state as far as places go."""

    def __init__(self, view: RevisionView, resources: Any, matrix: Matrix, depth: int) -> None:
        self.boxes: list[Rectangle] = []
        self._view = view
        self._resources = resources
        self._matrix = matrix
        self._depth = depth
        self._saved: list[tuple[Matrix, float, bool, float]] = []
        self._path: list[Point] = []
        self._size = 1.0
        self._leading = 0.0
        self._white = False
        self._mode = 0.0
        self._line = self._text = _IDENTITY
        self._actions: dict[str, Callable[[list[Any]], None]] = {
            "q": self._save, "Q": self._restore, "cm": self._transform, "re": self._rectangle,
            "m": self._points, "l": self._points, "c": self._points, "v": self._points,
            "y": self._points, "n": self._end_path, "BT": self._begin_text, "Tf": self._font,
            "TL": self._set_leading, "Td": self._move, "TD": self._move_leading, "Tm": self._set,
            "T*": self._next_line, "Tj": self._show, "TJ": self._show, "'": self._show_next,
            '"': self._show_next, "Tr": self._set_mode, "Do": self._draw, "EI": self._image,
            "sh": self._image, "g": self._gray, "rg": self._rgb, "k": self._cmyk,
            "sc": self._color, "scn": self._color, "cs": self._color,
        }  # fmt: skip

    def run(self, data: bytes) -> None:
        """Interpret a content stream."""
        for name, operands in operators(data):
            if name in _FILLS or name in _STROKES:
                self._paint(name)
            elif name in self._actions:
                self._actions[name](operands)
            if len(self.boxes) > _MOST_BOXES:
                raise UnclearError("too much content")

    def _save(self, _: list[Operand]) -> None:
        self._saved.append((self._matrix, self._size, self._white, self._mode))

    def _restore(self, _: list[Operand]) -> None:
        if self._saved:
            self._matrix, self._size, self._white, self._mode = self._saved.pop()

    def _transform(self, operands: list[Operand]) -> None:
        self._matrix = _times(_matrix(operands), self._matrix)

    # Paths

    def _rectangle(self, operands: list[Operand]) -> None:
        x, y, width, height = _numbers(operands, 4)
        self._path += [(x, y), (x + width, y + height)]

    def _points(self, operands: list[Operand]) -> None:
        numbers = [one for one in operands if isinstance(one, float)]
        self._path += list(zip(numbers[::2], numbers[1::2], strict=False))

    def _end_path(self, _: list[Operand]) -> None:
        self._path = []

    def _paint(self, name: str) -> None:
        if self._path and (name in _STROKES or not self._white):
            self._add(self._path, self._matrix)
        self._path = []

    # Text

    def _begin_text(self, _: list[Operand]) -> None:
        self._line = self._text = _IDENTITY

    def _font(self, operands: list[Operand]) -> None:
        (self._size,) = _numbers(operands[-1:], 1)

    def _set_leading(self, operands: list[Operand]) -> None:
        (self._leading,) = _numbers(operands, 1)

    def _set_mode(self, operands: list[Operand]) -> None:
        (self._mode,) = _numbers(operands, 1)

    def _move(self, operands: list[Operand]) -> None:
        x, y = _numbers(operands, 2)
        self._line = self._text = _times((1.0, 0.0, 0.0, 1.0, x, y), self._line)

    def _move_leading(self, operands: list[Operand]) -> None:
        self._leading = -_numbers(operands, 2)[1]
        self._move(operands)

    def _set(self, operands: list[Operand]) -> None:
        self._line = self._text = _matrix(operands)

    def _next_line(self, _: list[Operand]) -> None:
        self._move([0.0, -self._leading])

    def _show_next(self, operands: list[Operand]) -> None:
        self._next_line([])
        self._show(operands[-1:])

    def _show(self, operands: list[Operand]) -> None:
        parts: list[Operand] = []
        for one in operands:
            parts += one if isinstance(one, list) else [one]
        length = sum(len(part) for part in parts if isinstance(part, bytes))
        width = length * self._size * _GLYPH
        if length and self._mode != _INVISIBLE_TEXT:
            corners = [(0.0, self._size * _FALL), (width, self._size * _RISE)]
            self._add(corners, _times(self._text, self._matrix))
        self._text = _times((1.0, 0.0, 0.0, 1.0, width, 0.0), self._text)

    # Pictures

    def _image(self, _: list[Operand]) -> None:
        self._add([(0.0, 0.0), (1.0, 1.0)], self._matrix)

    def _draw(self, operands: list[Operand]) -> None:
        name = operands[0] if operands and isinstance(operands[0], str) else ""
        view = self._view
        resources = view.expect(self._resources, "/Resources")
        held: Any = view.entry(view.dictionary(resources, "/XObject"), name)
        if not isinstance(held, generic.StreamObject):
            return
        if str(view.entry(held, "/Subtype")) != "/Form":
            self._image([])
            return
        if self._depth >= _MOST_DEPTH:
            raise UnclearError("forms within forms")
        matrix = [_number(view, one) for one in view.array(held, "/Matrix")] or list(_IDENTITY)
        own = view.follow(raw(held, "/Resources")) or self._resources
        inner = _Painter(view, own, _times(_matrix(matrix), self._matrix), self._depth + 1)
        inner.run(held.data)
        self.boxes += inner.boxes

    # Colours

    def _gray(self, operands: list[Operand]) -> None:
        self._white = operands == [1.0]

    def _rgb(self, operands: list[Operand]) -> None:
        self._white = operands == [1.0, 1.0, 1.0]

    def _cmyk(self, operands: list[Operand]) -> None:
        self._white = operands == [0.0, 0.0, 0.0, 0.0]

    def _color(self, _: list[Operand]) -> None:
        self._white = False

    def _add(self, points: list[Point], matrix: Matrix) -> None:
        xs, ys = zip(*points, strict=True)
        corners = [(x, y) for x in (min(xs), max(xs)) for y in (min(ys), max(ys))]
        a, b, c, d, e, f = matrix
        across = [a * x + c * y + e for x, y in corners]
        up = [b * x + d * y + f for x, y in corners]
        self.boxes.append((min(across), min(up), max(across), max(up)))


def _number(view: RevisionView, value: Any) -> float:
    found = view.follow(value)
    if not isinstance(found, generic.NumberObject | generic.FloatObject):
        raise UnclearError("a matrix that is none")
    return float(found)


def _numbers(operands: list[Any], count: int) -> list[float]:
    numbers = [float(one) for one in operands if isinstance(one, int | float)]
    if len(numbers) < count:
        raise UnclearError("an operator without its operands")
    return numbers[-count:]


def _matrix(operands: list[Any]) -> Matrix:
    a, b, c, d, e, f = _numbers(operands, 6)
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix that applies `one` first (8.3.3)."""
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (
        a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s,
        e * p + f * r + t, e * q + f * s + u,
    )  # fmt: skip
