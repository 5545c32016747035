"""What commands print."""

import pytest

from cli.shell.output import Output


def test_what_others_wrote_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    written = ["[red]甲[/red]店", "a:key:b", "[/]"]
    Output(as_json=False, language="en").table(["name", "serial", "x"], [written])
    assert capsys.readouterr().out.splitlines()[-1].split() == written
