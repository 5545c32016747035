"""`xinyin request …`: what somebody asks for and somebody else decides."""

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy import Connection

from cli.bodies import messages
from cli.remote.desk import RemoteDesk
from cli.remote.login_commands import VARIABLE
from cli.remote.own_key import open_own_key
from cli.remote.server import RemoteServer
from cli.remote.sign_in_file import SignInFile
from cli.remote.signing import question, read_certificate_file, read_page, refuse_other_key
from cli.shell.confirming import confirm, yes_option
from cli.shell.instants import said
from cli.shell.options import command_options
from cli.shell.output import Output
from core.clock import SystemClock
from core.errors import UsageError
from core.files import write_atomically
from core.permits import EVERYTHING, Action, Permit
from home.wiring import Home
from registry.officers.model import DeskRequest, DeskRequestState
from registry.officers.request_rows import find_request, list_requests
from registry.officers.requests import approve_request, reject_request, withdraw_request

MOST_AT_A_SERVER = 500
_Decision = Callable[[Connection, str, str, Permit, datetime], DeskRequest]
_SERVER = click.option(
    "--server", envvar=VARIABLE, help="Do it at this server, as who signed in there."
)
_AT_A_SERVER = click.option(
    "--server", envvar=VARIABLE, required=True, help="Do it at this server, as who signed in there."
)
_WHY = click.option("--basis", "why", required=True, help="Why: a document, a decision.")


@click.group("request")
def request() -> None:
    """Requests that another person decides. 待批申请。"""


