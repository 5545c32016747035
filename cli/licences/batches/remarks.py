"""The copy of a sheet with a column of remarks, as `batch plan --remarks` writes it."""

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO

from cli.licences.batches import messages
from cli.shell.delivery import refuse_unwritable, write_output
from cli.shell.output import Output
from core.errors import UsageError
from core.scratch import Items, Scratch
from core.text import Language, Text
from registry.granting.batches import undecided
from registry.granting.recognising import RecognisedRow
from registry.importing.messages import REMARKS
from registry.importing.plans import Plan
from registry.importing.remarks import with_remarks
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheets import on_disk

Remark = tuple[str, str, Text]
"""Place of a row as messages name it (`row 12`), the field, and what is to be mended."""


def remarks_of(checked: Plan, waiting: Sequence[RecognisedRow]) -> Iterator[Remark]:
    """Yield all that is to be mended or decided in a sheet, in the order of its rows."""
    problems = ((one.source, one.field, one.text) for one in checked.problems)
    decisions = ((one.application.source, "", undecided(one).text) for one in waiting)
    return heapq.merge(problems, decisions, key=by_row)


def refuse_unfit_copy(data: Path, out: Path, *, force: bool) -> None:
    """Refuse a copy in another form than the sheet's, and in its place. Raises `UsageError`."""
    if out.suffix.lower() != data.suffix.lower():
        raise UsageError(messages.remarks_in_other_form(data.suffix))
    if out.exists() and data.exists() and out.samefile(data):
        raise UsageError(messages.REMARKS_OVER_SHEET)
    refuse_unwritable(out, force=force)


def write_remarks(  # noqa: PLR0917 (each of another type)
    output: Output,
    sheet: tuple[Path, IO[bytes]],
    choice: SheetChoice,
    out: Path,
    said: Iterable[Remark],
    scratch: Scratch,
) -> None:
    """Write the copy, for its owner alone; nothing where there is nothing to say.

    `said` comes in the order of the rows. Raises `BadTableError`, `StorageError`.
    """
    remarks = _RowRemarks(said, output.language, scratch.items())
    if not len(remarks):
        output.say(messages.NO_REMARKS)
        return
    path, file = sheet
    heading = REMARKS.to(output.language)
    copy = scratch.temporary()
    with_remarks(path, file, choice, remarks, heading, copy, on_disk(scratch))
    copy.seek(0)
    write_output(out, copy)
    output.say(messages.remarks_written(rows=len(remarks), path=out))


class _RowRemarks:
    """Remarks on each row, in one text."""

    def __init__(self, said: Iterable[Remark], language: Language, texts: Items[str]) -> None:
        self._rows = array("Q")
        self._texts = texts
        colon, semicolon = ("：", "；") if language == "zh" else (": ", "; ")
        for row, remarks in groupby(said, key=by_row):
            words = ((field, text.to(language)) for _, field, text in remarks)
            texts.append(
                semicolon.join(f"{field}{colon}{one}" if field else one for field, one in words)
            )
            self._rows.append(row)

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, number: int, /) -> str | None:
        """Return the remarks on a row, if there are any."""
        at = bisect_left(self._rows, number)
        found = at < len(self._rows) and self._rows[at] == number
        return self._texts[at] if found else None


def by_row(remark: Remark) -> int:
    """Return the number of the row of which something is said."""
    number = remark[0].removeprefix("row ")
    return int(number) if number.isdecimal() else 1
