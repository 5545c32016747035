"""Confirmation of what cannot be undone: asked on a terminal, `--yes` elsewhere."""

import sys
from collections.abc import Callable
from typing import Any

import click

from cli.shell.output import Output
from core.errors import UsageError
from core.text import Text


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--yes`."""
    return click.option("--yes", is_flag=True, help="Do it without asking; it cannot be undone.")(
        function
    )


def confirm(output: Output, what: Text, *, yes: bool) -> None:
    """Go on only if somebody agreed to `what`. Raises `UsageError`."""
    if yes:
        return
    undone = Text("此操作执行后不能恢复。", "This cannot be undone.")
    if not sys.stdin.isatty():
        raise UsageError(
            f"{what.zh}{undone.zh}确认执行请加 --yes。",
            f"{what.en} {undone.en} Add --yes to do it.",
        )
    asked = Text(f"{what.zh}{undone.zh}继续吗？", f"{what.en} {undone.en} Go on?")
    if not click.confirm(asked.to(output.language), err=True):
        raise UsageError("已放弃，未作任何更改。", "Left alone; nothing was changed.")
