"""`xinyin ca request` and `xinyin ca import`: files to a root that is elsewhere, and back."""

from collections.abc import Sequence
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.adoption import Adoption
from ca.ceremony_file import Revocation
from ca.describe import describe_key, describe_name
from ca.exchange import CaRequest, make_csr, read_small, refused, write_request
from ca.issuers import ROOT, IssuerRecord, IssuerRole, IssuerState
from ca.ledger import RevocationReason
from ca.outside import adopt_chain
from ca.outside_crl import OutsideCrls
from ca.steps import CaSteps, NewCa
from ca.succession import Succession
from cli.options import command_options, key_options
from cli.output import Output
from cli.outside import fetch_crls
from cli.succession_wiring import open_succession
from cli.wiring import Home
from core.errors import UnreachableError, UsageError
from core.http_client import MAX_CRL_BYTES
from core.text import Text
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
    """Take in what a root signed: certificates and CRLs. 导入根签发的证书与吊销列表。

    Everything is checked before anything is recorded. An issuing CA that gets its certificate is
    furnished with CRLs, responder and time-stamping unit; `xinyin ca rollover` puts it to use
    where another is in use already.

    \b
    Examples:
      xinyin ca import /media/exchange/2026-founding --root-sha256 a866f3fa…
      xinyin ca import /media/exchange/2027-crl
      xinyin ca import --chain issuing-1-chain.pem --root-sha256 57ab…
    """
    home.actor  # noqa: B018  # the operator only
    if sum(one is not None for one in (directory, chain, crl)) != 1:
        raise UsageError(
            "请指定目录、--chain 或 --crl 中的一个。", "Name one: a directory, --chain or --crl."
        )
    pinned = None if root_sha256 is None else "".join(root_sha256.split()).lower()
    if crl is not None:
        taken = OutsideCrls(home.ledger, home.clock).take(_der_crl(crl))
        output.say(_nothing_new() if taken is None else Text("已导入。", "Taken in."))
        return
    if chain is not None:
        _take_chain(home, output, chain, pinned)
    if directory is not None:
        _take_folder(home, output, directory, pinned)
    _put_to_use(home, output)


@click.command("fetch-crls")
@click.option("--force", is_flag=True, help="Fetch them all, due or not.")
@command_options
def fetch_crls_(home: Home, output: Output, *, force: bool) -> None:
    """Fetch the CRLs of CAs outside that stand above ours. 更新外部 CA 的吊销列表。

    `serve` does it by itself, and so does every command that seals.

    \b
    Example:
      xinyin ca fetch-crls
    """
    for issuer in fetch_crls(home, force=force):
        output.text(issuer)


def _take_chain(home: Home, output: Output, chain: Path, pinned: str | None) -> None:
    if pinned is None:
        raise UsageError(
            "--chain 须与 --root-sha256 同用：根的校验值须另行获知。",
            "--chain goes with --root-sha256, which you must have by other means.",
        )
    data = read_small(chain)
    record = adopt_chain(home.ca_parts, home.keys, data, pinned)
    output.records([{"issuer": record.issuer, "subject": describe_name(record.x509.subject)}])
    try:
        fetch_crls(home)
    except UnreachableError as error:
        output.say(error.text)


def _take_folder(home: Home, output: Output, directory: Path, pinned: str | None) -> None:
    adopted = Adoption(home.ca_parts, home.keys, pinned).adopt(directory)
    output.records(
        [
            {"file": one.name, "kind": one.kind, "subject": one.subject, "sha256": one.sha256}
            for one in adopted
        ]
    )
    if not adopted:
        output.say(_nothing_new())


def _put_to_use(home: Home, output: Output) -> None:
    ready = open_succession(home)[0].furnish()
    active = in_use(home).issuer
    for issuer in ready:
        if issuer == active:
            output.say(Text(f"{issuer} 已启用。", f"{issuer} is in use."))
        else:
            output.say(
                Text(
                    f"{issuer} 已就绪；用 xinyin ca rollover 启用。",
                    f"{issuer} is ready; xinyin ca rollover puts it to use.",
                )
            )


def _nothing_new() -> Text:
    return Text("没有新的内容。", "There was nothing new.")


def _der_crl(path: Path) -> bytes:
    data = read_small(path, MAX_CRL_BYTES)
    if b"-----BEGIN" not in data[:1024]:
        return data
    try:
        return x509.load_pem_x509_crl(data).public_bytes(Encoding.DER)
    except ValueError as error:
        raise refused("文件不是吊销列表", "the file is no CRL") from error


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
            f"申请已写入 {directory}。请把 request.json 的校验值写入仪式文件。",
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
                "没有等待证书的签发机构。新建一个请用 --new，只要吊销列表请用 --crl。",
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
        raise UsageError("还没有启用的签发机构。", "No issuing CA is in use yet.")
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
