"""A workbook's package, read by its own rules, and as little of it as a sheet needs.

Styles, properties, names and charts are left alone: what programs write there differs, and no
reader takes all of it. Strict Open XML (ISO/IEC 29500) has other names for the same parts.
"""

import io
import math
import posixpath
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import IO, Any, Final, cast
from xml.etree.ElementTree import Element, XMLParser, fromstring, iterparse
from xml.parsers import expat

from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser

from core.scratch import IN_MEMORY, Gathered, Keeping, whole

MAX_PART: Final = 8 * 1024 * 1024
"""Bytes of a part that is read whole: names of sheets, styles, places of pictures."""
_MOST_IN_ROW: Final = 64 * 1024
"""Elements of a row: 16,384 cells, all of them full, and some more."""
_LONGEST_ROW: Final = 8 * 1024 * 1024
"""Bytes of a row, or of a text that cells share, before it is known to end."""
_MAX_STRINGS: Final = 2_000_000
"""Shared texts: twenty full columns of 100,000 rows that are all different."""
_TRANSITIONAL: Final = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
_STRICT: Final = (
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_HEAD: Final = 64 * 1024
"""Bytes in which a sheet names its namespaces."""
_CHINESE_DATES: Final = frozenset((*range(27, 37), *range(50, 59)))
"""Formats of dates and times that Chinese spreadsheets have built in, and need not write down
(ECMA-376-1, 18.8.30)."""


class BadWorkbookError(ValueError):
    """The package does not hold together."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship of a part: the last word of its type, and the part it leads to."""

    kind: str
    target: str


class Package:
    """The parts of a workbook, by name."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises what `zipfile` raises, and `BadWorkbookError`."""
        self._archive = zipfile.ZipFile(file)
        self.names: Final = frozenset(self._archive.namelist())

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()

    def open(self, name: str) -> IO[bytes]:
        """Open a sheet; one of Strict Open XML under the names that openpyxl knows."""
        return _Named(self._archive.open(name))  # type: ignore[return-value]  # what readers call

    def read(self, name: str, limit: int = MAX_PART) -> bytes:
        """Return a part. Raises `BadWorkbookError` for one that is too large or missing."""
        if name not in self.names:
            raise BadWorkbookError(name)
        with self._archive.open(name) as part:
            data = part.read(limit + 1)
        if len(data) > limit:
            raise BadWorkbookError(name)
        return data

    def tree(self, name: str) -> Element:
        """Return a part as XML, without a document type: nothing is to be declared there."""
        data = self.read(name)
        if b"<!DOCTYPE" in data:
            raise BadWorkbookError(name)
        return fromstring(data, XMLParser())  # noqa: S314  # as above

    def relations(self, name: str) -> dict[str, Relation]:
        """Return the relationships of a part, by id; none where it has none."""
        folder, file = posixpath.split(name)
        where = posixpath.join(folder, "_rels", f"{file}.rels")
        if where not in self.names:
            return {}
        found = {}
        for one in self.tree(where):
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
            if one.get("TargetMode") != "External":
                kind = one.get("Type", "").rsplit("/", 1)[-1]
                found[one.get("Id", "")] = Relation(kind, target.lstrip("/"))
        return found


class _Named(io.RawIOBase):
    """A part whose namespaces have the names that openpyxl knows."""

    def __init__(self, part: IO[bytes]) -> None:
        super().__init__()
        self._part = part
        head = part.read(_HEAD)
        for strict, usual in zip(_STRICT, _TRANSITIONAL, strict=True):
            head = head.replace(strict, usual)
        self._head = io.BytesIO(head)
        self._left: float = math.inf

    def begin(self) -> None:
        """Take what follows as one row or text, which is not to be longer than `_LONGEST_ROW`."""
        self._left = _LONGEST_ROW

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return self._head.read() + self._part.read()
        data = self._head.read(size) or self._part.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BadWorkbookError
        return data

    def close(self) -> None:
        self._part.close()
        super().close()


class _Rows(WorkSheetParser):
    """openpyxl's reader of rows, which forgets each once it is read."""

    def parse(self) -> Generator[tuple[int, list[dict[str, Any]]], None, None]:
        """Yield the rows with their numbers. Raises `BadWorkbookError` for one without end."""
        rows: Element | None = None
        source, held = cast("_Named", self.source), 0
        source.begin()
        for event, element in iterparse(source, ("start", "end")):  # noqa: S314  # as openpyxl
            if event == "start":
                rows = element if element.tag == DATA_TAG else rows
                held += 1
                if held > _MOST_IN_ROW:
                    raise BadWorkbookError
            elif element.tag == ROW_TAG and rows is not None:
                yield self.parse_row(element)
                self.row_dimensions.clear()
                rows.clear()
                source.begin()
                held = 0
            elif element.tag == DATA_TAG:
                return  # what follows is filters, merged cells, printing


class _Sheet(ReadOnlyWorksheet):
    """Sheet whose rows are read one by one, however many there are."""

    def _get_size(self) -> None:
        """Leave alone what the file says of its own size: it may be wrong."""

    def _cells_by_row(
        self,
        min_col: int,
        min_row: int,
        max_col: int,
        max_row: int,
        values_only: bool = False,  # noqa: FBT001, FBT002  # as openpyxl calls it
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows; those that are missing are empty.

        Raises `BadWorkbookError` for rows out of their order: one of them would be passed over.
        """
        empty = (None if values_only else EMPTY_CELL,) * ((max_col or 0) + 1 - min_col)
        expected, this = min_row, cast("Any", self)  # whose attributes have no types
        with this._get_source() as source:  # noqa: SLF001  # as openpyxl's own reader does
            parser = _Rows(
                source,
                this._shared_strings,  # noqa: SLF001
                data_only=this.parent.data_only,
                epoch=this.parent.epoch,
                date_formats=this.parent._date_formats,  # noqa: SLF001
                timedelta_formats=this.parent._timedelta_formats,  # noqa: SLF001
            )
            for number, cells in parser.parse():
                if max_row and number > max_row:
                    return
                if number < expected:
                    raise BadWorkbookError
                yield from repeat(empty, number - expected)
                expected = number + 1
                yield this._get_row(cells, min_col, max_col, values_only)  # noqa: SLF001


def open_workbook(package: Package, keeping: Keeping = IN_MEMORY) -> Any:
    """Return a workbook of read-only sheets. Raises `BadWorkbookError` where there are none."""
    main = next(
        (one.target for one in package.relations("").values() if one.kind == "officeDocument"),
        "xl/workbook.xml",
    )
    tree = package.tree(main)
    relations = package.relations(main)
    workbook: Any = Workbook()
    workbook._sheets = []  # noqa: SLF001  # what openpyxl's own reader sets
    workbook._archive = package  # noqa: SLF001
    workbook._read_only = True  # noqa: SLF001
    workbook.epoch = CALENDAR_MAC_1904 if _from_1904(tree) else CALENDAR_WINDOWS_1900
    strings: Sequence[str] = ()
    for one in relations.values():
        if one.kind == "styles" and one.target in package.names:
            dates, spans = _date_styles(package.tree(one.target))
            workbook._date_formats = dates  # noqa: SLF001
            workbook._timedelta_formats = spans  # noqa: SLF001
        elif one.kind == "sharedStrings" and one.target in package.names:
            strings = _shared_strings(package, one.target, keeping.items())
    for name, state, part in _worksheets(package, tree, relations):
        sheet: Any = _Sheet(workbook, name, part, strings)
        sheet.sheet_state = state
        workbook._sheets.append(sheet)  # noqa: SLF001
    if not workbook.worksheets:
        raise BadWorkbookError(main)
    return workbook


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def named(elements: Iterable[Element], name: str) -> Iterator[Element]:
    """Yield the elements of a name, in whatever namespace."""
    return (one for one in elements if local(one) == name)


def attribute(element: Element, name: str) -> str:
    """Return an attribute of a name, in whatever namespace."""
    return next((value for key, value in element.items() if key.endswith(f"}}{name}")), "")


def _from_1904(tree: Element) -> bool:
    return any(one.get("date1904") in ("1", "true") for one in named(tree, "workbookPr"))


def _worksheets(
    package: Package, tree: Element, relations: dict[str, Relation]
) -> Iterator[tuple[str, str, str]]:
    """Yield name, state and part of each sheet with cells; charts have none."""
    for sheets in named(tree, "sheets"):
        for one in named(sheets, "sheet"):
            found = relations.get(attribute(one, "id"))
            if found is not None and found.kind == "worksheet" and found.target in package.names:
                yield one.get("name", ""), one.get("state", "visible"), found.target


def _date_styles(tree: Element) -> tuple[set[int], set[int]]:
    """Return which styles show dates or times, and which of them spans of time."""
    own = {
        one.get("numFmtId", ""): one.get("formatCode", "")
        for formats in named(tree, "numFmts")
        for one in formats
    }
    dates, spans = set[int](), set[int]()
    for styles in named(tree, "cellXfs"):
        for at, style in enumerate(named(styles, "xf")):
            number = style.get("numFmtId", "0")
            code = own.get(number) or BUILTIN_FORMATS.get(int(number), "General")
            if is_date_format(code) or (number not in own and int(number) in _CHINESE_DATES):
                dates.add(at)
                if is_timedelta_format(code):
                    spans.add(at)
    return dates, spans


def _shared_strings(package: Package, name: str, found: Gathered[str]) -> Sequence[str]:
    """Return the texts that cells share; how they are to be read aloud is left out."""
    with package.open(name) as part:
        return whole(_SharedStrings(name, found).read(cast("_Named", part)))


class _SharedStrings:
    """A pass over the shared texts that keeps nothing else: files of millions cost little."""

    def __init__(self, name: str, found: Gathered[str]) -> None:
        self._name = name
        self._found = found
        self._text: list[str] = []
        self._aloud = 0
        self._within = False

    def read(self, part: _Named) -> Gathered[str]:
        """Return the texts. Raises `BadWorkbookError`."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        part.begin()
        try:
            while piece := part.read(_HEAD):
                known = len(self._found)
                parser.Parse(piece, False)
                if len(self._found) > known:
                    part.begin()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise BadWorkbookError(self._name) from error
        return self._found

    def _refuse(self, *_: object) -> None:
        raise BadWorkbookError(self._name)

    def _start(self, tag: str, _: object) -> None:
        kind = tag.rpartition("}")[2]
        if kind == "t":
            self._within = not self._aloud
        elif kind == "rPh":
            self._aloud += 1

    def _say(self, text: str) -> None:
        if self._within:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        kind = tag.rpartition("}")[2]
        if kind == "t":
            self._within = False
        elif kind == "rPh":
            self._aloud -= 1
        elif kind == "si":
            if len(self._found) >= _MAX_STRINGS:
                raise BadWorkbookError(self._name)
            self._found.append("".join(self._text))
            self._text.clear()
