"""`xinyin break-glass …`: the credential for an emergency."""

import secrets
from pathlib import Path

import click

from cli.bodies import messages
from cli.shell.delivery import refuse_existing
from cli.shell.instants import said
from cli.shell.options import command_options
from cli.shell.output import Output
from core.files import write_atomically
from core.permits import Action
from home.wiring import Home
from identity.accounts.break_glass import BreakGlassUse, make_credential
from identity.accounts.passwords import Passwords
from registry.desk.sign_in.break_glass import acknowledge as acknowledge_use
from registry.desk.sign_in.break_glass import end as end_emergency
from registry.desk.sign_in.break_glass import is_prepared, list_uses
from registry.desk.sign_in.break_glass import prepare as prepare_credential


@click.group("break-glass")
def break_glass() -> None:
    """The credential for an emergency. 应急凭据。"""


@break_glass.command("prepare")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File (0600) to write it into; stdout if left out.",
)
@command_options
def prepare(home: Home, output: Output, *, out: Path | None) -> None:
    """Make the credential; it is shown this once. 准备应急凭据。

    Print it, seal it, keep it offline, and delete the file. It signs one person in as administrator
    of everything for an hour, when the identity provider is away; its use raises an alarm, and
    another one is prepared afterwards. One that was prepared before serves no more.

    \b
    Examples:
      xinyin break-glass prepare
      xinyin break-glass prepare --out /media/usb/credential.txt
    """
    if out is not None:
        refuse_existing(out)
    permit = home.permit(Action.MANAGE_OFFICERS)
    code, secret_hash = make_credential(Passwords())
    if out is not None:  # before it counts: one that nobody has would replace one that somebody has
        write_atomically(out, f"{code}\n".encode(), mode=0o600)
    with home.database.writing() as connection:
        now = home.clock.now()
        use_id = prepare_credential(connection, secret_hash, permit, now, secrets.token_bytes)
    output.facts({"use": use_id, **({} if out is not None else {"credential": code})})
    output.say(messages.BREAK_GLASS_PREPARED)


@break_glass.command("list")
@command_options
def list_(home: Home, output: Output) -> None:
    """List uses of the credential. 列出应急凭据的使用记录。

    \b
    Example:
      xinyin break-glass list
    """
    with home.database.reading() as connection:
        uses, ready = list_uses(connection), is_prepared(connection)
    output.records([_summary(one, home) for one in uses])
    output.say(messages.BREAK_GLASS_READY if ready else messages.BREAK_GLASS_NOT_READY)


@break_glass.command("acknowledge")
@click.argument("use_id", metavar="USE")
@click.option("--basis", required=True, help="What was found.")
@command_options
def acknowledge(home: Home, output: Output, *, use_id: str, basis: str) -> None:
    """Note that a use was looked at, by somebody else than who used it. 确认使用。

    Look first at what was done in that hour: xinyin audit list --since.

    \b
    Example:
      xinyin break-glass acknowledge 5be1428890ab3f9a0c5d --basis "身份服务中断，已核对"
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        acknowledge_use(connection, use_id, basis, permit, home.clock.now())
    output.say(messages.break_glass_acknowledged(use_id))


@break_glass.command("end")
@click.option("--basis", "why", required=True, help="Why: a document, a decision.")
@command_options
def end(home: Home, output: Output, *, why: str) -> None:
    """End an emergency now: its session, requests and batches. 结束应急会话。

    A credential that was prepared and not used stays good; prepare another where it may be known.
    What was done in the meantime stays: look with xinyin audit list --since, and acknowledge it.

    \b
    Example:
      xinyin break-glass end --basis "身份服务已恢复"
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        ended = end_emergency(connection, why, permit, home.clock.now())
    output.facts(
        {"sessions": ended.sessions, "requests": len(ended.requests), "jobs": len(ended.jobs)}
    )


def _summary(one: BreakGlassUse, home: Home) -> dict[str, object]:
    seen = one.acknowledged_at
    return {
        "use": one.use_id,
        "used_at": said(one.used_at, home.zone),
        "reason": one.reason,
        "prepared_by": one.prepared_by,
        "acknowledged_by": one.acknowledged_by,
        "acknowledged_at": None if seen is None else said(seen, home.zone),
    }


COMMANDS = (break_glass,)
