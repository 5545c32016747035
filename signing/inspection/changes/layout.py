"""Strict reading of the bytes of one incremental update (ISO 32000-2 7.5.6).

Each byte belongs to an object that the cross-references list, to those, to the trailer, or is white
space or a comment. What is parked between objects could be found by readers that rebuild a file.
"""

import re
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.sections import (
    HEADER,
    MOST_WHITE_SPACE,
    WHITE_SPACE,
    XrefSection,
    read_section,
)
from signing.inspection.changes.view import Key, RevisionView
from signing.inspection.objects import is_name, raw
from signing.inspection.reader import SealedReader

_END = re.compile(
    rb"startxref[\x00\t\n\f\r ]{1,64}(\d{1,12})[\x00\t\n\f\r ]{1,64}%%EOF(?:\r\n|\r|\n)?"
)
_COMMENT = re.compile(rb"%[^\r\n]{0,255}(?:\r\n|\r|\n)")
_KEYWORD = re.compile(rb"\d[\x00\t\n\f\r ]+obj(?![a-z])|endobj|startxref|trailer|%%EOF")
_LONG_GAP = re.compile(rb"[\x00\t\n\f\r ]{%d}" % MOST_WHITE_SPACE)
_STREAM_END = re.compile(rb"(?:\r\n|\n|\r)?endstream[\x00\t\n\f\r ]{0,16}endobj")
_STREAM_START = (b"stream\n", b"stream\r\n")
_TAIL = 64
_PAIR = re.compile(rb"[\x00\t\n\f\r ]*(\d{1,10})[\x00\t\n\f\r ]+(\d{1,10})")


@dataclass(frozen=True, slots=True)
class UpdateLayout:
    """Extent of one update, and the objects that it writes."""

    begin: int
    """Where its first object or its cross-references begin."""
    end: int
    """After %%EOF and one end of line."""
    written: frozenset[Key]
    free: frozenset[Key]
    containers: frozenset[Key]
    """Cross-reference streams and object streams, which hold other objects or none."""


def read_layout(reader: SealedReader, revision: int, start: int) -> UpdateLayout:
    """Read the update that begins at `start`. Raises `UnclearError` and `READ_ERRORS`."""
    section = read_section(reader, revision)
    places = {**section.plain, **section.streams}
    ordered = sorted(places.items(), key=lambda place: place[1])
    begin = min([section.start, *places.values()])
    position = begin
    for key, offset in ordered:
        if offset == section.start:
            continue  # a cross-reference stream lists itself
        only_white_space(reader.data, position, offset)
        position = _object_end(reader, _version(reader, revision, section, key), key, offset)
    only_white_space(reader.data, position, section.start)
    end = _after_eof(reader, revision, section.end)
    only_white_space(reader.data, start, begin)
    if section.start in places.values():
        key = next(key for key, offset in ordered if offset == section.start)
        _object_end(reader, _version(reader, revision, section, key), key, section.start)
    _nothing_hidden(reader.data, start, end, len(set(places.values())))
    _no_long_gaps(reader.data, start, end, [offset for _, offset in ordered])
    streams = _object_streams(reader, revision, section)
    return UpdateLayout(
        begin,
        end,
        frozenset(section.plain) | frozenset(section.packed),
        section.free,
        frozenset(section.streams) | streams,
    )


def only_white_space(data: bytes, start: int, end: int, *, comments: bool = True) -> None:
    """Demand that there is nothing but white space and comments. Raises `UnclearError`."""
    position = start
    while position < end:
        if data[position] in WHITE_SPACE:
            position += 1
            continue
        comment = _COMMENT.match(data, position, end) if comments else None
        if comment is None or _KEYWORD.search(comment.group()):
            raise UnclearError(f"bytes {position}..{end} belong to nothing")
        position = comment.end()
    if end < start or _LONG_GAP.search(data, start, end):
        raise UnclearError(f"bytes {start}..{end} overlap or are too much white space")


def _version(reader: SealedReader, revision: int, section: XrefSection, key: Key) -> object:
    """Return the object that stands in this update."""
    if key in section.plain and "/Encrypt" not in reader.trailer:
        return RevisionView(reader, revision).object(key)
    # As it stands: encrypted, or a cross-reference stream that does not list itself.
    reference = generic.Reference(*key, reader)
    offset = section.plain.get(key, section.streams.get(key, 0))
    return reader._read_object(reference, offset, never_decrypt=True)  # noqa: SLF001


