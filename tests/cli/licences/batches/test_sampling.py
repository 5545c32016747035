"""Samples of pages before a batch is sealed: shown, agreed to by their code; dry runs; remarks."""

import csv
import functools
import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from cli.licences.batches.runs import BatchRun, BatchRuns, Stop, new_run_id
from core.errors import UsageError
from home.wiring import Home
from registry.granting.granting import GrantStep
from tests.cli.conftest import DemoHome
from tests.cli.holders import rows_csv

FEW = {"XINYIN_ISSUING_UNAGREED_ROWS": "1"}
KIND = ("--type", "food-operation")


def printed(path: Path) -> str:
    """Return the words of a PDF, without white space."""
    ran = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, timeout=30)
    return "".join(ran.stdout.decode().split())


def granted(home: DemoHome) -> int:
    """Return how many licences there are beyond the demo's three."""
    return len(home.run("licence", "list", "--json").records) - 3


def test_a_sample_is_agreed_to_before_anything_is_sealed(own: DemoHome, tmp_path: Path) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(70, 74)), tmp_path / "out"
    given = (*KIND, "--data", data, "--out", out)
    refused = own.run("batch", "run", *given, env=FEW)
    assert (refused.code, granted(own), out.exists()) == (2, 0, False)
    sampled = own.run(
        *("batch", "sample", *KIND, "--data", data, "--out", tmp_path / "sample", "--count", "3"),
        "--json",
    )
    *pages, told = sampled.records
    assert (sampled.code, len(pages), told["rows"]) == (0, 3, 4)
    assert f"--agree {told['code']}" in refused.err
    assert pages[0]["source"] == "row 2"
    assert pages[0]["why"] == {"zh": "第一行", "en": "the first row"}
    for one in pages:
        assert "（签发后生成）" in printed(Path(one["path"]))
        assert Path(one["path"]).stat().st_mode & 0o777 == 0o600
    agreed = ("--agree", told["code"])
    other = own.run("batch", "run", *given, *agreed, "--further", env=FEW)
    assert (other.code, "another sheet, photo" in other.err) == (2, True)
    rows_csv(data, range(70, 74), representative="张小三")
    assert own.run("batch", "run", *given, *agreed, env=FEW).code == 2
    rows_csv(data, range(70, 74))
    assert granted(own) == 0
    ran = own.run("batch", "run", *given, *agreed, env=FEW)
    assert (ran.code, granted(own)) == (0, 4), ran.err
    assert own.run("batch", "run", *given, env=FEW).code == 0, "all were granted: nothing to agree"


def test_a_dry_run_takes_no_number_and_draws_every_page(own: DemoHome, tmp_path: Path) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(74, 76)), tmp_path / "out"
    given = ("batch", "run", *KIND, "--data", data, "--out", out)
    ran = own.run(*given, "--dry-run", "--json")
    assert (ran.code, granted(own), out.exists()) == (0, 0, False)
    counts = {"granted": 2, "before": 0, "waiting": 0, "failed": 0}
    assert ran.json == {"dry_run": True, **counts}
    assert own.run("batch", "list", "--json").records == []
    rows_csv(data, range(74, 76), main_form="无")
    told = own.run(*given, "--dry-run", "--on-error", "continue")
    assert (told.code, "1 would be granted" in told.err, "1 would fail" in told.err) == (20, 1, 1)


def stopped(own: DemoHome, monkeypatch: pytest.MonkeyPatch, stop: Stop) -> None:
    """Have whichever run is under way asked to stop, at its first row."""
    runs = BatchRuns(own.directory)

    def ask(step: GrantStep) -> None:
        (run,) = runs.all()
        if step is GrantStep.RESERVED and runs.is_under_way(run):
            runs.ask(run.run_id, stop, "local:another")

    monkeypatch.setattr("cli.shell.options.Home", functools.partial(Home, on_step=ask))


def test_a_run_is_paused_gone_on_with_and_cancelled(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(76, 80)), tmp_path / "out"
    given = ("batch", "run", *KIND, "--data", data, "--out", out)
    with monkeypatch.context() as patch:
        stopped(own, patch, Stop.PAUSED)
        ran = own.run(*given)
    (run,) = own.run("batch", "list", "--json").records
    assert (ran.code, granted(own)) == (130, 1)
    assert (run["state"], run["granted"], run["untried"]) == ("paused", 1, 3)
    assert f"Paused. Go on with xinyin batch resume {run['run']}." in ran.err
    assert "not tried" in ran.err
    shown = own.run("batch", "show", run["run"], "--json").json
    assert shown["stopped_by"] == "local:another"
    with monkeypatch.context() as patch:
        stopped(own, patch, Stop.CANCELLED)
        again = own.run("batch", "resume", run["run"], "--left-only")
    assert (again.code, granted(own)) == (130, 2), again.err
    assert len(again.out.splitlines()) == 1, "the one of before is not handed out again"
    resumed = own.run("batch", "resume", run["run"])
    assert (resumed.code, "was cancelled" in resumed.err) == (2, True)
    assert own.run("batch", "cancel", run["run"], "--yes").code == 2
    rest = own.run(*given)
    assert (rest.code, granted(own)) == (0, 4), rest.err
    for command in (("pause",), ("cancel", "--yes")):
        idle = own.run("batch", *command, own.run("batch", "list", "--json").records[0]["run"])
        assert idle.code == 2, idle.err


