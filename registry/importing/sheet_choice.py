"""Choice of a workbook's sheet and rows, where people do not see them all.

The first sheet that is not hidden is read. Rows that are hidden or filtered out, and a second
sheet under the same names, are named, and wait for a decision: nothing is granted unseen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from registry.importing import messages
from registry.importing.sheets import BadTableError
from registry.types.row_problems import FieldProblem

_ROW: Final = "}row"
_FORMAT: Final = "}sheetFormatPr"
_TRUE: Final = ("1", "true")
_TOLD: Final = 10
"""Row numbers in one message."""
_PIECE: Final = 64 * 1024
LAST_ROW: Final = 1_048_576
"""As far as a sheet can reach; what claims to stand below is not read."""


class Hidden(StrEnum):
    """Policy for rows that are hidden or filtered out."""

    INCLUDE = "include"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """Choices made by a person; without any, only what is unambiguous is read."""

    sheet: str | None = None
    """The sheet's name."""
    hidden: Hidden | None = None
    codes_compared: bool = False
    """Codes in CSV that end in zeros were compared with the originals."""


def chosen_sheet(path: Path, workbook: Any, choice: SheetChoice) -> Any:
    """Return the sheet to read. Raises `BadTableError` if there is none of that name."""
    sheets = workbook.worksheets
    if choice.sheet is None:
        return next((one for one in sheets if one.sheet_state == "visible"), sheets[0])
    found = next((one for one in sheets if one.title == choice.sheet), None)
    if found is None:
        names = "、".join(f"“{one.title}”" for one in sheets)
        raise BadTableError(
            messages.no_such_sheet(file_name=path.name, sheet=choice.sheet, sheet_names=names)
        )
    return found


class HiddenRows:
    """Numbers of the rows that are hidden or filtered out, a bit for each."""

    def __init__(self, sheet: Any) -> None:
        """Read them. Raises what a broken part makes its readers raise."""
        self._bits = bytearray()
        self._number = 0
        self._zero = False
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse
        with sheet._get_source() as part:  # noqa: SLF001  # read-only sheets say it nowhere else
            while piece := part.read(_PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)

    def __contains__(self, number: int) -> bool:
        at, bit = divmod(number, 8)
        return at < len(self._bits) and bool(self._bits[at] >> bit & 1)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.endswith(_ROW):
            self._number = int(attributes.get("r", self._number + 1))
            if _is_unseen(attributes, zero=self._zero):
                self._add(self._number)
        elif tag.endswith(_FORMAT):
            self._zero = attributes.get("zeroHeight") in _TRUE

    def _add(self, number: int) -> None:
        if not 0 < number <= LAST_ROW:
            return
        at, bit = divmod(number, 8)
        self._bits.extend(bytes(max(0, at + 1 - len(self._bits))))
        self._bits[at] |= 1 << bit

    def _refuse(self, *_: object) -> None:
        raise ValueError("document type")


@dataclass(slots=True)
class Unseen:
    """Rows that are hidden and have something in them: how many, and the first of them."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Count a row."""
        self.count += 1
        if len(self.first) < _TOLD:
            self.first.append(number)


def _is_unseen(row: Mapping[str, str], *, zero: bool) -> bool:
    """Tell whether a row is hidden, as such or by having no height."""
    height = row.get("ht")
    if row.get("hidden") in _TRUE or (height is None and zero):
        return True
    return height is not None and float(height) == 0


def undecided(
    workbook: Any, sheet: Any, header: tuple[str, ...], unseen: Unseen, choice: SheetChoice
) -> Iterator[FieldProblem]:
    """Yield the questions to be decided before the sheet's rows are granted."""
    if unseen.count and choice.hidden is None:
        more = "……" if unseen.count > len(unseen.first) else ""
        numbers = "、".join(map(str, unseen.first)) + more
        text = messages.rows_hidden(sheet=sheet.title, count=unseen.count, row_numbers=numbers)
        yield FieldProblem("row 1", "", text, "hidden_rows")
    if choice.sheet is not None:
        return
    alike = [one.title for one in workbook.worksheets if one is not sheet and _heads(one) == header]
    if alike:
        names = "、".join(f"“{title}”" for title in alike)
        text = messages.several_matching_sheets(sheet=sheet.title, other_sheets=names)
        yield FieldProblem("row 1", "", text, "other_sheet")


def _heads(sheet: Any) -> tuple[str, ...]:
    """Return a sheet's first row, as far as it has names."""
    sheet.reset_dimensions()
    row = next(sheet.iter_rows(max_row=1, values_only=True), ())
    return tuple(str(value) for value in row if value is not None)
