"""Pictures in a workbook: which cell each is in, where that is certain.

A picture that only lies near a row may be somebody else's portrait: then nothing is taken, and the
row says so.
"""

import posixpath
from collections.abc import Callable, Iterator
from typing import Final
from xml.etree.ElementTree import Element

from registry.importing.workbook_package import (
    BadWorkbookError,
    Package,
    attribute,
    local,
    named,
)
from registry.types.photos import MAX_PHOTO_BYTES

Cell = tuple[int, int]
"""Row from 1, column from 0."""
UNSURE: Final = ""
"""Instead of a part: more than one picture, or one that lies across several rows."""


def placed_pictures(package: Package, sheet: str) -> dict[Cell, str]:
    """Return the parts of the pictures that lie on a sheet, by cell; `UNSURE` where it is not."""
    found: dict[Cell, str] = {}
    for one in package.relations(sheet).values():
        if one.kind != "drawing" or one.target not in package.names:
            continue
        parts = package.relations(one.target)
        for anchor in package.tree(one.target):
            for picture in (child for child in anchor.iter() if local(child) == "blip"):
                relation = parts.get(attribute(picture, "embed"))
                part = UNSURE if relation is None else relation.target
                for cell, alone in _cells(anchor):
                    found[cell] = part if alone and cell not in found else UNSURE
    return found


def named_pictures(package: Package) -> dict[str, str]:
    """Return the parts of the pictures that WPS keeps in cells (DISPIMG), by their id."""
    name = "xl/cellimages.xml"
    if name not in package.names:
        return {}
    parts = package.relations(name)
    found = {}
    for one in package.tree(name):
        ids = [child.get("name", "") for child in one.iter() if local(child) == "cNvPr"]
        blips = [attribute(child, "embed") for child in one.iter() if local(child) == "blip"]
        if len(ids) == len(blips) == 1 and blips[0] in parts:
            found[ids[0]] = parts[blips[0]].target
    return found


def reader_of(package: Package, part: str) -> Callable[[], bytes]:
    """Return the reader of a picture, up to one byte beyond what a photo may have."""

    def read() -> bytes:
        if posixpath.splitext(part)[1].lower() not in (".jpg", ".jpeg", ".png"):
            raise BadWorkbookError(part)
        return package.read(part, MAX_PHOTO_BYTES)

    return read


def _cells(anchor: Element) -> Iterator[tuple[Cell, bool]]:
    """Yield the cells of each row in which a picture lies, and whether it is one alone."""
    first = next((_corner(one) for one in named(anchor, "from")), None)
    last = next((_corner(one) for one in named(anchor, "to")), None)
    if first is None:
        return
    row, column, _ = first
    if last is None:  # its height is told, and not where that ends
        yield (row, column), False
        return
    end = last[0] - (1 if last[2] == 0 and last[0] > row else 0)
    for one in range(row, min(end, row + _MOST_ROWS) + 1):
        yield (one, column), end == row


_MOST_ROWS: Final = 1000
"""Rows of one picture that are told to be unsure."""


def _corner(element: Element) -> tuple[int, int, int]:
    """Return row from 1, column from 0, and how far into the row."""
    told = {local(one): int((one.text or "0").strip() or 0) for one in element}
    return told.get("row", 0) + 1, told.get("col", 0), told.get("rowOff", 0)
