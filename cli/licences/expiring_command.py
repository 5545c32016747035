"""`xinyin licence expiring`: licences whose term ends soon."""

import io
import re
from typing import Any

import click

from cli.licences import messages
from cli.licences.licence_records import record_of
from cli.licences.licences_at_server import expiring_at_server
from cli.remote.contexts import server_option
from cli.shell.options import command_options
from cli.shell.output import Output, spoken
from core.text import Text
from home.wiring import Home
from registry.db.tables import licences
from registry.desk.exports.tables import TableFormat, write_table
from registry.licences.expiring import MOST_DAYS, list_expiring

_HEADINGS = (
    Text("有效期至", "until"),
    Text("编号", "number"),
    Text("持证主体", "holder"),
    Text("证照", "type"),
    Text("状态", "state"),
    Text("标识", "identifier"),
)
_KEYS = ("valid_until", "number", "holder", "type", "state", "identifier")
_DAYS = re.compile(r"([0-9]{1,4})d?")


class _Days(click.ParamType[int]):
    """A number of days: 60 or 60d."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the days."""
        match = _DAYS.fullmatch(str(value).strip().lower())
        if match is None or int(match[1]) > MOST_DAYS:
            self.fail(spoken(messages.days_unusable(MOST_DAYS)), param, ctx)
        return int(match[1])


@click.command("expiring")
@click.option(
    "--within", type=_Days(), default="60d", show_default=True, help="Days from today, as 60d."
)
@click.option("--type", "type_name", help="Licence type, short name or code.")
@click.option("--csv", "as_csv", is_flag=True, help="A table as CSV.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="At most."
)
@server_option
@command_options
def expiring(
    home: Home,
    output: Output,
    *,
    within: int,
    type_name: str | None,
    as_csv: bool,
    limit: int,
    server: str | None,
) -> None:
    """List licences that are about to expire, the soonest first. 即将到期的证照。

    Those in force or suspended; the last day counts.

    \b
    Examples:
      xinyin licence expiring --within 60d
      xinyin licence expiring --within 30d --type food-operation --csv >expiring.csv
    """
    if server is not None:
        records = expiring_at_server(server, output, within, type_name, limit + 1)
    else:
        with home.database.reading() as connection:
            kind = None if type_name is None else home.catalogue.find(connection, type_name)
            chosen = [] if kind is None else [licences.c.type_code == kind.code]
            found = list_expiring(connection, home.today(), within, *chosen, limit=limit + 1)
        records = [record_of(one, home.today()) for one in found]
    _print(output, records[:limit], as_csv=as_csv)
    if len(records) > limit:
        output.say(messages.licence_list_truncated(limit))


def _print(output: Output, records: list[dict[str, object]], *, as_csv: bool) -> None:
    headings = [one.to(output.language) for one in _HEADINGS]
    if output.as_json:
        output.records(records)
    elif as_csv:
        table = io.BytesIO()
        write_table(table, TableFormat.CSV, dict(zip(_KEYS, headings, strict=True)), records)
        output.text(table.getvalue().decode("utf-8-sig").rstrip())
    elif records:
        output.table(headings, [tuple(one[key] for key in _KEYS) for one in records])
    else:
        output.say(messages.NO_MATCHING_LICENCE)


EXPIRING_COMMANDS = (expiring,)
