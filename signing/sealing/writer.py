"""A page without its seal, taken over object by object into one new file.

The page comes from our own renderer: a classic file of one revision with a handful of objects. They
keep their numbers, and all but those that sealing changes are written again as they stand, neither
decoded nor parsed, so that the sealed file is one revision in the literal sense: one
cross-reference table, one %%EOF.
"""

import io
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any, BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.errors import UnsuitablePageError
from signing.sealing import messages
from signing.sealing.objects import RawObject, reference
from signing.sealing.tags import find_tags, form_element, grown, with_next_key

_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_XREF = re.compile(rb"xref\s+0 (\d{1,6})\s*\n")
_ENTRY_BYTES = 20
"""ISO 32000-1 7.5.4."""
_OBJECT = re.compile(rb"(\d+) 0 obj\s+")
_ROOT = re.compile(rb"/Root (\d+) 0 R")
_INFO = re.compile(rb"/Info (\d+) 0 R")
_TAIL_BYTES = 64
_HEADER = b"%PDF-1.7\n%\xc2\xa5\xc2\xb1\xc3\xab\n"
"""The version stays 1.7: /Version and PDF 2.0 are forbidden in PDF/A-3 (ISO 19005-3 6.1.2). The
comment marks the file as binary (ISO 32000-1 7.5.2)."""


class SealWriter(BasePdfFileWriter):
    """Writes the page's objects and what sealing adds, as one revision."""

    def __init__(self, page: bytes, document_id: bytes) -> None:
        """Take over a rendered page. Raises `UnsuitablePageError`.

        `document_id` becomes both halves of /ID (ISO 32000-1 14.4).
        """
        objects, trailer = _take_apart(page)
        root, info = _ROOT.search(trailer), _INFO.search(trailer)
        if root is None or info is None:
            raise _unsuitable("no /Root or /Info")
        identifier = generic.ByteStringObject(document_id)
        refer: Any = generic.IndirectObject  # untyped
        super().__init__(
            refer(int(root[1]), 0, self),
            refer(int(info[1]), 0, self),
            generic.ArrayObject([identifier, identifier]),
            obj_id_start=len(objects),
            stream_xrefs=False,
        )
        self.objects = {(0, number): RawObject(data) for number, data in objects.items()}
        self._info_number = int(info[1])
        self.tags = find_tags(objects.get(int(root[1]), b""), objects)
        """Where the structure tree grows; None: the page is not tagged."""

    def get_object(
        self,
        ido: generic.Reference | generic.IndirectObject,
        as_metadata_stream: bool = False,  # noqa: FBT001, FBT002 (as pyHanko's)
    ) -> generic.PdfObject:
        """Return an object, parsed when it is first asked for."""
        found: generic.PdfObject = super().get_object(ido, as_metadata_stream)
        if isinstance(found, RawObject):
            number = ido.idnum
            found = _parse(found.data, generic.Reference(number, 0, self))
            self.objects[0, number] = found
        return found

    def replace_info(self, info: str) -> None:
        """Put a dictionary in the place of the page's own information dictionary."""
        self.objects[0, self._info_number] = RawObject(info.encode("ascii"))

    def replace_metadata(self, packet: RawObject) -> None:
        """Set the catalogue's XMP, in the place of the page's own if it has one."""
        if "/Metadata" in self.root:
            self.objects[0, self.root.raw_get("/Metadata").idnum] = packet
        else:
            self.root["/Metadata"] = self.add_object(packet)

    def replace_form(self, number: int, form: RawObject) -> None:
        """Fill a form XObject that the page has already."""
        self.objects[0, number] = form

    def lengthen(self, number: int, addition: str) -> None:
        """Add entries to a dictionary, written as it stands. Raises `UnsuitablePageError`."""
        held = self._raw(number)
        if not held.startswith(b"<<") or not held.endswith(b">>"):
            raise _unsuitable(f"object {number} is no dictionary")
        longer = held[: -len(b">>")] + addition.encode("ascii") + b" >>"
        self.objects[0, number] = RawObject(longer)

    def tag_widget(
        self, widget: generic.IndirectObject, page: generic.IndirectObject, parent: int, words: str
    ) -> None:
        """Let a field's widget join the structure tree, below the element `parent`.

        Does nothing to a page that is not tagged. Raises `UnsuitablePageError`.
        """
        if self.tags is None:
            return
        places, key = self.tags, self.tags.next_key
        element = self.add_raw(form_element(parent, reference(page), reference(widget), words))
        own = reference(element)
        self._grow(parent, own)
        self._grow(places.index, f"{key} {own}")
        tree = self._raw(places.tree)
        self.objects[0, places.tree] = RawObject(with_next_key(tree, key + 1))
        self.tags = replace(places, next_key=key + 1)
        field: Any = widget.get_object  # untyped
        field()["/StructParent"] = RawObject(str(key).encode("ascii"))

    def _grow(self, number: int, addition: str) -> None:
        longer = grown(self._raw(number), addition)
        if longer is None:
            raise _unsuitable(f"object {number} is no part of a structure tree of ours")
        self.objects[0, number] = RawObject(longer)

    def _raw(self, number: int) -> bytes:
        found = self.objects.get((0, number))
        return found.data if isinstance(found, RawObject) else b""

    def add_raw(self, content: str) -> generic.IndirectObject:
        """Add an object that is written as it stands."""
        return self.add_object(RawObject(content.encode("ascii")))

    def set_in_catalogue(self, key: str, value: str) -> None:
        """Set an entry of the catalogue, written as it stands, that the page must not have yet."""
        if key in self.root:
            raise _unsuitable(f"the catalogue has {key} already")
        self.root[key] = RawObject(value.encode("ascii"))

    def _write_header(self, stream: BinaryIO) -> None:
        stream.write(_HEADER)

    def _update_meta(self) -> None:
        """Leave Info and XMP as they are: pyHanko would write its own dates and producer."""


