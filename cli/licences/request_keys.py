"""A key for each grant from the command line, so that repeating one never grants it twice."""

import re
import secrets
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from cli.shell.output import spoken
from core.text import Text
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
        wanted = Text(
            "请求号须为 8 到 64 个字母、数字、- 或 _。",
            "A request key has 8 to 64 letters, digits, - or _.",
        )
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
            "提交时与数据库的连接中断，不知道证照是否已经颁发。请先查看：\n"
            f"  {look}\n再以同一请求号重新执行，可办完而不会重复颁发：\n  {again}",
            "The connection to the database broke while committing; whether the licence was "
            f"granted is not known. Look:\n  {look}\nthen repeat with the same key, which "
            f"finishes it and grants nothing twice:\n  {again}",
            request_key=request_key,
        ) from error


def _same_command(request_key: str) -> str:
    given = sys.argv[1:]
    named = any(one == "--request-key" or one.startswith("--request-key=") for one in given)
    return shlex.join(["xinyin", *given, *([] if named else ["--request-key", request_key])])
