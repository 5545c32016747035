"""Every signature dictionary of a file: in filled fields, in odd ones, and orphaned.

pyHanko's own lists leave out old subfilters and raise on the first field they cannot read; what is
found here is reported, never dropped.
"""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils import generic

from signing.inspection.contents import contents_bytes
from signing.inspection.objects import (
    READ_ERRORS,
    dictionary,
    items,
    pointer,
    raw,
    resolved,
    same,
    target,
)
from signing.inspection.reader import SealedReader
from signing.limits import Limits
from signing.structure import ByteRange

_USAGE_RIGHTS = ("/UR3", "/UR")
_MOST_DEPTH = 32


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
    removed: bool = False
    """An orphan that a field held in an earlier revision."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A signature of which only traces can be read."""

    name: str
    byte_range: ByteRange | None
    removed: bool = False
    """Its object was replaced by one that is not this signature."""


@dataclass(slots=True)
class Found:
    """Result of a search."""

    items: list[Filled | Unreadable] = field(default_factory=list)
    """Fields first, in the order of the form."""
    set_aside: set[generic.Reference] = field(default_factory=set)
    """Dictionaries that were prepared and never signed."""
    never_signed: bool = False
    unexplained: bool = False
    """There are traces of a signature that belong to nothing that was found."""


def find_signatures(
    reader: SealedReader, byte_ranges: tuple[ByteRange, ...], limits: Limits
) -> Found:
    """Return every signature of the file. Raises `LimitReachedError`."""
    found = Found()
    for item in _FieldWalk(reader, limits, found).walk():
        if not isinstance(item, Filled):
            found.items.append(item)
        elif is_prepared(target_of(item)):
            found.never_signed = True
            if item.reference is not None:
                found.set_aside.add(item.reference)
        else:
            found.items.append(item)  # be it called usage rights as well, a field holds it
    found.items.extend(list(_orphans(reader, byte_ranges, found)))
    if len(found.items) > limits.signatures:
        raise LimitReachedError("limit_signatures")
    return found


def target_of(item: Filled) -> generic.DictionaryObject:
    """Return the signature dictionary of a field."""
    found: generic.DictionaryObject = item.field["/V"]
    return found


class _FieldWalk:
    """Walks the form's field tree (ISO 32000-1 12.7.3.1), each field once, to a set depth."""

    def __init__(self, reader: SealedReader, limits: Limits, found: Found) -> None:
        self._reader = reader
        self._limits = limits
        self._found = found
        self._seen: set[generic.Reference] = set()
        self._count = 0

    def walk(self) -> Iterator[Filled | Unreadable]:
        root = self._reader.root
        form = resolved(root, "/AcroForm")
        if not isinstance(form, generic.DictionaryObject):
            self._found.unexplained |= form is None and "/AcroForm" in root
            return
        fields = resolved(form, "/Fields")
        self._found.unexplained |= fields is None and "/Fields" in form
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
                self._found.unexplained = True  # a reference to nothing is null (7.3.10)
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
    reader: SealedReader, byte_ranges: tuple[ByteRange, ...], found: Found
) -> Iterator[Filled | Unreadable]:
    """Find signature dictionaries that no field holds: /ByteRange in an object of any revision."""
    if not byte_ranges:
        return
    known = {item.reference for item in found.items if isinstance(item, Filled)}
    passed_over = known | found.set_aside | usage_rights(reader)
    objects = _object_offsets(reader)
    offsets = [offset for offset, _, _ in objects]
    for byte_range in byte_ranges:
        index = bisect.bisect_right(offsets, byte_range.position) - 1
        if index < 0:
            found.unexplained = True
            continue
        offset, number, generation = objects[index]
        reference = generic.Reference(number, generation, reader)
        if reference in passed_over and reader.xrefs[reference] == offset:
            continue
        yield from _orphan(reader, reference, offset, byte_range, found)


