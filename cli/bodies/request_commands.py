"""`xinyin request …`: what somebody asks for and somebody else decides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from sqlalchemy import Connection

from cli.bodies import messages
from cli.remote.asking import ask, carry_out_there
from cli.remote.contexts import remote_desk, server_option
from cli.remote.sign_command import sign
from cli.shell.instants import said
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import EVERYTHING, Action, Permit
from home.identity.sign_in import open_deciders
from home.wiring import Home
from registry.db.paging import Place
from registry.desk.key_requests import make_asked_seal
from registry.officers.closing import close_request
from registry.officers.model import AlreadyDecidedError, DeskRequest, DeskRequestState
from registry.officers.request_rows import deciding_action, find_request, list_requests
from registry.officers.requests import approve_request, reject_request, withdraw_request

_Decision = Callable[[Connection, str, str, Permit, datetime], DeskRequest]
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
@click.option("--after", default="", help="Only those that follow this one.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@server_option
@command_options
def list_(
    home: Home, output: Output, *, state: str | None, after: str, limit: int, server: str | None
) -> None:
    """List requests, the oldest first. 列出申请。

    \b
    Example:
      xinyin request list --state WAITING
    """
    if server is not None:
        if after:
            raise UsageError(messages.NO_AFTER_AT_SERVER)
        output.records(remote_desk(server, output).list_requests(state, limit))
        return
    wanted = None if state is None else DeskRequestState(state)
    with home.database.reading() as connection:
        last = find_request(connection, after) if after else None
        place = None if last is None else Place(last.requested_at, last.request_id)
        found = list_requests(connection, EVERYTHING, state=wanted, after=place, limit=limit)
    output.records([_summary(one, home) for one in found])


@request.command("show")
@click.argument("request_id", metavar="REQUEST")
@click.option("--content", is_flag=True, help="What it asks for, too; at a server.")
@server_option
@command_options
def show(home: Home, output: Output, request_id: str, *, content: bool, server: str | None) -> None:
    """Show a request. 查看申请。

    \b
    Example:
      xinyin request show 7be1428890ab3f9a0c5d
    """
    if server is not None:
        output.facts(remote_desk(server, output).show(request_id, content=content))
        return
    if content:
        raise UsageError(messages.CONTENT_AT_SERVER)
    with home.database.reading() as connection:
        found = find_request(connection, request_id)
    decided = found.decided_at
    output.facts(
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
@server_option
@command_options
def approve(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Approve what somebody else asks for. 批准申请。

    \b
    Example:
      xinyin request approve 7be1428890ab3f9a0c5d --basis "核对无误"
    """
    if server is not None:
        remote_desk(server, output).decide(request_id, "approval", why)
    else:
        decide = partial(approve_request, deciders=open_deciders(home))
        _decide_here(home, decide, request_id, why)
    output.say(messages.request_approved(request_id))


@request.command("reject")
@click.argument("request_id", metavar="REQUEST")
@_WHY
@server_option
@command_options
def reject(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Reject what somebody else asks for. 驳回申请。

    \b
    Example:
      xinyin request reject 7be1428890ab3f9a0c5d --basis "材料不全"
    """
    if server is not None:
        remote_desk(server, output).decide(request_id, "rejection", why)
    else:
        decide = partial(reject_request, deciders=open_deciders(home))
        _decide_here(home, decide, request_id, why)
    output.say(messages.request_rejected(request_id))


@request.command("withdraw")
@click.argument("request_id", metavar="REQUEST")
@_WHY
@server_option
@command_options
def withdraw(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Withdraw a request that was not carried out. 撤销申请。

    \b
    Example:
      xinyin request withdraw 7be1428890ab3f9a0c5d --basis "申请人撤回"
    """
    _decide(home, output, withdraw_request, "withdrawal", request_id, why, server)
    output.say(messages.request_withdrawn(request_id))


@request.command("close")
@click.argument("request_id", metavar="REQUEST")
@_WHY
@server_option
@command_options
def close(home: Home, output: Output, request_id: str, why: str, server: str | None) -> None:
    """Close what was approved and will not be carried out. 关闭已批准而不再办理的申请。

    \b
    Example:
      xinyin request close 7be1428890ab3f9a0c5d --basis "申请人已另行办理"
    """
    _decide(home, output, close_request, "closing", request_id, why, server)
    output.say(messages.request_closed(request_id))


@request.command("carry-out")
@click.argument("request_id", metavar="REQUEST")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the sealed PDF."
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@key_options
@command_options
def carry_out(
    home: Home,
    output: Output,
    request_id: str,
    *,
    out: Path | None,
    force: bool,
    server: str | None,
) -> None:
    """Grant or change what a request asks for, begin its batch, make its seal. 执行申请。

    Without --server, where the CA's key is, it makes seals alone: for services whose CA runs apart.

    \b
    Example:
      xinyin request carry-out 7be1428890ab3f9a0c5d --out licence.pdf
    """
    if server is not None:
        carry_out_there(server, output, request_id, out=out, force=force)
        return
    permit = home.permit(Action.MANAGE_SEAL)
    with home.database.reading() as connection:
        found = find_request(connection, request_id)
    with _in_civil_time(home):
        made = make_asked_seal(
            home.database, home.seal_maker, home.clock, (found, permit), open_deciders(home)
        )
    output.say(messages.seal_made(made.seal_id))


def _decide(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    decide: _Decision,
    step: str,
    request_id: str,
    why: str,
    server: str | None,
) -> None:
    """Take a step of a request, at a server by its name there."""
    if server is not None:
        remote_desk(server, output).decide(request_id, step, why)
    else:
        _decide_here(home, decide, request_id, why)


def _decide_here(home: Home, decide: _Decision, request_id: str, why: str) -> None:
    permit = home.permit(Action.REQUEST)  # who is nobody here learns nothing
    if decide is not withdraw_request:
        with home.database.reading() as connection:
            found = find_request(connection, request_id)
        permit = home.permit(deciding_action(found.action))
    with _in_civil_time(home), home.database.writing() as connection:
        decide(connection, request_id, why, permit, home.clock.now())


@contextmanager
def _in_civil_time(home: Home) -> Iterator[None]:
    """Let who comes second be told when the first was there, in the service's zone."""
    try:
        yield
    except AlreadyDecidedError as error:
        error.say_in(home.zone)
        raise


def _summary(one: DeskRequest, home: Home) -> dict[str, object]:
    return {
        "request": one.request_id,
        "action": one.action,
        "authority": one.authority_id,
        "state": one.state,
        "requested_by": one.requested_by,
        "requested_at": said(one.requested_at, home.zone),
    }


request.add_command(ask)
request.add_command(sign)
COMMANDS = (request,)
