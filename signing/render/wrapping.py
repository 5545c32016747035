"""Line breaking for Chinese mixed with Latin words and numbers (GB/T 15834, 避头尾).

Widths are in thousandths of an em, so that a text is measured once and broken at any size.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NO_START = frozenset("，。、；：？！）》」』】〕〉”’…—～·％%,.;:?!)]}")
"""May not begin a line."""
_NO_END = frozenset("（《「『【〔〈“‘([{")
"""May not end a line."""
_UNIT = re.compile(r"[0-9A-Za-z@#&+_/'.\-]+|.", re.DOTALL)
"""Runs that stay together: words, numbers, addresses, codes."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters between which no line ends."""

    text: str
    width: int


Paragraph = tuple[Unit, ...]


def measure(text: str, widths: Mapping[str, int]) -> tuple[Paragraph, ...]:
    """Return the paragraphs of `text` (lines of its own) as measured units."""
    return tuple(_paragraph(line, widths) for line in text.split("\n"))


def _paragraph(line: str, widths: Mapping[str, int]) -> Paragraph:
    units: list[Unit] = []
    sticky = False
    for unit in _UNIT.findall(line):
        text = str(unit)
        width = sum(map(widths.__getitem__, text))
        if units and (sticky or text[0] in _NO_START):
            last = units.pop()
            text, width = last.text + text, last.width + width
        units.append(Unit(text, width))
        sticky = text[-1] in _NO_END
    return tuple(units)


def wrap(paragraphs: tuple[Paragraph, ...], limit: float, widths: Mapping[str, int]) -> list[str]:
    """Return lines no wider than `limit`; what is wider on its own is broken between characters."""
    lines: list[str] = []
    for paragraph in paragraphs:
        line, used = "", 0
        for unit in paragraph:
            if used + unit.width <= limit:
                line, used = line + unit.text, used + unit.width
                continue
            if line:
                lines.append(line.rstrip())
            *full, line = _pieces(unit, limit, widths)
            lines.extend(full)
            used = sum(map(widths.__getitem__, line))
        lines.append(line.rstrip())
    return lines


def _pieces(unit: Unit, limit: float, widths: Mapping[str, int]) -> list[str]:
    """Break a unit that begins a line: in one piece, if it fits."""
    if unit.width <= limit:
        return [unit.text.lstrip()]
    pieces, used = [""], 0
    for character in unit.text:
        width = widths[character]
        if pieces[-1] and used + width > limit:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += width
    return pieces
