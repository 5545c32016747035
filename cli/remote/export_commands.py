"""`xinyin export …`: exports of licences that a server writes; asked for by `licence search`."""

import os
from pathlib import Path

import click

from cli.remote.contexts import remote_desk, server_option
from cli.remote.desk import JsonObject
from cli.remote.exporting import EXPORT_DETAILS, deliver_export, followed
from cli.shell.delivery import refuse_unwritable
from cli.shell.output import Output, terminal_language

_EXPORT = click.argument("export_id", metavar="EXPORT")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LISTED = ("export", "state", "why", "format", "rows", "asked_at", "ends_at")


@click.group("export")
def export() -> None:
    """Exports of licences that a server writes. 后台导出。"""


@export.command("list")
@server_option
@_JSON
def list_(*, server: str | None, as_json: bool) -> None:
    """List your exports, the newest first. 列出本人的导出。

    \b
    Example:
      xinyin export list
    """
    output = _output(as_json=as_json)
    found = remote_desk(server, output).exports()
    output.records([{key: one[key] for key in _LISTED} for one in found])


@export.command("show")
@_EXPORT
@server_option
@_JSON
def show(export_id: str, *, server: str | None, as_json: bool) -> None:
    """Show how far an export is. 查看导出进度。

    \b
    Example:
      xinyin export show 5c0d9ab7e1428890af3f
    """
    output = _output(as_json=as_json)
    found, _ = remote_desk(server, output).export(export_id)
    output.facts(_details(found))


@export.command("fetch")
@_EXPORT
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@_JSON
def fetch(export_id: str, *, out: Path, force: bool, server: str | None, as_json: bool) -> None:
    """Wait until an export is done, and write its file. 下载导出文件。

    \b
    Example:
      xinyin export fetch 5c0d9ab7e1428890af3f --out suspended.xlsx
    """
    output = _output(as_json=as_json)
    refuse_unwritable(out, force=force)
    desk = remote_desk(server, output)
    deliver_export(desk, followed(desk, export_id, output), out, output)


@export.command("cancel")
@_EXPORT
@server_option
@_JSON
def cancel(export_id: str, *, server: str | None, as_json: bool) -> None:
    """Cancel an export, or delete its file at the server. 取消或删除导出。

    \b
    Example:
      xinyin export cancel 5c0d9ab7e1428890af3f
    """
    output = _output(as_json=as_json)
    output.facts(_details(remote_desk(server, output).cancel_export(export_id)))


def _details(found: JsonObject) -> JsonObject:
    return {key: found[key] for key in EXPORT_DETAILS}


def _output(*, as_json: bool) -> Output:
    return Output(as_json=as_json, language=terminal_language(os.environ))


COMMANDS = (export,)
