"""`xinyin document …`: official documents, signed from a file or a folder."""

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from cli.licences.documents import messages
from cli.licences.documents.agreeing import agree_to_file, agrees_to_folder, is_agreed, show_sample
from cli.licences.documents.countersign_commands import COUNTERSIGN_COMMANDS
from cli.licences.documents.folder import FolderFiles, gather_files
from cli.licences.documents.options import SignOptions, options_of, sign_options
from cli.licences.documents.records import RECORD_COMMANDS
from cli.licences.documents.report import COUNTED, fail, report_signed
from cli.licences.documents.server import DocumentsThere, ServerSigning
from cli.remote.contexts import server_option
from cli.shell.delivery import make_directory, refuse_unwritable, write_document, write_output
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import MAX_DOCUMENT_BYTES, read_file
from cli.shell.tally import Tally
from core.errors import UsageError, XinyinError
from core.permits import Action
from core.text import Text
from core.web.problems import is_of_surroundings, problem_of
from home.wiring import Home
from registry.granting.document_orders import DocumentOrder

EXIT_NOT_AGREED = 2
EXIT_FAILURES = 20
_PATH = click.Path(path_type=Path)


@click.group("document")
def document() -> None:
    """Sign official documents, and keep their state. 公文的签章与管理。"""


@document.command("sign")
@click.argument("source", type=_PATH)
@click.option("--out", type=_PATH, help="Signed PDF; for a folder, the directory of them.")
@sign_options
@click.option("--sample", type=_PATH, help="Write a preview of the first file here, unsigned.")
@click.option("--agree", metavar="CODE", help="Code of the preview that was agreed to.")
@click.option("--yes", is_flag=True, help="Of one file: seal it without asking.")
@click.option("--force", is_flag=True, help="Overwrite output files.")
@click.option(
    "--request-key",
    metavar="KEY",
    help="Of one file: signs it anew once what was signed before is cancelled.",
)
@server_option
@key_options
@command_options
def sign(
    home: Home,
    output: Output,
    *,
    source: Path,
    out: Path | None,
    sample: Path | None,
    agree: str | None,
    yes: bool,
    force: bool,
    request_key: str | None,
    server: str | None,
    **given: Any,
) -> int:
    """Sign a PDF, or each PDF of a folder, and register it. 签发公文。

    What is signed is what is shown: a file with scripts, layers, forms, attachments or references
    to elsewhere is refused, and named. Each file is written anew and signed once, by its digest:
    the same command again goes on where it was cut off. What is sealed cannot be unsealed: on a
    terminal a preview and what it says are shown, and it is asked; elsewhere --yes, or the code of
    the preview that was agreed to. A folder is signed once somebody agreed to a preview of its
    first file, by its code.

    \b
    Examples:
      xinyin document sign notice.pdf --type official-document --out signed.pdf --keyword 盖章
      xinyin document sign notice.pdf --type official-document --out signed.pdf --at 150,240 --yes
      xinyin document sign letters/ --type official-document --out signed/ --sample sample.pdf
      xinyin document sign letters/ --type official-document --out signed/ --agree CODE
      xinyin document sign notice.pdf --type official-document --out signed.pdf --at 60,240 \\
        --countersigners round.toml --yes
      xinyin document sign notice.pdf --type official-document --out signed.pdf --yes --server URL
    """
    if server is not None:
        options = options_of(given)
        asked = _to_be_signed_there(
            options, source, out, sample, agree, yes=yes, force=force, request_key=request_key
        )
        return DocumentsThere(server, output).sign(asked)
    order = options_of(given).order(home.permit(Action.GRANT))
    if not source.is_dir():
        agreed = True if yes else agree
        return _sign_file(home, output, source, out, sample, order, agreed, force, request_key)
    if request_key is not None:
        raise UsageError(messages.KEY_OF_ONE_FILE)
    if yes:
        raise UsageError(messages.YES_OF_ONE_FILE)
    return _sign_folder(home, output, source, out, sample, agree, order, force)


