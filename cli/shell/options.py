"""Options that all commands share: the home, JSON, the source of passphrases."""

import functools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from cli.shell.output import Output, terminal_language
from core import log
from core.errors import XinyinError
from core.settings import load_settings
from home.keys import PassphraseOptions
from home.wiring import Home

_PATH = click.Path(path_type=Path)


def command_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--home` and `--json`, and hand the command a `Home` and an `Output` first."""

    @click.option("--home", type=_PATH, help="Home directory [env XINYIN_HOME].")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @functools.wraps(function)
    def wrapper(home: Path | None, as_json: bool, **arguments: object) -> object:  # noqa: FBT001
        environment = dict(os.environ)
        output = Output(as_json=as_json, language=terminal_language(environment))
        passphrases = PassphraseOptions(
            file=_taken(arguments, "passphrase_file"),
            descriptor=_taken(arguments, "passphrase_fd"),
            root_file=_taken(arguments, "root_passphrase_file"),
            root_descriptor=_taken(arguments, "root_passphrase_fd"),
        )
        with Home(home, environment, passphrases) as opened:
            with suppress(XinyinError):  # a home that is not made yet, or told by what needs it
                settings = load_settings(opened.directory, environment)
                log.configure(settings.log, role=log.COMMAND, service=False)
            return function(opened, output, **arguments)

    return wrapper


keys_option = click.option(
    "--keys",
    "uri",
    default="software:",
    show_default=True,
    help="Where keys live: software:, or a token's pkcs11: address (RFC 7512).",
)


def key_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add where the passphrase of the keys, or the PIN of their token, comes from."""
    file = click.option(
        "--passphrase-file",
        type=_PATH,
        help="File (0600, outside the home) with the passphrase, or the token's PIN.",
    )
    descriptor = click.option(
        "--passphrase-fd", type=int, help="Open descriptor to read the passphrase or PIN from."
    )
    return file(descriptor(function))


algorithms_option = click.option(
    "--algorithms",
    type=click.Choice(["ecdsa", "ml-dsa"]),
    default="ecdsa",
    show_default=True,
    help="What new keys are: ML-DSA is post-quantum, on software keys.",
)


def folder_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--out`, a folder that several files are written into, and `--force`."""
    out = click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help="Directory to write into; made if it is not there.",
    )
    force = click.option("--force", is_flag=True, help="Overwrite files that are there.")
    return out(force(function))


def root_key_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add where the root key's own passphrase comes from."""
    file = click.option(
        "--root-passphrase-file", type=_PATH, help="File with the root key's own passphrase."
    )
    descriptor = click.option(
        "--root-passphrase-fd", type=int, help="Descriptor with the root key's passphrase."
    )
    return file(descriptor(function))


def _taken(arguments: dict[str, Any], name: str) -> Any:
    return arguments.pop(name, None)
