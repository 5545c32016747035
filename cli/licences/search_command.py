"""`xinyin licence search`: licences by what is known of them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from cli.licences import messages
from cli.licences.licence_records import print_licences
from cli.licences.licences_at_server import export_at_server, search_at_server
from cli.remote.contexts import server_option
from cli.shell.delivery import refuse_unwritable, write_output
from cli.shell.options import command_options
from cli.shell.output import Output, spoken
from core.errors import UsageError
from core.ids import AuthorityId
from core.permits import EVERYTHING
from home.wiring import Home
from registry.desk.exports.exporting import ExportOrder, export_licences
from registry.desk.exports.tables import TableFormat, format_of
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.model import Licence, LicenceState

_PAGE = 500


class DayType(click.ParamType[date]):
    """A civil date."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date that was typed."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(spoken(messages.no_day(value)), param, ctx)


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the filters of a search."""
    for option in (
        click.option("--granted-until", type=DayType(), help="Granted on this day or before."),
        click.option("--granted-from", type=DayType(), help="Granted on this day or later."),
        click.option("--authority", help="Licences of this authority."),
        click.option("--type", "type_name", help="Licence type, short name or code."),
        click.option(
            "--state", type=click.Choice([s.value for s in LicenceState]), help="As of today."
        ),
    ):
        function = option(function)
    return function


def read_filter(home: Home, words: str, given: dict[str, Any]) -> LicenceFilter:
    """Return the search that was typed. Raises `NotFoundError` for a type that nobody knows."""
    type_name, state = given["type_name"], given["state"]
    with home.database.reading() as connection:
        kind = None if type_name is None else home.catalogue.find(connection, type_name)
    return LicenceFilter(
        on=home.today(),
        text=words,
        state=None if state is None else LicenceState(state),
        type_code=None if kind is None else kind.code,
        authority_id=None if given["authority"] is None else AuthorityId(given["authority"]),
        granted_from=given["granted_from"],
        granted_until=given["granted_until"],
    )


@click.command("search")
@click.argument("words", default="")
@filter_options
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all that is found to a file, whose name ends with .csv, .xlsx or .jsonl.",
)
@click.option("--personal", is_flag=True, help="With --out: names and codes are not masked.")
@click.option(
    "--later",
    is_flag=True,
    help="With --out and --server: do not wait; fetch the file with xinyin export fetch.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@command_options
def search(
    home: Home,
    output: Output,
    *,
    words: str,
    limit: int,
    out: Path | None,
    personal: bool,
    later: bool,
    force: bool,
    server: str | None,
    **given: Any,
) -> None:
    """Look for licences by what is known of them, the newest first. 查找证照。

    WORDS is part of a holder's name or of a document's title, a number, its beginning or its end,
    part of a type's name, an identifier or a holder's whole code. Several words, with blanks
    between, must all be found.

    \b
    Examples:
      xinyin licence search 云上便利店
      xinyin licence search "食品 云上" --state SUSPENDED --granted-from 2026-01-01
      xinyin licence search 0000017 --json
      xinyin licence search --type food-operation --state SUSPENDED --out suspended.xlsx
      xinyin licence search --out all.csv --server https://issuing.example.gov.cn --later
    """
    if out is not None:
        form = format_of(out)
        if form is None:
            raise UsageError(messages.EXPORT_FORMAT)
        refuse_unwritable(out, force=force)
        if server is not None:
            export_at_server(server, output, words, given, (out, form, personal), later=later)
        else:
            _export(home, output, read_filter(home, words, given), (out, form, personal))
        return
    if server is not None:
        search_at_server(server, output, words, given, limit)
        return
    sought = read_filter(home, words, given)
    found: list[Licence] = []
    after = None
    with home.database.reading() as connection:
        finder = LicenceFinder(connection)
        while len(found) <= limit:
            page = finder.page(sought, after=after, limit=min(_PAGE, limit + 1 - len(found)))
            found += page.licences
            after = page.older
            if after is None:
                break
    print_licences(home, output, found, limit)


def _export(
    home: Home, output: Output, sought: LicenceFilter, how: tuple[Path, TableFormat, bool]
) -> None:
    """Write all that is found; the operator's export is on record too."""
    out, form, personal = how
    order = ExportOrder(sought, form, output.language, EVERYTHING, home.actor, personal, most=None)
    made = export_licences(home.database, home.clock, order)
    with made.file as file:
        write_output(out, file)
    output.say(messages.table_written(out, made.count))
