"""`xinyin database …`: the schema of the registry's database."""

from contextlib import closing

import click

from cli.keeping import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from home.wiring import Home
from registry.db.database import Database


@click.group("database")
def database_group() -> None:
    """The registry's database. 数据库。"""


@database_group.command("migrate")
@command_options
def migrate(home: Home, output: Output) -> None:
    """Bring the schema to this version's; run it once after an upgrade. 更新数据库结构。

    Stop the services and back up first (`xinyin backup` works on the schema as it is). Two at once
    wait for each other; the second finds nothing to do.

    \b
    Example:
      xinyin backup /mnt/backup && xinyin database migrate
    """
    home.actor  # noqa: B018  # the operator only
    with closing(Database(home.settings.database_url(home.directory))) as database:
        before, after = database.upgrade()
    if output.as_json:
        output.data({"before": before, "after": after})
    elif before == after:
        output.say(messages.schema_current(after))
    else:
        output.say(messages.schema_upgraded(before=before, after=after))


COMMANDS = (database_group,)
