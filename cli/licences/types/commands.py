"""`xinyin type …`: licence types and who may grant them."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from cli.licences.types import messages
from cli.licences.types.beginning import type_init
from cli.licences.types.drafting import DRAFTING_COMMANDS
from cli.licences.types.sheet_command import sheet
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_text_file
from core.ids import SealId
from core.permits import Action, Permit
from core.text import Text
from home.identity.sign_in import open_deciders
from home.wiring import Home
from registry.bodies.authorities import add_mandate, find_seal, has_mandate, is_mandated
from registry.desk.type_changes import TypePermits, record_approved_type, record_type
from registry.types.licence_type import LicenceType
from registry.types.types import parse_type


@click.group("type")
def licence_type() -> None:
    """Licence types. 证照类型。"""


@licence_type.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seal", "seal_ids", multiple=True, help="Seal under which it is granted.")
@click.option("--request", "request_id", help="Request by which a second person approved of it.")
@command_options
def type_add(
    home: Home, output: Output, file: Path, *, seal_ids: tuple[str, ...], request_id: str | None
) -> None:
    """Record a licence type from its TOML file, or its newer definition. 登记证照类型。

    Of a type with licences, what changes the public's view is asked for instead: approved by
    another person, it is recorded with --request.

    \b
    Examples:
      xinyin type add examples/types/food-operation.toml --seal market-food
      xinyin type add food-operation.toml --request 7be1428890ab3f9a0c5d
    """
    permit = home.permit(Action.MANAGE_AUTHORITY)
    parsed = parse_type(read_text_file(file))
    asked = None
    with home.database.writing() as connection:
        now = home.clock.now()
        if request_id is not None:
            record_approved_type(
                connection, parsed, request_id, permit, now, deciders=open_deciders(home)
            )
        else:
            permits = TypePermits(permit, home.permit(Action.REQUEST))
            asked = record_type(connection, parsed, permits, now, secrets.token_bytes)
        if asked is None:
            _mandate(connection, parsed, seal_ids, permit, now)
            may_be_granted = has_mandate(connection, parsed.code)
    if asked is not None:
        output.data({"request": asked.request_id, "state": asked.state})
        output.say(messages.type_change_asked(request=asked.request_id, path=file))
        return
    output.say(messages.type_recorded(type_name=parsed.name, slug=parsed.slug))
    output.say(_next_step(parsed, may_be_granted=may_be_granted))


def _next_step(licence_type: LicenceType, *, may_be_granted: bool) -> Text:
    if licence_type.is_document:
        ready, unready = messages.document_type_ready, messages.document_type_needs_seal
    else:
        ready, unready = messages.type_ready, messages.type_needs_seal
    return (ready if may_be_granted else unready)(licence_type.slug)


def _mandate(
    connection: Connection,
    licence_type: LicenceType,
    seal_ids: Iterable[str],
    permit: Permit,
    at: datetime,
) -> None:
    for seal_id in seal_ids:
        seal = find_seal(connection, SealId(seal_id))
        if not is_mandated(connection, licence_type.code, seal):
            add_mandate(connection, licence_type.code, seal, permit, at)


@licence_type.command("list")
@command_options
def type_list(home: Home, output: Output) -> None:
    """List licence types. 列出证照类型。

    \b
    Example:
      xinyin type list
    """
    with home.database.reading() as connection:
        found = home.catalogue.list_types(connection)
    output.records(
        [{"type": t.slug, "code": t.code, "name": t.name.to(output.language)} for t in found]
    )


for _command in (type_init, sheet, *DRAFTING_COMMANDS):
    licence_type.add_command(_command)
COMMANDS = (licence_type,)