def _to_be_signed_there(
    options: SignOptions,
    source: Path,
    out: Path | None,
    sample: Path | None,
    agree: str | None,
    *,
    yes: bool,
    force: bool,
    request_key: str | None,
) -> ServerSigning:
    """Return the files for a server. Raises `UsageError` as the same does here."""
    files, targets = [source], [] if out is None else [out]
    if source.is_dir():
        if yes:
            raise UsageError(messages.YES_OF_ONE_FILE)
        files = list(gather_files(source, out, sample))
        if not files:
            raise UsageError(messages.no_pdf_in(source))
        targets = [] if out is None else [out / one.relative_to(source) for one in files]
    if not targets and (sample is None or yes or agree is not None):
        raise UsageError(messages.OUT_NEEDED)
    if sample is not None:
        if sample.suffix.lower() != ".png":
            raise UsageError(messages.SAMPLE_IS_PICTURE)
        refuse_unwritable(sample, force=force)
    return ServerSigning(files, targets or files, options, sample, agree, yes, request_key, force)


def _sign_file(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    source: Path,
    out: Path | None,
    sample: Path | None,
    order: DocumentOrder,
    agreed: bool | str | None,  # noqa: FBT001  (the code of a preview, or --yes)
    force: bool,  # noqa: FBT001
    request_key: str | None,
) -> int:
    if sample is not None:
        refuse_unwritable(sample, force=force)
        show_sample(home, output, source, read_file(source, MAX_DOCUMENT_BYTES), sample, order)
        return 0
    if out is None:
        raise UsageError(messages.OUT_NEEDED)
    refuse_unwritable(out, force=force)
    data, signing = read_file(source, MAX_DOCUMENT_BYTES), home.document_signing
    known = request_key is None and signing.is_known(data, order)
    if agreed is not True and not known:
        code = agreed if isinstance(agreed, str) else None
        agree_to_file(home, output, source, data, out, order, agree=code)
    signed = signing.sign(data, order, title=source.stem, request_key=request_key)
    write_document(out, signed.granted.pdf, signed.granted.licence.identifier)
    report_signed(output, home, source, signed, out)
    return 0


def _sign_folder(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    folder: Path,
    out: Path | None,
    sample: Path | None,
    agree: str | None,
    order: DocumentOrder,
    force: bool,  # noqa: FBT001
) -> int:
    target = sample or (None if out is None else out.with_name(f"{out.name}-sample.pdf"))
    files = gather_files(folder, out, target)
    if files.links:
        output.say(messages.links_left_out(files.links))
    if not files.digests:
        raise UsageError(messages.no_pdf_in(folder))
    first = next(iter(files))
    data = files.read(first)
    if agree is None:
        if target is None:
            raise UsageError(messages.OUT_NEEDED)
        make_directory(target.parent)
        code = show_sample(home, output, first, data, target, order, files.digest()).code
        if out is None or not agrees_to_folder(output):
            output.say(messages.agree_with(code))
            return EXIT_NOT_AGREED
    elif not is_agreed(home, first, data, agree, order, files.digest()):
        raise UsageError(messages.OTHER_SAMPLE)
    if out is None:
        raise UsageError(messages.OUT_NEEDED)
    make_directory(out)
    return _sign_each(home, output, files, out, order, force=force)


def _sign_each(
    home: Home,
    output: Output,
    files: FolderFiles,
    out: Path,
    order: DocumentOrder,
    *,
    force: bool,
) -> int:
    tally = Tally(COUNTED, len(files.digests))
    shown = output.progress(list(files), messages.SIGNING)
    with tally.told_at_the_end(output), closing(shown):
        for one in tally.taking(shown, lambda one: Text(one.name, one.name)):
            try:
                data = files.read(one)
                signed = home.document_signing.sign(data, order, title=one.stem)
                target = out / one.relative_to(files.folder)
                _deliver(target, signed.granted.pdf, force=force)
            except XinyinError as error:
                tally.note(error)
                fail(output, one, error)
                if is_of_surroundings(error):
                    break
                continue
            tally.note(None)
            report_signed(output, home, one, signed, target)
    if tally.surroundings is not None:
        return problem_of(tally.surroundings.code).exit_code
    return EXIT_FAILURES if tally.failed else 0


def _deliver(target: Path, pdf: bytes, *, force: bool) -> None:
    """Write a signed file; one that is there already may stand. Raises `StorageError`."""
    make_directory(target.parent)
    if target.exists() and not force:
        if target.read_bytes() == pdf:
            return
        raise UsageError(messages.output_in_the_way(target))
    write_output(target, pdf)


for _command in (*RECORD_COMMANDS, *COUNTERSIGN_COMMANDS):
    document.add_command(_command)
COMMANDS = (document,)
