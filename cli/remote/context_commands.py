"""`xinyin context …`: which server commands are for, where none is named."""

import os

import click

from cli.remote import messages
from cli.remote.contexts import ContextFile
from cli.remote.server import server_address
from cli.remote.sign_in_file import SignInFile
from cli.shell.output import Output, terminal_language

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("context")
def context() -> None:
    """Choose the server that commands are for. 当前服务器。"""


@context.command("list")
@_JSON
def list_(*, as_json: bool) -> None:
    """List the servers where you are signed in, and the chosen one. 列出服务器。

    \b
    Example:
      xinyin context list
    """
    output = _output(as_json=as_json)
    chosen, signed_in = ContextFile(os.environ).server(), SignInFile(os.environ).servers()
    servers = [*signed_in, *([chosen] if chosen and chosen not in signed_in else [])]
    output.records(
        [{"server": one, "chosen": one == chosen, "signed_in": one in signed_in} for one in servers]
    )


@context.command("use")
@click.argument("server", metavar="SERVER")
@_JSON
def use(server: str, *, as_json: bool) -> None:
    """Let commands be for a server from now on. 选定服务器。

    \b
    Example:
      xinyin context use https://issuing.example.gov.cn
    """
    address = server_address(server)
    ContextFile(os.environ).choose(address)
    _output(as_json=as_json).say(messages.context_chosen(address))


@context.command("remove")
@_JSON
def remove(*, as_json: bool) -> None:
    """Let commands be for this machine's own home again. 取消选定。

    \b
    Example:
      xinyin context remove
    """
    ContextFile(os.environ).choose(None)
    _output(as_json=as_json).say(messages.CONTEXT_REMOVED)


def _output(*, as_json: bool) -> Output:
    return Output(as_json=as_json, language=terminal_language(os.environ))


COMMANDS = (context,)
