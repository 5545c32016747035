"""A page without its seal, taken over object by object into one new file.

The page comes from our own renderer or was written anew by the intake: a classic file of one
revision. Its objects keep their numbers, and all but those that sealing changes stay the bytes
that they are, neither decoded nor parsed, so that the sealed file is one revision in the literal
sense: one cross-reference table, one %%EOF.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, repeat

from signing.sealing.objects import (
    dictionary_of,
    entries,
    number_in,
    reference,
    references_in,
    unsuitable,
)
from signing.sealing.tags import find_tags, form_element, grown, with_next_key

_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_XREF = re.compile(rb"xref\s+0 (\d{1,6})\s*\n")
_ENTRY_BYTES = 20
"""ISO 32000-1 7.5.4."""
_IN_USE = re.compile(rb"(\d{10}) 00000 n[ \r][\r\n]")
_END = b"\nendobj\n"
"""As our own pages have it; others may space it otherwise."""
_END_OBJECT = re.compile(rb"\s*endobj\s*\Z")
_ROOT = re.compile(rb"/Root (\d{1,7}) 0 R")
_INFO = re.compile(rb"/Info (\d{1,7}) 0 R")
_TAIL_BYTES = 64
_DEEPEST_TREE = 32
_HEADER = b"%PDF-1.7\n%\xc2\xa5\xc2\xb1\xc3\xab\n"
"""The version stays 1.7: /Version and PDF 2.0 are forbidden in PDF/A-3 (ISO 19005-3 6.1.2). The
comment marks the file as binary (ISO 32000-1 7.5.2)."""


@dataclass(frozen=True, slots=True)
class WrittenObjects:
    """Objects of a file of one revision, and how to point at them."""

    data: bytes
    """All but the cross-reference table."""
    offsets: tuple[int, ...]
    """Of each object, from number 1."""


class SealWriter:
    """Writes the page's objects and what sealing adds, as one revision."""

    def __init__(self, page: bytes, document_id: bytes) -> None:
        """Take over a rendered page. Raises `UnsuitablePageError`.

        `document_id` becomes both halves of /ID (ISO 32000-1 14.4).
        """
        self._page = page
        self._offsets, self._end, trailer = _take_apart(page)
        self._ends = dict(pairwise([*sorted(self._offsets), self._end]))
        root, info = _ROOT.search(trailer), _INFO.search(trailer)
        if root is None or info is None:
            raise unsuitable("no /Root or /Info")
        self._id = document_id
        self._root, self._info = int(root[1]), int(info[1])
        self._changed: dict[int, bytes] = {}
        """New bytes of the page's objects."""
        self._added: list[bytes] = []
        self._open: dict[int, dict[str, bytes]] = {}
        """Dictionaries that were taken apart, and may be changed."""
        self._pages: list[int] = []
        self.tags = find_tags(self.read(self._root), self.read)
        """Where the structure tree grows; None: the page is not tagged."""

    @property
    def size(self) -> int:
        """The first number that no object has yet."""
        return len(self._offsets) + 1 + len(self._added)

    @property
    def root(self) -> dict[str, bytes]:
        """Entries of the catalogue, to be changed in place."""
        return self.dictionary(self._root)

    def read(self, number: int) -> bytes:
        """Return an object as it stands; nothing where there is none of that number."""
        known = len(self._offsets)
        if number in self._open:
            return dictionary_of(self._open[number])
        if number in self._changed:
            return self._changed[number]
        if not 0 < number <= known:
            return self._added[number - known - 1] if known < number < self.size else b""
        start = self._offsets[number - 1]
        data = self._page[start + len(_head(number)) : self._ends[start]]
        return data.rstrip().removesuffix(b"endobj").strip()

    def add(self, data: bytes) -> int:
        """Add an object, written as it stands; return its number."""
        self._added.append(data)
        return self.size - 1

    def add_text(self, text: str) -> str:
        """Add an object of ASCII characters; return a reference to it."""
        return reference(self.add(text.encode("ascii")))

    def replace(self, number: int, data: bytes) -> None:
        """Put another object in the place of one that there is."""
        known = len(self._offsets)
        if number > known:
            self._added[number - known - 1] = data
        else:
            self._changed[number] = data

    def dictionary(self, number: int) -> dict[str, bytes]:
        """Return an object's entries, to be changed in place. Raises `UnsuitablePageError`."""
        if number not in self._open:
            self._open[number] = entries(self.read(number))
        return self._open[number]

    def page(self, index: int) -> int:
        """Return the number of a page's object, the first page being 0.

        Raises `UnsuitablePageError`.
        """
        if not self._pages:
            self._pages = list(self._leaves(number_in(self.root.get("Pages", b"")), 0))
        if index >= len(self._pages):
            raise unsuitable(f"there is no page {index + 1}")
        return self._pages[index]

    def _leaves(self, number: int, depth: int) -> Iterator[int]:
        node = entries(self.read(number))
        if node.get("Type") != b"/Pages":
            yield number
            return
        if depth == _DEEPEST_TREE:
            raise unsuitable("pages are nested too deeply")
        for kid in references_in(self.follow(node.get("Kids", b""))):
            yield from self._leaves(kid, depth + 1)

    def follow(self, value: bytes) -> bytes:
        """Return the value, or the object that it refers to."""
        return self.read(number_in(value)) if value.endswith(b"R") else value

    def replace_info(self, info: str) -> None:
        """Put a dictionary in the place of the page's own information dictionary."""
        self.replace(self._info, info.encode("ascii"))

    def replace_metadata(self, packet: bytes) -> None:
        """Set the catalogue's XMP, in the place of the page's own if it has one."""
        if "Metadata" in self.root:
            self.replace(number_in(self.root["Metadata"]), packet)
        else:
            self.root["Metadata"] = reference(self.add(packet)).encode()

    def lengthen(self, number: int, addition: str) -> None:
        """Add entries to a dictionary, written as it stands. Raises `UnsuitablePageError`."""
        held = self.read(number)
        if not held.startswith(b"<<") or not held.endswith(b">>"):
            raise unsuitable(f"object {number} is no dictionary")
        self.replace(number, held[: -len(b">>")] + addition.encode("ascii") + b" >>")

    def tag_widget(self, widget: int, page: int, parent: int, words: str) -> int | None:
        """Let a field's widget join the structure tree, below the element `parent`.

        Returns its key there; None where the page is not tagged. Raises `UnsuitablePageError`.
        """
        if self.tags is None:
            return None
        places, key = self.tags, self.tags.next_key
        own = self.add_text(form_element(parent, reference(page), reference(widget), words))
        self._grow(parent, own)
        self._grow(places.index, f"{key} {own}")
        self.replace(places.tree, with_next_key(self.read(places.tree), key + 1))
        self.tags = replace(places, next_key=key + 1)
        return key

    def _grow(self, number: int, addition: str) -> None:
        longer = grown(self.read(number), addition)
        if longer is None:
            raise unsuitable(f"object {number} is no part of a structure tree of ours")
        self.replace(number, longer)

    def set_in_catalogue(self, key: str, value: str) -> None:
        """Set an entry of the catalogue, written as it stands, that the page must not have yet."""
        if key in self.root:
            raise unsuitable(f"the catalogue has /{key} already")
        self.root[key] = value.encode("ascii")

    def body(self) -> WrittenObjects:
        """Return all objects, those of the page in the order in which they stand there."""
        for number, held in self._open.items():
            self.replace(number, dictionary_of(held))
        parts, length = [_HEADER], len(_HEADER)
        copied = min(self._offsets)
        moved: list[tuple[int, int]] = []
        """Up to where in the page, and by how much its objects move."""
        for number in sorted(self._changed, key=lambda one: self._offsets[one - 1]):
            start = self._offsets[number - 1]
            moved.append((start, length - copied))
            kept = self._page[copied:start]
            data = _object(number, self._changed[number])
            parts += (kept, data)
            length += len(kept) + len(data)
            copied = self._ends[start]
        moved.append((self._end, length - copied))
        parts.append(self._page[copied : self._end])
        length += self._end - copied
        offsets = _moved(self._offsets, moved)
        for number, data in enumerate(self._added, len(self._offsets) + 1):
            offsets.append(length)
            parts.append(_object(number, data))
            length += len(parts[-1])
        return WrittenObjects(b"".join(parts), tuple(offsets))

    def trailer(self, size: int, second_id: bytes, previous: int | None = None) -> bytes:
        """Return the trailer of a revision, without its end."""
        before = b"" if previous is None else b"/Prev %d\n" % previous
        return b"trailer\n<<\n/Root %d 0 R\n/Info %d 0 R\n/ID [ <%b> <%b> ]\n/Size %d\n%b>>\n" % (
            self._root,
            self._info,
            self._id.hex().encode(),
            second_id.hex().encode(),
            size,
            before,
        )

    def table(self, offsets: tuple[int, ...]) -> bytes:
        """Return the cross-reference table and trailer of the one revision, without its end."""
        head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        return head + xref_entries(offsets) + self.trailer(len(offsets) + 1, self._id)

    def to_bytes(self) -> bytes:
        """Return the file as it stands, without a signature."""
        body = self.body()
        return body.data + self.table(body.offsets) + end_of_file(len(body.data))


