"""The server that commands are for, where none is named: chosen once with `xinyin context use`."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from platformdirs import user_config_path

from cli.remote import messages
from cli.remote.desk import RemoteDesk
from cli.remote.server import RemoteServer, server_address
from cli.remote.sign_in_file import SignInFile
from cli.shell.output import Output
from core.clock import SystemClock
from core.errors import ConfigurationError, UsageError
from core.files import write_atomically

FILE_NAME = "context.json"
VARIABLE = "XINYIN_SERVER"
HERE = "local"
"""Value of `--server` for this machine's own home, whatever context there is."""


class ContextFile:
    """The chosen server of one account of this machine."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        chosen = environment.get("XINYIN_CONFIG")
        directory = Path(chosen) if chosen else user_config_path("xinyin")
        self._path = directory / FILE_NAME

    def server(self) -> str | None:
        """Return the chosen server. Raises `ConfigurationError`."""
        if not self._path.exists():
            return None
        try:
            server = json.loads(self._path.read_bytes()[:4096])["server"]
            return server_address(server)
        except (OSError, ValueError, KeyError, TypeError, UsageError) as error:
            raise ConfigurationError(messages.context_malformed(str(self._path))) from error

    def choose(self, server: str | None) -> None:
        """Choose a server, or none."""
        if server is None:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._path, json.dumps({"server": server}).encode(), mode=0o600)


def server_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--server`; the command is handed `server`, None for this machine's own home."""

    def chosen(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        del ctx, param
        if value == HERE:
            return None
        return value or ContextFile(os.environ).server()

    return click.option(
        "--server",
        envvar=VARIABLE,
        callback=chosen,
        help="Do it at this server, as who signed in there; local: on this machine.",
    )(function)


def remote_desk(server: str | None, output: Output) -> RemoteDesk:
    """Return the desk of a server. Raises `UsageError` where none is named."""
    if server is None:
        raise UsageError(messages.SERVER_NEEDED)
    file = SignInFile(os.environ)
    remote = RemoteServer(server, file, SystemClock(), secrets.token_bytes, output.language)
    return RemoteDesk(remote)
