"""Objects as they stood at one revision, and equality of two of them."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic

from signing.inspection.changes.finding import UnclearError
from signing.inspection.objects import READ_ERRORS, items, raw
from signing.inspection.reader import SealedReader

Key = tuple[int, int]
Value = generic.PdfObject | None
_MOST_HOPS = 8
"""References that lead to references; no writer needs more than one."""
_MOST_STEPS = 200_000
"""Objects compared in one question."""


class RevisionView:
    """The objects of one revision."""

    def __init__(self, reader: SealedReader, revision: int) -> None:
        self._reader = reader
        self._resolver: Any = reader.get_historical_resolver(revision)
        self.revision = revision

    @property
    def trailer(self) -> generic.DictionaryObject:
        """The trailer with what it inherits from older ones."""
        found: generic.DictionaryObject = self._resolver.trailer_view
        return found

    @property
    def root(self) -> generic.DictionaryObject:
        """The catalogue. Raises `UnclearError` if it is no dictionary."""
        return self.expect(raw(self.trailer, "/Root"), "the catalogue")

    def has(self, key: Key) -> bool:
        """Tell whether an object of that number is in use."""
        reference = generic.Reference(key[0], key[1], self._reader)
        return self._reader.xrefs.get_historical_ref(reference, self.revision) is not None

    def object(self, key: Key) -> Value:
        """Return an object; None where there is none. Raises one of `READ_ERRORS`."""
        if not self.has(key):
            return None
        found = self._resolver.get_object(generic.Reference(key[0], key[1], self._resolver))
        return _plain(found)

    def as_read(self, key: Key) -> Value:
        """Return an object to look at, not to follow: its references may lead into other revisions.

        `object` copies each so that they do not.
        """
        reference = generic.Reference(key[0], key[1], self._reader)
        if self._reader.xrefs.get_historical_ref(reference, self.revision) is None:
            return None
        if self._reader.xrefs.get_last_change(reference) > self.revision:
            return self.object(key)
        read: Any = self._reader.get_object
        return _plain(read(reference, transparent_decrypt=False))

    def follow(self, value: Value) -> Value:
        """Return the value at the end of references; None for null and for nothing."""
        for _ in range(_MOST_HOPS):
            value = _plain(value)
            if not isinstance(value, generic.IndirectObject):
                return value
            value = self.object((value.idnum, value.generation))
        raise UnclearError("references to references")

    def entry(self, owner: generic.DictionaryObject, name: str) -> Value:
        """Return an entry with its references followed."""
        return self.follow(_held(owner, name))

    def dictionary(self, owner: generic.DictionaryObject, name: str) -> generic.DictionaryObject:
        """Return an entry that is a dictionary; an empty one where there is none."""
        value = self.entry(owner, name)
        if value is None:
            return generic.DictionaryObject()  # type: ignore[no-untyped-call]
        return self.expect(value, name)

    def array(self, owner: generic.DictionaryObject, name: str) -> list[generic.PdfObject]:
        """Return the items of an entry that is an array; none where there is no entry."""
        value = self.entry(owner, name)
        if value is None:
            return []
        if not isinstance(value, generic.ArrayObject):
            raise UnclearError(f"{name} is no array")
        return items(value)

    def expect(self, value: Value, what: str) -> generic.DictionaryObject:
        """Return a dictionary. Raises `UnclearError` for anything else."""
        found = self.follow(value)
        if not isinstance(found, generic.DictionaryObject):
            raise UnclearError(f"{what} is no dictionary")
        return found


def key_of(value: Value) -> Key | None:
    """Return the number and generation of a reference, None for a direct object."""
    if isinstance(value, generic.IndirectObject):
        return value.idnum, value.generation
    return None


def children(value: Value) -> Iterator[tuple[str | int, Value]]:
    """Yield the values in a dictionary or an array, decrypted, references unresolved."""
    if isinstance(value, generic.DictionaryObject):
        for name in value:
            yield str(name), _plain(_held(value, name))
    elif isinstance(value, generic.ArrayObject):
        for index, held in enumerate(items(value)):
            yield index, _plain(held)


def _held(dictionary: generic.DictionaryObject, name: str) -> Value:
    """Return an entry as it stands, encrypted or not."""
    value: Value = dict.get(dictionary, name)
    return value


def _plain(value: Any) -> Value:
    """Return a value decrypted; None for null."""
    if isinstance(value, generic.DecryptedObjectProxy):
        try:
            value = value.decrypted
        except ValueError:
            value = value.raw_object  # a signature's /Contents, which is never encrypted (7.6.2)
    if isinstance(value, generic.NullObject):
        return None
    found: Value = value
    return found


class Comparison:
    """Comparison of values in two revisions, with all that they refer to.

    Objects are compared by content: numbers may differ. Pages are compared on their own, so
    references to them only have to name the same page; likewise to the catalogue. `apart` has the
    numbers of these, before and after.
    """

    def __init__(
        self,
        views: tuple[RevisionView, RevisionView],
        dirty: frozenset[Key],
        apart: frozenset[tuple[Key | None, Key | None]],
    ) -> None:
        self._old, self._new = views
        self._dirty = dirty
        self._apart = apart

    def is_dirty(self, key: Key) -> bool:
        """Tell whether an object, or one that references lead to from it, was changed."""
        return key in self._dirty

    def same(self, old: Value, new: Value, ignored: frozenset[str] = frozenset()) -> bool:
        """Compare two values; `ignored` names entries of the outermost dictionary."""
        seen: set[tuple[Key, Key]] = set()
        work: list[tuple[Value, Value, frozenset[str]]] = [(old, new, ignored)]
        for _ in range(_MOST_STEPS):
            if not work:
                return True
            one, other, without = work.pop()
            pair = self._resolve(one, other, seen)
            if pair is None:
                continue
            inner = _pairs(*pair, without)
            if inner is None:
                return False
            work.extend((left, right, frozenset()) for left, right in inner)
        raise UnclearError("too much to compare")

    def follow(self, old: Value, new: Value) -> tuple[Value, Value]:
        """Return the targets of two values' references, each in its own revision."""
        return self._old.follow(old), self._new.follow(new)

    def _resolve(
        self, old: Value, new: Value, seen: set[tuple[Key, Key]]
    ) -> tuple[Value, Value] | None:
        """Return the pair to be compared; None where it is known to be the same."""
        before, after = key_of(old), key_of(new)
        if before is not None and after is not None:
            if before == after and before not in self._dirty:
                return None
            if (before, after) in seen or (before, after) in self._apart:
                return None
            seen.add((before, after))
        return self.follow(old, new)


