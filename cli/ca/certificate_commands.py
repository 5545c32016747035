"""`xinyin ca list|show|export`: certificates on record."""

from datetime import timedelta
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from ca.addresses import crl_name
from ca.ledger import LedgerEntry
from cli.ca import messages
from cli.ca.certificate_records import details_of, encode, extensions_of, pem_of, record_of, row_of
from cli.ca.certificate_target import find_target
from cli.shell.delivery import refuse_unwritable
from cli.shell.headings import heading_of
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.ids import IssuerId
from home.wiring import Home
from registry.ledger.certificates import CertificateQuery, Standing, search_certificates

_OUT = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("list")
@click.option("--issuer", help="Only what this CA issued.")
@click.option("--profile", help="Only this kind: root, issuing, seal, ocsp, tsa, …")
@click.option("--state", type=click.Choice([one.value for one in Standing]))
@click.option("--expiring-within", type=click.IntRange(0, 36_500), help="Days; not those revoked.")
@click.option(
    "--search",
    help="Part of the subject, beginning of the serial (4 digits or more), or the SHA-256 of the "
    "certificate or its public key.",
)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@command_options
def list_(
    home: Home,
    output: Output,
    *,
    issuer: str | None,
    profile: str | None,
    state: str | None,
    expiring_within: int | None,
    search: str | None,
    limit: int,
) -> None:
    """List certificates, the first to end first. 列出证书。

    \b
    Examples:
      xinyin ca list --expiring-within 30
      xinyin ca list --profile seal --state REVOKED --json
      xinyin ca list --search 市场监督管理局
    """
    now = home.clock.now()
    query = CertificateQuery(
        at=now,
        issuer=None if issuer is None else IssuerId(issuer),
        profile=profile,
        standing=None if state is None else Standing(state),
        ends_before=None if expiring_within is None else now + timedelta(days=expiring_within),
        search=search,
    )
    with home.database.reading() as connection:
        found = search_certificates(connection, query, limit + 1)
    shown = found[:limit]
    if output.as_json:
        output.records([record_of(entry, now) for entry in shown])
    elif shown:
        headings = ["issuer", "serial", "kind", "state", "ends", "days", "subject"]
        headings = [heading_of(key, output.language) for key in headings]
        output.table(headings, [row_of(entry, now) for entry in shown])
    if len(found) > limit:
        output.say(messages.certificate_list_truncated(limit))


@click.command("show")
@click.argument("certificate")
@click.option("--issuer", help="The CA that issued it, if several know the serial.")
@click.option("--text", is_flag=True, help="Its extensions too.")
@click.option("--pem", is_flag=True, help="Nothing but the certificate, PEM.")
@command_options
def show(
    home: Home, output: Output, certificate: str, *, issuer: str | None, text: bool, pem: bool
) -> None:
    """Show one certificate, by serial, SHA-256 or seal. 查看证书。

    \b
    Examples:
      xinyin ca show 18e2daaabd2f212c --text
      xinyin ca show qinglan-food --pem | openssl x509 -noout -text
    """
    entry = find_target(home, certificate, issuer)
    if pem:
        output.text(pem_of(entry).decode().rstrip())
        return
    record = record_of(entry, home.clock.now()) | details_of(entry)
    if output.as_json:
        output.data(record | ({"extensions": extensions_of(entry)} if text else {}))
        return
    output.table(["", ""], [(heading_of(key, output.language), one) for key, one in record.items()])
    if text:
        rows = [(one["name"], one["critical"], one["value"]) for one in extensions_of(entry)]
        headings = ("extension", "critical", "value")
        output.table([heading_of(key, output.language) for key in headings], rows)


@click.command("export")
@click.argument("directory", type=_OUT, required=False)
@click.option("--serial", help="One certificate: its serial, SHA-256 or seal.")
@click.option("--all", "everything", is_flag=True, help="Every certificate on record.")
@click.option("--out", type=_FILE, help="With --serial or --all: a .pem, .der or .csv file.")
@click.option("--force", is_flag=True, help="Overwrite that file.")
@command_options
def export(
    home: Home,
    output: Output,
    *,
    directory: Path | None,
    serial: str | None,
    everything: bool,
    out: Path | None,
    force: bool,
) -> None:
    """Export CA certificates and CRLs, or what was issued. 导出证书与证书撤销列表。

    With DIRECTORY: every CA's certificate (PEM) and CRLs (DER).

    \b
    Examples:
      xinyin ca export /srv/pki
      xinyin ca export --serial 18e2daaabd2f212c --out seal.pem
      xinyin ca export --all --out certificates.csv
    """
    chosen = [directory is not None, serial is not None, everything]
    if sum(chosen) != 1 or (directory is None) != (out is not None):
        raise UsageError(messages.EXPORT_TARGET_NEEDED)
    if directory is not None:
        _export_cas(home, directory)
        output.text(str(directory))
    elif out is not None:
        refuse_unwritable(out, force=force)
        entries = _everything(home) if serial is None else [find_target(home, serial)]
        write_atomically(out, encode(entries, out, home.clock.now()), mode=PUBLIC)
        output.text(str(out))


def _everything(home: Home) -> list[LedgerEntry]:
    with home.database.reading() as connection:
        return search_certificates(connection, CertificateQuery(at=home.clock.now()))


def _export_cas(home: Home, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for record in home.ledger.list_issuers():
        if record.certificate is not None:
            encoded = record.x509.public_bytes(Encoding.PEM)
            write_atomically(directory / f"{record.issuer}.pem", encoded, mode=PUBLIC)
        for shard in range(record.crl_shards):
            crl = home.ledger.latest_crl(record.issuer, shard)
            if crl is not None:
                write_atomically(
                    directory / f"{crl_name(record.issuer, shard)}.crl", crl, mode=PUBLIC
                )


CERTIFICATE_COMMANDS = (list_, show, export)
