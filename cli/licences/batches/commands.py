"""`xinyin batch …`: many licences from one CSV or spreadsheet."""

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cli.licences.batches import messages
from cli.licences.batches.at_server import ask_at_server, check_at_server, sheet_body
from cli.licences.batches.planning import judge_sheet, waiting_of
from cli.licences.batches.rehearsing import rehearse
from cli.licences.batches.remarks import refuse_unfit_copy, remarks_of, write_remarks
from cli.licences.batches.report import (
    report_plan,
    report_problems,
    report_waiting,
)
from cli.licences.batches.run_commands import cancel, jobs_option, list_, pause, resume, show
from cli.licences.batches.running import EXIT_UNREADABLE, carry_out
from cli.licences.batches.runs import BatchRun, BatchRuns, new_run_id
from cli.licences.batches.sampling import SHOWN, write_samples
from cli.remote.contexts import server_option
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import Action
from home.wiring import Home
from registry.granting.batches import BatchOrder, ChangeDecision
from registry.importing.sheet_choice import Hidden, SheetChoice
from registry.importing.sheets import copy_sheet
from registry.licences.sampling import MOST_SAMPLES
from signing.levels import PadesLevel

_FILE = click.Path(path_type=Path)


def _table_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the table, and which part of a workbook is meant; hands over `data` and `choice`."""

    @click.option("--data", type=_FILE, required=True, help="CSV or .xlsx, one licence a row.")
    @click.option("--sheet", help="The workbook's sheet, where several could be meant.")
    @click.option(
        "--hidden",
        type=click.Choice([one.value for one in Hidden]),
        help="What to do with rows that are hidden or filtered out.",
    )
    @click.option(
        "--codes-compared",
        is_flag=True,
        help="Codes in CSV that end in zeros were compared with the originals.",
    )
    @click.option("--authority", help="Authority, where several may grant the type.")
    @functools.wraps(function)
    def wrapper(
        *given: Any, sheet: str | None, hidden: str | None, codes_compared: bool, **named: Any
    ) -> Any:
        choice = SheetChoice(sheet, None if hidden is None else Hidden(hidden), codes_compared)
        return function(*given, choice=choice, **named)

    return wrapper


@click.group("batch")
def batch() -> None:
    """Grant many licences from a CSV or .xlsx file. 批量颁发。"""


@batch.command("plan")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@_table_options
@click.option("--photos", type=_FILE, help="The photos in a .zip; at a server.")
@click.option("--remarks", type=_FILE, help="Copy of the sheet to write, with remarks by row.")
@click.option("--force", is_flag=True, help="Write over a copy that is there.")
@server_option
@command_options
def plan_(
    home: Home,
    output: Output,
    *,
    type_name: str,
    data: Path,
    choice: SheetChoice,
    authority: str | None,
    photos: Path | None,
    remarks: Path | None,
    force: bool,
    server: str | None,
) -> int:
    """Check every row without granting any. 只检查，不颁发。

    Tells new rows from those granted before, whatever the file is called, and names the rows that
    differ from the licence they speak of: `batch run` wants a decision on these. With --remarks,
    what is to be mended also stands beside each row, in a copy of the sheet.

    \b
    Examples:
      xinyin batch plan --type food-operation --data examples/data/food-operation.csv
      xinyin batch plan --type food-operation --data food.xlsx --remarks food-remarks.xlsx
    """
    if remarks is not None:
        refuse_unfit_copy(data, remarks, force=force)
    if server is not None:
        body = sheet_body(type_name, data, choice, authority=authority, photos=photos)
        with BatchRuns(home.directory).scratch() as scratch:
            return check_at_server(server, output, body, data, choice, remarks, scratch)
    with BatchRuns(home.directory).scratch() as scratch:
        sheet = copy_sheet(data, scratch)
        judged = judge_sheet(home, output, type_name, data, choice, authority, sheet.file, scratch)
        report_problems(output, judged.checked)
        waiting = waiting_of(judged, BatchOrder(name="", permit=home.permit(Action.GRANT)))
        report_waiting(output, waiting)
        report_plan(output, judged)
        if remarks is not None:
            said = remarks_of(judged.checked, waiting)
            write_remarks(output, (data, sheet.file), choice, remarks, said, scratch)
        return EXIT_UNREADABLE if judged.checked.problems or waiting else 0


def _terms_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add how the rows are to be granted: what is agreed to with a sample of them."""

    @click.option("--basis", help="Legal basis, for the audit.")
    @click.option(
        "--name", help="Name of a batch that grants anew what was granted before and left force."
    )
    @click.option(
        "--changed",
        type=click.Choice([one.value for one in ChangeDecision]),
        help="What to do with a row that differs from the licence granted before; see batch plan.",
    )
    @click.option(
        "--further", is_flag=True, help="Grant one more to holders that have one already."
    )
    @click.option(
        "--level",
        type=click.Choice([level.value for level in PadesLevel]),
        default=PadesLevel.B_LT.value,
        show_default=True,
        help="PAdES level of the seals.",
    )
    @functools.wraps(function)
    def wrapper(
        *given: Any,
        basis: str | None,
        name: str | None,
        changed: str | None,
        further: bool,
        level: str,
        **named: Any,
    ) -> Any:
        terms = {
            "basis": basis,
            "name": name,
            "changed": changed,
            "further": further,
            "level": level,
        }
        return function(*given, terms=terms, **named)

    return wrapper


