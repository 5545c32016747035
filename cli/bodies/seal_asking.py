"""`xinyin seal ask`: a registrar asks for a seal at a server; somebody else approves it."""

import secrets

import click

from cli.bodies import messages
from cli.remote.login_commands import server_options
from cli.remote.server import RemoteServer
from cli.remote.sign_in_file import SignInFile
from cli.shell.output import Output


@click.command("ask")
@click.argument("seal_id")
@click.option("--authority", "authority_id", required=True, help="Authority that owns the seal.")
@click.option("--name", default="", help="Special seal's name below the star (…专用章).")
@server_options
def seal_ask(
    remote: RemoteServer,
    file: SignInFile,
    output: Output,
    *,
    seal_id: str,
    authority_id: str,
    name: str,
) -> None:
    """Ask for a seal, or for another certificate of one that is there. 申请印章。

    You are a registrar of the authority; another registrar, or an administrator, approves it
    (`xinyin request approve`), then you have it made (`xinyin request carry-out`).

    \b
    Example:
      xinyin seal ask market-food --authority market --name 食品经营许可专用章
    """
    del file
    body = {"seal": seal_id, "authority": authority_id, "name": name}
    key = {"Idempotency-Key": secrets.token_urlsafe(16)}
    made = remote.ask("POST", "/seal-requests", body, key)
    output.facts({"request": made["id"], "state": made["state"]})
    output.say(messages.seal_asked(str(made["id"])))


ASKING_COMMANDS = (seal_ask,)
