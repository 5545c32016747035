"""`xinyin request ask`, and carrying requests out: at a server, by whoever signed in there."""

import base64
import os
import secrets
from pathlib import Path

import click

from cli.remote import messages
from cli.remote.contexts import remote_desk, server_option
from cli.shell.delivery import write_output
from cli.shell.output import Output, terminal_language
from cli.shell.reading import read_file, read_json_record
from core.errors import UsageError
from core.permits import Action
from registry.types.photos import MAX_PHOTO_BYTES
from signing.levels import PadesLevel

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("ask")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--data", type=_FILE, help="JSON object of the face fields.")
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=VALUE", help="A face field; several times."
)
@click.option("--photo", type=_FILE, help="JPEG or PNG that the record's field for it names.")
@click.option("--authority", help="Authority, where several may grant the type.")
@click.option("--basis", help="Legal basis, for the audit.")
@click.option(
    "--from-paper",
    metavar="NUMBER",
    help="Take the place of the licence on paper with this number, which was taken over.",
)
@click.option(
    "--level",
    type=click.Choice([level.value for level in PadesLevel]),
    default=PadesLevel.B_LT.value,
    show_default=True,
    help="PAdES level of the seal.",
)
@click.option(
    "--request-key",
    metavar="KEY",
    help="Key of this request; repeated with it, the command asks for nothing twice.",
)
@server_option
@_JSON
def ask(
    *,
    type_name: str,
    data: Path | None,
    fields: tuple[str, ...],
    photo: Path | None,
    authority: str | None,
    basis: str | None,
    from_paper: str | None,
    level: str,
    request_key: str | None,
    server: str | None,
    as_json: bool,
) -> None:
    """Ask for a licence, at a server. 提出申请。

    \b
    Examples:
      xinyin request ask --type food-operation --data holder.json
      xinyin request ask --type food-operation --data holder.json --field 住所=白鹭洲路95号
    """
    output = Output(as_json=as_json, language=terminal_language(os.environ))
    record = {} if data is None else read_json_record(data)
    for one in fields:
        name, separator, value = one.partition("=")
        if not separator:
            raise UsageError(messages.field_malformed(one[:80]))
        record[name] = value
    body: dict[str, object] = {"type": type_name, "record": record, "level": level}
    if photo is not None:
        body["photo"] = base64.b64encode(read_file(photo, MAX_PHOTO_BYTES)).decode()
    body |= {
        key: value
        for key, value in (
            ("authority", authority),
            ("basis", basis),
            ("from_paper", from_paper),
        )
        if value is not None
    }
    made = remote_desk(server, output).ask(body, request_key or secrets.token_urlsafe(18))
    if output.as_json:
        output.data(made)
        return
    output.text(str(made["request"]))
    output.say(messages.REQUEST_WAITS)


def carry_out_there(
    server: str, output: Output, request_id: str, *, out: Path | None, force: bool
) -> None:
    """Grant or change what a request asks for, begin its batch, or have its seal made.

    Raises `UsageError` where `out` is there, and as `RemoteServer.ask`.
    """
    if out is not None and out.exists() and not force:
        raise UsageError(messages.output_exists(str(out)))
    desk = remote_desk(server, output)
    asked = desk.show(request_id)
    if asked["action"] == Action.MANAGE_SEAL:
        output.facts(desk.make_seal(request_id))
        return
    if asked.get("rows") is not None:
        begun = desk.begin_job(request_id)
        if output.as_json:
            output.data({key: value for key, value in begun.items() if key != "counts"})
        else:
            output.text(str(begun["job"]))
        output.say(messages.job_begun(begun["job"]))
        return
    licence = desk.carry_out(request_id)
    if out is not None:
        write_output(out, desk.document(licence["identifier"]))
    if output.as_json:
        output.data(licence)
        return
    output.text(str(out or licence["identifier"]))
