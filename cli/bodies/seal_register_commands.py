"""`xinyin seal show|uses|status|filing`: the register of seals, here or at a server."""

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cli.bodies import messages
from cli.licences.licence_records import find_target
from cli.remote.contexts import remote_desk, server_option
from cli.shell.delivery import refuse_unwritable, write_output
from cli.shell.instants import read_instant
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import SealId
from home.wiring import Home
from registry.bodies.seal_records import all_seal_records, seal_record
from registry.bodies.seal_register import find_use, list_uses, seal_at
from registry.desk.exports.filing import COLUMNS, filing_rows, seal_facts, status_facts, use_facts
from registry.desk.exports.tables import format_of, write_table


@click.command("show")
@click.argument("seal_id", metavar="SEAL")
@server_option
@command_options
def show(home: Home, output: Output, seal_id: str, *, server: str | None) -> None:
    """Show a seal: whose, its certificates over time, for what, how often. 查看印章。

    \b
    Example:
      xinyin seal show market-food
    """
    if server is not None:
        facts = remote_desk(server, output).seal(seal_id)
    else:
        with home.database.reading() as connection:
            found = seal_record(connection, SealId(seal_id), home.clock.now())
            facts = seal_facts(found)
    if output.as_json:
        output.data(facts)
        return
    types = "、".join(one[output.language] for one in facts["types"])
    output.facts({**{k: v for k, v in facts.items() if k != "certificates"}, "types": types})
    output.records([dict(one) for one in facts["certificates"]])


@click.command("uses")
@click.argument("seal_id", metavar="SEAL")
@click.option("--since", help="Begun at this moment or later.")
@click.option("--until", help="Begun at this moment or before.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most."
)
@server_option
@command_options
def uses(
    home: Home,
    output: Output,
    seal_id: str,
    *,
    since: str | None,
    until: str | None,
    limit: int,
    server: str | None,
) -> None:
    """List what was sealed with a seal, by whom and when, the newest first. 用印记录。

    \b
    Example:
      xinyin seal uses market-food --since 2026-01-01
    """
    begun, ended = _instant(home, since), _instant(home, until)
    if server is not None:
        bounds = {"since": begun, "until": ended}
        asked = {name: one.isoformat() for name, one in bounds.items() if one is not None}
        output.records(remote_desk(server, output).seal_uses(seal_id, asked, limit))
        return
    with home.database.reading() as connection:
        known = seal_record(connection, SealId(seal_id), home.clock.now()).seal
        found = list_uses(connection, known.seal_id, since=begun, until=ended, limit=limit)
    output.records([use_facts(one) for one in found])


@click.command("status")
@click.argument("seal_id", metavar="[SEAL]", required=False)
@click.option("--at", help="The moment; now, unless it is given.")
@click.option("--licence", help="As of the sealing of this licence.")
@server_option
@command_options
def status(
    home: Home,
    output: Output,
    *,
    seal_id: str | None,
    at: str | None,
    licence: str | None,
    server: str | None,
) -> None:
    """Tell how a seal stood at a moment or when a licence was sealed, and stands now. 印章状态。

    \b
    Examples:
      xinyin seal status market-food --at 2026-03-01T09:00
      xinyin seal status --licence JY19901210000017
    """
    if (seal_id is None) is (licence is None) or (licence is not None and at is not None):
        raise UsageError(messages.SEAL_OR_LICENCE)
    moment = _instant(home, at)
    if server is not None:
        when = None if moment is None else moment.isoformat()
        output.facts(remote_desk(server, output).seal_status(seal_id, licence, when))
        return
    now = home.clock.now()
    target = None if licence is None else find_target(home, licence).identifier
    with home.database.reading() as connection:
        if target is None:
            found = seal_at(connection, SealId(str(seal_id)), moment or now, now)
        else:
            use = find_use(connection, target)
            if use is None:
                raise UsageError(messages.NOT_SEALED_YET)
            found = seal_at(connection, use[0], use[1].at, now)
    output.facts(status_facts(found))


@click.command("filing")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File, whose name ends with .csv, .xlsx or .jsonl.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@command_options
def filing(home: Home, output: Output, *, out: Path, force: bool, server: str | None) -> None:
    """Write all seals with their certificates, for filing them. 导出印章备案表。

    \b
    Example:
      xinyin seal filing --out seals.xlsx
    """
    form = format_of(out)
    if form is None:
        raise UsageError(messages.TABLE_FORMAT)
    refuse_unwritable(out, force=force)
    known: list[Mapping[str, Any]]
    if server is not None:
        known = list(remote_desk(server, output).seals())
    else:
        now = home.clock.now()
        with home.database.reading() as connection:
            known = [seal_facts(one) for one in all_seal_records(connection, now)]
    headings = {name: text.to(output.language) for name, text in COLUMNS.items()}
    with io.BytesIO() as written:
        count = write_table(written, form, headings, filing_rows(iter(known), output.language))
        write_output(out, written.getvalue())
    output.say(messages.filing_written(path=out, count=count))


def _instant(home: Home, text: str | None) -> datetime | None:
    return None if text is None else read_instant(text, home.zone)


REGISTER_COMMANDS = (show, uses, status, filing)
