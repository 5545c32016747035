"""CSV as spreadsheets write it: encodings told apart strictly, separators recognised."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.text import Text
from registry.importing import messages
from registry.importing.sheets import (
    BadTableError,
    Record,
    Table,
    assemble,
    remarks_column,
    trimmed,
)
from registry.types.cells.formulas import unescaped
from registry.types.row_problems import FieldProblem

_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_WIDE: Final = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A Chinese character in UTF-8."""
_CHINESE: Final = re.compile("[\u3400-\u9fff]")
_FIRST_WIDE: Final = "\u0800"
"""From here on UTF-8 takes three bytes; two bytes could be a GB 18030 character as well."""
_LINE_ENDS: Final = re.compile("\r\n?|\n")
_DELIMITERS: Final = ",;\t"
_SEPARATOR_LINE: Final = re.compile("sep=([,;\t])(?:\r\n?|\n)", re.IGNORECASE)
"""What spreadsheets understand as a first line; no row of the table."""


def read_csv(path: Path, data: bytes) -> Table:
    """Read the bytes of a CSV file. Raises `BadTableError` with what to do."""
    text, encoding = decode(path.name, data)
    problems: list[FieldProblem] = []
    header, rows, first = assemble(path, _as_meant(list_records(path, text)), problems)
    return Table(path, header, rows, tuple(problems), encoding=encoding, first_rows=first)


def decode(name: str, data: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding: `utf-8-sig`, `utf-8` or `gb18030`.

    Strict: what could be read as either, or is damaged, raises `BadTableError`, so that nobody's
    name is ever granted in wrong characters.
    """
    if data.startswith(_UTF16_BOMS):
        raise _resave(name, messages.UTF16_ENCODED)
    if b"\0" in data:
        raise _resave(name, messages.CONTAINS_NUL_BYTES)
    if data.startswith(_BOM):
        return _strictly(name, data[len(_BOM) :]), "utf-8-sig"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _from_gb18030(name, data, error), "gb18030"
    if _could_be_gb18030(text, data):
        raise _resave(name, messages.ENCODING_AMBIGUOUS)
    return text, "utf-8"


def _strictly(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _damaged(name, data, error.start) from error


def _from_gb18030(name: str, data: bytes, error: UnicodeDecodeError) -> str:
    wide = sum(len(match) for match in _WIDE.findall(data))
    outside_ascii = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    if wide * 2 > outside_ascii:  # mostly UTF-8: GB18030 would read it, as nonsense
        raise _damaged(name, data, error.start) from error
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as second:
        raise _damaged(name, data, second.start) from second


def _could_be_gb18030(text: str, data: bytes) -> bool:
    if text.isascii() or max(text) >= _FIRST_WIDE:
        return False
    try:
        return _CHINESE.search(data.decode("gb18030")) is not None
    except UnicodeDecodeError:
        return False


def _damaged(name: str, data: bytes, position: int) -> BadTableError:
    line = len(re.findall(rb"\r\n?|\n", data[:position])) + 1
    return _resave(name, messages.encoding_damaged_at_line(line))


def _resave(name: str, text: Text) -> BadTableError:
    return BadTableError(messages.file_encoding_unusable(file_name=name, problem=text))


def separator_line(text: str) -> tuple[str, str]:
    """Return the first line that names the separator, if there is one, and the separator."""
    stated = _SEPARATOR_LINE.match(text)
    return (stated[0], stated[1]) if stated else ("", _delimiter(text))


def list_records(path: Path, text: str) -> Iterator[Record]:
    """Yield the rows of a text, blank ones too. Raises `BadTableError`."""
    line, delimiter = separator_line(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if not (line and number == 1):
                yield Record(number, cells)
    except csv.Error as error:
        raise BadTableError(
            messages.row_not_splittable(file_name=path.name, row_number=number + 1)
        ) from error


def _as_meant(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the rows of a remarked copy with their cells as they were before they were escaped."""
    remarked: bool | None = None
    for record in records:
        if remarked is None and trimmed(record.cells):
            remarked = remarks_column(record.cells) is not None
        if remarked:
            yield Record(record.number, [unescaped(cell) for cell in record.cells])
        else:
            yield record


def _delimiter(text: str) -> str:
    """Return the delimiter in the first line that is not blank."""
    start = len(text) - len(text.lstrip())
    end = _LINE_ENDS.search(text, start)
    line = text[start : end.start() if end else len(text)]
    outside = re.sub('"[^"]*"', "", line)
    return max(_DELIMITERS, key=outside.count)
