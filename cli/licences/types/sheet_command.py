"""`xinyin type sheet`: an empty sheet of a type, for people to fill in."""

from pathlib import Path

import click

from cli.licences.types import messages
from cli.licences.types.drafting import find_type
from cli.shell.delivery import refuse_unwritable
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UsageError
from core.files import write_atomically
from home.wiring import Home
from registry.importing.blank_sheet import blank_sheet


@click.command("sheet")
@click.argument("named", metavar="FILE|TYPE")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="The sheet to write, .xlsx or .csv.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@command_options
def sheet(home: Home, output: Output, *, named: str, out: Path, force: bool) -> None:
    """Write an empty sheet of a type, to be filled in for a batch. 生成空白表格。

    An .xlsx has text cells, choices that drop down and a sheet that explains the columns; a .csv
    has the headings alone. Columns that must be filled in have a star.

    \b
    Example:
      xinyin type sheet food-operation --out food.xlsx
    """
    ending = out.suffix.lower()
    if ending not in (".xlsx", ".csv"):
        raise UsageError(messages.SHEET_ENDING)
    refuse_unwritable(out, force=force)
    licence_type = find_type(home, named)
    if ending == ".csv":
        content = blank_sheet(licence_type)
    else:
        from registry.importing.blank_workbook import blank_workbook  # noqa: PLC0415  # slow

        content = blank_workbook(licence_type)
    write_atomically(out, content)
    output.text(str(out))
