"""Every command is in the table, and refuses whom the table says."""

import csv
import json
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from cli.main import xinyin as command
from home.wiring import Home
from registry.audit.events import list_events
from registry.bodies.authorities import list_seals
from tests.cli.commands import xinyin
from tests.cli.conftest import DemoHome
from tests.cli.walk import COMMANDS, Place
from tests.issuing_api.walk import WALK

EXAMPLES = Path(__file__).parents[2] / "examples"
NOT_ALLOWED = 4


def leaves(one: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names of all commands below one."""
    if not isinstance(one, click.Group):
        yield " ".join(path)
        return
    context = click.Context(one)
    for name in one.list_commands(context):
        found = one.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


def test_every_command_is_in_the_table() -> None:
    """A new command comes with a line in `walk.py`: where it acts, and who may."""
    assert set(leaves(command)) == set(COMMANDS)


def test_what_commands_call_is_walked() -> None:
    called = {one for line in COMMANDS.values() for one in line.endpoints}
    assert called <= set(WALK)


@pytest.fixture(scope="module")
def things(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A demo home of this module's own, and what commands are about."""
    directory = tmp_path_factory.mktemp("walk") / "home"
    shutil.copytree(shared.directory, directory)
    file = directory.with_name("file.pem")
    file.write_text("none")
    record = directory.with_name("record.json")
    with (EXAMPLES / "data" / "food-operation.csv").open(encoding="utf-8-sig") as rows:
        record.write_text(json.dumps(list(csv.DictReader(rows))[20]), "utf-8")
    certificate = directory.with_name("root.pem")
    with Home(directory, {}) as home, home.database.reading() as connection:
        seal = list_seals(connection)[0]
        licence = next(
            one.subject for one in list_events(connection) if one.action == "licence.granted"
        )
    listed = xinyin("ca", "list", "--home", directory, "--json").records
    serial = listed[0]["serial"]
    root = next(one["serial"] for one in listed if one["profile"] == "root")
    exported = "--serial", root, "--out", certificate
    assert xinyin("ca", "export", *exported, "--home", directory).code == 0
    key = xinyin("key", "list", "--home", directory, "--json").records[0]["key"]
    return {
        "home": str(directory),
        "file": str(file),
        "new": str(directory.with_name("new")),
        "record": str(record),
        "sheet": str(EXAMPLES / "data" / "food-operation.csv"),
        "matters": str(EXAMPLES / "matters.csv"),
        "type": str(EXAMPLES / "types" / "food-operation.toml"),
        "ceremony": str(EXAMPLES / "ceremonies" / "yearly-crl.toml"),
        "uscc": "91990121MAGC7D6F1M",
        "sha256": "ab" * 32,
        "seal": seal.seal_id,
        "authority": seal.authority_id,
        "licence": licence,
        "certificate": str(certificate),
        "serial": serial,
        "key": key,
    }


OPERATORS = sorted(name for name in COMMANDS if COMMANDS[name].place is Place.OPERATOR)


@pytest.mark.parametrize("name", OPERATORS)
def test_another_account_changes_nothing(things: Mapping[str, str], name: str) -> None:
    arguments = [one.format(**things) for one in shlex.split(COMMANDS[name].arguments)]
    ran = xinyin(
        *name.split(" "), *arguments, "--home", things["home"], env={"LOGNAME": "stranger"}
    )
    assert ran.code == NOT_ALLOWED, (ran.code, ran.err, ran.out)
