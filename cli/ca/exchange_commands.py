"""`xinyin ca request`: files to a root that is elsewhere."""

from collections.abc import Sequence
from pathlib import Path

import click

from ca.hierarchy.steps import CaSteps, NewCa
from ca.hierarchy.succession import Succession
from ca.issuers import ROOT, IssuerRecord, IssuerRole, IssuerState
from ca.ledger import RevocationReason
from ca.outside.exchange import CaRequest, make_csr, write_request
from ca.profiles.describe import describe_key
from ca.wire_types import Revocation
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.text import Text
from home.succession import open_succession
from home.wiring import Home
from keys.model import KeyPurpose

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
    home.actor  # noqa: B018  # the operator only
    if crl == new and crl:
        raise UsageError("--new 与 --crl 只能取一个。", "Take --new or --crl, not both.")
    wanted = tuple(_revocation(text) for text in revocations)
    if wanted and not crl:
        raise UsageError("--revoke 须与 --crl 同用。", "--revoke goes with --crl.")
    succession, steps = open_succession(home)
    if crl:
        record, ca = in_use(home), None
    else:
        record, ca = _prepared(home, succession, steps, new=new)
    write_ca_request(home, output, directory, record, ca, wanted)


def write_ca_request(  # noqa: PLR0917  # each of another type
    home: Home,
    output: Output,
    directory: Path,
    record: IssuerRecord,
    ca: NewCa | None,
    revoke: tuple[Revocation, ...] = (),
) -> None:
    """Write a request, signed by the CA that asks, and tell its SHA-256.

    `ca`: what it is to be certified as; None: no certificate is asked for.
    """
    signer = home.keys.open(record.key_id, KeyPurpose.ISSUING_CA)
    csr = None if ca is None else make_csr(ca.subject, signer)
    signed = home.ledger.find_crl(ROOT)
    asked = CaRequest.of(
        record.issuer,
        home.ca_parts.addresses.pki_url,
        home.clock.now(),
        csr=csr,
        crl_number=None if signed is None else signed.number,
        revoke=revoke,
    )
    written = write_request(directory, asked, signer, csr)
    told = {**written, "key": describe_key(signer.public_key)}
    if output.as_json:
        output.data({"directory": str(directory), **told})
        return
    for name, sha256 in told.items():
        output.text(f"{name}: {sha256}")
    output.say(
        Text(
            f"申请已写入 {directory}。请把 request.json 的 SHA-256 摘要值写入仪式文件。",
            f"The request stands in {directory}. Put the SHA-256 of request.json into the "
            "ceremony's file.",
        )
    )


def _prepared(
    home: Home, succession: Succession, steps: CaSteps, *, new: bool
) -> tuple[IssuerRecord, NewCa]:
    issuer = succession.next_issuer()
    ca = succession.new_ca(issuer, None, home.settings.ca.crl_shards)
    record = steps.find(issuer)
    if record is None:
        if not new:
            raise UsageError(
                "没有等待证书的签发CA。新建一个请用 --new，只要证书撤销列表请用 --crl。",
                "No issuing CA waits for a certificate. Prepare one with --new; ask for a CRL "
                "only with --crl.",
            )
        record = steps.prepare_issuing(ca)
    elif record.certificate is not None:
        raise UsageError(
            f"{issuer} 已有证书，请用 xinyin ca rollover 启用。",
            f"{issuer} has its certificate; put it to use with xinyin ca rollover.",
        )
    return record, ca


def in_use(home: Home) -> IssuerRecord:
    """Return the issuing CA that issues now. Raises `UsageError`."""
    active = [
        one
        for one in home.ledger.list_issuers()
        if one.role is IssuerRole.ISSUING and one.state is IssuerState.ACTIVE
    ]
    if not active:
        raise UsageError("还没有启用的签发CA。", "No issuing CA is in use yet.")
    return active[-1]


def _revocation(text: str) -> Revocation:
    issuer, _, reason = text.partition("=")
    try:
        return Revocation(certificate=issuer, reason=RevocationReason(reason))
    except ValueError as error:
        raise UsageError(
            "--revoke 的格式为 CA=原因，如 issuing-1=cACompromise。",
            "--revoke takes CA=REASON, such as issuing-1=cACompromise.",
        ) from error
