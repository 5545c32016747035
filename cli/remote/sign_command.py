"""`xinyin request sign`: an officer signs what was approved with their own key, before the seal."""

from pathlib import Path
from typing import BinaryIO

import click

from cli.remote import messages
from cli.remote.desk import RemoteDesk
from cli.remote.login_commands import server_options
from cli.remote.officer_keys import OfficerKeys, name_for
from cli.remote.server import RemoteServer
from cli.remote.sign_in_file import SignInFile
from cli.remote.signing import question, read_certificate_file, read_page, refuse_other_key
from cli.shell.confirming import confirm, yes_option
from cli.shell.delivery import write_output
from cli.shell.options import key_options, keys_option
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import KeyId


@click.command("sign")
@click.argument("request_id", metavar="REQUEST")
@keys_option
@click.option("--key", "key_id", help="Name of your key; that of xinyin enrol if left out.")
@click.option(
    "--certificate",
    type=click.File("rb"),
    help="Your certificate; that of xinyin enrol if left out.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF to be read.")
@yes_option
@key_options
@server_options
def sign(
    remote: RemoteServer,
    file: SignInFile,
    output: Output,
    *,
    request_id: str,
    uri: str,
    key_id: str | None,
    certificate: BinaryIO | None,
    out: Path,
    yes: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Sign in person what was approved, before the seal. 本人签名。

    The document is written to --out first, for you to read. Your key never leaves this machine, and
    signs that very document or nothing. Key and certificate are those that xinyin enrol made for
    this server and the authority that grants; a key on a token is named with --keys, as there.

    \b
    Example:
      xinyin request sign 7be1428890ab3f9a0c5d --out to-sign.pdf
    """
    desk = RemoteDesk(remote)
    authority = str(desk.show(request_id)["authority"])
    name = KeyId(key_id) if key_id else name_for(authority)
    keys = OfficerKeys(file.directory, uri, passphrase_file, passphrase_fd)
    kept = keys.certificate(name, remote.address)
    if certificate is None and not kept.exists():
        raise UsageError(messages.not_enrolled(authority))
    own = read_certificate_file(kept.read_bytes() if certificate is None else certificate.read())
    signer = keys.open_made(name)
    refuse_other_key(signer, own)
    page = read_page(desk.begin_signature(request_id, own), own)
    write_output(out, page.pdf)
    confirm(output, question(page, str(out)), yes=yes)
    desk.hand_in(request_id, signer.sign(page.octets))
    output.say(messages.page_signed(request=request_id, identifier=page.identifier))
