"""`xinyin matter …`: what a service asks for, and which licences will do instead of paper."""

from pathlib import Path
from typing import Any

import click

from cli.licences import messages
from cli.remote.contexts import remote_desk, server_option
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_text_file
from core.permits import Action
from home.wiring import Home
from registry.bodies.matter_file import read_matters
from registry.bodies.matters import (
    HolderOf,
    Matter,
    find_matter,
    list_matters,
    put_matters,
    remove_matter,
)


@click.group("matter")
def matter() -> None:
    """Matters, and the licences that satisfy them. 事项与免提交的材料。"""


@matter.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@command_options
def load(home: Home, output: Output, file: Path) -> None:
    """Record matters from TOML or CSV; all of a file or nothing. 登记事项。

    A table has a row for each material and licence type; a row without a type is a material that
    needs paper.

    \b
    Example:
      xinyin matter load examples/matters.csv
    """
    entries = read_matters(read_text_file(file), table=file.suffix.lower() == ".csv")
    permit = home.permit(Action.MANAGE_AUTHORITY)
    with home.database.writing() as connection:
        changed = put_matters(connection, home.catalogue, entries, permit, home.clock.now())
    output.say(messages.matters_recorded(changed=changed, whole=len(entries)))


@matter.command("remove")
@click.argument("code", metavar="MATTER")
@click.option("--basis", required=True, help="Why it is no matter any more.")
@yes_option
@command_options
def remove(home: Home, output: Output, *, code: str, basis: str, yes: bool) -> None:
    """Take a matter out; the audit keeps that it was there. 删除事项。

    It may be recorded again with `matter load`.

    \b
    Example:
      xinyin matter remove 000131006000 --basis "事项已取消" --yes
    """
    permit = home.permit(Action.MANAGE_AUTHORITY)
    with home.database.reading() as connection:
        found = find_matter(connection, home.catalogue, code)
    confirm(output, messages.confirm_matter_removal(code=code, name=found.name), yes=yes)
    with home.database.writing() as connection:
        remove_matter(connection, code, basis, permit, home.clock.now())
    output.say(messages.matter_removed(code))


@matter.command("list")
@click.option("--after", default="", help="Only those that follow this one.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@server_option
@command_options
def list_(home: Home, output: Output, *, after: str, limit: int, server: str | None) -> None:
    """List matters, by code. 列出事项。

    \b
    Example:
      xinyin matter list
    """
    if server is not None:
        told = remote_desk(server, output).matters(after, limit)
    else:
        with home.database.reading() as connection:
            found = list_matters(connection, home.catalogue, after=after, limit=limit)
        told = [matter_json(one) for one in found]
    output.records(
        [
            {
                "matter": one["matter"],
                "name": one["name"][output.language],
                "authority": one["authority"],
                "materials": len(one["materials"]),
                "without_paper": sum(bool(material["licences"]) for material in one["materials"]),
            }
            for one in told
        ]
    )


@matter.command("show")
@click.argument("code", metavar="MATTER")
@click.option(
    "--holder",
    type=click.Choice([one.value for one in HolderOf]),
    help="Only licences that such a holder may have.",
)
@server_option
@command_options
def show(home: Home, output: Output, *, code: str, holder: str | None, server: str | None) -> None:
    """Show which licences and fields satisfy a matter's materials. 查看事项可免交的材料。

    \b
    Example:
      xinyin matter show 000131006000 --holder body
    """
    if server is not None:
        told = remote_desk(server, output).matter(code, holder)
    else:
        with home.database.reading() as connection:
            wanted = None if holder is None else HolderOf(holder)
            told = matter_json(find_matter(connection, home.catalogue, code, wanted))
    if output.as_json:
        output.data(told)
        return
    language = output.language
    output.text(f"{told['matter']} {told['name'][language]}")
    heads = [
        text.to(language)
        for text in (messages.MATERIAL, messages.LICENCE_NAME, messages.FIELDS_THAT_SAY_IT)
    ]
    rows = [
        (
            material["name"][language],
            one["name"][language],
            "、".join(field["label"][language] for field in one["fields"]),
        )
        for material in told["materials"]
        for one in material["licences"]
    ]
    rows += [
        (one["name"][language], messages.PAPER.to(language), "")
        for one in told["materials"]
        if not one["licences"]
    ]
    output.table(heads, rows)


def matter_json(found: Matter) -> dict[str, Any]:
    """Return a matter as `--json` prints it."""
    return {
        "matter": found.code,
        "authority": found.authority_id,
        "name": found.name.as_json(),
        "materials": [
            {
                "name": material.name.as_json(),
                "licences": [
                    {
                        "type": one.licence_type.code,
                        "slug": one.licence_type.slug,
                        "name": one.licence_type.name.as_json(),
                        "holders": sorted(one.holders),
                        "fields": [
                            {"key": field.key, "label": field.label.as_json()}
                            for field in one.fields
                        ],
                    }
                    for one in material.accepted
                ],
            }
            for material in found.materials
        ],
    }


COMMANDS = (matter,)
