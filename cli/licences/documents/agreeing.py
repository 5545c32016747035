"""Agreement to what is to be sealed: a preview, what it will be, and a code or an answer."""

import sys
from pathlib import Path

import click

from cli.licences.documents import messages
from cli.licences.documents.words import sealing_needs_yes, to_be_sealed
from cli.shell.confirming import confirm
from cli.shell.delivery import write_output
from cli.shell.output import Output
from core.errors import UsageError
from home.wiring import Home
from registry.granting.document_orders import DocumentOrder, DocumentSample


def show_sample(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    source: Path,
    data: bytes,
    target: Path,
    order: DocumentOrder,
    batch: str = "",
) -> DocumentSample:
    """Write the preview, say its code and what will be sealed, and return it.

    `batch` is the digest of the files of a folder, which are agreed to with the first.
    """
    shown = home.document_signing.sample(data, order, title=source.stem, batch=batch)
    write_output(target, shown.pdf)
    if output.as_json:
        sealed = shown.sealed
        output.data(
            {
                "sample": str(target),
                "source": str(source),
                "code": shown.code,
                "title": sealed.title,
                "pages": sealed.pages,
                "seal": sealed.seal,
                "authority": sealed.authority,
                "place": {
                    "page": sealed.page,
                    "left_mm": round(sealed.left, 1),
                    "top_mm": round(sealed.top, 1),
                },
            }
        )
    else:
        output.text(str(target))
        output.say(messages.sample_written(source=source, path=target, code=shown.code))
        output.say(to_be_sealed(shown.sealed))
    return shown


def is_agreed(  # noqa: PLR0917 (each of another type)
    home: Home, source: Path, data: bytes, agree: str, order: DocumentOrder, batch: str = ""
) -> bool:
    """Tell whether a code is the one of the preview that would be shown now."""
    shown = home.document_signing.sample(data, order, title=source.stem, batch=batch)
    return shown.code == agree.strip().lower()


def agree_to_file(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    source: Path,
    data: bytes,
    out: Path,
    order: DocumentOrder,
    *,
    agree: str | None,
) -> None:
    """Go on only if somebody agreed to sealing one file. Raises `UsageError`.

    Where the file was signed before nothing is to be agreed to: that is handed out again. On a
    terminal a preview is written beside the signed file, and taken away once it was answered.
    """
    if agree is not None:
        if not is_agreed(home, source, data, agree, order):
            raise UsageError(messages.OTHER_SAMPLE)
        return
    if output.as_json or not sys.stdin.isatty():
        shown = home.document_signing.sample(data, order, title=source.stem)
        raise UsageError(sealing_needs_yes(shown.sealed, shown.code))
    preview = out.with_name(f"{out.stem}-preview.pdf")
    try:
        show_sample(home, output, source, data, preview, order)
        confirm(output, messages.ABOUT_TO_SEAL, yes=False)
    finally:
        preview.unlink(missing_ok=True)


def agrees_to_folder(output: Output) -> bool:
    """Ask whether the preview is as it should be; False where nobody can be asked."""
    if output.as_json or not sys.stdin.isatty():
        return False
    return click.confirm(messages.AGREE.to(output.language), default=False, err=True)
