"""Requests, batches, jobs and licences from command lines, against a server and a provider."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import DemoHome, shared
from tests.cli.remote.test_login import CommandLine
from tests.issuing_api.conftest import one_desk
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.test_desk import record
from tests.registry.desk.batch.batch_world import sheet

__all__ = ["one_desk", "shared"]


class ChosenLine(CommandLine):
    """Somebody who chose the server once."""

    def run(self, *arguments: str) -> Ran:
        return xinyin(*arguments, env={"XINYIN_CONFIG": str(self.config)})


@pytest.fixture
def officers(
    one_desk: RunningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, ChosenLine]:
    """An operator, an approver and a sealer, each at their own command line."""
    found = {}
    for name in ("li", "wang", "zhao"):
        line = found[name] = ChosenLine(one_desk, tmp_path / name)
        assert line.run("context", "use", one_desk.url).code == 0
        assert line.login(name, monkeypatch).code == 0
    return found


def test_a_batch_from_sheet_to_files(officers: dict[str, ChosenLine], tmp_path: Path) -> None:
    li, wang, zhao = officers.values()
    [context] = li.run("context", "list", "--json").records
    assert (context["chosen"], context["signed_in"]) == (True, True)
    data = tmp_path / "food.csv"
    data.write_bytes(sheet(4, 2, 统一社会信用代码="91990102MA1CAG8D5X"))
    batch = ("--type", "food-operation", "--data", str(data))
    for what in ("plan", "ask"):
        bad = li.run("batch", what, *batch)
        assert (bad.code, "2" in bad.err, "统一社会信用代码" in bad.err) == (3, True, True), bad.err
    data.write_bytes(sheet(4, 2))
    planned = li.run("batch", "plan", *batch, "--json")
    assert (planned.code, planned.json["new"]) == (0, 2), planned.err
    asked = li.run("batch", "ask", *batch, "--request-key", "from-a-line", "--json")
    assert asked.code == 0, asked.err
    request = asked.json["request"]
    again = li.run("batch", "ask", *batch, "--request-key", "from-a-line")
    assert again.out.strip() == request
    assert wang.run("request", "approve", request, "--basis", "材料齐全").code == 0
    begun = zhao.run("request", "carry-out", request)
    assert begun.code == 0, begun.err
    job = begun.out.strip()
    worker = threading.Thread(target=zhao.desk.work)
    worker.start()
    done = zhao.run("job", "wait", job, "--out", str(tmp_path / "out"))
    worker.join(30)
    assert done.code == 0, done.err
    files = sorted(Path(one) for one in done.out.split())
    assert [one.read_bytes()[:5] for one in files] == [b"%PDF-"] * 2
    shown = zhao.run("job", "show", job, "--json")
    assert (shown.json["state"], shown.json["granted"]) == ("DONE", 2)
    assert shown.json["summary"]["en"].startswith("2 granted, in ")
    for told in (done.err, zhao.run("job", "show", job).out):
        assert "2 granted, in " in told
    assert zhao.run("job", "cancel", job, "--basis", "晚了").code == 2
    assert zhao.run("job", "show", "0" * 20).code == 2
    assert [one["job"] for one in li.run("job", "list", "--json").records] == [job]


def test_a_licence_is_asked_for_granted_and_changed(
    officers: dict[str, ChosenLine], tmp_path: Path
) -> None:
    li, wang, zhao = officers.values()
    out = tmp_path / "licence.pdf"
    fields = [f"--field={key}={value}" for key, value in record(0).items()]
    asked = li.run("request", "ask", "--type", "food-operation", *fields, "--json")
    assert asked.code == 0, asked.err
    request = asked.json["request"]
    assert li.run("request", "ask", "--type", "food-operation", "--field", "x").code == 2
    content = wang.run("request", "show", request, "--content", "--json")
    assert content.json["record"] == record(0)
    assert wang.run("request", "approve", request, "--basis", "材料齐全").code == 0
    granted = zhao.run("request", "carry-out", request, "--out", str(out), "--json")
    assert granted.code == 0, granted.err
    assert out.read_bytes().startswith(b"%PDF-")
    assert zhao.run("request", "carry-out", request, "--out", str(out)).code == 2, "it is there"
    number = granted.json["number"]
    shown = li.run("licence", "show", number, "--json")
    assert shown.json["identifier"] == granted.json["identifier"], shown.err
    listed = li.run("licence", "list", "--number", number, "--json")
    assert [one["number"] for one in listed.records] == [number]
    assert li.run("licence", "list", "--holder", "店").code == 2
    changed = li.run(
        *("licence", "suspend", number, "--reason", "21", "--basis", "接到举报"),
        *("--document-number", "立案〔2026〕8号", "--json"),
    )
    assert changed.json["state"] == "SUSPENDED", changed.err
    told = changed.json["reason"], changed.json["document_number"]
    assert told == ("UNDER_REVIEW", "立案〔2026〕8号")
    refused = li.run("licence", "suspend", number, "--reason", "99", "--basis", "接到举报")
    assert refused.code == 2
    assert "UNDER_REVIEW" in refused.err, "what there is"
    back = li.run("licence", "reinstate", number, "--basis", "查无实据")
    assert back.code == 0, back.err
    assert li.run("licence", "show", "JY00000000000000").code == 12


def test_a_new_version_is_asked_for_granted_and_told(
    officers: dict[str, ChosenLine], tmp_path: Path
) -> None:
    li, wang, zhao = officers.values()
    fields = [f"--field={key}={value}" for key, value in record(1).items()]
    request = li.run("request", "ask", "--type", "food-operation", *fields).out.strip()
    assert wang.run("request", "approve", request, "--basis", "材料齐全").code == 0
    granted = zhao.run("request", "carry-out", request, "--json")
    assert granted.code == 0, granted.err
    number, before = granted.json["number"], datetime.now(UTC)
    data, newer = tmp_path / "new.json", tmp_path / "new.pdf"
    data.write_text(json.dumps(record(1) | {"投诉举报电话": "0999-1234567"}), "utf-8")
    change = ("licence", "change", number, "--data", str(data), "--out", str(newer))
    asked = li.run(*change, "--basis", "换电话", "--request-key", "a-new-version", "--json")
    assert asked.code == 0, asked.err
    request = asked.json["request"]
    content = wang.run("request", "show", request, "--content", "--json").json
    assert content["version"]["replaces"] == granted.json["identifier"]
    assert wang.run("request", "approve", request, "--basis", "属实").code == 0
    carried = zhao.run("request", "carry-out", request, "--out", str(newer), "--json")
    assert carried.code == 0, carried.err
    old = li.run("licence", "show", granted.json["identifier"], "--json").json
    assert (old["state"], old["replaced_by"]) == ("REPLACED", carried.json["identifier"])
    assert carried.json["replaces"] == granted.json["identifier"]
    past = ("licence", "show", granted.json["identifier"], "--at", before.isoformat(), "--json")
    then = li.run(*past)
    assert then.json["state"] == "IN_FORCE", then.err
    assert "有效" in then.json["told"] or "force" in then.json["told"]
    newest = li.run("licence", "show", number, "--json").json
    assert newest["identifier"] == carried.json["identifier"], (
        "by number, the version that holds it"
    )
    same = [granted.json["identifier"] if one == number else one for one in change]
    key = ("--request-key", "a-new-version", "--force", "--json")
    again = li.run(*same, "--basis", "换电话", *key)
    assert again.code == 0, again.err
    assert again.json["request"] == request


def test_without_a_server_a_command_is_for_this_machine(
    officers: dict[str, ChosenLine], shared: DemoHome
) -> None:
    """Chosen, it is for the server; `local` and no choice are for the home here."""
    line, home = officers["li"], str(shared.directory)
    local = line.run("request", "list", "--server", "local", "--home", home)
    assert local.code == 0, local.err
    assert line.run("context", "remove").code == 0
    assert line.run("request", "list", "--home", home).code == 0
    for needs in (("job", "wait", "x"), ("job", "resume", "x")):
        ran = line.run(*needs)
        assert (ran.code, "context use" in ran.err) == (2, True)
    (line.config / "context.json").write_text("no JSON", "utf-8")
    assert line.run("job", "list").code == 2
