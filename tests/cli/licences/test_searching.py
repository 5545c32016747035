"""`xinyin licence search` and `statistics` on the home itself, and after a restore, on PostgreSQL.

What a server answers to the same is in `tests.cli.remote.test_searching`.
"""

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from home.wiring import Home
from registry.audit.events import EventFilter, list_events
from registry.desk.exports.exporting import HEADINGS
from registry.licences.search_index import compare
from tests.cli.conftest import DemoHome

FIELDS = tuple(HEADINGS)


@pytest.fixture(params=["own", "on_postgresql"])
def home(request: pytest.FixtureRequest) -> DemoHome:
    """The demo, and the same restored onto PostgreSQL."""
    found: DemoHome = request.getfixturevalue(request.param)
    return found


def read_table(path: Path) -> list[list[str]]:
    """Return the rows of a table, its headings first; of JSON lines its values."""
    if path.suffix == ".xlsx":
        sheet = load_workbook(path, read_only=True).worksheets[0]
        return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    text = path.read_text("utf-8-sig")
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(text)))
    lines = [json.loads(line) for line in text.splitlines()]
    return [list(lines[0]), *([str(one or "") for one in line.values()] for line in lines)]


def test_a_search_is_narrowed_and_limited(home: DemoHome) -> None:
    listed = home.run("licence", "list", "--json").records
    newest = [one["identifier"] for one in reversed(listed)]

    def found(*arguments: str) -> list[str]:
        ran = home.run("licence", "search", *arguments, "--json")
        assert ran.code == 0, ran.err
        return [one["identifier"] for one in ran.records]

    assert found("--type", "food-operation") == newest
    assert found("--limit", "2") == newest[:2]
    assert found("--state", "CANCELLED") == newest[:1]
    assert found(listed[1]["holder"]) == [listed[1]["identifier"]]
    assert found(f"{listed[1]['holder']} {listed[0]['number']}") == []
    assert found(f"{listed[1]['holder'][-6:]} 食品经营") == [listed[1]["identifier"]]
    assert found("--granted-until", "1999-12-31") == []
    assert found("--type", "disability") == []
    for wrong in (("--type", "no-such-type"), ("--granted-from", "yesterday")):
        assert home.run("licence", "search", *wrong).code in (2, 12), wrong


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_an_export_has_all_that_is_found(home: DemoHome, tmp_path: Path, ending: str) -> None:
    listed = home.run("licence", "list", "--json").records
    out = tmp_path / f"found.{ending}"
    ran = home.run("licence", "search", "--type", "food-operation", "--out", out)
    assert ran.code == 0, ran.err
    assert out.stat().st_mode & 0o777 == 0o600
    headings, *rows = read_table(out)
    assert tuple(headings) == (
        FIELDS if ending == "jsonl" else tuple(one.en for one in HEADINGS.values())
    )
    by_name = [dict(zip(FIELDS, row, strict=True)) for row in rows]
    assert [one["identifier"] for one in by_name] == [one["identifier"] for one in listed[::-1]]
    assert [one["state"] for one in by_name] == [one["state"] for one in listed[::-1]]
    assert all("*" in one["holder_code"] for one in by_name)
    again = home.run("licence", "search", "--out", out)
    assert (again.code, "--force" in again.err) == (2, True)
    plain = home.run("licence", "search", "--out", out, "--personal", "--force")
    assert plain.code == 0, plain.err
    column = FIELDS.index("holder_code")
    assert not any("*" in row[column] for row in read_table(out)[1:])


def test_an_export_is_in_the_readers_language_and_on_record(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "found.csv"
    ran = own.run("licence", "search", "--out", out, env={"XINYIN_LANG": "zh"})
    assert ran.code == 0, ran.err
    assert read_table(out)[0][:2] == ["证照编号", "证照标识"]
    unknown = own.run("licence", "search", "--out", tmp_path / "found.pdf")
    assert (unknown.code, (tmp_path / "found.pdf").exists()) == (2, False)
    with Home(own.directory, {}) as opened, opened.database.reading() as connection:
        *_, event = list_events(connection, chosen=EventFilter(action="record.exported"))
    assert event.after is not None
    assert event.after["rows"] == 3
    assert (event.after["format"], event.after["personal"]) == ("csv", False)


def test_statistics_are_a_table_and_a_picture(home: DemoHome, tmp_path: Path) -> None:
    [counted] = home.run("licence", "statistics", "--by", "type", "--json").records
    assert counted["type_name"]
    assert "month" not in counted
    assert (counted["granted"], counted["in_force"], counted["cancelled"]) == (3, 2, 1)
    table = tmp_path / "counted.csv"
    for wanted, rows in (("food-operation", 1), ("disability", 0)):
        ran = home.run("licence", "statistics", "--type", wanted, "--out", table, "--force")
        assert (ran.code, len(read_table(table)) - 1) == (0, rows), ran.err
    picture = tmp_path / "counted.svg"
    assert home.run("licence", "statistics", "--by", "month", "--out", picture).code == 0
    assert picture.read_text("utf-8").startswith("<svg ")
    assert home.run("licence", "statistics", "--out", tmp_path / "x.pdf").code == 2
    shown = home.run("licence", "statistics", env={"XINYIN_LANG": "zh"}).out
    assert "颁发（签署）" in shown


def test_a_restored_register_is_searched_like_the_one_before(
    shared: DemoHome, on_postgresql: DemoHome
) -> None:
    """The index is in no backup: it is made anew, and says the same."""
    with (
        Home(on_postgresql.directory, {}) as restored,
        restored.database.reading() as connection,
    ):
        state = compare(connection, newest=None)
    assert (state.missing, state.differing) == (0, ())
    listed = shared.run("licence", "list", "--json").records
    for words in ("", listed[0]["holder"], listed[1]["number"][-6:], listed[2]["identifier"]):
        before, after = (
            one.run("licence", "search", words, "--json").records for one in (shared, on_postgresql)
        )
        assert before == after
        assert before, words