def _object_end(reader: SealedReader, value: Any, key: Key, offset: int) -> int:
    """Return the end of an object; its header and its stream must be what all readers see."""
    head = HEADER.match(reader.data, offset)
    if head is None or (int(head.group(1)), int(head.group(2))) != key:
        raise UnclearError(f"another object than {key} stands at {offset}")
    end = reader.object_end(key[0], key[1], offset)
    tail = _STREAM_END.search(reader.data, max(offset, end - _TAIL), end)
    if isinstance(value, generic.StreamObject):
        if tail is None or tail.end() != end:
            raise UnclearError("a stream without an end")
        first = tail.start() - len(value.encoded_data)
        marks = (reader.data[first + skip - 8 : first + skip] for skip in _eol_skips(tail))
        if not any(mark.endswith(_STREAM_START) for mark in marks):
            raise UnclearError("a stream of another length than it says")
    elif tail is not None:
        raise UnclearError("a stream that is none")
    return end


def _eol_skips(tail: re.Match[bytes]) -> range:
    """Return by how much the data may reach into the end of line before `endstream`."""
    return range(tail.group().index(b"endstream") + 1)


def _after_eof(reader: SealedReader, revision: int, position: int) -> int:
    declared = reader.xrefs.get_xref_container_info(revision).declared_startxref
    end = _END.search(reader.data, position, position + 2 * MOST_WHITE_SPACE)
    if end is None or int(end.group(1)) != declared:
        raise UnclearError("no startxref where it should stand")
    only_white_space(reader.data, position, end.start())
    return end.end()


def _nothing_hidden(data: bytes, start: int, end: int, objects: int) -> None:
    """Demand that the keywords of the file's structure stand where they belong, and only there.

    Readers that rebuild a file search for them, in strings and in streams too.
    """
    count = {b"obj": 0, b"endobj": 0, b"startxref": 0, b"trailer": 0, b"%%EOF": 0}
    for match in _KEYWORD.finditer(data, start, end):
        word = match.group()
        count[word if word in count else b"obj"] += 1
    once = count[b"startxref"] == count[b"%%EOF"] == 1
    if not once or count[b"trailer"] > 1 or not count[b"obj"] == count[b"endobj"] == objects:
        raise UnclearError("keywords of the file's structure where none should be")


def _no_long_gaps(data: bytes, start: int, end: int, offsets: list[int]) -> None:
    """Demand less than 1 KiB of white space in a row, but in streams: XMP is padded with it."""
    for gap in _LONG_GAP.finditer(data, start, end):
        owner = max((offset for offset in offsets if offset < gap.start()), default=start)
        inside = data.rfind(b"stream", owner, gap.start())
        if inside < 0 or data.startswith(b"endstream", inside - 3):
            raise UnclearError("too much white space")


def _object_streams(reader: SealedReader, revision: int, section: XrefSection) -> frozenset[Key]:
    """Demand that each object stream is new and holds just the objects that are listed."""
    found: set[Key] = set()
    view = RevisionView(reader, revision)
    for number in {stream for stream, _ in section.packed.values()}:
        key = (number, 0)
        if key not in section.plain or RevisionView(reader, revision - 1).has(key):
            raise UnclearError("an object stream of another revision")
        listed = {
            place: one[0] for one, (stream, place) in section.packed.items() if stream == number
        }
        _check_object_stream(view.object(key), [listed.get(at) for at in range(len(listed))])
        found.add(key)
    return frozenset(found)


def _check_object_stream(stream: Any, listed: list[int | None]) -> None:
    if not isinstance(stream, generic.StreamObject) or not is_name(raw(stream, "/Type"), "/ObjStm"):
        raise UnclearError("no object stream")
    count, first = raw(stream, "/N"), raw(stream, "/First")
    if "/Extends" in stream or not isinstance(first, generic.NumberObject):
        raise UnclearError("an odd object stream")
    if not isinstance(count, generic.NumberObject) or int(count) != len(listed):
        raise UnclearError("an object stream with unlisted objects")
    data = stream.read_data(DecodePurpose.OBJECT_STREAM)
    position, last = 0, -1
    for number in listed:
        pair = _PAIR.match(data, position, int(first))
        if pair is None or int(pair.group(1)) != number or int(pair.group(2)) <= last:
            raise UnclearError("an object stream whose table is at odds with its objects")
        position, last = pair.end(), int(pair.group(2))
    if data[position : int(first)].strip(WHITE_SPACE):
        raise UnclearError("an object stream with bytes that belong to nothing")
