"""`xinyin batch plan` at a server: what is sent is what is remarked on."""

from pathlib import Path
from typing import Any

import pytest

from cli.licences.batches import at_server
from cli.remote.server import ServerRefusedError
from cli.shell.output import Output
from core.scratch import Scratch
from core.text import Text
from registry.importing.sheet_choice import SheetChoice


def test_remarks_stand_beside_the_rows_that_were_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, copy = tmp_path / "a.csv", tmp_path / "b.csv"
    data.write_text("姓名\n张三\n李四\n", "utf-8")
    body = at_server.sheet_body("t", data, SheetChoice(), authority=None, photos=None)
    data.write_text("姓名\n王五\n张三\n李四\n", "utf-8")  # saved anew meanwhile

    class Desk:
        def check_batch(self, sent: dict[str, Any]) -> dict[str, Any]:
            assert sent is body
            entry = {"row": "3", "field": "姓名", "zh": "须改。", "en": "Mend it.", "problem": "x"}
            raise ServerRefusedError(Text("有误", "wrong"), "row_errors", (entry,))

    monkeypatch.setattr(at_server, "remote_desk", lambda *_: Desk())
    output = Output(as_json=False, language="en")
    with Scratch(tmp_path / "scratch") as scratch:
        at_server.check_at_server("s", output, body, data, SheetChoice(), copy, scratch)
    assert [one.partition(",")[0] for one in copy.read_text("utf-8").splitlines()] == [
        "姓名",
        "张三",
        "李四",
    ]
    assert copy.read_text("utf-8").splitlines()[2] == "李四,姓名: Mend it."


def test_of_many_that_were_granted_before_only_what_matters_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = [{"row": row, "kind": "granted", "licence": f"L{row}"} for row in range(2, 40)]
    known[20] |= {"kind": "closed"}

    class Desk:
        def check_batch(self, sent: dict[str, Any]) -> dict[str, Any]:
            del sent
            return {"rows": len(known), "granted": 37, "closed": 1, "recognised": known}

    monkeypatch.setattr(at_server, "remote_desk", lambda *_: Desk())
    body = {"sheet": ""}
    for as_json in (False, True):
        with Scratch(tmp_path / "scratch") as scratch:
            output = Output(as_json=as_json, language="en")
            at_server.check_at_server("s", output, body, Path("a"), SheetChoice(), None, scratch)
    said = capsys.readouterr()
    assert said.err == "row 22: granted before as L22 and out of force; stays so.\n"
    assert '"licence": "L39"' in said.out
