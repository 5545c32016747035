"""`xinyin licence statistics`: counts by authority, type and month, as a table or a picture."""

import io
from pathlib import Path
from typing import Any

import click

from cli.licences import messages
from cli.licences.licences_at_server import filters_of
from cli.licences.search_command import DayType
from cli.remote.contexts import remote_desk, server_option
from cli.shell.delivery import refuse_unwritable, write_output
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import AuthorityId
from home.wiring import Home
from registry.desk.exports.counting import (
    by_month,
    picture,
    statistics_facts,
    used_headings,
)
from registry.desk.exports.tables import format_of, write_table
from registry.licences.statistics import (
    CountedLicences,
    GroupedBy,
    count_licences,
)


@click.command("statistics")
@click.option(
    "--by",
    type=click.Choice([one.value for one in GroupedBy]),
    multiple=True,
    help="What is told apart, all unless given; may be given several times.",
)
@click.option("--type", "type_name", help="Licence type, short name or code.")
@click.option("--authority", help="Licences of this authority.")
@click.option("--granted-from", type=DayType(), help="Granted on this day or later.")
@click.option("--granted-until", type=DayType(), help="Granted on this day or before.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File, whose name ends with .csv, .xlsx, .jsonl, or .svg for a picture.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@command_options
def statistics(
    home: Home,
    output: Output,
    *,
    by: tuple[str, ...],
    out: Path | None,
    force: bool,
    server: str | None,
    **given: Any,
) -> None:
    """Count licences by authority, type and month of granting, and how they stand today. 统计。

    \b
    Examples:
      xinyin licence statistics --by type --by month --granted-from 2026-01-01
      xinyin licence statistics --by month --out 2026.svg
    """
    if out is not None:
        if format_of(out) is None and not _is_picture(out):
            raise UsageError(messages.STATISTICS_FORMAT)
        refuse_unwritable(out, force=force)
    chosen = tuple(GroupedBy(one) for one in by) or tuple(GroupedBy)
    if server is not None:
        facts = remote_desk(server, output).statistics(_asked(given, chosen))
    else:
        facts = _counted(home, output, given, chosen)
    headings = used_headings(facts, output.language)
    if out is None and output.as_json:
        output.records([{name: one[name] for name in headings} for one in facts])
    elif out is None:
        rows = [[one[name] for name in headings] for one in facts]
        output.table(list(headings.values()), rows)
    elif _is_picture(out):
        write_output(out, picture(by_month(facts), output.language).encode())
        output.say(messages.table_written(out, len(facts)))
    else:
        form, written = format_of(out), io.BytesIO()
        assert form is not None
        count = write_table(written, form, headings, facts)
        write_output(out, written.getvalue())
        output.say(messages.table_written(out, count))


def _is_picture(out: Path) -> bool:
    return out.suffix.lower() == ".svg"


def _counted(
    home: Home, output: Output, given: dict[str, Any], by: tuple[GroupedBy, ...]
) -> list[dict[str, Any]]:
    type_name, authority = given["type_name"], given["authority"]
    with home.database.reading() as connection:
        kind = None if type_name is None else home.catalogue.find(connection, type_name)
        counted = CountedLicences(
            on=home.today(),
            authority_id=None if authority is None else AuthorityId(authority),
            type_code=None if kind is None else kind.code,
            granted_from=given["granted_from"],
            granted_until=given["granted_until"],
            by=by,
        )
        return statistics_facts(connection, count_licences(connection, counted), output.language)


def _asked(given: dict[str, Any], by: tuple[GroupedBy, ...]) -> list[tuple[str, str]]:
    return [*filters_of(given).items(), *(("by", str(one)) for one in by)]
