"""`xinyin matter …`: what a service asks for, and which licences will do instead of paper."""

from pathlib import Path

import click

from cli.licences import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_text_file
from core.permits import Action
from home.wiring import Home
from registry.bodies.matter_file import read_matters
from registry.bodies.matters import HolderOf, Matter, find_matter, list_matters, put_matters


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


@matter.command("list")
@click.option("--after", default="", help="Only those that follow this one.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@command_options
def list_(home: Home, output: Output, *, after: str, limit: int) -> None:
    """List matters, by code. 列出事项。

    \b
    Example:
      xinyin matter list
    """
    with home.database.reading() as connection:
        found = list_matters(connection, home.catalogue, after=after, limit=limit)
    output.records(
        [
            {
                "matter": one.code,
                "name": one.name.to(output.language),
                "authority": one.authority_id,
                "materials": len(one.materials),
                "without_paper": sum(bool(material.accepted) for material in one.materials),
            }
            for one in found
        ]
    )


@matter.command("show")
@click.argument("code", metavar="MATTER")
@click.option(
    "--holder",
    type=click.Choice([one.value for one in HolderOf]),
    help="Only licences that such a holder may have.",
)
@command_options
def show(home: Home, output: Output, *, code: str, holder: str | None) -> None:
    """Show which licences and fields satisfy a matter's materials. 查看事项可免交的材料。

    \b
    Example:
      xinyin matter show 000131006000 --holder body
    """
    with home.database.reading() as connection:
        wanted = None if holder is None else HolderOf(holder)
        found = find_matter(connection, home.catalogue, code, wanted)
    if output.as_json:
        output.data(matter_json(found))
        return
    output.text(f"{found.code} {found.name.to(output.language)}")
    heads = [
        text.to(output.language)
        for text in (messages.MATERIAL, messages.LICENCE_NAME, messages.FIELDS_THAT_SAY_IT)
    ]
    rows = [
        (
            material.name.to(output.language),
            one.licence_type.name.to(output.language),
            "、".join(field.label.to(output.language) for field in one.fields),
        )
        for material in found.materials
        for one in material.accepted
    ]
    rows += [
        (one.name.to(output.language), messages.PAPER.to(output.language), "")
        for one in found.materials
        if not one.accepted
    ]
    output.table(heads, rows)


def matter_json(found: Matter) -> dict[str, object]:
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
