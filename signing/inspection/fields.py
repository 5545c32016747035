"""Every signature dictionary of a file: in filled fields, in odd ones, and orphaned.

pyHanko's own lists leave out old subfilters and raise on the first field they cannot read; what is
found here is reported, never dropped.
"""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from signing.inspection.objects import (
    READ_ERRORS,
    dictionary,
    items,
    pointer,
    raw,
    resolved,
    target,
)
from signing.inspection.reader import SealedReader
from signing.structure import ByteRange, Limits


class LimitReachedError(Exception):
    """An explicit limit was reached; `code` is the machine code of the report."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Filled:
    """A signature dictionary and the field that holds it."""

    name: str
    field: generic.DictionaryObject
    """A dictionary whose /V is the signature dictionary; made up for an orphan."""
    reference: generic.Reference | None
    """Of the signature dictionary; None where it is a direct object."""
    orphaned: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A signature of which only traces can be read."""

    name: str
    byte_range: ByteRange | None


def find_signatures(
    reader: SealedReader, byte_ranges: tuple[ByteRange, ...], limits: Limits
) -> list[Filled | Unreadable]:
    """Return every signature of the file, fields first, in the order of the form.

    Raises `LimitReachedError`.
    """
    found: list[Filled | Unreadable] = list(_FieldWalk(reader, limits).walk())
    known = {item.reference for item in found if isinstance(item, Filled)}
    found.extend(_orphans(reader, byte_ranges, known))
    if len(found) > limits.signatures:
        raise LimitReachedError("limit_signatures")
    return found


class _FieldWalk:
    """Walks the form's field tree (ISO 32000-1 12.7.3.1), each field once, to a set depth."""

    def __init__(self, reader: SealedReader, limits: Limits) -> None:
        self._reader = reader
        self._limits = limits
        self._seen: set[generic.Reference] = set()
        self._count = 0

    def walk(self) -> Iterator[Filled | Unreadable]:
        form = resolved(self._reader.root, "/AcroForm")
        if not isinstance(form, generic.DictionaryObject):
            return
        fields = resolved(form, "/Fields")
        if isinstance(fields, generic.ArrayObject):
            yield from self._list(fields, parent_name="", parent_type=None, depth=0)

    def _list(
        self, fields: generic.ArrayObject, parent_name: str, parent_type: str | None, depth: int
    ) -> Iterator[Filled | Unreadable]:
        if depth > self._limits.nesting:
            raise LimitReachedError("limit_nesting")
        for item in items(fields):
            self._count += 1
            if self._count > self._limits.fields:
                raise LimitReachedError("limit_fields")
            if isinstance(item, generic.IndirectObject):
                if item.reference in self._seen:
                    continue
                self._seen.add(item.reference)
            try:
                field = target(item)
            except READ_ERRORS:
                yield Unreadable(parent_name, None)
                continue
            if isinstance(field, generic.DictionaryObject):
                yield from self._one(field, parent_name, parent_type, depth)

    def _one(
        self,
        field: generic.DictionaryObject,
        parent_name: str,
        parent_type: str | None,
        depth: int,
    ) -> Iterator[Filled | Unreadable]:
        name = _joined(parent_name, raw(field, "/T"))
        kind = raw(field, "/FT")
        field_type = str(kind) if isinstance(kind, generic.NameObject) else parent_type
        value = raw(field, "/V")
        if value is not None and not isinstance(value, generic.NullObject):
            yield from self._value(field, name, field_type, value)
        kids = resolved(field, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            yield from self._list(kids, name, field_type, depth + 1)

    def _value(
        self,
        field: generic.DictionaryObject,
        name: str,
        field_type: str | None,
        value: generic.PdfObject,
    ) -> Iterator[Filled | Unreadable]:
        reference = value.reference if isinstance(value, generic.IndirectObject) else None
        try:
            held = target(value)
        except READ_ERRORS:
            if field_type in ("/Sig", None):
                yield Unreadable(name, None)
            return
        if not isinstance(held, generic.DictionaryObject):
            if field_type == "/Sig" and not isinstance(held, generic.NullObject):
                yield Unreadable(name, None)
            return
        if field_type == "/Sig" or "/ByteRange" in held:
            yield Filled(name, field, reference, orphaned=False)


def _joined(parent: str, part: object | None) -> str:
    if not isinstance(part, str):
        return parent
    return f"{parent}.{part}" if parent else str(part)


def _orphans(
    reader: SealedReader,
    byte_ranges: tuple[ByteRange, ...],
    known: set[generic.Reference | None],
) -> Iterator[Filled | Unreadable]:
    """Find signature dictionaries that no field holds: /ByteRange in an object of any revision."""
    if not byte_ranges:
        return
    objects = _object_offsets(reader)
    offsets = [offset for offset, _, _ in objects]
    for byte_range in byte_ranges:
        index = bisect.bisect_right(offsets, byte_range.position) - 1
        if index < 0:
            yield Unreadable("", byte_range)
            continue
        offset, number, generation = objects[index]
        reference = generic.Reference(number, generation, reader)
        if reference in known and reader.xrefs[reference] == offset:
            continue
        yield from _orphan(reader, reference, offset, byte_range)


def _orphan(
    reader: SealedReader, reference: generic.Reference, offset: int, byte_range: ByteRange
) -> Iterator[Filled | Unreadable]:
    current = reader.xrefs[reference] == offset
    try:
        obj = reader._read_object(reference, offset, never_decrypt=True)  # noqa: SLF001
    except READ_ERRORS:
        yield Unreadable("", byte_range)
        return
    if isinstance(obj, generic.StreamObject):
        return  # the text stands in a stream's data: another PDF, attached
    if not isinstance(obj, generic.DictionaryObject) or "/ByteRange" not in obj or not current:
        yield Unreadable("", byte_range)  # not current: a later revision replaced the signature
    else:
        field = dictionary({"/V": pointer(reference)})
        yield Filled("", field, reference, orphaned=True)


def _object_offsets(reader: SealedReader) -> list[tuple[int, int, int]]:
    """Return (offset, number, generation) of every object of every revision, by offset."""
    found = set()
    for revision in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_data(revision)
        for number, (generation, offset) in section.standard_xrefs.items():
            found.add((offset, number, generation))
    return sorted(found)
