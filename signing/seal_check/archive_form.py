"""Archive revisions recognised by their bytes, in the one form in which our archiver writes them.

A white list without a parser: an update is taken apart into objects that lie side by side from the
end of the revision before to its own cross-reference table, and each is one of

- a DSS dictionary, a list of fields, a form, each replacing the object of the same kind that stood
  under its number, longer by what is new and otherwise the same; where the file had no DSS before,
  the first one, and the catalogue, the same but for its reference to it;
- new streams that the DSS names, each exactly one DER value and none of a PDF's keywords;
- the new field, invisible, and its document timestamp.

Every byte is accounted for. Whatever differs is not said to be wrong: it is not recognised.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ca.encoding.reading import DerError, read_sequence
from signing.seal_check.archive_catalogue import names_store

_OBJECT = re.compile(rb"([1-9]\d{0,6}) 0 obj\n")
_END_OBJECT = b"\nendobj\n"
_REFERENCES = rb"((?:[1-9]\d{0,6} 0 R ){1,200})"
_STORE = re.compile(rb"<< /Type /DSS((?: /(?:Certs|OCSPs|CRLs) \[[0-9 R]{0,8000}\]){0,3}) >>")
_LISTED = re.compile(rb" /(Certs|OCSPs|CRLs) \[([0-9 R]*)\]")
_ARRAY = re.compile(rb"\[ " + _REFERENCES + rb"\]")
_FORM = re.compile(rb"<<\n/Fields \[ " + _REFERENCES + rb"\]\n/SigFlags 3\n>>")
_STREAM = re.compile(rb"<< /Length ([1-9]\d{0,7}) >>\nstream\n")
_END_STREAM = b"\nendstream"
_FIELD = re.compile(
    rb"<<\n/FT /Sig\n/T \(Archive([1-9]\d{0,3})?\)\n/Type /Annot\n/Subtype /Widget\n/F 132\n"
    rb"/Rect \[ 0 0 0 0 \]\n/P ([1-9]\d{0,6}) 0 R\n/V ([1-9]\d{0,6}) 0 R\n>>"
)
_EARLIER_STAMP = re.compile(rb"\n/T \(Archive(?:[1-9]\d{0,3})?\)\n/Type /Annot\n")
_STAMP_HEAD = b"<<\n/Contents <"
_STAMP_TAIL = re.compile(
    rb">\n/ByteRange \[0 \d{1,12} \d{1,12} \d{1,12}\] {0,64}\n/Type /DocTimeStamp\n"
    rb"/Filter /Adobe\.PPKLite\n/SubFilter /ETSI\.RFC3161\n>>"
)
_TABLE = re.compile(
    rb"xref\n((?:\d{1,7} \d{1,7}\n(?:\d{10} \d{5} [nf] \n){1,9999}){1,200})trailer\n"
)
_SECTION = re.compile(rb"(\d{1,7}) (\d{1,7})\n((?:\d{10} \d{5} [nf] \n)+)")
_ENTRY_BYTES = 20
_TRAILER = re.compile(
    rb"<<\n/Root ([1-9]\d{0,6} 0 R)\n/Info ([1-9]\d{0,6} 0 R)\n"
    rb"/ID \[ (<[0-9a-f]{32}>) <[0-9a-f]{32}> \]\n/Size (\d{1,7})\n(?:/Prev (\d{1,12})\n)?>>\n"
    rb"startxref\n(\d{1,12})\n%%EOF\n"
)
_TAIL_BYTES = 512
_MOST_BEFORE = 40
"""Revisions up to the seal's own: of a page that a person signed, two; of a document that several
sealed, one for each, and two for each of those who signed elsewhere."""
_KEYWORDS = re.compile(rb" obj|endobj|trailer|startxref|endstream|%%EOF")


class _UnknownFormError(Exception):
    """Something is not as our archiver writes it."""


@dataclass(frozen=True, slots=True)
class _Trailer:
    root: bytes
    info: bytes
    first_id: bytes
    size: int
    previous: int | None
    table: int
    """Where this revision's cross-reference table begins."""


@dataclass(slots=True)
class _Known:
    """State of the file up to a revision."""

    offsets: dict[int, int]
    """Where the newest version of each object stands."""
    trailer: _Trailer
    stamps: int = 0


def explains(data: bytes, ends: Sequence[int]) -> bool:
    """Tell whether `data` up to the first of `ends` is followed by archive revisions alone.

    `ends`: lengths of the file's revisions, the sealed one first, the last being the whole file.
    """
    if len(ends) == 1:
        return ends[0] == len(data)
    try:
        known = _sealed(data, ends[0])
        for start, end in pairwise(ends):
            _follow(data, known, start, end)
    except (_UnknownFormError, DerError):
        return False
    return ends[-1] == len(data)


