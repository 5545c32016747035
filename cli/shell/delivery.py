"""Handing a licence's PDF to the person, who must get it even where the first writing failed."""

from pathlib import Path

from cli.shell import messages
from core.errors import StorageError, UsageError
from core.files import write_atomically
from core.ids import LicenceIdentifier
from core.os_errors import cause_zh, remedy


def refuse_unwritable(out: Path, *, force: bool) -> None:
    """Refuse what is sure to fail before a number is taken. Raises `UsageError`."""
    if out.exists() and not force:
        raise UsageError(messages.file_exists(out))
    if not out.parent.is_dir():
        raise UsageError(messages.output_directory_missing(out))


def make_directory(out: Path) -> None:
    """Make a directory for what is to be written. Raises `StorageError`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            messages.directory_creation_failed(
                out=out, cause_zh=cause_zh(error), remedy=remedy(error), strerror=error.strerror
            )
        ) from error


def refuse_existing(out: Path) -> None:
    """Refuse to write over a file, or where there is no folder. Raises `UsageError`."""
    if out.exists():
        raise UsageError(messages.file_stands(out))
    if not out.parent.is_dir():
        raise UsageError(messages.output_directory_missing(out))


def write_document(out: Path, pdf: bytes, identifier: LicenceIdentifier) -> None:
    """Write the PDF of a licence that is in force already.

    Raises `StorageError` saying how to get it, so that nobody grants it a second time.
    """
    try:
        write_atomically(out, pdf)
    except StorageError as error:
        raise StorageError(
            messages.licence_already_granted(error_text=error.text, identifier=identifier)
        ) from error
