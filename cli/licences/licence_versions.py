"""`xinyin licence renew|change|correct|reissue|replace`: a new version takes a licence's place."""

import base64
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli.licences import messages
from cli.licences.licence_changes import document_number_option
from cli.licences.licence_grants import grant_request, level_option, report_granted
from cli.licences.licence_records import find_target
from cli.licences.request_keys import repeatable, request_key_option
from cli.remote.contexts import remote_desk, server_option
from cli.remote.server import ServerRefusedError
from cli.shell.delivery import refuse_unwritable, write_document, write_output
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import read_file, read_json_record
from cli.shell.reasons import NamedReasonType
from core.errors import UsageError
from core.ids import LicenceIdentifier
from home.wiring import Home
from registry.licences.licences import TRANSITIONS, LicenceChange
from registry.licences.reasons import named_reason
from registry.model import Reason
from registry.types.licence_type import LicenceType
from registry.types.photos import MAX_PHOTO_BYTES

_PATH = click.Path(path_type=Path)
_OUT = click.Path(path_type=Path, dir_okay=False)
_REASONS = TRANSITIONS[LicenceChange.REPLACE].reasons
_ASKED_FOR = ("second_person_required", "signature_needed", "not_allowed")
"""Refusals after which it is asked for: who may do that need not have the seal."""
Command = Callable[..., Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Wanted:
    """New version that a command asks for."""

    licence: str
    data: Path
    out: Path
    reason: str
    basis: str
    document_number: str | None
    photo: Path | None
    keep_photo: bool
    level: str
    request_key: str
    force: bool


def _options(command: Command) -> Command:
    for option in reversed(
        (
            click.argument("licence_", metavar="LICENCE"),
            click.option(
                "--data", type=_PATH, required=True, help="JSON object of the new face fields."
            ),
            click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF."),
            click.option("--basis", required=True, help="Legal basis."),
            document_number_option,
            click.option(
                "--photo", type=_OUT, help="The photo, instead of the one that the record names."
            ),
            click.option(
                "--keep-photo", is_flag=True, help="Keep the photo of the licence that is replaced."
            ),
            click.option("--force", is_flag=True, help="Overwrite the output file."),
            request_key_option,
            level_option,
            server_option,
            key_options,
            command_options,
        )
    ):
        command = option(command)
    return command


@click.command("replace")
@click.option(
    "--reason",
    type=NamedReasonType(_REASONS),
    required=True,
    help="Why, as the law knows it, or by the type's own code.",
)
@_options
def replace(home: Home, output: Output, *, reason: str, server: str | None, **wanted: Any) -> None:
    """Grant a new version under the same number; the old one leaves force. 换发新证。

    LICENCE is an identifier, a printed number or a link. CORRECTED, CHANGED and REISSUED keep the
    term; only RENEWED begins a new one. The holder's code and what the number says must stay.

    \b
    Example:
      xinyin licence replace JY19901210000017 --data holder.json --out new.pdf \\
          --reason 变更 --basis "变更经营场所"
    """
    _replace(home, output, server, reason, wanted)


def _fixed(name: str, reason: Reason, summary: str, basis: str) -> click.Command:
    @_options
    def run(home: Home, output: Output, *, server: str | None, **wanted: Any) -> None:
        _replace(home, output, server, reason, wanted)

    run.__doc__ = f"""{summary}

    LICENCE is an identifier, a printed number or a link. The same as `replace --reason {reason}`.

    \b
    Example:
      xinyin licence {name} JY19901210000017 --data holder.json --out new.pdf --basis "{basis}"
    """
    return click.command(name)(run)


def _replace(
    home: Home, output: Output, server: str | None, reason: str, wanted: dict[str, Any]
) -> None:
    asked = _Wanted(licence=wanted.pop("licence_"), reason=reason, **wanted)
    refuse_unwritable(asked.out, force=asked.force)
    if server is not None:
        _at_server(server, output, asked)
        return
    old = find_target(home, asked.licence)
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, old.type_code)
    why = named_reason(licence_type, _REASONS, asked.reason)
    base = grant_request(
        home,
        old.type_code,
        asked.data,
        authority=old.authority_id,
        basis=asked.basis,
        level=asked.level,
        photo=_photo(home, asked, old.identifier, licence_type),
    )
    request = dataclasses.replace(
        base,
        replaces=old.identifier,
        reason=why,
        document_number=asked.document_number,
        request_key=asked.request_key,
    )
    with repeatable(asked.request_key):
        granted = home.granting.grant(request)
    write_document(asked.out, granted.pdf, granted.licence.identifier)
    report_granted(output, granted.licence, asked.out)


def _photo(
    home: Home, asked: _Wanted, old: LicenceIdentifier, licence_type: LicenceType
) -> bytes | None:
    """Return the photo that was given, or that of the licence that is replaced; None: the
    record's. Raises `UsageError`.
    """
    if not asked.keep_photo and asked.photo is None:
        return None
    if asked.keep_photo and asked.photo is not None:
        raise UsageError(messages.ONE_PHOTO_ALONE)
    if licence_type.photo_field is None:
        raise UsageError(messages.NO_PHOTO_OF_TYPE)
    if asked.photo is not None:
        return read_file(asked.photo, MAX_PHOTO_BYTES)
    kept = home.granting.photo(old)
    if kept is None:
        raise UsageError(messages.NO_PHOTO_OF_TYPE)
    return kept


def _at_server(server: str, output: Output, asked: _Wanted) -> None:
    """Grant it at a server, or ask for it where the type needs a second person."""
    desk = remote_desk(server, output)
    identifier = str(desk.licence(asked.licence)["identifier"])
    body: dict[str, Any] = {
        "reason": asked.reason,
        "record": read_json_record(asked.data),
        "basis": asked.basis,
        "level": asked.level,
    }
    if asked.document_number is not None:
        body["document_number"] = asked.document_number
    if asked.photo is not None:
        body["photo"] = base64.b64encode(read_file(asked.photo, MAX_PHOTO_BYTES)).decode()
    if asked.keep_photo:
        body["keep_photo"] = True
    try:
        granted = desk.grant_version(identifier, body, asked.request_key)
    except ServerRefusedError as error:
        if error.code not in _ASKED_FOR:
            raise
        made = desk.ask_version(identifier, body, asked.request_key)
        if output.as_json:
            output.data(made)
        else:
            output.text(str(made["request"]))
        output.say(messages.CHANGE_ASKED_FOR)
        return
    new = str(granted["identifier"])
    write_output(asked.out, desk.document(new))
    if output.as_json:
        output.data({"identifier": new, "number": granted["number"], "path": str(asked.out)})
        return
    output.text(str(asked.out))
    output.say(messages.licence_reference(new))


VERSION_COMMANDS = (
    replace,
    _fixed("renew", Reason.RENEWED, "Renew a licence for a further term. 延续。", "准予延续"),
    _fixed("change", Reason.CHANGED, "Change what a licence says. 变更。", "变更经营场所"),
    _fixed("correct", Reason.CORRECTED, "Correct what a licence says wrongly. 更正。", "更正笔误"),
    _fixed("reissue", Reason.REISSUED, "Reissue a licence that was lost. 补办。", "遗失补办"),
)