def _sealed(data: bytes, end: int) -> _Known:
    """Read the cross-references up to the seal's revision, whatever that one covers."""
    trailer = _trailer(data, end)
    tables = [_table(data, trailer, end)]
    before, stop = trailer, end
    while before.previous is not None:
        # A page that a person signed, or a document that others sealed before.
        if before.previous >= before.table or len(tables) == _MOST_BEFORE:
            raise _UnknownFormError("the revisions before the seal")
        stop = before.table
        found = _TABLE.match(data, before.previous, stop)
        match = _TRAILER.match(data, found.end(), stop) if found else None
        if match is None:
            break  # what somebody else's program wrote: nothing that stands there may be replaced
        if int(match[6]) != before.previous:
            raise _UnknownFormError("the revisions before the seal")
        before = _read_trailer(match)
        tables.append(_table(data, before, stop))
    offsets: dict[int, int] = {}
    for table in reversed(tables):
        offsets.update(table)
    # Of a document that waited for seals while its archive was renewed.
    followed = trailer.previous is not None
    stamps = len(_EARLIER_STAMP.findall(data, 0, end)) if followed else 0
    return _Known(offsets, trailer, stamps)


def _trailer(data: bytes, end: int) -> _Trailer:
    """Read the trailer that ends a revision."""
    at = data.rfind(b"trailer\n", max(0, end - _TAIL_BYTES), end)
    match = _TRAILER.match(data, at + len(b"trailer\n"), end) if at >= 0 else None
    if match is None or match.end() != end:
        raise _UnknownFormError("trailer")
    return _read_trailer(match)


def _read_trailer(match: re.Match[bytes]) -> _Trailer:
    previous = None if match[5] is None else int(match[5])
    return _Trailer(match[1], match[2], match[3], int(match[4]), previous, int(match[6]))


def _table(data: bytes, trailer: _Trailer, end: int) -> dict[int, int]:
    """Return the offsets in a revision's own cross-reference table (ISO 32000-1 7.5.4)."""
    match = _TABLE.match(data, trailer.table, end)
    if match is None or not _TRAILER.match(data, match.end(), end):
        raise _UnknownFormError("cross-references")
    offsets: dict[int, int] = {}
    for first, count, entries in _SECTION.findall(match[1]):
        if len(entries) != int(count) * _ENTRY_BYTES:
            raise _UnknownFormError("cross-references")
        for index in range(int(count)):
            entry = entries[index * _ENTRY_BYTES : (index + 1) * _ENTRY_BYTES]
            number = int(first) + index
            if number in offsets or (number == 0) != (entry == b"0000000000 65535 f \n"):
                raise _UnknownFormError("cross-references")
            if number and not entry.endswith(b" 00000 n \n"):
                raise _UnknownFormError("cross-references")
            offsets[number] = int(entry[:10])
    if offsets.pop(0, None) is None:
        raise _UnknownFormError("cross-references")
    return offsets


def _follow(data: bytes, known: _Known, start: int, end: int) -> None:
    """Take in the update between two revisions. Raises `_UnknownFormError`, `DerError`."""
    before, trailer = known.trailer, _trailer(data, end)
    same = (trailer.root, trailer.info, trailer.first_id) == (
        before.root,
        before.info,
        before.first_id,
    )
    if not same or trailer.previous != before.table:
        raise _UnknownFormError("trailer")
    offsets = _table(data, trailer, end)
    bodies = _tiles(data, start, trailer.table, offsets)
    new = sorted(number for number in bodies if number >= before.size)
    # pyHanko leaves out the number that the update before has as its /Size.
    first = new[0] if new else 0
    if new != list(range(first, trailer.size)) or not 0 <= first - before.size <= 1:
        raise _UnknownFormError("object numbers")
    _explain(data, known, bodies, new)
    known.offsets.update(offsets)
    known.trailer = trailer


def _tiles(data: bytes, start: int, stop: int, offsets: dict[int, int]) -> dict[int, bytes]:
    """Return the objects between two places, which they fill without a gap."""
    bodies: dict[int, bytes] = {}
    places = sorted((offset, number) for number, offset in offsets.items())
    if not places or places[0][0] != start:
        raise _UnknownFormError("objects")
    following = [offset for offset, _ in places[1:]] + [stop]
    for (offset, number), end in zip(places, following, strict=True):
        bodies[number] = _body(data, offset, number, end)
    return bodies


def _body(data: bytes, offset: int, number: int, end: int | None = None) -> bytes:
    """Return the object at `offset`; it ends where `end` says, if that is known."""
    head = _OBJECT.match(data, offset)
    if head is None or int(head[1]) != number:
        raise _UnknownFormError("object")
    stop = data.find(_END_OBJECT, head.end()) if end is None else end - len(_END_OBJECT)
    if stop < head.end() or not data.startswith(_END_OBJECT, stop):
        raise _UnknownFormError("object")
    return data[head.end() : stop]


