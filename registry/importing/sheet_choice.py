"""Choice of a workbook's sheet and rows, where people do not see them all.

The first sheet that is not hidden is read. Rows that are hidden or filtered out, and a second
sheet under the same names, are named, and wait for a decision: nothing is granted unseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, iterparse  # openpyxl reads the same part with it

from registry.importing import messages
from registry.importing.sheets import BadTableError
from registry.types.row_problems import FieldProblem

_ROW: Final = "}row"
_FORMAT: Final = "}sheetFormatPr"
_TRUE: Final = ("1", "true")
_TOLD: Final = 10
"""Row numbers in one message."""


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


def hidden_rows(sheet: Any) -> set[int]:
    """Return the numbers of rows that are hidden or filtered out."""
    found, number, zero = set[int](), 0, False
    with sheet._get_source() as part:  # noqa: SLF001  # read-only sheets say it nowhere else
        for _, element in iterparse(part, events=("end",)):  # noqa: S314  # as openpyxl does
            if element.tag.endswith(_FORMAT):
                zero = element.get("zeroHeight") in _TRUE
            elif element.tag.endswith(_ROW):
                number = int(element.get("r", number + 1))
                if _is_unseen(element, zero=zero):
                    found.add(number)
                element.clear()
    return found


def _is_unseen(row: Element, *, zero: bool) -> bool:
    """Tell whether a row is hidden, as such or by having no height."""
    height = row.get("ht")
    if row.get("hidden") in _TRUE or (height is None and zero):
        return True
    return height is not None and float(height) == 0


def undecided(
    workbook: Any, sheet: Any, header: tuple[str, ...], unseen: set[int], choice: SheetChoice
) -> Iterator[FieldProblem]:
    """Yield the questions to be decided before the sheet's rows are granted."""
    if unseen and choice.hidden is None:
        numbers = "、".join(map(str, sorted(unseen)[:_TOLD])) + (
            "……" if len(unseen) > _TOLD else ""
        )
        text = messages.rows_hidden(sheet=sheet.title, count=len(unseen), row_numbers=numbers)
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