def _orphan(
    reader: SealedReader,
    reference: generic.Reference,
    offset: int,
    byte_range: ByteRange,
    found: Found,
) -> Iterator[Filled | Unreadable]:
    try:
        obj = reader._read_object(reference, offset, never_decrypt=True)  # noqa: SLF001
    except READ_ERRORS:
        found.unexplained = True
        return
    if isinstance(obj, generic.StreamObject):
        return  # the text stands in a stream's data: another PDF, attached
    old = _signature_in(obj)
    if old is None:
        # In a string or a comment, or of usage rights that stand in the catalogue itself.
        found.unexplained |= not _holds_permissions(obj)
        return
    if reader.xrefs[reference] != offset:
        if not _still_there(reference, old) and not is_prepared(old):
            yield Unreadable("", byte_range, removed=True)
        return
    if is_prepared(old) or old is not obj:
        return  # never signed; or direct in a field, which the walk has seen
    removed = _was_in_a_field(reader, reference)
    yield Filled("", dictionary({"/V": pointer(reference)}), reference, True, removed)


def _signature_in(obj: generic.PdfObject | None) -> generic.DictionaryObject | None:
    """Return the signature dictionary that an object is, or that a field holds directly."""
    if not isinstance(obj, generic.DictionaryObject):
        return None
    if "/ByteRange" in obj:
        return obj
    value = raw(obj, "/V")
    held = isinstance(value, generic.DictionaryObject) and "/ByteRange" in value
    return value if held else None  # type: ignore[return-value]  # held says what it is


def _still_there(reference: generic.Reference, old: generic.DictionaryObject) -> bool:
    """Tell whether an object that was written again still holds the same signature."""
    try:
        current = _signature_in(target(reference))
        return current is not None and (
            contents_bytes(current) == contents_bytes(old)
            and same(raw(current, "/ByteRange"), raw(old, "/ByteRange"))
        )
    except READ_ERRORS:
        return False


def is_prepared(signature: generic.DictionaryObject) -> bool:
    """Tell a signature dictionary that was prepared and never filled: /Contents all zeros."""
    return "/Contents" in signature and not contents_bytes(signature).strip(b"\0")


def usage_rights(reader: SealedReader) -> set[generic.Reference]:
    """Return the usage-rights signatures (ISO 32000-1 12.8.2.3), which are not the document's."""
    permissions = resolved(reader.root, "/Perms")
    if not isinstance(permissions, generic.DictionaryObject):
        return set()
    entries = (raw(permissions, key) for key in _USAGE_RIGHTS)
    return {entry.reference for entry in entries if isinstance(entry, generic.IndirectObject)}


def _holds_permissions(obj: generic.PdfObject) -> bool:
    keys = ("/Perms", *_USAGE_RIGHTS)
    return isinstance(obj, generic.DictionaryObject) and any(key in obj for key in keys)


def _was_in_a_field(reader: SealedReader, reference: generic.Reference) -> bool:
    """Tell whether a field held a signature in an earlier revision (and none does now)."""
    for revision in range(reader.xrefs.total_revisions):
        try:
            resolver: Any = reader.get_historical_resolver(revision)
            fields = resolver.root["/AcroForm"]["/Fields"]
            if any(
                isinstance(value, generic.IndirectObject)
                and (value.idnum, value.generation) == (reference.idnum, reference.generation)
                for value in _values(fields, _MOST_DEPTH)
            ):
                return True
        except READ_ERRORS:
            continue
    return False


def _values(fields: Any, depth: int) -> Iterator[generic.PdfObject | None]:
    """Yield the values of a historical form's fields."""
    for item in items(fields):
        field = target(item)
        if isinstance(field, generic.DictionaryObject):
            yield raw(field, "/V")
            kids = resolved(field, "/Kids")
            if isinstance(kids, generic.ArrayObject) and depth:
                yield from _values(kids, depth - 1)


def _object_offsets(reader: SealedReader) -> list[tuple[int, int, int]]:
    """Return (offset, number, generation) of every object of every revision, by offset."""
    found = set()
    for revision in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_data(revision)
        for number, (generation, offset) in section.standard_xrefs.items():
            found.add((offset, number, generation))
    return sorted(found)
