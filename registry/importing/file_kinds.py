"""Kinds of files that people take for sheets, told by their first bytes, not by their names."""

import io
import zipfile
from typing import Final

from core.text import Text
from registry.importing import messages
from registry.importing.sheets import BadTableError

WORKBOOK: Final = b"PK\x03\x04"
"""Beginning of an .xlsx, as of every other .zip."""
_PDF: Final = Text("PDF 文档", "a PDF")
_PICTURE: Final = Text("图片", "a picture")
_ARCHIVE: Final = Text("压缩包", "an archive")
_BEGINNINGS: Final = (
    (b"%PDF-", _PDF),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Text(
            "旧版 Office 文件（.xls、.doc 等）或加了密码的工作簿",
            "a file of an old Office (.xls, .doc, ...), or a workbook with a password",
        ),
    ),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"{\\rtf", Text("RTF 文档", "an RTF document")),
)
_MARKUP: Final = (b"<html", b"<!doctype", b"<?xml", b"<table")
"""What systems export under the name .xls."""
_WITHIN: Final = (
    ("xl/workbook.bin", Text("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)")),
    ("word/document.xml", Text("Word 文档", "a Word document")),
    ("ppt/presentation.xml", Text("演示文稿", "a presentation")),
    ("content.xml", Text("OpenDocument 文件（.ods、.odt）", "an OpenDocument file (.ods, .odt)")),
)
_OURS: Final = "xl/"


def refuse_other_kind(data: bytes) -> None:
    """See that a file may be a sheet. Raises `BadTableError`, saying what it is.

    What is no kind known here is left to whoever reads it.
    """
    kind = next((kind for begins, kind in _BEGINNINGS if data.startswith(begins)), None)
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if kind is None and head.startswith(_MARKUP):
        kind = Text("网页或 XML 文件", "a web page or XML")
    if kind is None and data.startswith(WORKBOOK):
        kind = _within(data)
    if kind is not None:
        raise BadTableError(messages.no_sheet_but(kind))


def _within(data: bytes) -> Text | None:
    """Return what a .zip is, unless it may be a workbook, or is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, LookupError, EOFError):
        return None
    known = next((kind for name, kind in _WITHIN if name in names), None)
    if known is None and not any(name.startswith(_OURS) for name in names):
        return _ARCHIVE
    return known