def xref_entries(offsets: tuple[int, ...]) -> bytes:
    """Return entries of objects in use (ISO 32000-1 7.5.4)."""
    return b"%010d 00000 n \n" * len(offsets) % offsets


def end_of_file(table: int) -> bytes:
    """Return the end of a revision, whose table begins there."""
    return b"startxref\n%d\n%%%%EOF\n" % table


def _moved(offsets: tuple[int, ...], moves: list[tuple[int, int]]) -> list[int]:
    """Return the offsets of objects now; each move holds up to a place in the page."""
    found = []
    for offset in offsets:
        for up_to, by in moves:
            if offset <= up_to:
                found.append(offset + by)
                break
    return found


def _take_apart(page: bytes) -> tuple[tuple[int, ...], int, bytes]:
    """Return the offset of each object, from number 1, that of their end, and the trailer."""
    end = _STARTXREF.search(page, max(0, len(page) - _TAIL_BYTES))
    table = _XREF.match(page, int(end[1])) if end else None
    if end is None or table is None or page.rfind(b"startxref", 0, end.start()) >= 0:
        raise unsuitable("not one revision with a cross-reference table")
    count = int(table[1]) - 1
    stop = table.end() + (count + 1) * _ENTRY_BYTES
    offsets = tuple(map(int, _IN_USE.findall(page, table.end() + _ENTRY_BYTES, stop)))
    if not offsets or len(offsets) != count:
        raise unsuitable("objects are missing")
    ends = sorted(offsets)[1:]
    ends.append(table.start())
    whole = all(map(page.startswith, _heads(count), offsets)) and (
        all(map(page.endswith, repeat(_END), repeat(0), ends))
        or all(_ends_object(page, after) for after in ends)
    )
    if not whole:
        raise unsuitable("an entry of the cross-reference table shows no object")
    return offsets, table.start(), page[stop : end.start()]


def _ends_object(page: bytes, after: int) -> bool:
    return bool(_END_OBJECT.search(page, max(0, after - _TAIL_BYTES), after))


def _head(number: int) -> bytes:
    return b"%d 0 obj" % number


@lru_cache(maxsize=64)
def _heads(count: int) -> tuple[bytes, ...]:
    return tuple(map(_head, range(1, count + 1)))


def _object(number: int, data: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, data)
