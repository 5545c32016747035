"""`xinyin objects …`: the place of documents and photos."""

from collections.abc import Iterable

import click

from cli.keeping import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from core.ids import Sha256
from home.wiring import Home
from registry.objects.files import FileStore
from registry.objects.moving import copy_objects, remove_objects
from registry.objects.opening import FOLDER, open_bucket
from registry.objects.store import ObjectStore


@click.group("objects")
def objects_group() -> None:
    """Documents and photos: files in the home, or a bucket. 文件存储。"""


@objects_group.command("move")
@click.option(
    "--to",
    "target",
    type=click.Choice(["bucket", "files"]),
    required=True,
    help="Where they go: the bucket that [objects] names, or files in the home.",
)
@click.option("--remove", is_flag=True, help="Then remove them from where they were.")
@command_options
def move(home: Home, output: Output, *, target: str, remove: bool) -> None:
    """Bring documents and photos to a bucket of an S3-compatible store, or back. 迁移文件。

    Copies what is not there yet, each checked against its digest; cut off, it goes on where it
    ended. The service may run meanwhile. Then stop it, run this once more for what came in since,
    change [objects] place, and start it. With --remove each is read back from its new place and
    removed from the old one, which must no longer be in use.

    \b
    Examples:
      xinyin objects move --to bucket
      xinyin objects move --to bucket --remove     once place = "bucket" is set
    """
    home.actor  # noqa: B018  # the operator only
    files: ObjectStore = FileStore(home.directory / FOLDER)
    bucket: ObjectStore = open_bucket(home.settings.objects, home.directory, home.environment)
    old, new = (files, bucket) if target == "bucket" else (bucket, files)

    def copying(objects: list[Sha256]) -> Iterable[Sha256]:
        return output.progress(objects, messages.COPYING)

    def removing(objects: list[Sha256]) -> Iterable[Sha256]:
        return output.progress(objects, messages.REMOVING)

    copied, there = copy_objects(old, new, copying)
    removed = 0
    if remove:
        in_use = home.settings.objects.place != target
        removed = remove_objects(old, new, removing, in_use=in_use)
    if output.as_json:
        output.data({"copied": copied, "there_before": there, "removed": removed})
        return
    output.say(messages.objects_moved(copied=copied, there=there, removed=removed))
    if home.settings.objects.place != target:
        output.say(messages.set_place(target))


COMMANDS = (objects_group,)
