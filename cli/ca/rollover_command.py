"""`xinyin ca rollover`: the next issuing CA takes over, and what the last one issued stays good."""

import click

from cli.ca import messages
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options, key_options, root_key_options
from cli.shell.output import Output
from core.ids import IssuerId
from core.permits import Action
from home.succession import issuing_ca_in_use
from home.use_cases.roll_over import roll_over
from home.wiring import Home


@click.command("rollover")
@click.option("--root", "root_id", help="The root that certifies it, if its key is here.")
@click.option("--prepare", is_flag=True, help="Make and publish it; put it to use later.")
@yes_option
@root_key_options
@key_options
@command_options
def rollover(home: Home, output: Output, *, root_id: str | None, prepare: bool, yes: bool) -> None:
    """Let the next issuing CA take over from the one in use. 更换签发CA。

    Where the root's key is in the home, the next CA is made and certified now. Where the root is
    elsewhere, `xinyin ca request --new`, a ceremony and `xinyin ca import` come first, and this
    puts to use what they made. The one before issues nothing more; its CRLs and OCSP answers go on
    until its certificate ends, and seals that it certified may be used on, or renewed with
    `xinyin seal renew`. Running services notice within a second.

    \b
    Examples:
      xinyin ca rollover --prepare
      xinyin ca rollover --yes
    """
    permit = home.permit(Action.MANAGE_CA)
    now = None
    if not prepare:
        now = issuing_ca_in_use(home).issuer
        what = messages.confirm_rollover(now)
        confirm(output, what, yes=yes)
    root = None if root_id is None else IssuerId(root_id)
    done = roll_over(home, root, permit, prepare_only=prepare, agreed=now)
    if done.retired is not None:
        _tell(output, done.issuer, done.retired)
        return
    output.say(messages.ca_published_for_rollover(done.issuer))


def _tell(output: Output, issuer: IssuerId, retired: tuple[IssuerId, ...]) -> None:
    before = ", ".join(retired)
    output.say(messages.rollover_done(issuer=issuer, retired_ca=before))
