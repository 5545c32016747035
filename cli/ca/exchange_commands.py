"""`xinyin ca request`: files to a root that is elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ca.ledger import RevocationReason
from ca.wire_types import PlannedRevocation
from cli.ca import messages
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import Action
from home.succession import issuing_ca_in_use
from home.use_cases.root_requests import prepare_next, write_ca_request
from home.wiring import Home

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.command("request")
@click.argument("directory", type=_DIRECTORY)
@click.option("--new", is_flag=True, help="Prepare the next issuing CA: its key is made here.")
@click.option("--crl", is_flag=True, help="Ask for the root's next CRL only.")
@click.option(
    "--revoke",
    "revocations",
    multiple=True,
    metavar="CA=REASON",
    help="Ask the root to revoke an issuing CA's certificate.",
)
@key_options
@command_options
def request(
    home: Home,
    output: Output,
    *,
    directory: Path,
    new: bool,
    crl: bool,
    revocations: Sequence[str],
) -> None:
    """Write a request to an offline root, or to a CA outside, into DIRECTORY. 生成申请。

    For an issuing CA that waits for its certificate; request.csr suits outside CAs too. The
    SHA-256 that is printed goes into the ceremony's file.

    \b
    Examples:
      xinyin ca request /media/exchange/issuing-2 --new
      xinyin ca request /media/exchange/crl-2027 --crl
      xinyin ca request /media/exchange/revoke --crl --revoke issuing-1=cACompromise
    """
    permit = home.permit(Action.MANAGE_CA)
    if crl == new and crl:
        raise UsageError(messages.NEW_AND_CRL_EXCLUSIVE)
    wanted = tuple(_revocation(text) for text in revocations)
    if wanted and not crl:
        raise UsageError(messages.REVOKE_NEEDS_CRL)
    if crl:
        told = write_ca_request(home, directory, issuing_ca_in_use(home), None, wanted)
    else:
        record, ca = prepare_next(home, permit, new=new)
        told = write_ca_request(home, directory, record, ca)
    tell_request(output, directory, told)


def tell_request(output: Output, directory: Path, told: Mapping[str, str]) -> None:
    """Say where a request stands, and the SHA-256 that the ceremony's file needs."""
    if output.as_json:
        output.data({"directory": str(directory), **told})
        return
    for name, sha256 in told.items():
        output.text(f"{name}: {sha256}")
    output.say(messages.request_written(directory))


def _revocation(text: str) -> PlannedRevocation:
    issuer, _, reason = text.partition("=")
    try:
        return PlannedRevocation(certificate=issuer, reason=RevocationReason(reason))
    except ValueError as error:
        raise UsageError(messages.REVOKE_OPTION_MALFORMED) from error
