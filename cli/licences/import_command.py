"""`xinyin licence import`: packages of another register taken in, each checked to the end."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key

from cli.licences import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.tally import Tally, Words
from core.errors import UnreadableInputError, XinyinError
from core.permits import Action
from core.text import Text
from core.web.problems import is_of_surroundings
from home.wiring import Home
from registry.accession.exporting import read_package
from registry.accession.taking_in import TakenIn

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from registry.accession.taking_in import JudgedPackage

EXIT_FAILURES = 20
_MAX_KEY = 64 * 1024
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_TAKEN = Words(
    things=Text("个", "packages"),
    done=Text("已接收", "taken in"),
    go_on=Text(
        "再执行一次同样的命令即可接着办，不会重复接收。",
        "Run the same command again: it goes on from here and takes nothing in twice.",
    ),
)


@click.command("import")
@click.argument("packages", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--signer",
    "signers",
    type=_FILE,
    multiple=True,
    required=True,
    help="Public key of who made the packages (archive-….pem), got by another way.",
)
@click.option("--root", "roots", type=_FILE, multiple=True, help="Root certificate of their seals.")
@click.option("--basis", help="Why, for the audit.")
@click.option("--dry-run", is_flag=True, help="Check only; record nothing.")
@command_options
def import_(
    home: Home,
    output: Output,
    *,
    packages: Sequence[Path],
    signers: Sequence[Path],
    roots: Sequence[Path],
    basis: str | None,
    dry_run: bool,
) -> int:
    """Take in archive packages of another register. 导入归档包。

    Every digest, the manifest's signature, the events and the document's seal are checked; what
    does not hold is refused by name. A licence so taken over is not ours: answers say that it was
    granted elsewhere, and how it stood when it was packed. May be run again. A later package of
    the same licence takes the place of the one before, an earlier one never does.

    \b
    Exit codes: 0 done, 20 a package was refused.
    Example:
      xinyin licence import /media/archive/*.zip --signer archive-1.pem --root root.cer
    """
    permit = home.permit(Action.TAKE_OVER)
    anchors = tuple(_certificate(path) for path in roots)
    intake = home.open_package_intake(tuple(_key(path) for path in signers), anchors)
    tally, refused = Tally(_TAKEN, len(packages)), 0
    with tally.told_at_the_end(output):
        for path in output.progress(packages, messages.TAKING_IN):
            try:
                judged = intake.judge(read_package(path))
                result = (
                    intake.compare(judged) if dry_run else intake.take_in(judged, permit, basis)
                )
            except XinyinError as error:
                if is_of_surroundings(error):
                    raise
                tally.note(error)
                refused += 1
                _tell_refusal(output, path, error)
                continue
            tally.note(None)
            checked = dry_run and result is TakenIn.TAKEN
            _tell(output, path, judged, "checked" if checked else result)
    return EXIT_FAILURES if refused else 0


def _tell(output: Output, path: Path, judged: "JudgedPackage", result: str) -> None:
    accession = judged.accession
    if output.as_json:
        output.data(
            {
                "file": str(path),
                "result": result,
                "identifier": accession.identifier,
                "authority": accession.authority_name,
                "grade": accession.grade,
                "state": accession.state,
            }
        )
    else:
        output.text(f"{accession.identifier}  {result}")


def _tell_refusal(output: Output, path: Path, error: XinyinError) -> None:
    if output.as_json:
        output.data(
            {
                "file": str(path),
                "result": "refused",
                "code": getattr(error, "flaw", error.code),
                "message": error.text.as_json(),
            }
        )
    else:
        output.say(Text(f"{path.name}：{error.text.zh}", f"{path.name}: {error.text.en}"))


def _key(path: Path) -> "PublicKeyTypes":
    try:
        with path.open("rb") as file:
            return load_pem_public_key(file.read(_MAX_KEY))
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableInputError(messages.key_file_unreadable(path.name)) from error


def _certificate(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_KEY)
        pem = data.lstrip().startswith(b"-----")
        load = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
        return load(data).public_bytes(Encoding.DER)
    except (OSError, ValueError) as error:
        raise UnreadableInputError(messages.key_file_unreadable(path.name)) from error


TAKING_OVER = (import_,)
