"""CSV as spreadsheets write it: encodings told apart strictly, separators recognised."""

import csv
import io
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Final, TextIO

from core.scratch import Gathered, whole
from core.text import Text
from registry.importing import messages
from registry.importing.misread_text import is_misread
from registry.importing.sheets import (
    BadTableError,
    Record,
    SheetLimits,
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
_BYTE_LINE_ENDS: Final = re.compile(rb"\r\n?|\n")
_OUTSIDE_ASCII: Final = bytes(range(0x80, 0x100))
_PIECE: Final = 1024 * 1024
_HEAD: Final = 64 * 1024
"""Characters in which the first line is looked for."""
_LONGEST_ROW: Final = 1024 * 1024
"""Characters; twice as many as all its cells may have."""
_DELIMITERS: Final = ",;\t"
_SEPARATOR_LINE: Final = re.compile("sep=([,;\t])(?:\r\n?|\n)", re.IGNORECASE)
"""What spreadsheets understand as a first line; no row of the table."""


def read_csv(path: Path, file: IO[bytes], limits: SheetLimits) -> Table:
    """Read a CSV file. Raises `BadTableError` with what to do."""
    encoding = encoding_of(path.name, file)
    problems: Gathered[FieldProblem] = limits.keeping.items()
    records = _as_meant(list_records(path, file, encoding))
    header, rows, first = assemble(path, records, problems, limits)
    return Table(path, header, rows, whole(problems), encoding=encoding, first_rows=first)


def encoding_of(name: str, file: IO[bytes]) -> str:
    """Return a file's encoding: `utf-8-sig`, `utf-8`, `utf-16` or `gb18030`.

    Strict: what could be read as either, or is damaged, raises `BadTableError`, so that nobody's
    name is ever granted in wrong characters.
    """
    file.seek(0)
    head = file.read(len(_BOM))
    if head.startswith(_UTF16_BOMS):
        found = _scan(file, "utf-16")
        if found.damaged_line is not None:
            raise _damaged(name, found.damaged_line)
        encoding = "utf-16"
    else:
        found = _scan(file, "utf-8")
        encoding = "utf-8-sig" if head == _BOM else "utf-8"
    if found.has_nul:
        raise _resave(name, messages.CONTAINS_NUL_BYTES)
    if found.damaged_line is not None:
        if encoding == "utf-8-sig":
            raise _damaged(name, found.damaged_line)
        return _gb18030(name, file, found.damaged_line)
    if encoding == "utf-8" and found.is_narrow and _could_be_gb18030(file):
        raise _resave(name, messages.ENCODING_AMBIGUOUS)
    return encoding


@dataclass(slots=True)
class _Found:
    """Result of reading a file in an encoding."""

    has_nul: bool = False
    damaged_line: int | None = None
    is_wide: bool = False
    """With characters that take three bytes in UTF-8."""
    is_narrow: bool = False
    """With other characters than ASCII, of which none does."""


def _scan(file: IO[bytes], encoding: str) -> _Found:
    """Read a whole file, of which no more than a piece is in memory."""
    found, lines = _Found(), 1
    decoder = getincrementaldecoder(encoding)("strict")
    for piece in chain(_pieces(file), (b"",)):
        wide = encoding == "utf-16"
        found.has_nul |= not wide and b"\0" in piece
        if found.damaged_line is not None:
            continue
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            before = b"" if wide else error.object[: error.start]
            found.damaged_line = lines + len(_BYTE_LINE_ENDS.findall(before))
            continue
        found.has_nul |= wide and "\0" in text
        lines += text.count("\n") + text.count("\r") - text.count("\r\n")
        if not found.is_wide and not text.isascii():
            found.is_wide = max(text) >= _FIRST_WIDE
            found.is_narrow = not found.is_wide
    return found


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file by pieces that end where a line ends, unless it is very long."""
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece + file.readline(_PIECE)


def _gb18030(name: str, file: IO[bytes], damaged_line: int) -> str:
    """See that what is no UTF-8 is GB18030; `damaged_line` is where it is none."""
    wide = outside_ascii = 0
    for piece in _pieces(file):
        wide += sum(len(match) for match in _WIDE.findall(piece))
        outside_ascii += len(piece) - len(piece.translate(None, _OUTSIDE_ASCII))
    if wide * 2 > outside_ascii:  # mostly UTF-8: GB18030 would read it, as nonsense
        raise _damaged(name, damaged_line)
    found = _scan(file, "gb18030")
    if found.damaged_line is not None:
        raise _damaged(name, found.damaged_line)
    if is_misread(head_of(file, "gb18030")):
        raise _resave(name, messages.ENCODING_NOT_READ)
    return "gb18030"


def _could_be_gb18030(file: IO[bytes]) -> bool:
    decoder, chinese = getincrementaldecoder("gb18030")("strict"), False
    try:
        for piece in _pieces(file):
            chinese |= _CHINESE.search(decoder.decode(piece)) is not None
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return chinese


def _damaged(name: str, line: int) -> BadTableError:
    return _resave(name, messages.encoding_damaged_at_line(line))


def _resave(name: str, text: Text) -> BadTableError:
    return BadTableError(messages.file_encoding_unusable(file_name=name, problem=text))


@contextmanager
def text_of(file: IO[bytes], encoding: str) -> Iterator[TextIO]:
    """Open a file as text, from its beginning; the file stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def head_of(file: IO[bytes], encoding: str) -> str:
    """Return the beginning of a file's text."""
    with text_of(file, encoding) as text:
        return text.read(_HEAD)


def separator_line(text: str) -> tuple[str, str]:
    """Return the first line that names the separator, if there is one, and the separator."""
    stated = _SEPARATOR_LINE.match(text)
    return (stated[0], stated[1]) if stated else ("", _delimiter(text))


def list_records(path: Path, file: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield the rows of a file, blank ones too. Raises `BadTableError`."""
    line, delimiter = separator_line(head_of(file, encoding))
    number = 0
    try:
        with text_of(file, encoding) as text:
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            for number, cells in enumerate(reader, start=1):
                lines.begin_row()
                if not (line and number == 1):
                    yield Record(number, cells)
    except csv.Error as error:
        raise BadTableError(
            messages.row_not_splittable(file_name=path.name, row_number=number + 1)
        ) from error


class _Lines(Iterator[str]):
    """Lines of a text. Raises `csv.Error` where a row takes more than it can hold: quoted cells go
    on over any number of lines.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._left = _LONGEST_ROW

    def begin_row(self) -> None:
        """Take the next line as the first of a row."""
        self._left = _LONGEST_ROW

    def __next__(self) -> str:
        line = self._text.readline(self._left)
        self._left -= len(line)
        if not line:
            raise StopIteration
        if not self._left:
            raise csv.Error
        return line


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
