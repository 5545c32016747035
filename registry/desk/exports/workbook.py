"""Workbooks (Office Open XML, ECMA-376) written a row at a time into a stream that is never read.

Each cell is a text (`inlineStr`), so that nothing is computed and no number loses its zeros.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import IO, Any, Final, Self
from xml.sax.saxutils import escape

MOST_ROWS: Final = 1_048_575
"""Of a sheet, below its headings."""
MOST_OCTETS: Final = 1024 * 1024 * 1024
"""Of a sheet, unpacked; without ZIP64, which not every reader knows, there is room for twice that.
"""
_LONGEST_CELL: Final = 32_767
"""Characters, as Excel holds them."""
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATED: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE: Final = "application/vnd.openxmlformats-package"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BEGUN: Final = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'
_ENDED: Final = "</sheetData></worksheet>"


class WorkbookWriter:
    """Writes one workbook; further sheets are begun, under the headings, where one is full."""

    def __init__(self, out: IO[bytes], headings: Sequence[str]) -> None:
        self._archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._headings = headings
        self._sheet: IO[bytes] | None = None
        self._sheets = self._rows = self._octets = 0

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the workbook; one that broke off is not made to look whole."""
        if kind is None:
            self._end()
            self._finish()
            self._archive.close()

    def write(self, cells: Iterable[str]) -> None:
        """Write a row."""
        if self._rows >= MOST_ROWS or self._octets >= MOST_OCTETS:
            self._end()
            self._begin()
        self._rows += 1
        self._put(_row(cells))

    def _begin(self) -> None:
        self._sheets += 1
        self._rows = self._octets = 0
        entry = zipfile.ZipInfo(f"xl/worksheets/sheet{self._sheets}.xml", (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._sheet = self._archive.open(entry, "w")
        self._put(_BEGUN + _row(self._headings))

    def _end(self) -> None:
        assert self._sheet is not None
        self._put(_ENDED)
        self._sheet.close()

    def _put(self, text: str) -> None:
        assert self._sheet is not None
        self._octets += self._sheet.write(text.encode())

    def _finish(self) -> None:
        numbers = range(1, self._sheets + 1)
        sheets = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        related = "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet"'
            f' Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml"'
            f' ContentType="{_KIND}.worksheet+xml"/>'
            for n in numbers
        )
        workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
        package = (
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        )
        types = (
            f'<Default Extension="rels" ContentType="{_PACKAGE}.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        )
        for name, content in (
            ("xl/workbook.xml", f"{workbook}</workbook>"),
            ("xl/_rels/workbook.xml.rels", _relations(related)),
            ("_rels/.rels", _relations(package)),
            ("[Content_Types].xml", f'<Types xmlns="{_TYPES}">{types}{kinds}</Types>'),
        ):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            self._archive.writestr(entry, _HEAD + content)


def _relations(content: str) -> str:
    return f'<Relationships xmlns="{_RELATED}">{content}</Relationships>'


def _row(cells: Iterable[Any]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    said = escape(_NOT_XML.sub("", text)[:_LONGEST_CELL])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'
