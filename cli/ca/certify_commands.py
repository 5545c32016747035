"""`xinyin ca issue`: certificates for officers and for the signer of receipts."""

from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.issuing.csr import MAX_REQUEST_OCTETS, requested_key
from ca.profiles.names import LegalSubject, NaturalSubject
from ca.profiles.profiles import ProfileKind
from cli.ca import messages
from cli.shell.delivery import refuse_unwritable
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import read_file
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.ids import AuthorityId, KeyId
from core.permits import Action
from home.use_cases.enrolment import OWN_PURPOSES, certify_own_key
from home.wiring import Home
from registry.bodies.authorities import find_authority
from registry.model import Authority

_FILE = click.Path(path_type=Path)


@click.command("issue")
@click.option(
    "--profile", type=click.Choice([k.value for k in OWN_PURPOSES]), required=True, help="What for."
)
@click.option("--csr", type=_FILE, help="PKCS#10 request (PEM or DER); its key alone is taken.")
@click.option("--key", "key_id", help="Or a key of this home, generated if it is not there yet.")
@click.option("--authority", "authority_id", help="Body on record for which the officer acts.")
@click.option("--id", "identifier", help="Officer's local identifier, such as PI:CN-370100-0042.")
@click.option("--surname", help="Officer's surname.")
@click.option("--given-name", help="Officer's given name.")
@click.option("--pseudonym", help="Instead of surname and given name.")
@click.option("--name", help="Common name; an officer's is put together from the names.")
@click.option("--out", type=_FILE, required=True, help="Where the certificate is written (PEM).")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@key_options
@command_options
def issue(
    home: Home,
    output: Output,
    *,
    profile: str,
    csr: Path | None,
    key_id: str | None,
    out: Path,
    force: bool,
    **named: str | None,
) -> None:
    """Issue a certificate to an officer, or for receipts. 签发证书。

    You vouch for the names; nothing of a request but its public key is used. Seals get theirs
    through `xinyin seal add`, OCSP and TSA through the hierarchy.

    \b
    Examples:
      xinyin ca issue --profile officer --csr zhang.csr --authority market \\
          --id PI:CN-370100-0042 --surname 张 --given-name 三 --out zhang.pem
      xinyin ca issue --profile receipt --key receipts-1 --authority market \\
          --name 核验回执 --out receipts.pem
    """
    kind = ProfileKind(profile)
    if (csr is None) == (key_id is None):
        raise UsageError(messages.CSR_OR_KEY_NEEDED)
    refuse_unwritable(out, force=force)
    subject = _subject(home, kind, named)
    action = Action.RUN_SERVICES if kind is ProfileKind.RECEIPT else Action.ENROL
    permit = home.permit(action)  # before any key is read, opened or made
    if key_id is None:
        certificate = home.certifier.certify(kind, subject, _requested(csr, output), permit)
    else:
        body = named["authority_id"]
        owner = None if body is None else AuthorityId(body)
        certificate = certify_own_key(home, kind, subject, KeyId(key_id), owner, permit)
    write_atomically(out, certificate.public_bytes(Encoding.PEM), overwrite=force, mode=PUBLIC)
    output.records(
        [
            {
                "serial": f"{certificate.serial_number:x}",
                "profile": kind,
                "not_after": certificate.not_valid_after_utc.isoformat(),
                "file": str(out),
            }
        ]
    )


def _subject(home: Home, kind: ProfileKind, named: dict[str, str | None]) -> x509.Name:
    body = _body(home, named["authority_id"])
    if kind is not ProfileKind.RECEIPT:
        return NaturalSubject(
            name=named["name"] or _whole_name(named),
            identifier=_needed(named, "identifier", "--id"),
            given_name=named["given_name"],
            surname=named["surname"],
            pseudonym=named["pseudonym"],
            organization=body.name if body else None,
            uscc=body.uscc if body else None,
        ).to_name()
    if body is None:
        _needed(named, "authority_id", "--authority")
    assert body is not None
    return LegalSubject(_needed(named, "name", "--name"), body.name, body.uscc).to_name()


def _whole_name(named: dict[str, str | None]) -> str:
    """Surname first, as Chinese names are written, with a space where they are not Chinese."""
    parts = [part for part in (named["surname"], named["given_name"]) if part]
    joint = " " if all(part.isascii() for part in parts) else ""
    return joint.join(parts) or named["pseudonym"] or ""


def _body(home: Home, authority_id: str | None) -> Authority | None:
    if authority_id is None:
        return None
    with home.database.reading() as connection:
        return find_authority(connection, AuthorityId(authority_id))


def _needed(named: dict[str, str | None], name: str, option: str) -> str:
    value = named[name]
    if value is None:
        raise UsageError(messages.profile_option_needed(option))
    return value


def _requested(csr: Path | None, output: Output) -> CertificatePublicKeyTypes:
    assert csr is not None
    key = requested_key(read_file(csr, MAX_REQUEST_OCTETS))
    output.say(messages.CSR_FIELDS_IGNORED)
    return key
