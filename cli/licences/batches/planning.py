"""Judging of a sheet as `batch plan`, `sample` and `run` do it: its rows, and their pages."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Final

from cli.licences.batches import messages
from cli.licences.batches.results import is_of_results
from cli.shell.output import Output
from core.ids import AuthorityId
from core.scratch import Scratch
from core.text import Text
from home.wiring import Home
from registry.bodies.authorities import find_authority, mandated_seal
from registry.granting.batches import BatchOrder, is_undecided
from registry.granting.recognising import RecognisedRow, RowKind
from registry.importing.plans import Plan
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheet_judging import plan, read_table
from registry.importing.sheets import BadTableError, on_disk
from registry.licences.printability import Printability

_CHECKING: Final = Text("检查", "Checking")


@dataclass(frozen=True, slots=True)
class JudgedSheet:
    """Rows of a sheet, judged and recognised, and how their pages look."""

    checked: Plan
    pages: Printability
    rows: Sequence[RecognisedRow]
    kinds: Counter[RowKind]
    scratch: Scratch

    def some(
        self, wanted: Callable[[RecognisedRow], bool], of: Collection[RowKind] = tuple(RowKind)
    ) -> Sequence[RecognisedRow]:
        """Return the rows of some kinds that are wanted."""
        found = self.scratch.items()
        if any(self.kinds[kind] for kind in of):
            found.extend(row for row in self.rows if row.kind in of and wanted(row))
        return found

    @property
    def bad(self) -> int:
        """The number of rows with problems, which come in the order of the rows."""
        return sum(1 for _ in groupby(self.checked.problems, key=lambda one: one.source))


def judge_sheet(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    type_name: str,
    path: Path,
    choice: SheetChoice,
    authority: str | None,
    sheet: IO[bytes],
    scratch: Scratch,
) -> JudgedSheet:
    """Judge the rows, and whether their pages can be printed. Raises `BadTableError`."""
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, type_name)
        body = None if authority is None else AuthorityId(authority)
        seal = mandated_seal(connection, licence_type.code, body)
        granting = find_authority(connection, seal.authority_id)
    table = read_table(path, choice, sheet, on_disk(scratch))
    if is_of_results(table.header):
        raise BadTableError(messages.results_as_sheet(path.name))
    public_url = home.settings.service.public_url
    pages = Printability(home.renderer, licence_type, granting, public_url, home.today())
    with closing(output.progress(table.rows, _CHECKING)) as passing:
        checked = plan(
            licence_type,
            table,
            today=home.today(),
            read_photos=home.read_photos,
            pages=pages,
            keeping=scratch.keeping,
            with_records=False,
            passing=passing,
        )
    kinds = Counter[RowKind]()
    rows = home.recogniser.recognise_all(checked.applications, scratch.keeping, kinds)
    return JudgedSheet(checked, pages, rows, kinds, scratch)


def waiting_of(judged: JudgedSheet, order: BatchOrder) -> Sequence[RecognisedRow]:
    """Return the rows that wait for a decision."""
    kinds = (RowKind.CHANGED, RowKind.FURTHER)
    return judged.some(lambda row: is_undecided(row, order.changed, further=order.further), kinds)
