"""`xinyin privacy …`: the keys of holders' codes."""

import click

from cli.keeping import messages
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options
from cli.shell.output import Output
from home.privacy import rotate_codes, seal_codes
from home.wiring import Home


@click.group("privacy")
def privacy_group() -> None:
    """The sealing of holders' codes. 持证主体代码的加密。"""


@privacy_group.command("seal")
@command_options
def seal(home: Home, output: Output) -> None:
    """Seal the codes that are in the clear still. 加密尚未加密的代码。

    `xinyin database migrate` does it after an upgrade. Services may go on meanwhile; cut off, run
    it again.

    \b
    Example:
      xinyin privacy seal
    """
    done = seal_codes(home, home.actor)
    if output.as_json:
        output.data({"sealed": done.first, "sealed_anew": done.anew})
        return
    output.say(messages.codes_sealed(first=done.first, anew=done.anew))


@privacy_group.command("rotate")
@yes_option
@command_options
def rotate(home: Home, output: Output, *, yes: bool) -> None:
    """Seal all codes under a new key, and destroy the old. 更换代码密钥。

    Cut off, run it again: it goes on where it was. The index by which codes are found keeps its
    key. Where the issuing service has a home of its own, stop it first, and copy the folder privacy
    there before it starts.

    \b
    Example:
      xinyin privacy rotate --yes
    """
    confirm(output, messages.ROTATE_CODES, yes=yes)
    done, name, forgotten = rotate_codes(home, home.actor)
    if output.as_json:
        data = {"key": name, "sealed_anew": done.anew, "destroyed": forgotten}
        output.data(data)
        return
    output.say(messages.codes_sealed(first=done.first, anew=done.anew))
    output.say(messages.codes_rotated(name=name, forgotten=", ".join(forgotten) or "-"))


COMMANDS = (privacy_group,)
