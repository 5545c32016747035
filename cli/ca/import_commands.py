"""`xinyin ca import` and `xinyin ca fetch-crls`: what roots and CAs elsewhere signed."""

from pathlib import Path

import click

from ca.outside.crls import OutsideCrls
from ca.outside.exchange import read_small
from ca.profiles.describe import describe_name
from cli.ca import messages
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import Action, Permit
from core.text import Text
from core.web.client import MAX_CRL_BYTES
from home.outside import fetch_crls
from home.succession import issuing_ca_in_use, open_succession
from home.use_cases.adoption import fingerprint_of, take_chain, take_folder
from home.wiring import Home

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.command("import")
@click.argument("directory", type=_FOLDER, required=False)
@click.option("--chain", type=_FILE, help="Certificate and chain (PEM) that a CA outside issued.")
@click.option("--crl", type=_FILE, help="CRL of a CA outside, where it cannot be fetched.")
@click.option("--root-sha256", help="SHA-256 of a root to trust from now on; see its transcript.")
@key_options
@command_options
def import_(
    home: Home,
    output: Output,
    *,
    directory: Path | None,
    chain: Path | None,
    crl: Path | None,
    root_sha256: str | None,
) -> None:
    """Take in what a root signed: certificates and CRLs. 导入根签发的证书与证书撤销列表。

    Everything is checked before anything is recorded. An issuing CA that gets its certificate is
    furnished with CRLs, responder and time-stamping unit; `xinyin ca rollover` puts it to use
    where another is in use already.

    \b
    Examples:
      xinyin ca import /media/exchange/2026-founding --root-sha256 a866f3fa…
      xinyin ca import /media/exchange/2027-crl
      xinyin ca import --chain issuing-1-chain.pem --root-sha256 57ab…
    """
    permit = home.permit(Action.MANAGE_CA)
    if sum(one is not None for one in (directory, chain, crl)) != 1:
        raise UsageError(messages.IMPORT_SOURCE_NEEDED)
    pinned = None if root_sha256 is None else fingerprint_of(root_sha256)
    if crl is not None:
        taken = OutsideCrls(home.ledger, home.clock).take(read_small(crl, MAX_CRL_BYTES))
        output.say(_nothing_new() if taken is None else messages.IMPORT_DONE)
        return
    if chain is not None:
        _take_chain(home, output, chain, pinned, permit)
    if directory is not None:
        _take_folder(home, output, directory, pinned, permit)
    _put_to_use(home, output, permit)


@click.command("fetch-crls")
@click.option("--force", is_flag=True, help="Fetch them all, due or not.")
@command_options
def fetch_crls_(home: Home, output: Output, *, force: bool) -> None:
    """Fetch the CRLs of CAs outside that stand above ours. 更新外部 CA 的证书撤销列表。

    `serve` does it by itself, and so does every command that seals.

    \b
    Example:
      xinyin ca fetch-crls
    """
    for issuer in fetch_crls(home.ledger, home.clock, force=force):
        output.text(issuer)


def _take_chain(
    home: Home, output: Output, chain: Path, pinned: str | None, permit: Permit
) -> None:
    if pinned is None:
        raise UsageError(messages.CHAIN_NEEDS_ROOT_SHA256)
    record, unreachable = take_chain(home, read_small(chain), pinned, permit)
    output.records([{"issuer": record.issuer, "subject": describe_name(record.x509.subject)}])
    if unreachable is not None:
        output.say(unreachable.text)


def _take_folder(
    home: Home, output: Output, directory: Path, pinned: str | None, permit: Permit
) -> None:
    adopted = take_folder(home, directory, pinned, permit)
    output.records(
        [
            {"file": one.name, "kind": one.kind, "subject": one.subject, "sha256": one.sha256}
            for one in adopted
        ]
    )
    if not adopted:
        output.say(_nothing_new())


def _put_to_use(home: Home, output: Output, permit: Permit) -> None:
    ready = open_succession(home)[0].furnish(permit)
    if not ready:
        return
    active = issuing_ca_in_use(home).issuer
    for issuer in ready:
        if issuer == active:
            output.say(messages.ca_in_use(issuer))
        else:
            output.say(messages.ca_ready_for_rollover(issuer))


def _nothing_new() -> Text:
    return messages.NOTHING_NEW
