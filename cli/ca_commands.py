"""`xinyin ca …` and `xinyin key …`: certificates, CRLs, keys."""

import re
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.addresses import crl_name
from ca.crl import ROOT_CRL_TIMES, CrlIssuer
from ca.hierarchy import ROOT_KEY
from ca.issuers import FIRST_ISSUING, ROOT
from ca.ledger import RevocationReason
from cli.options import command_options, key_options, root_key_options
from cli.output import Output
from cli.wiring import Home
from core.errors import UsageError
from core.files import write_atomically
from core.ids import IssuerId
from core.text import Text
from keys.model import KeyPurpose
from registry.ledger import SqlLedger

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


@ca.command("revoke")
@click.argument("serial")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in RevocationReason]),
    required=True,
    help="CRLReason (RFC 5280 5.3.1).",
)
@key_options
@command_options
def revoke(home: Home, output: Output, serial: str, reason: str) -> None:
    """Revoke a certificate of the issuing CA and sign a new CRL. 吊销证书。"""
    if not _SERIAL.fullmatch(serial):
        raise UsageError(
            "证书序列号须为十六进制数，如 xinyin ca list 所示。",
            "A serial number is hexadecimal, as xinyin ca list shows it.",
        )
    crls = home.hierarchy.crls  # opened first: what is revoked must be published
    ledger = SqlLedger(home.database, home.actor)
    entry = ledger.revoke(
        FIRST_ISSUING, int(serial, 16), RevocationReason(reason), home.clock.now()
    )
    crls.publish(entry.intent.shard)
    output.say(Text(f"已吊销 {entry.intent.serial:x}。", f"{entry.intent.serial:x} revoked."))


@ca.command("crl")
@click.option("--issuer", type=click.Choice([ROOT, FIRST_ISSUING]), default=FIRST_ISSUING)
@root_key_options
@key_options
@command_options
def crl(home: Home, output: Output, issuer: str) -> None:
    """Sign a new CRL; the root's asks for the root key's passphrase. 签发吊销列表。"""
    if issuer == ROOT:
        signer = home.root_keys.open(ROOT_KEY, KeyPurpose.ROOT_CA)
        certificate = home.hierarchy.root
        issuing = CrlIssuer(ROOT, certificate, signer, ROOT_CRL_TIMES, home.ca_parts)
    else:
        issuing = home.hierarchy.crls
    signed = x509.load_der_x509_crl(issuing.publish())
    number = signed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    output.say(
        Text(
            f"{IssuerId(issuer)} 的吊销列表 {number} 已签发。", f"CRL {number} of {issuer} signed."
        )
    )


@click.group("key")
def key() -> None:
    """Keys. 密钥。"""


@key.command("list")
@command_options
def key_list(home: Home, output: Output) -> None:
    """List keys; needs no passphrase. 列出密钥。"""
    output.records(
        [
            {
                "key": info.key_id,
                "purpose": info.purpose,
                "algorithm": info.algorithm,
                "created_at": info.created_at.isoformat(),
            }
            for info in [*home.root_keys.list_keys(), *home.keys.list_keys()]
        ]
    )


COMMANDS = (ca, key)