def _explain(data: bytes, known: _Known, bodies: dict[int, bytes], new: list[int]) -> None:
    """Give every object of an update its one part in it."""
    left = dict(bodies)
    stamp, own_field = new[-1], new[-2] if len(new) > 1 else 0
    _check_stamp(left.pop(stamp))
    matched = _FIELD.fullmatch(left.pop(own_field, b""))
    known.stamps += 1
    name = b"" if known.stamps == 1 else str(known.stamps).encode()
    if matched is None or (matched[1] or b"") != name or int(matched[3]) != stamp:
        raise _UnknownFormError("field")
    streams = [number for number in new if number not in (stamp, own_field)]
    first_store = 0
    if len(streams) > 1 and _STORE.fullmatch(left[streams[-1]]):
        first_store = streams.pop()
        _check_store({}, _lists(left.pop(first_store)), streams)
    for number in streams:
        _check_stream(left.pop(number))
    if first_store:
        _check_catalogue(data, known, left, first_store)
    _check_replaced(data, known, left, None if first_store else streams, own_field)


def _check_stamp(body: bytes) -> None:
    at = body.find(b">", len(_STAMP_HEAD))
    digits = body[len(_STAMP_HEAD) : at]
    hexadecimal = not digits.translate(None, b"0123456789abcdefABCDEF")
    if not body.startswith(_STAMP_HEAD) or not hexadecimal or not _STAMP_TAIL.fullmatch(body, at):
        raise _UnknownFormError("timestamp")


def _check_stream(body: bytes) -> None:
    head = _STREAM.match(body)
    if head is None or not body.endswith(_END_STREAM):
        raise _UnknownFormError("stream")
    content = body[head.end() : -len(_END_STREAM)]
    if len(content) != int(head[1]) or _KEYWORDS.search(content):
        raise _UnknownFormError("stream")
    read_sequence(content)


def _check_catalogue(data: bytes, known: _Known, left: dict[int, bytes], first_store: int) -> None:
    """The catalogue says what it said, and names the store at its end."""
    root = int(known.trailer.root.partition(b" ")[0])
    if root not in left or root not in known.offsets:
        raise _UnknownFormError("catalogue")
    if not names_store(_body(data, known.offsets[root], root), left.pop(root), first_store):
        raise _UnknownFormError("catalogue")


def _check_replaced(
    data: bytes, known: _Known, left: dict[int, bytes], streams: list[int] | None, own_field: int
) -> None:
    """Each replaced object is of a kind that grows, and grew by what is new alone.

    `streams` are what the store gained; None where it is not among what is replaced.
    """
    grown = f"{own_field} 0 R ".encode()
    kinds: list[str] = []
    fields: dict[str, list[bytes]] = {}
    for number, body in left.items():
        if number not in known.offsets:
            raise _UnknownFormError("objects")
        old = _body(data, known.offsets[number], number)
        if streams is not None and _STORE.fullmatch(body) and _STORE.fullmatch(old):
            kinds.append("store")
            _check_store(_lists(old), _lists(body), streams)
            continue
        for kind, pattern in (("list", _ARRAY), ("form", _FORM)):
            was, now = pattern.fullmatch(old), pattern.fullmatch(body)
            if was is not None and now is not None and now[1] == was[1] + grown:
                kinds.append(kind)
                fields[kind] = was[1].split(b" 0 R ")[:-1]
    grow = ["form", "list"] if streams is None else ["form", "list", "store"]
    if sorted(kinds) != grow or len(left) != len(kinds):
        raise _UnknownFormError("objects")
    # The page's annotations are its links and then those of the form's fields that stand on it, the
    # seal's first: no other array ends so.
    form, listed = fields["form"], fields["list"]
    if form[0] not in listed:
        raise _UnknownFormError("fields")
    own = iter(form)
    if not all(one in own for one in listed[listed.index(form[0]) :]):
        raise _UnknownFormError("fields")


def _lists(store: bytes) -> dict[bytes, list[bytes]]:
    listed = _LISTED.findall(store)
    found = {key: value.split(b" R") for key, value in listed}
    if len(found) != len(listed):
        raise _UnknownFormError("store")
    return {key: [one.strip() for one in value if one.strip()] for key, value in found.items()}


def _check_store(
    old: dict[bytes, list[bytes]], new: dict[bytes, list[bytes]], streams: list[int]
) -> None:
    """Require that all that was listed is listed still, in its place; only the new streams are new,
    each once.
    """
    added: list[bytes] = []
    for key, listed in new.items():
        before = old.get(key, [])
        if listed[: len(before)] != before:
            raise _UnknownFormError("store")
        added += listed[len(before) :]
    if old.keys() - new.keys() or sorted(added) != sorted(f"{one} 0".encode() for one in streams):
        raise _UnknownFormError("store")
