"""Confirmation of what cannot be undone: asked on a terminal, --yes elsewhere."""

import sys
from unittest import mock

import click
import pytest

from cli.shell.confirming import confirm
from cli.shell.output import Output
from core.errors import UsageError
from core.text import Text
from tests.cli.conftest import DemoHome

BASIS = ("--basis", "测试")
WHAT = Text("将注销证照。", "Cancel the licence.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("licence", "cancel", "LICENCE", "--reason", "FORFEITED", *BASIS),
        ("licence", "void", "LICENCE", "--why", "x"),
        ("ca", "revoke", "qinglan-market", "--reason", "superseded", *BASIS),
        ("ca", "rollover"),
        ("ca", "crl", "--last"),
        ("seal", "compromised", "qinglan-market", "--since", "2026-01-01T00:00", *BASIS),
        ("key", "retire", "seal-qinglan-market", *BASIS),
        ("journal", "accept-loss", *BASIS),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_without_a_terminal_nothing_happens_unless_it_was_said(
    shared: DemoHome, arguments: tuple[str, ...]
) -> None:
    licence = shared.document("in_force")["identifier"]
    before = shared.run("audit", "list", "--json").out
    ran = shared.run(*(licence if one == "LICENCE" else one for one in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert "--yes" in ran.err
    assert "cannot be undone" in ran.err
    assert shared.run("audit", "list", "--json").out == before


@pytest.mark.parametrize("agreed", [True, False])
def test_on_a_terminal_it_is_asked(agreed: bool) -> None:  # noqa: FBT001
    output = Output(as_json=False, language="zh")
    with (
        mock.patch.object(sys, "stdin", mock.Mock(isatty=lambda: True)),
        mock.patch.object(click, "confirm", return_value=agreed) as asked,
    ):
        if agreed:
            confirm(output, WHAT, yes=False)
        else:
            with pytest.raises(UsageError, match="nothing was changed"):
                confirm(output, WHAT, yes=False)
    ((question,), _) = asked.call_args
    assert question == "将注销证照。此操作执行后不能恢复。继续吗？"


def test_who_said_yes_is_not_asked() -> None:
    with mock.patch.object(click, "confirm", side_effect=AssertionError):
        confirm(Output(as_json=False, language="en"), WHAT, yes=True)
