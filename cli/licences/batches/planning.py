"""Judging of a sheet as `batch plan`, `sample` and `run` do it: its rows, and their pages."""

from dataclasses import dataclass
from pathlib import Path

from core.ids import AuthorityId
from home.wiring import Home
from registry.bodies.authorities import find_authority, mandated_seal
from registry.granting.batches import BatchOrder, is_undecided
from registry.granting.recognising import RecognisedRow
from registry.importing.plans import Plan
from registry.importing.sheet_choice import SheetChoice
from registry.importing.sheet_judging import plan, read_table
from registry.licences.printability import Printability


@dataclass(frozen=True, slots=True)
class JudgedSheet:
    """Rows of a sheet, judged, and how their pages look."""

    checked: Plan
    pages: Printability


def judge_sheet(
    home: Home,
    type_name: str,
    path: Path,
    choice: SheetChoice,
    authority: str | None,
    *,
    data: bytes | None = None,
) -> JudgedSheet:
    """Judge the rows, and whether their pages can be printed."""
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, type_name)
        body = None if authority is None else AuthorityId(authority)
        seal = mandated_seal(connection, licence_type.code, body)
        granting = find_authority(connection, seal.authority_id)
    table = read_table(path, choice, data)
    checked = plan(licence_type, table, today=home.today(), read_photos=home.read_photos)
    public_url = home.settings.service.public_url
    pages = Printability(home.renderer, licence_type, granting, public_url, home.today())
    return JudgedSheet(checked.printable(pages) if checked.applications else checked, pages)


def waiting_of(rows: list[RecognisedRow], order: BatchOrder) -> list[RecognisedRow]:
    """Return the rows that wait for a decision."""
    return [row for row in rows if is_undecided(row, order.changed, further=order.further)]
