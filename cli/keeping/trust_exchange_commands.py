"""`xinyin trust import-etsi` and `trust export`: lists from others, and ours to other verifiers."""

from pathlib import Path

import click

from cli.keeping import messages
from cli.shell.options import command_options, folder_options
from cli.shell.output import Output
from cli.shell.reading import read_file
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.os_errors import cause_zh, remedy
from core.permits import Action
from home.wiring import Home
from registry.ledger.trust_desk import newest_sequence
from signing.trust.anchor_file import MAX_CERTIFICATE_BYTES, read_anchor
from signing.trust.list_file import LIST, SIGNERS

_FILE = click.Path(path_type=Path, dir_okay=False)
_MAX_LIST_BYTES = 32 * 1024 * 1024


@click.command("import-etsi")
@click.argument("file", type=_FILE)
@click.option(
    "--signer",
    type=_FILE,
    required=True,
    help="Certificate of the list's operator, had by other means (DER or PEM).",
)
@click.option("--force", is_flag=True, help="Take an older list than the one taken before.")
@command_options
def import_etsi(home: Home, output: Output, *, file: Path, signer: Path, force: bool) -> None:
    """Take the services of a trusted list (ETSI TS 119 612) into the draft. 导入 ETSI 信任列表。

    The list's XAdES signature is verified with the given certificate. Taken are qualified
    certificate services for signatures and seals, and qualified timestamps, each for the time in
    which it was granted; what was taken from the same list before is replaced.

    \b
    Exit codes: 0 taken, 2 an older list, 3 not a list, expired, or signed by somebody else.
    Example:
      xinyin trust import-etsi RR.xml --signer rr-operator.cer
    """
    from signing.trust.etsi_list import read_etsi_list  # noqa: PLC0415  # a parser of XML, seldom needed

    permit = home.permit(Action.MANAGE_TRUST)
    operator = read_anchor(read_file(signer, MAX_CERTIFICATE_BYTES))
    found = read_etsi_list(read_file(file, _MAX_LIST_BYTES), operator.der, home.clock.now())
    before = newest_sequence(home.trust_desk.entries(), found.source)
    if before is not None and before > found.sequence and not force:
        raise UsageError(messages.list_not_newer(known_sequence=before, sequence=found.sequence))
    change = home.trust_desk.replace_source(found.source, found.entries, permit)
    summary = {
        "list": found.source,
        "sequence": found.sequence,
        "next_update": found.next_update.isoformat(),
        "entries": len(found.entries),
        "added": len(change.added),
        "removed": len(change.removed),
        "left_out": found.left_out,
    }
    if output.as_json:
        output.data(summary)
    else:
        output.text(f"{found.source} {found.sequence}")
    output.say(
        messages.list_imported(
            taken=len(found.entries),
            added=len(change.added),
            removed=len(change.removed),
            left_out=found.left_out,
            next_update=found.next_update,
        )
    )


@click.command("export")
@folder_options
@command_options
def export(home: Home, output: Output, *, out: Path, force: bool) -> None:
    """Write the signed list and its signers' public keys for verifiers elsewhere. 导出信任列表。

    Put both into the folder `trust` of the other home: the keys once and by a way that you trust,
    the list each time. list.statement and list.sig are for checking it without this software:
    openssl dgst -sha256 -verify list-signers.pem -signature list.sig list.statement

    \b
    Exit codes: 0 written, 2 there is no list or a file is in the way, 3 the list is not in order.
    Example:
      xinyin trust export --out /media/verifier
    """
    signed = home.trust_desk.signed()
    files = {
        LIST: signed.encode(),
        SIGNERS: home.trust_desk.pins(),
        "list.statement": signed.statement(),
        "list.sig": signed.signature,
    }
    write_files(out, files, force=force)
    output.records([{"file": str(out / name)} for name in files])


def write_files(directory: Path, files: dict[str, bytes], *, force: bool) -> None:
    """Write files into a directory, made if missing. Raises `UsageError` if one is in the way."""
    in_the_way = [name for name in files if (directory / name).exists()]
    if in_the_way and not force:
        raise UsageError(messages.directory_exists(directory / in_the_way[0]))
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            messages.directory_creation_failed(
                directory=directory,
                cause_zh=cause_zh(error),
                remedy=remedy(error),
                strerror=error.strerror,
            ),
        ) from error
    for name, data in files.items():
        write_atomically(directory / name, data, mode=PUBLIC)


EXCHANGE_COMMANDS = (import_etsi, export)
