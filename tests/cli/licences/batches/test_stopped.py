"""`xinyin batch run`, stopped before its last row: what it says, how it ends, and going on."""

import functools
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import create_engine, make_url, text

from core.errors import StorageError
from core.text import Text
from home.wiring import Home
from registry.granting.granting import GrantStep
from tests import forked
from tests.cli.commands import Ran, environment
from tests.cli.conftest import DemoHome
from tests.cli.holders import rows_csv
from tests.databases import PostgresServer

AGAIN = "Run the same command with the same sheet again"


def _arguments(tmp_path: Path, numbers: range) -> tuple[str | Path, ...]:
    data, out = rows_csv(tmp_path / "a.csv", numbers), tmp_path / "out"
    return ("batch", "run", "--type", "food-operation", "--data", data, "--out", out)


def _at(
    monkeypatch: pytest.MonkeyPatch, at: GrantStep, which: int, happens: Callable[[], object]
) -> None:
    """Let something happen at a step of granting, at its which time."""
    left = which

    def look(step: GrantStep) -> None:
        nonlocal left
        left -= step is at
        if left == 0 and step is at:
            happens()

    monkeypatch.setattr("cli.shell.options.Home", functools.partial(Home, on_step=look))


def _check_stopped(ran: Ran, code: int, why: str) -> None:
    assert ran.code == code, ran.err
    assert len(ran.out.splitlines()) == 1
    fault, summary, closing = ran.err.splitlines()
    assert fault.startswith("row 3: ")  # the heading is the first
    assert why in fault
    assert summary.startswith(AGAIN)
    assert closing.startswith("1 granted, 0 granted before, 0 left alone, 1 failed, 2 not tried. ")


@pytest.mark.parametrize("on_error", ["stop", "continue"])
def test_a_database_that_goes_away(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_error: str
) -> None:
    arguments = (*_arguments(tmp_path, range(100, 104)), "--on-error", on_error)
    database = own.directory / "registry.db"
    with monkeypatch.context() as patch:
        _at(patch, GrantStep.RENDERED, 2, lambda: database.rename(tmp_path / "moved.db"))
        _check_stopped(own.run(*arguments), 5, "not in its place")
    (tmp_path / "moved.db").rename(database)
    again = own.run(*arguments)
    assert again.code == 0
    assert re.match(r"\d of them were granted before .* are new\.\n", again.err), again.err
    assert len(set(again.out.splitlines())) == 4
    listed = own.run("licence", "list", "--json").records[3:]
    assert [one["state"] for one in listed] == ["IN_FORCE"] * 4


def test_a_server_that_closes_its_doors(
    on_postgresql: DemoHome,
    postgres: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = on_postgresql
    settings = tomllib.loads((home.directory / "xinyin.toml").read_text("utf-8"))
    name = make_url(settings["database"]["url"]).database
    admin = create_engine(
        make_url(postgres.url("postgres")).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )

    def let_in(yes: str) -> None:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {yes}')
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(end), {"name": name})

    arguments = _arguments(tmp_path, range(110, 114))
    with monkeypatch.context() as patch:
        _at(patch, GrantStep.RENDERED, 2, lambda: let_in("false"))
        stopped = home.run(*arguments, "--json")
    records = stopped.records
    let_in("true")
    admin.dispose()
    assert stopped.code == 5, stopped.err
    assert records[1]["code"] == "unreachable"
    assert "refused the connection" in records[1]["message"]["en"]
    counts = {"total": 4, "done": 1, "failed": 1, "cut_off": None, "not_tried": 2}
    assert records[2] == counts
    again = home.run(*arguments, "--json")
    assert again.code == 0, again.err
    assert len({one["number"] for one in again.records}) == 4


def test_a_full_disk(own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill() -> None:
        raise StorageError(Text("满", "the disk is full"))

    _at(monkeypatch, GrantStep.SEALED, 2, fill)
    _check_stopped(own.run(*_arguments(tmp_path, range(120, 124))), 1, "the disk is full")


@pytest.mark.parametrize("few", [16, 2], ids=["one by one", "in a group"])
def test_files_that_find_no_room_are_named_once_and_written_later(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("cli.licences.batches.running.FEW", few)
    out = tmp_path / "out"

    def refuse(*_: object, **__: object) -> None:
        raise StorageError(Text("满", "the disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr("cli.licences.batches.report.write_output", refuse)
        patch.setattr("cli.licences.batches.report.write_outputs", refuse)
        ran = own.run(*_arguments(tmp_path, range(124, 127)), "--jobs", "1")
    done = 1 if few == 16 else 3
    assert (ran.code, [*out.glob("*.pdf")]) == (1, [])
    assert ran.err.count("the disk is full") == 1, ran.err
    assert f"{done} granted, 0 granted before, 0 left alone, 0 failed, {3 - done} not" in ran.err
    (run,) = own.run("batch", "list", "--json").records
    told = f"could not be written: {done}. Write what is missing: xinyin batch resume {run['run']}."
    assert (run["state"], told in ran.err) == ("incomplete", True)
    again = own.run("batch", "resume", run["run"], "--left-only")
    assert (again.code, len([*out.glob("*.pdf")])) == (0, 3), again.err
    assert own.run("batch", "list", "--json").records[0]["state"] == "done"


def test_a_mode_for_files_that_does_not_exist_is_told_before_anything_is_granted(
    own: DemoHome, tmp_path: Path
) -> None:
    ran = own.run(*_arguments(tmp_path, range(127, 128)), env={"XINYIN_OUTPUT_MODE": "rw"})
    assert (ran.code, "XINYIN_OUTPUT_MODE" in ran.err) == (2, True), ran.err
    assert len(own.run("licence", "list", "--json").records) == 3


def test_a_row_s_own_fault_is_told_from_one_of_the_surroundings(
    own: DemoHome, tmp_path: Path
) -> None:
    data = rows_csv(tmp_path / "b.csv", range(130, 133), main_form="无")
    given = ("--type", "food-operation", "--data", data, "--out", tmp_path / "out")
    ran = own.run("batch", "run", *given, "--on-error", "continue")
    assert ran.code == 20
    assert "\nMend the rows named above and run it again" in ran.err
    assert "\n1 granted, 0 granted before, 0 left alone, 2 failed, 0 not tried. " in ran.err


def test_interrupted_half_way(own: DemoHome, tmp_path: Path) -> None:
    """Ctrl-C, in a row that has its number already."""
    command = (*_arguments(tmp_path, range(140, 144)), "--home", own.directory)
    ended, _, said = forked.run(
        "tests.cli.killed_batch", "reserved:SIGINT", "2", *command, env=environment()
    )
    assert ended == 130, said
    assert "Traceback" not in said
    assert f"row 3 was cut off. {AGAIN}" in said
    assert "\n1 granted, 0 granted before, 0 left alone, 0 failed, 3 not tried. " in said
    again = own.run(*command[:-2])
    assert again.code == 0
    assert re.match(r"\d of them were granted before .* are new\.\n", again.err), again.err
    assert len(set(again.out.splitlines())) == 4


def test_results_that_find_no_room_are_told_of_and_the_run_ends(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> IO[bytes]:
        return Path("/dev/full").open("w+b", buffering=0)

    monkeypatch.setattr("core.scratch.tempfile.TemporaryFile", full)
    ran = own.run(*_arguments(tmp_path, range(130, 132)))
    assert "No space left" in ran.err
    assert ran.err.index("2 granted") > 0
    assert ran.code == 0
    (listed,) = own.run("batch", "list", "--json").records
    assert listed["granted"] == 2
