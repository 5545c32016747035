"""Confirmation of what cannot be undone: asked on a terminal, `--yes` elsewhere."""

import sys
from collections.abc import Callable
from typing import Any

import click

from cli.shell import messages
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
    undone = messages.IRREVERSIBLE
    if not sys.stdin.isatty():
        raise UsageError(messages.yes_option_needed(action=what, warning=undone))
    asked = messages.confirm_action(action=what, warning=undone)
    if not click.confirm(asked.to(output.language), err=True):
        raise UsageError(messages.ACTION_ABANDONED)
