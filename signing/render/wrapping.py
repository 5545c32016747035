"""Line breaking for Chinese mixed with Latin words and numbers (GB/T 15834, 避头尾).

Widths are in thousandths of an em, so that a text is measured once and broken at any size.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from math import floor

_NO_START = frozenset("，。、；：？！）》」』】〕〉”’…—～·％%,.;:?!)]}")
"""May not begin a line."""
_NO_END = frozenset("（《「『【〔〈“‘([{")
"""May not end a line."""
_UNIT = re.compile(r"[0-9A-Za-z@#&+_/'.\-]+|.", re.DOTALL)
"""Runs that stay together: words, numbers, addresses, codes."""


Unit = tuple[str, int]
"""Characters between which no line ends, and their width."""


class Paragraph:
    """A line of the text's own, measured; its units are found when it must be broken."""

    __slots__ = ("_ends", "_units", "_widths", "text", "width")

    def __init__(self, text: str, widths: Mapping[str, int]) -> None:
        self.text = text
        self.width = sum(map(widths.__getitem__, text))
        self._widths = widths
        self._units: list[Unit] = []
        self._ends: list[int] = []

    def lines(self, limit: float) -> list[str]:
        """Return lines no wider than `limit`."""
        if self.width <= limit:
            return [self.text.rstrip()]
        if not self._units:
            self._units = _units(self.text, self._widths)
            self._ends = list(accumulate(width for _, width in self._units))
        return list(self._broken(floor(limit)))

    def _broken(self, limit: int) -> Iterator[str]:
        units, ends = self._units, self._ends
        at, count = bisect_right(ends, limit), len(units)
        line = "".join(text for text, _ in units[:at])
        if line:
            yield line.rstrip()
        while at < count:
            *full, line = _pieces(units[at], limit, self._widths)
            yield from full
            used = sum(map(self._widths.__getitem__, line))
            following = bisect_right(ends, limit - used + ends[at], lo=at + 1)
            line += "".join(text for text, _ in units[at + 1 : following])
            if line or following == count:
                yield line.rstrip()
            at = following


def measure(text: str, widths: Mapping[str, int]) -> tuple[Paragraph, ...]:
    """Return the paragraphs of `text` (lines of its own), measured."""
    return tuple(Paragraph(line, widths) for line in text.split("\n"))


def wrap(paragraphs: tuple[Paragraph, ...], limit: float) -> list[str]:
    """Return lines no wider than `limit`; what is wider on its own is broken between characters."""
    return [line for paragraph in paragraphs for line in paragraph.lines(limit)]


def _units(line: str, widths: Mapping[str, int]) -> list[Unit]:
    units: list[Unit] = []
    sticky = False
    for text in _UNIT.findall(line):
        width = sum(map(widths.__getitem__, text))
        if units and (sticky or text[0] in _NO_START):
            before, wide = units[-1]
            units[-1] = before + text, wide + width
        else:
            units.append((text, width))
        sticky = text[-1] in _NO_END
    return units


def _pieces(unit: Unit, limit: int, widths: Mapping[str, int]) -> list[str]:
    """Break a unit that begins a line: in one piece, if it fits."""
    text, whole = unit
    if whole <= limit:
        return [text.lstrip()]
    pieces, used = [""], 0
    for character in text:
        width = widths[character]
        if pieces[-1] and used + width > limit:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += width
    return pieces
