"""`xinyin ca pin-root`: roots that this home's verifier trusts, whatever the database says."""

import sys
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.outside.exchange import read_small
from ca.profiles.describe import describe_name, fingerprint
from ca.validation.anchors import read_anchors
from cli.ca import messages
from cli.shell.options import command_options
from cli.shell.output import Output, tell
from core.errors import UsageError
from home.wiring import Home
from registry.audit import events as audit

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("pin-root")
@click.argument("file", type=_FILE, required=False)
@click.option("--root-sha256", help="Only the root with this SHA-256, had by other means.")
@click.option("--yes", is_flag=True, help="Pin without asking.")
@command_options
def pin_root(
    home: Home, output: Output, *, file: Path | None, root_sha256: str | None, yes: bool
) -> None:
    """Pin roots as files: trusted by the verifier from now on. 固定受信任的根证书。

    Without FILE, the roots on record that are not pinned yet: for homes from before roots were
    pinned. Compare each fingerprint with the ceremony's transcript, on paper. A root is no longer
    trusted once its file is removed from HOME/trust/roots.

    \b
    Examples:
      xinyin ca pin-root
      xinyin ca pin-root root.cer --root-sha256 a866f3fa…
    """
    actor = home.actor  # the operator only
    wanted = None if root_sha256 is None else "".join(root_sha256.split()).lower()
    candidates = read_anchors(home.ledger).roots if file is None else (_read(file),)
    pinned: list[dict[str, object]] = []
    for root in candidates:
        sha256 = fingerprint(root)
        if root in home.root_files() or wanted not in (None, sha256):
            continue
        name = describe_name(x509.load_der_x509_certificate(root).subject)
        if not _agreed(output, name, sha256, yes=yes or wanted is not None):
            continue
        home.root_files.pin(root)
        with home.database.writing() as connection:
            audit.record(
                connection,
                at=home.clock.now(),
                actor=actor,
                action="root.pinned",
                subject=f"root/{sha256}",
            )
        pinned.append({"subject": name, "sha256": sha256})
    if wanted is not None and not pinned and wanted not in map(fingerprint, home.root_files()):
        raise UsageError(messages.NO_ROOT_WITH_SHA256)
    output.records(pinned)
    output.say(messages.roots_pinned(len(pinned)))


def _read(file: Path) -> bytes:
    data = read_small(file)
    try:
        pem = b"-----BEGIN" in data
        parsed = (
            x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        )
    except ValueError as error:
        raise UsageError(messages.file_not_certificate(file)) from error
    return parsed.public_bytes(Encoding.DER)


def _agreed(output: Output, name: str, sha256: str, *, yes: bool) -> bool:
    tell(f"{name}\n  SHA-256 {sha256}")
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(messages.ROOT_AGREEMENT_NEEDS_TERMINAL)
    question = messages.CONFIRM_ROOT
    return click.confirm(question.to(output.language), default=False, err=True)
