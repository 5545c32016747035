"""Kinds of files that people take for sheets, told by their first bytes, not by their names."""

import zipfile
from typing import IO, Final

from core.text import Text
from registry.importing import messages
from registry.importing.sheets import BadTableError

WORKBOOK: Final = b"PK\x03\x04"
"""Beginning of an .xlsx, as of every other .zip."""
_BEGINNINGS: Final = (
    (b"%PDF-", messages.PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", messages.OLD_OFFICE),
    (b"\x89PNG", messages.PICTURE),
    (b"\xff\xd8\xff", messages.PICTURE),
    (b"GIF8", messages.PICTURE),
    (b"Rar!", messages.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", messages.ARCHIVE),
    (b"\x1f\x8b", messages.ARCHIVE),
    (b"{\\rtf", messages.RTF),
)
_MARKUP: Final = (b"<html", b"<!doctype", b"<?xml", b"<table")
"""Beginnings of what systems export under the name .xls."""
_WITHIN: Final = (
    ("xl/workbook.bin", messages.BINARY_WORKBOOK),
    ("word/document.xml", messages.WORD),
    ("ppt/presentation.xml", messages.PRESENTATION),
    ("content.xml", messages.OPEN_DOCUMENT),
)
_OURS: Final = "xl/"
_HEAD: Final = 512
"""Bytes by which a kind is told."""


def refuse_other_kind(file: IO[bytes]) -> None:
    """See that a file may be a sheet. Raises `BadTableError`, saying what it is.

    What is no kind known here is left to whoever reads it.
    """
    file.seek(0)
    data = file.read(_HEAD)
    kind = next((kind for begins, kind in _BEGINNINGS if data.startswith(begins)), None)
    head = data.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if kind is None and head.startswith(_MARKUP):
        kind = messages.MARKUP
    if kind is None and data.startswith(WORKBOOK):
        kind = _within(file)
    if kind is not None:
        raise BadTableError(messages.no_sheet_but(kind))


def _within(file: IO[bytes]) -> Text | None:
    """Return the kind of a .zip, unless it may be a workbook, or is broken."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, LookupError, EOFError):
        return None
    known = next((kind for name, kind in _WITHIN if name in names), None)
    if known is None and not any(name.startswith(_OURS) for name in names):
        return messages.ARCHIVE
    return known
