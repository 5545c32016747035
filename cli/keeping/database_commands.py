"""`xinyin database …`: the schema of the registry's database."""

from contextlib import closing

import click

from cli.keeping import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from home.privacy import seal_codes
from home.wiring import Home
from registry.db.database import Database
from registry.licences.search_index import rebuild


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
    sealed = seal_codes(home, home.actor)
    if output.as_json:
        output.data({"before": before, "after": after, "sealed": sealed.first})
    elif before == after:
        output.say(messages.schema_current(after))
    else:
        output.say(messages.schema_upgraded(before=before, after=after))
    if sealed.first and not output.as_json:
        output.say(messages.codes_sealed(first=sealed.first, anew=sealed.anew))


@database_group.command("reindex")
@command_options
def reindex(home: Home, output: Output) -> None:
    """Make the index of the search anew from the licences. 重建查找索引。

    Grants wait meanwhile: some minutes for a million licences. Needed where xinyin doctor
    says so; restore and migrate do it by themselves.

    \b
    Example:
      xinyin database reindex
    """
    home.actor  # noqa: B018  # the operator only
    count = rebuild(home.database)
    if output.as_json:
        output.data({"licences": count})
    else:
        output.say(messages.reindexed(count))


COMMANDS = (database_group,)
