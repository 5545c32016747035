"""`xinyin enrol`: an officer has a key of their own certified."""

import webbrowser
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from ca.profiles.names import subject_of
from ca.profiles.profiles import ProfileKind
from cli.remote import messages
from cli.remote.enrolment import AskedCertificate, certificate_of, enrol
from cli.remote.login_commands import server_options
from cli.remote.officer_keys import OfficerKeys, name_for
from cli.remote.server import RemoteServer
from cli.remote.sign_in_file import SignInFile
from cli.shell.options import key_options, keys_option
from cli.shell.output import Output, tell
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.ids import KeyId

EXIT_WAITING = 5


@click.command("enrol")
@click.option("--authority", required=True, help="Authority for which you will sign.")
@keys_option
@click.option("--key", "key_id", help="Name of your key; made if it is not there.")
@click.option("--years", is_flag=True, help="For years, on a token that a registrar has seen.")
@click.option("--provider", "alias", help="Identity provider, where there are several.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the certificate is written (PEM); beside your sign-ins if left out.",
)
@key_options
@server_options
def enrol_command(
    remote: RemoteServer,
    file: SignInFile,
    output: Output,
    *,
    authority: str,
    uri: str,
    key_id: str | None,
    years: bool,
    alias: str | None,
    out: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> int | None:
    """Have a key of your own certified, by a fresh sign-in. 申领签名证书。

    The key stays with you: in an encrypted file, or with --keys on a token. The certificate holds
    for a working day; run this again for the next one. With --years a registrar approves your key
    first, and you run it again after that.

    \b
    Examples:
      xinyin enrol --authority market
      xinyin enrol --authority market --years --keys 'pkcs11:token=li?module-path=/usr/lib/x.so'
    """
    keys = OfficerKeys(file.directory, uri, passphrase_file, passphrase_fd)
    if years and not keys.on_token:
        raise UsageError(messages.YEARS_ON_TOKEN)
    name = KeyId(key_id) if key_id else name_for(authority)
    signer = keys.open(name)
    kind = ProfileKind.OFFICER if years else ProfileKind.OFFICER_SHORT

    def show(address: str) -> None:
        tell(address)
        webbrowser.open(address)
        output.say(messages.ENROL_IN_BROWSER)

    told = enrol(remote, signer, AskedCertificate(authority, kind), alias, show)
    if told.get("state") != "ISSUED":
        output.facts({"state": told.get("state"), "request": told.get("request")})
        output.say(messages.enrolment_waits(str(told.get("request") or "-")))
        return EXIT_WAITING
    certificate = certificate_of(told, signer.info.spki)
    file.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = out or keys.certificate(name, remote.address)
    write_atomically(target, certificate.public_bytes(Encoding.PEM), overwrite=True, mode=PUBLIC)
    output.facts(
        {
            "subject": subject_of(certificate).rfc4514_string(),
            "serial": f"{certificate.serial_number:x}",
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "key": keys.place(name),
            "certificate": str(target),
        }
    )
    return None


COMMANDS = (enrol_command,)