@request.command("list")
@click.option(
    "--state",
    type=click.Choice([one.value for one in DeskRequestState]),
    help="Only those in this state.",
)
@click.option("--after", default="", help="Only those whose id follows this one.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@_SERVER
@command_options
def list_(
    home: Home, output: Output, *, state: str | None, after: str, limit: int, server: str | None
) -> None:
    """List requests. 列出申请。

    \b
    Example:
      xinyin request list --state WAITING
    """
    if server is not None:
        if after or limit > MOST_AT_A_SERVER:
            raise UsageError(messages.list_at_server_bounded(MOST_AT_A_SERVER))
        output.records(_remote(server, output).list_requests(state, limit))
        return
    wanted = None if state is None else DeskRequestState(state)
    with home.database.reading() as connection:
        found = list_requests(connection, EVERYTHING, state=wanted, after=after, limit=limit)
    output.records([_summary(one, home) for one in found])


@request.command("show")
@click.argument("request_id", metavar="REQUEST")
@_SERVER
@command_options
def show(home: Home, output: Output, request_id: str, server: str | None) -> None:
    """Show a request. 查看申请。

    \b
    Example:
      xinyin request show 7be1428890ab3f9a0c5d
    """
    if server is not None:
        output.data(_remote(server, output).show(request_id))
        return
    with home.database.reading() as connection:
        found = find_request(connection, request_id)
    decided = found.decided_at
    output.data(
        {
            **_summary(found, home),
            "type": found.type_code,
            "digest": found.digest,
            "lapses_at": said(found.lapses_at, home.zone),
            "decided_by": found.decided_by,
            "decided_at": None if decided is None else said(decided, home.zone),
            "reason": found.reason,
        }
    )


@request.command("approve")
@click.argument("request_id", metavar="REQUEST")
@_WHY
@_SERVER
@command_options
def approve(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Approve what somebody else asks for. 批准申请。

    \b
    Example:
      xinyin request approve 7be1428890ab3f9a0c5d --basis "核对无误"
    """
    if server is not None:
        _remote(server, output).decide(request_id, "approval", why)
    else:
        _decide_here(home, approve_request, Action.DECIDE, request_id, why)
    output.say(messages.request_approved(request_id))


@request.command("reject")
@click.argument("request_id", metavar="REQUEST")
@_WHY
@_SERVER
@command_options
def reject(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Reject what somebody else asks for. 驳回申请。

    \b
    Example:
      xinyin request reject 7be1428890ab3f9a0c5d --basis "材料不全"
    """
    if server is not None:
        _remote(server, output).decide(request_id, "rejection", why)
    else:
        _decide_here(home, reject_request, Action.DECIDE, request_id, why)
    output.say(messages.request_rejected(request_id))


@request.command("withdraw")
@click.argument("request_id", metavar="REQUEST")
@_WHY
@_SERVER
@command_options
def withdraw(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Withdraw a request that was not carried out. 撤销申请。

    \b
    Example:
      xinyin request withdraw 7be1428890ab3f9a0c5d --basis "申请人撤回"
    """
    if server is not None:
        _remote(server, output).decide(request_id, "withdrawal", why)
    else:
        _decide_here(home, withdraw_request, Action.REQUEST, request_id, why)
    output.say(messages.request_withdrawn(request_id))


@request.command("sign")
@click.argument("request_id", metavar="REQUEST")
@click.option("--key", required=True, metavar="FILE|URI", help="Your key: a file, or on a token.")
@click.option("--certificate", required=True, type=click.File("rb"), help="Your certificate.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF to be read.")
@click.option(
    "--passphrase-file",
    "own_passphrase",  # the home's goes by the other name
    type=click.Path(path_type=Path),
    help="Your key's passphrase.",
)
@yes_option
@_AT_A_SERVER
@command_options
def sign(
    home: Home,
    output: Output,
    request_id: str,
    *,
    key: str,
    certificate: BinaryIO,
    out: Path,
    own_passphrase: Path | None,
    yes: bool,
    server: str,
) -> None:
    """Sign in person what was approved, before the seal. 本人签名。

    The document is written to --out first, for you to read. Your key never leaves this machine, and
    signs that very document or nothing.

    \b
    Example:
      xinyin request sign 7be1428890ab3f9a0c5d --key officer-keys/own.pem \\
        --certificate own.cer --out to-sign.pdf --server https://desk.example.gov.cn
    """
    del home  # the officer's machine has none
    own = read_certificate_file(certificate.read())
    signer = open_own_key(key, own_passphrase)
    refuse_other_key(signer, own)
    desk = _remote(server, output)
    page = read_page(desk.begin_signature(request_id, own), own)
    write_atomically(out, page.pdf, mode=0o600)
    confirm(output, question(page, str(out)), yes=yes)
    desk.hand_in(request_id, signer.sign(page.octets))
    output.say(messages.page_signed(request=request_id, identifier=page.identifier))


@request.command("carry-out")
@click.argument("request_id", metavar="REQUEST")
@_AT_A_SERVER
@command_options
def carry_out(home: Home, output: Output, request_id: str, server: str) -> None:
    """Have the licence sealed that a request asks for. 执行申请，加盖印章。

    \b
    Example:
      xinyin request carry-out 7be1428890ab3f9a0c5d --server https://desk.example.gov.cn
    """
    del home
    identifier = str(_remote(server, output).carry_out(request_id)["identifier"])
    output.say(messages.request_carried_out(request=request_id, identifier=identifier))


def _decide_here(home: Home, decide: _Decision, action: Action, request_id: str, why: str) -> None:
    permit = home.permit(action)
    with home.database.writing() as connection:
        decide(connection, request_id, why, permit, home.clock.now())


def _remote(server: str, output: Output) -> RemoteDesk:
    file = SignInFile(os.environ)
    clock = SystemClock()
    return RemoteDesk(RemoteServer(server, file, clock, secrets.token_bytes, output.language))


def _summary(one: DeskRequest, home: Home) -> dict[str, object]:
    return {
        "request": one.request_id,
        "action": one.action,
        "authority": one.authority_id,
        "state": one.state,
        "requested_by": one.requested_by,
        "requested_at": said(one.requested_at, home.zone),
    }


COMMANDS = (request,)
