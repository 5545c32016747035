"""`xinyin document …`: official documents, signed from a file or a folder."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from cli.licences import messages
from cli.licences.document_folder import FolderFiles, gather_files
from cli.licences.document_options import SignOptions, options_of, sign_options
from cli.licences.document_report import COUNTED, fail, report_signed
from cli.shell.delivery import refuse_unwritable, write_document
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import MAX_DOCUMENT_BYTES, read_file
from cli.shell.tally import Tally
from core.errors import StorageError, UsageError, XinyinError
from core.files import write_atomically
from core.os_errors import cause_zh, remedy
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
    """Sign official documents and register them. 公文的签章与登记。"""


@document.command("sign")
@click.argument("source", type=_PATH)
@click.option("--out", type=_PATH, help="Signed PDF; for a folder, the directory of them.")
@sign_options
@click.option("--sample", type=_PATH, help="Write a preview of the first file here, unsigned.")
@click.option("--agree", metavar="CODE", help="Code of the preview that was agreed to.")
@click.option("--force", is_flag=True, help="Overwrite output files.")
@click.option(
    "--request-key",
    metavar="KEY",
    help="Of one file: signs it anew once what was signed before is cancelled.",
)
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
    force: bool,
    request_key: str | None,
    **given: Any,
) -> int:
    """Sign a PDF, or each PDF of a folder, and register it. 签发公文。

    What is signed is what is shown: a file with scripts, layers, forms, attachments or references
    to elsewhere is refused, and named. Each file is written anew and signed once, by its digest:
    the same command again goes on where it was cut off. A folder is signed once somebody agreed to
    a preview of its first file, by its code.

    \b
    Examples:
      xinyin document sign notice.pdf --type official-document --out signed.pdf --keyword 盖章
      xinyin document sign notice.pdf --type official-document --out signed.pdf --at 150,240
      xinyin document sign letters/ --type official-document --out signed/ --sample sample.pdf
      xinyin document sign letters/ --type official-document --out signed/ --agree 3f9a0c1d2b4e
    """
    options = options_of(given)
    order = options.order(home.permit(Action.GRANT))
    if not source.is_dir():
        return _sign_file(home, output, source, out, sample, order, options, force, request_key)
    if request_key is not None:
        raise UsageError(messages.KEY_OF_ONE_FILE)
    return _sign_folder(home, output, source, out, sample, agree, order, options, force)


def _sign_file(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    source: Path,
    out: Path | None,
    sample: Path | None,
    order: DocumentOrder,
    options: SignOptions,
    force: bool,  # noqa: FBT001
    request_key: str | None,
) -> int:
    if sample is not None:
        refuse_unwritable(sample, force=force)
        data = read_file(source, MAX_DOCUMENT_BYTES)
        _show_sample(home, output, source, data, sample, order, options)
        return 0
    if out is None:
        raise UsageError(messages.OUT_NEEDED)
    refuse_unwritable(out, force=force)
    data = read_file(source, MAX_DOCUMENT_BYTES)
    signed = home.document_signing.sign(
        data, order, title=options.title or source.stem, request_key=request_key
    )
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
    options: SignOptions,
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
        _make_directory(target.parent)
        batch = files.digest()
        code = _show_sample(home, output, first, data, target, order, options, batch)
        if out is None or not _agrees(output):
            output.say(messages.agree_with(code))
            return EXIT_NOT_AGREED
    elif not _is_agreed(home, first, data, agree, order, options, files.digest()):
        raise UsageError(messages.OTHER_SAMPLE)
    if out is None:
        raise UsageError(messages.OUT_NEEDED)
    _make_directory(out)
    return _sign_each(home, output, files, out, order, options, force=force)


def _sign_each(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    files: FolderFiles,
    out: Path,
    order: DocumentOrder,
    options: SignOptions,
    *,
    force: bool,
) -> int:
    tally = Tally(COUNTED, len(files.digests))
    shown = output.progress(list(files), messages.SIGNING)
    with tally.told_at_the_end(output), closing(shown):
        for one in tally.taking(shown, lambda one: Text(one.name, one.name)):
            try:
                data = files.read(one)
                title = options.title or one.stem
                signed = home.document_signing.sign(data, order, title=title)
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


def _show_sample(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    source: Path,
    data: bytes,
    target: Path,
    order: DocumentOrder,
    options: SignOptions,
    batch: str = "",
) -> str:
    """Write the preview, say its code, and return that."""
    title = options.title or source.stem
    shown = home.document_signing.sample(data, order, title=title, batch=batch)
    write_atomically(target, shown.pdf)
    if output.as_json:
        output.data({"sample": str(target), "source": str(source), "code": shown.code})
    else:
        output.text(str(target))
        output.say(messages.sample_written(source=source, path=target, code=shown.code))
    return shown.code


def _is_agreed(  # noqa: PLR0917 (each of another type)
    home: Home,
    source: Path,
    data: bytes,
    agree: str,
    order: DocumentOrder,
    options: SignOptions,
    batch: str,
) -> bool:
    title = options.title or source.stem
    shown = home.document_signing.sample(data, order, title=title, batch=batch)
    return shown.code == agree.strip().lower()


def _agrees(output: Output) -> bool:
    """Ask whether the preview is as it should be; False where nobody can be asked."""
    if output.as_json or not sys.stdin.isatty():
        return False
    return click.confirm(messages.AGREE.to(output.language), default=False, err=True)


def _deliver(target: Path, pdf: bytes, *, force: bool) -> None:
    """Write a signed file; one that is there already may stand. Raises `StorageError`."""
    _make_directory(target.parent)
    if target.exists() and not force:
        if target.read_bytes() == pdf:
            return
        raise UsageError(messages.output_in_the_way(target))
    write_atomically(target, pdf)


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            messages.directory_creation_failed(
                out=directory,
                cause_zh=cause_zh(error),
                remedy=remedy(error),
                strerror=error.strerror,
            )
        ) from error


COMMANDS = (document,)