def same_as_written(old: Value, new: Value) -> bool:
    """Tell whether two objects are the same, their references by number, streams by content."""
    work = [(old, new)]
    while work:
        one, other = work.pop()
        one, other = _plain(one), _plain(other)
        if isinstance(one, generic.IndirectObject) and isinstance(other, generic.IndirectObject):
            if key_of(one) != key_of(other):
                return False
            continue
        inner = _pairs(one, other, frozenset())
        if inner is None:
            return False
        work.extend(inner)
    return True


def _pairs(old: Value, new: Value, without: frozenset[str]) -> list[tuple[Value, Value]] | None:
    """Return the remaining pairs to compare of two values; None if they differ by themselves."""
    if isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject):
        return _dictionary_pairs(old, new, without)
    if isinstance(old, generic.ArrayObject) and isinstance(new, generic.ArrayObject):
        if len(old) != len(new):
            return None
        return list(zip(items(old), items(new), strict=True))
    return [] if _equal_leaves(old, new) else None


def _dictionary_pairs(
    old: generic.DictionaryObject, new: generic.DictionaryObject, without: frozenset[str]
) -> list[tuple[Value, Value]] | None:
    streams = isinstance(old, generic.StreamObject), isinstance(new, generic.StreamObject)
    if any(streams):
        if not all(streams):
            return None
        # /Length is compared by value: it may be an object that the update overwrites.
        if old.encoded_data != new.encoded_data:  # type: ignore[attr-defined]
            if _decoded(old) is None or _decoded(old) != _decoded(new):
                return None
            without = without | {"/Length", "/Filter", "/DecodeParms"}
    names = {*map(str, old), *map(str, new)} - without
    return [(_held(old, name), _held(new, name)) for name in names]


def _decoded(stream: Any) -> bytes | None:
    try:
        data: bytes = stream.data
    except READ_ERRORS:
        return None
    return data


def _equal_leaves(old: Value, new: Value) -> bool:
    strings = (generic.TextStringObject, generic.ByteStringObject)
    if isinstance(old, strings) and isinstance(new, strings):
        return bool(old.original_bytes == new.original_bytes)
    numbers = (generic.NumberObject, generic.FloatObject)
    if isinstance(old, numbers) and isinstance(new, numbers):
        return float(old) == float(new)
    return type(old) is type(new) and bool(old == new)