def test_a_second_process_at_the_same_sheet_is_told_of_the_first(
    own: DemoHome, tmp_path: Path
) -> None:
    data, out = rows_csv(tmp_path / "a.csv", range(80, 81)), tmp_path / "out"
    given = ("batch", "run", *KIND, "--data", data, "--out", out)
    assert own.run(*given).code == 0
    runs = BatchRuns(own.directory)
    (run,) = runs.all()
    with runs.under_way(run):
        second, resumed = own.run(*given), own.run("batch", "resume", run.run_id)
        assert (second.code, resumed.code) == (2, 2)
        assert f"batch pause {run.run_id}" in second.err
        assert "Mend" not in second.err
        paused = own.run("batch", "pause", run.run_id)
        asked = runs.asked(run.run_id)
        assert asked is not None
        assert (paused.code, asked[0], asked[1][:6]) == (0, Stop.PAUSED, "local:")
    assert own.run(*given).code == 0


def a_run(own: DemoHome, data: Path, out: Path) -> tuple[BatchRuns, BatchRun]:
    """Put a run on record that was begun and cut off."""
    now = datetime.now(UTC)
    run = BatchRun(
        run_id=new_run_id(now),
        began_at=now.isoformat(),
        type_name="food-operation",
        data=str(data),
        sha256=hashlib.sha256(data.read_bytes()).hexdigest(),
        out=str(out),
        on_error="stop",
    )
    runs = BatchRuns(own.directory)
    runs.keep(run)
    return runs, run


@pytest.mark.parametrize("pause", ["before", "after"])
def test_what_was_cancelled_stays_so_where_its_process_was_killed(
    own: DemoHome, tmp_path: Path, pause: str
) -> None:
    data = rows_csv(tmp_path / "a.csv", range(85, 86))
    runs, run = a_run(own, data, tmp_path / "out")
    with runs.under_way(run):
        asking = [("cancel", "--yes"), ("pause",)]
        for command in asking if pause == "after" else reversed(asking):
            asked = own.run("batch", *command, run.run_id)
            assert asked.code == 0, asked.err
        left = {path: path.read_bytes() for path in (own.directory / "batches").iterdir()}
    for path, content in left.items():  # nobody came to tidy up
        path.write_bytes(content)
    assert own.run("batch", "show", run.run_id, "--json").json["state"] == "cancelled"
    resumed = own.run("batch", "resume", run.run_id)
    assert (resumed.code, "was cancelled" in resumed.err, granted(own)) == (2, True, 0)
    with pytest.raises(UsageError), runs.under_way(run):
        raise AssertionError("resumed by who had read the record before it was cancelled")


def test_one_run_of_a_sheet_is_under_way_whatever_the_type_is_called(
    own: DemoHome, tmp_path: Path
) -> None:
    """Not even before the first of them is on record."""
    data, out = rows_csv(tmp_path / "a.csv", range(86, 87)), tmp_path / "out"
    runs, run = a_run(own, data, out)
    (own.directory / "batches" / f"{run.run_id}.json").unlink()
    with runs.under_way(run):
        second = own.run(
            *("batch", "run", "--type", "11990000999000101N001", "--data", data, "--out", out)
        )
    assert (second.code, run.run_id in second.err) == (2, True), second.err


def test_samples_shown_on_a_terminal_take_no_folder_away(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "out-samples" / "kept.pdf"
    kept.parent.mkdir()
    kept.write_bytes(b"somebody's")
    data, out = rows_csv(tmp_path / "a.csv", range(87, 89)), tmp_path / "out"
    monkeypatch.setattr("cli.licences.batches.agreeing.sys", Mock(**{"stdin.isatty": lambda: True}))
    answers = iter((False, True))
    seen: list[int] = []

    def confirm(*_: object, **__: object) -> bool:
        seen.append(len([*tmp_path.glob("out-samples-*/sample-row-*.pdf")]))
        return next(answers)

    monkeypatch.setattr("click.confirm", confirm)
    for code in (2, 0):
        assert own.run("batch", "run", *KIND, "--data", data, "--out", out, env=FEW).code == code
    assert (seen, granted(own)) == ([2, 2], 2)
    assert kept.read_bytes() == b"somebody's"
    assert not [*tmp_path.glob("out-samples-*")]


def test_what_is_to_be_mended_stands_beside_each_row(own: DemoHome, tmp_path: Path) -> None:
    data, copy = rows_csv(tmp_path / "a.csv", range(81, 84), main_form="无"), tmp_path / "b.csv"
    given = ("batch", "plan", *KIND, "--data", data, "--remarks")
    assert own.run(*given, tmp_path / "b.xlsx").code == 2, "another form"
    assert own.run(*given, data, "--force").code == 2, "in the sheet's place"
    ran = own.run(*given, copy)
    assert (ran.code, copy.stat().st_mode & 0o777) == (3, 0o600)
    with copy.open(encoding="utf-8") as file:
        header, first, *others = csv.reader(file)
    assert header[-1] == "Remarks (added by the system)"
    assert len(first) == len(header) - 1
    assert all(row[-1].startswith("主体业态: ") for row in others)
    assert own.run(*given, copy).code == 2, "nothing is written over"
    text = copy.read_text("utf-8").replace("无", "食品销售经营者")
    copy.write_text(text, "utf-8")
    mended = own.run("batch", "plan", *KIND, "--data", copy, "--remarks", tmp_path / "c.csv")
    assert (mended.code, (tmp_path / "c.csv").exists()) == (0, False), mended.err
