"""A key for each grant from the command line, so that repeating one never grants it twice."""

import re
import secrets
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from cli.licences import messages
from cli.shell.output import spoken
from registry.db.faults import UnknownOutcomeError

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def request_key_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--request-key`; one is made up where none is given."""
    return click.option(
        "--request-key",
        callback=_checked,
        metavar="KEY",
        help="Key of this request; repeated with it, the command grants nothing twice.",
    )(function)


def _checked(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value is None:
        return secrets.token_urlsafe(18)
    if not _KEY.fullmatch(value):
        wanted = messages.REQUEST_KEY_MALFORMED
        raise click.BadParameter(spoken(wanted), ctx=ctx, param=param)
    return value


@contextmanager
def repeatable(request_key: str) -> Iterator[None]:
    """Say how to go on where the outcome of a grant is not known."""
    try:
        yield
    except UnknownOutcomeError as error:
        look = f"xinyin licence list --request-key {request_key}"
        again = _same_command(request_key)
        raise UnknownOutcomeError(
            messages.grant_outcome_unknown(look_command=look, retry_command=again),
            request_key=request_key,
        ) from error


def _same_command(request_key: str) -> str:
    given = sys.argv[1:]
    named = any(one == "--request-key" or one.startswith("--request-key=") for one in given)
    return shlex.join(["xinyin", *given, *([] if named else ["--request-key", request_key])])
