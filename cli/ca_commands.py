"""`xinyin ca …`: certificates and CRLs."""

import re
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from ca.addresses import crl_name
from cli.certify_commands import issue
from cli.options import command_options
from cli.output import Output
from cli.profile_commands import profiles
from cli.revocation_commands import CA_COMMANDS
from cli.wiring import Home
from core.files import write_atomically

_SERIAL = re.compile("[0-9a-f]{1,40}")
_OUT = click.Path(path_type=Path, file_okay=False)


@click.group("ca")
def ca() -> None:
    """The certification authority. 证书签发机构。"""


@ca.command("list")
@command_options
def list_(home: Home, output: Output) -> None:
    """List certificates. 列出证书。"""
    entries = [
        entry
        for record in home.ledger.list_issuers()
        for entry in home.ledger.list_entries(record.issuer)
    ]
    output.records(
        [
            {
                "issuer": entry.intent.issuer,
                "serial": f"{entry.intent.serial:x}",
                "profile": entry.intent.profile,
                "state": entry.state,
                "not_after": entry.intent.not_after.isoformat(),
                "subject": entry.intent.subject,
            }
            for entry in entries
        ]
    )


@ca.command("export")
@click.argument("directory", type=_OUT)
@command_options
def export(home: Home, output: Output, directory: Path) -> None:
    """Write the CA certificates (PEM) and CRLs (DER) into DIRECTORY. 导出证书与吊销列表。"""
    directory.mkdir(parents=True, exist_ok=True)
    for record in home.ledger.list_issuers():
        if record.certificate is not None:
            encoded = record.x509.public_bytes(Encoding.PEM)
            write_atomically(directory / f"{record.issuer}.pem", encoded)
        for shard in range(record.crl_shards):
            crl = home.ledger.latest_crl(record.issuer, shard)
            if crl is not None:
                write_atomically(directory / f"{crl_name(record.issuer, shard)}.crl", crl)
    output.text(str(directory))


for _command in (*CA_COMMANDS, issue, profiles):
    ca.add_command(_command)


COMMANDS = (ca,)
