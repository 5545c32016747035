"""`xinyin trust kit`: our roots for other people's readers."""

from pathlib import Path

import click

from cli.keeping import messages
from cli.keeping.trust_exchange_commands import write_files
from cli.shell.options import command_options, folder_options
from cli.shell.output import Output
from core.errors import UsageError
from home.wiring import Home
from signing.trust.kit import facts_of, root_files


@click.command("kit")
@folder_options
@command_options
def kit(home: Home, output: Output, *, out: Path, force: bool) -> None:
    """Write our roots as PEM, DER, PKCS#7 and for Acrobat, with fingerprints. 根证书包。

    For offices whose readers should know our seals. Hand the fingerprints over by another way than
    the files. What readers show of a licence, and why, stands on the verifier's page /readers.

    \b
    Exit codes: 0 written, 2 a file is in the way, or there is no root yet.
    Example:
      xinyin trust kit --out /media/kit
    """
    from signing.render.kit_sheet import fingerprint_sheet  # noqa: PLC0415  # fonts

    roots = home.verify_role.trust.own_roots()
    if not roots:
        raise UsageError(messages.NO_ROOT_YET)
    address = f"{home.settings.service.public_url}/readers"
    files = root_files(roots, address)
    files["fingerprints.pdf"] = fingerprint_sheet(facts_of(roots), address)
    write_files(out, files, force=force)
    output.records([{"file": str(out / name)} for name in files])
    output.say(messages.ANNOUNCE_FINGERPRINTS)
