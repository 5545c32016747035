"""`xinyin type …`: licence types and who may grant them."""

from pathlib import Path

import click

from cli.licences import messages
from cli.licences.type_drafting import DRAFTING_COMMANDS
from cli.licences.type_init import type_init
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_text_file
from core.ids import SealId
from core.permits import Action
from home.wiring import Home
from registry.bodies.authorities import add_mandate, find_seal, has_mandate, is_mandated
from registry.types.catalogue import put_type
from registry.types.types import parse_type


@click.group("type")
def licence_type() -> None:
    """Licence types. 证照类型。"""


@licence_type.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seal", "seal_ids", multiple=True, help="Seal under which it is granted.")
@command_options
def type_add(home: Home, output: Output, file: Path, seal_ids: tuple[str, ...]) -> None:
    """Record a licence type from its TOML file, or its newer definition. 登记证照类型。

    \b
    Example:
      xinyin type add examples/types/food-operation.toml --seal market-food
    """
    permit = home.permit(Action.MANAGE_AUTHORITY)
    parsed = parse_type(read_text_file(file))
    with home.database.writing() as connection:
        put_type(connection, parsed, permit, home.clock.now())
        for seal_id in seal_ids:
            seal = find_seal(connection, SealId(seal_id))
            if is_mandated(connection, parsed.code, seal):
                continue
            add_mandate(connection, parsed.code, seal, permit, home.clock.now())
        may_be_granted = has_mandate(connection, parsed.code)
    output.say(messages.type_recorded(type_name=parsed.name, slug=parsed.slug))
    told = messages.type_ready if may_be_granted else messages.type_needs_seal
    output.say(told(parsed.slug))


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


for _command in (type_init, *DRAFTING_COMMANDS):
    licence_type.add_command(_command)
COMMANDS = (licence_type,)