def _take_apart(page: bytes) -> tuple[dict[int, bytes], bytes]:
    """Return the bytes of each object by number, and the trailer."""
    end = _STARTXREF.search(page, max(0, len(page) - _TAIL_BYTES))
    table = _XREF.match(page, int(end[1])) if end else None
    if end is None or table is None or page.count(b"%%EOF") != 1:
        raise _unsuitable("not one revision with a cross-reference table")
    count = int(table[1])
    entries = page[table.end() : table.end() + count * _ENTRY_BYTES]
    offsets = sorted(
        int(entries[at : at + 10])
        for at in range(_ENTRY_BYTES, len(entries), _ENTRY_BYTES)
        if entries[at + 17 : at + 18] == b"n"
    )
    objects = dict(_object(page[start:stop]) for start, stop in pairwise([*offsets, table.start()]))
    if len(objects) != count - 1 or max(objects) != count - 1:
        raise _unsuitable("objects are missing")
    return objects, page[table.end() + len(entries) : end.start()]


def _parse(data: bytes, container: generic.Reference) -> generic.PdfObject:
    read: Any = generic.read_object  # untyped
    try:
        parsed: generic.PdfObject = read(io.BytesIO(data + b" "), container)
    except (PdfReadError, ValueError, IndexError) as error:
        raise _unsuitable(f"object {container.idnum} cannot be read") from error
    return parsed


def _object(data: bytes) -> tuple[int, bytes]:
    head, whole = _OBJECT.match(data), data.rstrip()
    if head is None or not whole.endswith(b"endobj"):
        raise _unsuitable("an entry of the cross-reference table shows no object")
    return int(head[1]), whole[head.end() : -len(b"endobj")].rstrip()


def _unsuitable(why: str) -> UnsuitablePageError:
    return UnsuitablePageError(messages.page_structure_unsuitable(why))
