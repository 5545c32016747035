"""Strict reading of one cross-reference section (ISO 32000-2 7.5.4, 7.5.8).

Readers repair what they cannot read, each in its own way: a table that one takes literally and
another rebuilds shows two documents. So whatever the standard does not spell out is `unclear`.
"""

import re
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.view import Key, key_of
from signing.inspection.objects import is_name, items, raw
from signing.inspection.reader import SealedReader

WHITE_SPACE = b"\x00\t\n\f\r "
MOST_WHITE_SPACE = 1024
"""White space in a row; readers stop looking for what follows at some length, 1 KiB in some."""
_MOST_NUMBER = 8_388_607
"""Highest object number (ISO 32000-1 annex C.2)."""
_MOST_GENERATION = 65_535
_FREE, _PLAIN, _PACKED = 0, 1, 2
_WIDTHS = 3
_MOST_WIDTH = 8
_TABLE = re.compile(rb"xref[ ]*(?:\r\n|\r|\n)")
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10})[ ]*(?:\r\n|\r|\n)")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_TRAILER = re.compile(rb"trailer[\x00\t\n\f\r ]{0,64}(?=<<)")
HEADER = re.compile(
    rb"(\d{1,10})[\x00\t\n\f\r ]{1,16}(\d{1,5})[\x00\t\n\f\r ]{1,16}obj(?![0-9A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class XrefSection:
    """Cross-reference section of one update."""

    plain: dict[Key, int]
    """Objects by their offset."""
    packed: dict[Key, tuple[int, int]]
    """Objects in object streams: the stream's number, the place in it."""
    free: frozenset[Key]
    """Free numbers with the generation that may use them next."""
    start: int
    """Where the section begins."""
    end: int
    """Where the trailer or the cross-reference stream ends."""
    streams: dict[Key, int]
    """Cross-reference streams, of a hybrid section too, by their offset."""


def read_section(reader: SealedReader, revision: int) -> XrefSection:
    """Read the section of one revision. Raises `UnclearError`."""
    declared = reader.xrefs.get_xref_container_info(revision).declared_startxref
    start = skip_white_space(reader.data, declared)
    if reader.data.startswith(b"xref", start):
        section = _table(reader, start)
    else:
        section = _stream(reader, start)
    _agrees(reader, revision, section)
    return section


def skip_white_space(data: bytes, position: int) -> int:
    """Return the offset of the next that is not white space. Raises `UnclearError`."""
    window = data[position : position + MOST_WHITE_SPACE]
    skipped = len(window) - len(window.lstrip(WHITE_SPACE))
    if skipped == len(window):
        raise UnclearError("too much white space, or nothing")
    return position + skipped


def _table(reader: SealedReader, start: int) -> XrefSection:
    entries, position = _entries(reader.data, start)
    head = _TRAILER.match(reader.data, position)
    if head is None:
        raise UnclearError("no trailer after the cross-references")
    end = reader.trailer_end(head.end())
    reader.stream.seek(head.end())
    holder: Any = generic.TrailerReference  # untyped
    trailer = generic.DictionaryObject.read_from_stream(reader.stream, holder(reader))
    _check_trailer(trailer, max(number for number, _, _, _ in [(0, 0, 0, 0), *entries]))
    hybrid = raw(trailer, "/XRefStm")
    streams: dict[Key, int] = {}
    if hybrid is not None:
        offset = _number(hybrid, len(reader.data), "/XRefStm")
        key, _, more = _stream_entries(reader, offset)
        entries = _merged(entries, more)
        streams[key] = offset
    return _section(entries, start, end, streams)


def _entries(data: bytes, start: int) -> tuple[list[tuple[int, int, int, int]], int]:
    """Read a table's entries: (type, number, generation, offset)."""
    head = _TABLE.match(data, start)
    if head is None:
        raise UnclearError("no table where startxref says")
    position = head.end()
    found: list[tuple[int, int, int, int]] = []
    while subsection := _SUBSECTION.match(data, position):
        first, count = int(subsection.group(1)), int(subsection.group(2))
        position = subsection.end()
        if first + count > _MOST_NUMBER + 1:
            raise UnclearError("object numbers out of bounds")
        for number in range(first, first + count):
            entry = _ENTRY.match(data, position)
            if entry is None:
                raise UnclearError("an entry that is not 20 bytes")
            position = entry.end()
            kind = _PLAIN if entry.group(3) == b"n" else _FREE
            found.append((kind, number, int(entry.group(2)), int(entry.group(1))))
    return found, position


def _stream(reader: SealedReader, start: int) -> XrefSection:
    key, trailer, entries = _stream_entries(reader, start)
    _check_trailer(trailer, max(entry[1] for entry in [(0, 0, 0, 0), *entries]))
    end = reader.object_end(key[0], key[1], start)
    return _section(entries, start, end, {key: start})


def _stream_entries(
    reader: SealedReader, offset: int
) -> tuple[Key, generic.DictionaryObject, list[tuple[int, int, int, int]]]:
    """Read a cross-reference stream: its number, dictionary and entries."""
    head = HEADER.match(reader.data, offset)
    if head is None:
        raise UnclearError("no cross-references where startxref says")
    key = int(head.group(1)), int(head.group(2))
    reference = generic.Reference(*key, reader)
    stream: Any = reader._read_object(reference, offset, never_decrypt=True)  # noqa: SLF001
    if not isinstance(stream, generic.StreamObject) or not is_name(raw(stream, "/Type"), "/XRef"):
        raise UnclearError("no cross-reference stream where startxref says")
    widths = _numbers(raw(stream, "/W"), _MOST_WIDTH, "/W")
    if len(widths) != _WIDTHS or not widths[1]:
        raise UnclearError("odd widths of cross-references")
    size = _number(raw(stream, "/Size"), _MOST_NUMBER + 1, "/Size")
    index = raw(stream, "/Index")
    pairs = [0, size] if index is None else _numbers(index, _MOST_NUMBER + 1, "/Index")
    data = stream.read_data(DecodePurpose.XREF_STREAM)
    return key, stream, _rows(data, widths, pairs)


def _rows(data: bytes, widths: list[int], pairs: list[int]) -> list[tuple[int, int, int, int]]:
    width = sum(widths)
    total = sum(pairs[1::2])
    if len(pairs) % 2 or len(data) != width * total:
        raise UnclearError("a cross-reference stream of another length than it says")
    found = []
    position = 0
    for first, count in zip(pairs[::2], pairs[1::2], strict=True):
        for number in range(first, first + count):
            cells = []
            for one in widths:
                cells.append(int.from_bytes(data[position : position + one]) if one else None)
                position += one
            kind = _PLAIN if cells[0] is None else cells[0]
            assert cells[1] is not None
            if kind not in (_FREE, _PLAIN, _PACKED):
                raise UnclearError("an unknown type of cross-reference")
            found.append((kind, number, cells[2] or 0, cells[1]))
    return found


def _merged(
    table: list[tuple[int, int, int, int]], stream: list[tuple[int, int, int, int]]
) -> list[tuple[int, int, int, int]]:
    """Return a hybrid section's entries: those of the table come first (7.5.8.4)."""
    shown = {entry[1]: entry for entry in table if entry[0] != _FREE}
    hidden = [entry for entry in stream if entry[0] != _FREE and shown.get(entry[1]) != entry]
    numbers = {entry[1] for entry in hidden}
    if numbers & shown.keys():
        raise UnclearError("a hybrid section that lists an object in two places")
    return [entry for entry in table if entry[1] not in numbers] + hidden


def _section(
    entries: list[tuple[int, int, int, int]], start: int, end: int, streams: dict[Key, int]
) -> XrefSection:
    plain: dict[Key, int] = {}
    packed: dict[Key, tuple[int, int]] = {}
    free: set[Key] = set()
    numbers: set[int] = set()
    for kind, number, second, first in entries:
        if number in numbers or number > _MOST_NUMBER or second > _MOST_GENERATION:
            raise UnclearError("an object listed twice, or out of bounds")
        numbers.add(number)
        if kind == _FREE:
            free.add((number, second))
        elif not number:
            raise UnclearError("an object numbered 0")
        elif kind == _PLAIN:
            plain[(number, second)] = first
        else:
            packed[(number, 0)] = (first, second)
    return XrefSection(plain, packed, frozenset(free), start, end, streams)


def _check_trailer(trailer: generic.DictionaryObject, highest: int) -> None:
    """Demand /Root, /Size and /Prev, direct and in bounds."""
    size = _number(raw(trailer, "/Size"), _MOST_NUMBER + 1, "/Size")
    _number(raw(trailer, "/Prev"), 1 << 40, "/Prev")
    if highest >= size:
        raise UnclearError("objects beyond /Size")
    if key_of(raw(trailer, "/Root")) is None:
        raise UnclearError("no /Root")


def _number(value: generic.PdfObject | None, most: int, what: str) -> int:
    if not isinstance(value, generic.NumberObject) or not 0 <= int(value) <= most:
        raise UnclearError(f"{what} is no number in bounds")
    return int(value)


def _numbers(value: generic.PdfObject | None, most: int, what: str) -> list[int]:
    if not isinstance(value, generic.ArrayObject):
        raise UnclearError(f"{what} is no array")
    return [_number(item, most, what) for item in items(value)]


def _agrees(reader: SealedReader, revision: int, section: XrefSection) -> None:
    """Demand that the reader sees the same objects."""
    data = reader.xrefs.get_xref_data(revision)
    plain: dict[Key, int] = {}
    packed: dict[Key, tuple[int, int]] = {}
    for one in (data, data.hybrid.xref_data if data.hybrid else None):
        if one is not None:
            for number, (generation, offset) in one.standard_xrefs.items():
                plain[(number, generation)] = offset
            for number, place in one.xrefs_in_objstm.items():
                packed[(number, 0)] = (place.obj_stream_id, place.ix_in_stream)
    if plain != section.plain or packed != section.packed:
        raise UnclearError("cross-references that can be read in two ways")
