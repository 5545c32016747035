"""Exports at a server: waited for, fetched, compared with their digests."""

import hashlib
import secrets
import tempfile
from pathlib import Path

from cli.remote import messages
from cli.remote.desk import JsonObject, RemoteDesk
from cli.remote.following import follow
from cli.shell.delivery import write_output
from cli.shell.output import Output
from core.errors import UnreachableError, XinyinError
from registry.licences.exported import UNDER_WAY, ExportState

EXPORT_DETAILS = (
    *("export", "state", "why", "format", "personal", "rows", "size", "sha256"),
    *("taken_at", "asked_at", "changed_at", "ends_at"),
)
_PIECE = 1024 * 1024


class ExportOverError(XinyinError):
    """The export ended without a file."""

    code = "conflict"


def export(desk: RemoteDesk, asked: JsonObject, out: Path, output: Output, *, later: bool) -> None:
    """Ask for an export, and write its file once it is done; `later`: name it, and end.

    Raises as `deliver_export`.
    """
    name = str(desk.ask_export(asked, secrets.token_urlsafe(18))["export"])
    output.say(messages.export_asked(name))
    if not later:
        deliver_export(desk, followed(desk, name, output), out, output)
    elif output.as_json:
        output.data({"export": name})
    else:
        output.text(name)


def followed(desk: RemoteDesk, export_id: str, output: Output) -> JsonObject:
    """Return an export once it is over, with its progress on the terminal meanwhile."""
    with output.bar(messages.EXPORTING) as moved:
        return follow(
            lambda: desk.export(export_id),
            lambda found: moved(int(found["rows"]), int(found["rows"]) + 1),
            UNDER_WAY,
        )


def deliver_export(desk: RemoteDesk, found: JsonObject, out: Path, output: Output) -> None:
    """Write the file of an export that is over. Raises `ExportOverError` where there is none, and
    `UnreachableError` for another file than the one on record.
    """
    if found["state"] != ExportState.DONE:
        raise ExportOverError(messages.export_is_over(str(found["export"])))
    with tempfile.TemporaryFile() as file:
        desk.fetch_export(str(found["export"]), file)
        file.seek(0)
        digest = hashlib.sha256()
        while piece := file.read(_PIECE):
            digest.update(piece)
        if digest.hexdigest() != found["sha256"]:
            raise UnreachableError(messages.EXPORT_NOT_WHOLE)
        file.seek(0)
        write_output(out, file)
    if output.as_json:
        output.data({key: found[key] for key in EXPORT_DETAILS} | {"path": str(out)})
    else:
        output.text(str(out))