@batch.command("sample")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@_table_options
@_terms_options
@click.option("--out", type=_FILE, required=True, help="Directory for the pages.")
@click.option(
    "--count",
    type=click.IntRange(1, MOST_SAMPLES),
    default=SHOWN,
    show_default=True,
    help="Pages at most.",
)
@command_options
def sample(
    home: Home,
    output: Output,
    *,
    type_name: str,
    data: Path,
    choice: SheetChoice,
    authority: str | None,
    out: Path,
    count: int,
    terms: dict[str, Any],
) -> int:
    """Show pages of a sheet before any is sealed. 批量样页。

    The first row, the longest texts, rare characters, photos, and others by chance, marked as
    previews. The code that is said is for batch run --agree: with other rows, photos, settings or
    another definition of the type it is good for nothing.

    \b
    Example:
      xinyin batch sample --type food-operation --data food.csv --out sample/
    """
    with BatchRuns(home.directory).scratch() as scratch:
        sheet = copy_sheet(data, scratch)
        run = _asked(home, type_name, data, sheet.sha256, choice, authority, out, terms)
        judged = judge_sheet(home, output, type_name, data, choice, authority, sheet.file, scratch)
        report_problems(output, judged.checked)
        if judged.rows:
            write_samples(home, output, judged, run, out, count)
        return EXIT_UNREADABLE if judged.checked.problems else 0


@batch.command("run")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@_table_options
@click.option("--out", type=_FILE, required=True, help="Directory for the sealed PDFs.")
@_terms_options
@click.option(
    "--on-error",
    type=click.Choice(["continue", "stop"]),
    default="stop",
    show_default=True,
    help="With bad or undecided rows: grant the other ones, or none.",
)
@jobs_option
@click.option("--agree", metavar="CODE", help="Code of the sample of pages that was agreed to.")
@click.option("--dry-run", is_flag=True, help="Do all but take numbers and seal.")
@key_options
@command_options
def run(
    home: Home,
    output: Output,
    *,
    type_name: str,
    data: Path,
    choice: SheetChoice,
    out: Path,
    authority: str | None,
    on_error: str,
    jobs: int | None,
    agree: str | None,
    dry_run: bool,
    terms: dict[str, Any],
) -> int:
    """Grant every row; running it again finishes what was cut short. 批量颁发。

    Rows granted before are recognised and handed out again, not granted again. Of more than a few
    rows a sample of pages is agreed to first: on a terminal it is shown and asked for, else look at
    it with batch sample and give its code. A fault of the surroundings (database, disk, key,
    timestamps) stops it; it says how many rows are granted.

    \b
    Examples:
      xinyin batch run --type disability --data examples/data/disability.csv --out licences/
      xinyin batch run --type food-operation --data mended.csv --out licences/ \\
          --changed correct --basis "更正经营者名称"
    """
    _refuse_baseless(terms["changed"], terms["basis"])
    with BatchRuns(home.directory).scratch() as scratch:
        sheet = copy_sheet(data, scratch)
        asked = _asked(home, type_name, data, sheet.sha256, choice, authority, out, terms)
        asked = replace(asked, on_error=on_error, agreed=agree)
        if dry_run:
            return rehearse(home, output, asked, sheet.file, scratch)
        return carry_out(home, output, asked, sheet.file, scratch, jobs=jobs)


def _asked(  # noqa: PLR0917 (each of another type)
    home: Home,
    type_name: str,
    data: Path,
    sha256: str,
    choice: SheetChoice,
    authority: str | None,
    out: Path,
    terms: dict[str, Any],
) -> BatchRun:
    """Return a new run of the sheet with this digest."""
    now = home.clock.now()
    return BatchRun(
        run_id=new_run_id(now),
        began_at=now.isoformat(timespec="seconds"),
        type_name=type_name,
        data=str(data.absolute()),
        sha256=sha256,
        out=str(out.absolute()),
        on_error="stop",
        sheet=choice.sheet,
        hidden=choice.hidden,
        codes_compared=choice.codes_compared,
        authority=authority,
        **terms,
    )


@batch.command("ask")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@_table_options
@click.option("--photos", type=_FILE, help="The photos that the sheet names, in a .zip.")
@click.option("--basis", help="Legal basis, for the audit.")
@click.option(
    "--name", help="Name of a batch that grants anew what was granted before and left force."
)
@click.option(
    "--changed",
    type=click.Choice([one.value for one in ChangeDecision]),
    help="What to do with a row that differs from the licence granted before; see batch plan.",
)
@click.option("--further", is_flag=True, help="Grant one more to holders that have one already.")
@click.option(
    "--request-key",
    metavar="KEY",
    help="Key of this request; repeated with it, the command asks for nothing twice.",
)
@server_option
@command_options
def ask(
    home: Home,
    output: Output,
    *,
    type_name: str,
    data: Path,
    choice: SheetChoice,
    authority: str | None,
    photos: Path | None,
    request_key: str | None,
    server: str | None,
    **terms: Any,
) -> int:
    """Ask for the licences of a sheet, at a server. 提出批量申请。

    Every row is checked at once; where one is to be mended nothing is kept. Who may use the seal
    carries it out (xinyin request carry-out), where the type says so after an approval.

    \b
    Example:
      xinyin batch ask --type food-operation --data food.csv --server https://issuing.example.gov.cn
    """
    del home
    body = sheet_body(type_name, data, choice, authority=authority, photos=photos)
    body |= {key: value for key, value in terms.items() if value}
    return ask_at_server(server, output, body, request_key)


def _refuse_baseless(changed: str | None, basis: str | None) -> None:
    replacing = changed not in (None, ChangeDecision.SKIP)
    if replacing and not (basis or "").strip():
        raise UsageError(messages.BASIS_NEEDED)


for _command in (pause, cancel):
    batch.add_command(_command)
batch.add_command(resume)
batch.add_command(show)
batch.add_command(list_)
COMMANDS = (batch,)
