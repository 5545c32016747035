"""Results of a run: what became of each row, and the file that says so."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import IO

from cli.licences.batches import messages
from core.scratch import Items, Scratch
from core.text import Language, Text
from registry.desk.exports.tables import TableFormat, format_of, write_table
from registry.granting.recognising import RecognisedRow, RowKind
from registry.importing.plans import Plan


@dataclass(frozen=True, slots=True)
class RunLine:
    """Result of a row, as the file of results has it; nothing of what the row says."""

    source: str
    granted: bool = False
    repeated: bool = False
    skipped: bool = False
    identifier: str = ""
    number: str = ""
    file: str = ""
    remark: Text | None = None

    @property
    def is_unwritten(self) -> bool:
        """True for a licence that is granted, and whose file could not be written."""
        return self.granted and not self.file

    @property
    def order(self) -> int:
        """The row's number; the sheet as a whole comes first."""
        number = self.source.removeprefix("row ")
        return int(number) if number.isdecimal() else 0

    def line(self, language: Language) -> dict[str, str]:
        """Return it by the keys of the columns."""
        word = messages.RESULT_FAILED
        if self.skipped:
            word = messages.RESULT_SKIPPED
        elif self.granted:
            word = messages.RESULT_BEFORE if self.repeated else messages.RESULT_GRANTED
        return {
            "row": str(self.order or ""),
            "result": word.to(language),
            "identifier": self.identifier,
            "number": self.number,
            "file": self.file,
            "remark": "" if self.remark is None else self.remark.to(language),
        }


class Results:
    """Results of rows, counted as they come; each kind comes in the order of the rows."""

    def __init__(self, scratch: Scratch, checked: Plan) -> None:
        """Begin with the problems that keep rows from being granted."""
        self._scratch = scratch
        self._problems: Items[RunLine] = scratch.items()
        self._written: Items[RunLine] = scratch.items()
        self._told: Items[RunLine] = scratch.items()
        self.granted = self.before = self.skipped = self.unwritten = 0
        for one in checked.problems:
            zh, en = f"{one.field}：{one.text.zh}", f"{one.field}: {one.text.en}"
            remark = Text(zh, en) if one.field else one.text
            self._problems.append(RunLine(one.source, remark=remark))

    def add(self, line: RunLine) -> None:
        """Add what became of a row."""
        self._told.append(line)
        self._count(line)

    def add_written(self, line: RunLine) -> None:
        """Add a row whose file was there."""
        self._written.append(line)
        self._count(line)

    def write(self, form: TableFormat, language: Language) -> IO[bytes]:
        """Return the file that names them, in the order of the rows. Raises `StorageError`."""
        headings = {key: text.to(language) for key, text in messages.RESULT_COLUMNS.items()}
        written = self._scratch.temporary()
        write_table(written, form, headings, (one.line(language) for one in self._lines()))  # type: ignore[arg-type]
        written.seek(0)
        return written

    def _lines(self) -> Iterator[RunLine]:
        lists = (self._problems, self._written, self._told)
        return heapq.merge(*lists, key=attrgetter("order"))

    def _count(self, line: RunLine) -> None:
        self.granted += line.granted and not line.repeated
        self.before += line.granted and line.repeated
        self.skipped += line.skipped
        self.unwritten += line.is_unwritten


def results_path(data: Path, run_id: str, out: Path) -> Path:
    """Return the path of the results: in the form of the sheet, beside the licences."""
    xlsx = format_of(data) is TableFormat.XLSX
    return out / f"results-{run_id}.{TableFormat.XLSX if xlsx else TableFormat.CSV}"


def is_of_results(header: Sequence[str]) -> bool:
    """Tell whether these are the headings of a file of results, in either language."""
    columns = messages.RESULT_COLUMNS.values()
    return list(header) in ([one.zh for one in columns], [one.en for one in columns])


def result_of_written(row: RecognisedRow, out: Path) -> RunLine | None:
    """Return the result of a row that was granted before and whose file stands there; else None."""
    if row.kind is not RowKind.GRANTED or row.licence is None:
        return None
    licence = row.licence
    path = out / f"{licence.identifier}.pdf"
    if not path.is_file():
        return None
    return RunLine(
        row.application.source,
        granted=True,
        repeated=True,
        identifier=licence.identifier,
        number=licence.number,
        file=path.name,
    )
