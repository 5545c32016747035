"""Handing a licence's PDF to the person, who must get it even where the first writing failed."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from cli.shell import messages
from core.errors import StorageError, UsageError
from core.files import write_atomically, write_together
from core.ids import LicenceIdentifier
from core.os_errors import cause_zh, remedy

OUTPUT_MODE: Final = "XINYIN_OUTPUT_MODE"
"""Variable with the mode of documents and tables that commands write, in octal; 0600 without it."""
_MODES: Final = re.compile("0?6[046]0")


def write_output(out: Path, data: bytes | IO[bytes], *, overwrite: bool = True) -> None:
    """Write what holds personal data: for its owner alone, unless a variable says otherwise.

    Never for everybody. Raises `UsageError`, `FileExistsError`, `StorageError`.
    """
    write_atomically(out, data, mode=_output_mode(), overwrite=overwrite)


def write_outputs(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write several of one folder so, with one flush to disk. Raises `UsageError`, `StorageError`,
    where each may be there or not.
    """
    write_together(files, mode=_output_mode())


def _output_mode() -> int:
    said = os.environ.get(OUTPUT_MODE, "0600")
    if _MODES.fullmatch(said) is None:
        raise UsageError(messages.output_mode_unfit(OUTPUT_MODE))
    return int(said, 8)


def refuse_unwritable(out: Path, *, force: bool) -> None:
    """Refuse what is sure to fail before a number is taken. Raises `UsageError`."""
    _output_mode()
    if out.exists() and not force:
        raise UsageError(messages.file_exists(out))
    if not out.parent.is_dir():
        raise UsageError(messages.output_directory_missing(out))


def make_directory(out: Path) -> None:
    """Make a directory for what is to be written. Raises `StorageError`; `UsageError` where no file
    could be written into it.
    """
    _output_mode()
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        write_output(out, pdf)
    except StorageError as error:
        raise StorageError(
            messages.licence_already_granted(error_text=error.text, identifier=identifier)
        ) from error
