"""What commands print."""

import io
import json
import re
import unicodedata
from pathlib import Path

import pytest
from rich.console import Console

from cli.shell.output import Output, tell
from core.text import Text


def test_what_others_wrote_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    written = ["[red]甲[/red]店", "a:key:b", "[/]"]
    Output(as_json=False, language="en").table(["name", "serial", "x"], [written])
    assert capsys.readouterr().out.splitlines()[-1].split() == written


HOSTILE = "甲\x1b]0;x\x07店\x9b2J\u202e\x7f\ud800"


def test_nothing_that_a_server_says_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False, language="en")
    output.table(["name"], [[HOSTILE]])
    output.text(HOSTILE)
    output.say(Text(HOSTILE, f"line one\nline two {HOSTILE}"))
    output.data({"name": HOSTILE})
    tell(HOSTILE)
    shown = capsys.readouterr()
    for one in shown.out + shown.err:
        assert one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Cs"), repr(one)
    assert "line one\nline two 甲" in shown.err
    assert json.loads(shown.out.splitlines()[-1]) == {"name": HOSTILE}, "data is as it came"


def test_no_command_prints_past_what_cleans() -> None:
    """Bare `click.echo` is for what is cleaned already, beside a mark in colour."""
    root = Path(__file__).parents[3] / "cli"
    bare = {
        str(one.relative_to(root)): one.read_text("utf-8").count("click.echo(")
        for one in root.rglob("*.py")
        if "click.echo(" in one.read_text("utf-8")
    }
    assert bare == {"shell/output.py": 3, "main.py": 1, "keeping/doctor_command.py": 3}


def test_the_bar_and_a_line_never_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    output = Output(as_json=False, language="en")
    output.__dict__["_errors"] = Console(file=screen, force_terminal=True, width=60)
    monkeypatch.setattr("click.echo", lambda line, **_: screen.write(f"{line}\n"))
    for number in output.progress([1, 2], Text("颁发", "Granting")):
        output.text(f"row {number}")
        output.say(Text("甲", f"message {number}"))
    for line in ("row 1", "message 1", "row 2", "message 2"):
        before = screen.getvalue().split(line)[0]
        assert re.search(r"(\x1b\[2K|\n)$", before), "the bar was taken off first"
    assert "2/2" in screen.getvalue().split("message 2")[1], "and counts on"
