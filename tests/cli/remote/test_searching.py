"""`licence search`, its exports and `licence statistics` at a server: within reach alone."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import shared
from tests.cli.licences.test_searching import read_table
from tests.cli.remote.test_at_server import ChosenLine
from tests.issuing_api.conftest import one_desk
from tests.issuing_api.desk import RunningDesk

__all__ = ["one_desk", "shared"]


@pytest.fixture
def line(
    one_desk: RunningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, ChosenLine]:
    """An operator of the licences' authority, and one of another, each at their command line."""
    found = {}
    for name in ("li", "sun"):
        one = found[name] = ChosenLine(one_desk, tmp_path / name)
        assert one.run("context", "use", one_desk.url).code == 0
        assert one.login(name, monkeypatch).code == 0
    return found


@pytest.fixture
def exporting(one_desk: RunningDesk) -> Iterator[None]:
    """The server's worker of exports, which looks again and again."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            one_desk.duty("exports")

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.mark.usefixtures("exporting")
def test_a_server_finds_and_exports_what_is_within_reach(
    line: dict[str, ChosenLine], tmp_path: Path, one_desk: RunningDesk
) -> None:
    li, sun = line.values()
    found = li.run("licence", "search", "--type", "food-operation", "--json")
    assert (found.code, len(found.records)) == (0, 3), found.err
    newest = [one["identifier"] for one in found.records]
    code = found.records[0]["type"]
    for named in (code, "food-operation"):
        for command in (("list",), ("search",)):
            same = li.run("licence", *command, "--type", named, "--json").records
            assert {one["identifier"] for one in same} == set(newest), (command, named)
        counted = li.run("licence", "statistics", "--type", named, "--json").records
        assert sum(one["granted"] for one in counted) == len(newest), named
    assert li.run("licence", "search", "--type", "no-such-type", "--json").records == []
    limited = li.run("licence", "search", "--limit", "2", "--json").records
    assert [one["identifier"] for one in limited] == newest[:2]
    cancelled = li.run("licence", "search", "--state", "CANCELLED", "--json").records
    assert [one["state"] for one in cancelled] == ["CANCELLED"]
    assert sun.run("licence", "search", newest[0], "--json").records == []
    for ending in ("csv", "xlsx", "jsonl"):
        out = tmp_path / f"found.{ending}"
        ran = li.run("licence", "search", "--out", str(out))
        assert (ran.code, ran.out.strip()) == (0, str(out)), ran.err
        assert out.stat().st_mode & 0o777 == 0o600
        _, *rows = read_table(out)
        assert [row[1] for row in rows] == newest
        assert all("*" in row[7] for row in rows)
    assert li.run("licence", "search", "--out", str(tmp_path / "found.csv")).code == 2, "it exists"
    nothing = tmp_path / "nothing.csv"
    assert sun.run("licence", "search", "--out", str(nothing)).code == 0
    assert len(read_table(nothing)) == 1, "headings alone"


def test_an_export_is_fetched_later_by_who_asked_alone(
    line: dict[str, ChosenLine], tmp_path: Path, one_desk: RunningDesk
) -> None:
    li, sun = line.values()
    out = tmp_path / "later.csv"
    begun = li.run("licence", "search", "--out", str(out), "--later", "--json")
    assert (begun.code, out.exists()) == (0, False), begun.err
    name = begun.records[0]["export"]
    assert li.run("export", "show", name, "--json").records[0]["state"] == "WAITING"
    one_desk.duty("exports")
    assert name not in {one["export"] for one in sun.run("export", "list", "--json").records}
    assert sun.run("export", "fetch", name, "--out", str(out)).code != 0
    fetched = li.run("export", "fetch", name, "--out", str(out), "--json")
    assert (fetched.code, fetched.records[0]["rows"]) == (0, 3), fetched.err
    assert out.stat().st_mode & 0o777 == 0o600
    assert li.run("export", "cancel", name).code == 0
    gone = li.run("export", "fetch", name, "--out", str(out), "--force")
    assert (gone.code, "has no file" in gone.err or "没有文件" in gone.err) == (2, True)


@pytest.mark.usefixtures("exporting")
def test_names_are_plain_for_who_has_the_right_alone(
    line: dict[str, ChosenLine], tmp_path: Path, one_desk: RunningDesk
) -> None:
    li, sun = line.values()
    out = tmp_path / "plain.csv"
    export = ("licence", "search", "--out", str(out), "--personal")
    unnamed = li.run(*export)
    assert (unnamed.code, out.exists()) == (2, False)
    beyond, none = (
        sun.run(*export, "--authority", one) for one in (one_desk.authority, "no-such-authority")
    )
    assert beyond.code != 0
    assert not out.exists()
    assert beyond.err.replace(one_desk.authority, "X") == none.err.replace("no-such-authority", "X")
    ran = li.run(*export, "--authority", one_desk.authority)
    assert ran.code == 0, ran.err
    _, *rows = read_table(out)
    assert rows
    assert not any("*" in row[7] for row in rows)


def test_statistics_at_a_server_count_what_is_within_reach(
    line: dict[str, ChosenLine], tmp_path: Path
) -> None:
    li, sun = line.values()
    ran = li.run("licence", "statistics", "--by", "type", "--json")
    assert ran.code == 0, ran.err
    [counted] = ran.records
    assert (counted["granted"], counted["in_force"], counted["cancelled"]) == (3, 2, 1)
    assert sun.run("licence", "statistics", "--by", "type", "--json").records == []
    for ending in ("csv", "xlsx", "jsonl", "svg"):
        out = tmp_path / f"counted.{ending}"
        written = li.run("licence", "statistics", "--by", "month", "--out", str(out))
        assert written.code == 0, written.err
        assert ending == "svg" or len(read_table(out)) == 2
    assert (tmp_path / "counted.svg").read_text("utf-8").startswith("<svg ")
