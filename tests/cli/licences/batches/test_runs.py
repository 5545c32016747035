"""Runs of batches: their results in a file, on record, and gone on with."""

import csv
import json
import re
from pathlib import Path

import openpyxl
import pytest

from cli.shell.output import Output
from tests.cli.conftest import DemoHome
from tests.cli.holders import rows_csv


def as_workbook(path: Path) -> Path:
    """Write a CSV file's rows as a workbook."""
    book = openpyxl.Workbook()
    assert book.active is not None
    with path.open(encoding="utf-8-sig") as file:
        for row in csv.reader(file):
            book.active.append(row)
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def test_a_run_that_left_rows_is_gone_on_with(own: DemoHome, tmp_path: Path) -> None:
    data = as_workbook(rows_csv(tmp_path / "a.csv", range(50, 53)))
    out, kind = tmp_path / "out", ("--type", "food-operation")
    ran = own.run("batch", "run", *kind, "--data", data, "--out", out, env={"XINYIN_LANG": "zh"})
    assert ran.code == 0, ran.err
    assert "新颁发 3 行，早先已颁发 0 行，未作更改 0 行，未成 0 行" in ran.err
    (listed,) = own.run("batch", "list", "--json").records
    assert (listed["state"], listed["granted"], listed["failed"]) == ("done", 3, 0)
    shown = own.run("batch", "show", listed["run"], "--json").json
    for command in (("list",), ("show", listed["run"])):
        told = own.run("batch", *command, env={"XINYIN_LANG": "zh"}).out.splitlines()
        heads = told[0] if command == ("list",) else " ".join(one.split()[0] for one in told)
        assert not re.search("[a-z]", heads), heads
    results = Path(shown["results"])
    assert (results.parent, results.suffix) == (out, ".xlsx"), "in the form of the sheet"
    assert results.stat().st_mode & 0o777 == 0o600
    headings, *rows = openpyxl.load_workbook(results).worksheets[0].iter_rows(values_only=True)
    assert headings == ("行", "结果", "证照标识", "证照编号", "文件", "说明")
    assert [(row[0], row[1]) for row in rows] == [(n, "已颁发") for n in ("2", "3", "4")]
    assert all((out / str(row[4])).is_file() for row in rows)
    kept = {path: path.stat().st_mtime_ns for path in out.glob("*.pdf")}
    next(iter(kept)).unlink()  # as if it had been cut off there
    again = own.run("batch", "resume", listed["run"])
    assert again.code == 0, again.err
    assert "0 granted, 3 granted before" in again.err
    now = {path: path.stat().st_mtime_ns for path in out.glob("*.pdf")}
    assert now.keys() == kept.keys()
    assert sum(now[path] == kept[path] for path in now) == 2, "what stands there stays untouched"
    data.write_bytes(data.read_bytes() + b"x")
    other = own.run("batch", "resume", listed["run"])
    assert (other.code, "is not the sheet that it was" in other.err) == (2, True)
    assert own.run("batch", "show", "20200101-000000-abcd").code == 2
    assert own.run("batch", "show", "../xinyin").code == 2


def test_paths_of_many_files_are_printed_where_no_person_reads_them(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, few = (
        rows_csv(tmp_path / "a.csv", range(50, 66)),
        rows_csv(tmp_path / "b.csv", range(70, 71)),
    )
    run, out = ("batch", "run", "--type", "food-operation", "--out"), tmp_path / "out"
    piped = own.run(*run, out, "--data", data)
    assert piped.code == 0, piped.err
    assert {Path(line) for line in piped.out.split()} == set(out.glob("*.pdf"))
    monkeypatch.setattr(Output, "is_read_by_people", True)
    shown = own.run(*run, out, "--data", data)
    assert (shown.code, shown.out) == (0, ""), shown.err
    assert f"Each row's result: {out}" in shown.err
    assert own.run(*run, out, "--data", few).out.endswith(".pdf\n")


def test_a_run_names_each_row_that_failed_and_repeats_nobody(own: DemoHome, tmp_path: Path) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(60, 63), main_form="无"), tmp_path / "out"
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    ran = own.run("batch", "run", *arguments, "--on-error", "continue")
    assert ran.code == 20
    (results,) = out.glob("results-*.csv")
    text = results.read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["Result"] for row in rows].count("failed") == 2
    assert all("主体业态" in row["Remark"] for row in rows if row["Result"] == "failed")
    with data.open(encoding="utf-8-sig") as file:
        sheet = list(csv.reader(file))
    assert not any(cell in text for row in sheet[1:] for cell in row[:4]), "nothing of the rows"
    run_id = re.search("[0-9]{8}-[0-9]{6}-[0-9a-f]{4}", results.name)
    assert run_id is not None
    record = own.directory / "batches" / f"{run_id[0]}.json"
    assert record.stat().st_mode & 0o777 == 0o600
    assert json.loads(record.read_text("utf-8"))["failed"] == 2
    (line,) = own.run("batch", "list", "--json").records
    assert line["state"] == "incomplete"
