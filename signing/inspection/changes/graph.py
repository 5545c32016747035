"""Reference graph of objects, kept up to date from revision to revision.

Walking a whole file once per update would make many signatures costly; an update touches few
objects, and only what leads to them has to be looked at again.
"""

from collections import defaultdict
from collections.abc import Iterable

from pyhanko.pdf_utils import generic

from signing.inspection.changes.view import Key, RevisionView, children, key_of, same_as_written
from signing.inspection.objects import READ_ERRORS, is_name, raw
from signing.inspection.reader import SealedReader


class Graph:
    """References between the objects of a file, at one revision after the other."""

    def __init__(self, reader: SealedReader, revision: int) -> None:
        self._targets: dict[Key, frozenset[Key]] = {}
        self._sources: dict[Key, set[Key]] = defaultdict(set)
        self._unreadable: set[Key] = set()
        view = RevisionView(reader, revision)
        for key in _in_use(reader, revision):
            self._read(view, key)

    def is_used(self, key: Key) -> bool:
        """Tell whether anything refers to an object."""
        return bool(self._sources.get(key))

    def touched(
        self, old: RevisionView, new: RevisionView, written: Iterable[Key]
    ) -> frozenset[Key]:
        """Return the objects of an update that are others than before for who refers to them."""
        return frozenset(
            key for key in written if self._stood(old, key) and not _same(old, new, key)
        )

    def _stood(self, old: RevisionView, key: Key) -> bool:
        """Tell whether an object was one before, or is missed by those that refer to it."""
        return self.is_used(key) or (old.has(key) and not _is_section(old, key))

    def advance(self, new: RevisionView, written: Iterable[Key]) -> None:
        """Take in the objects that an update wrote."""
        for key in written:
            for target in self._targets.pop(key, frozenset()):
                self._sources[target].discard(key)
            self._unreadable.discard(key)
            self._read(new, key)

    def leading_to(self, touched: Iterable[Key]) -> frozenset[Key]:
        """Return those objects and all from which references lead to one of them."""
        found = set(touched)
        if found:
            found |= self._unreadable  # what they refer to is not known
        work = list(found)
        while work:
            for source in self._sources.get(work.pop(), ()):
                if source not in found:
                    found.add(source)
                    work.append(source)
        return frozenset(found)

    def _read(self, view: RevisionView, key: Key) -> None:
        try:
            targets = references(view, key)
        except READ_ERRORS:
            self._unreadable.add(key)
            return
        self._targets[key] = targets
        for target in targets:
            self._sources[target].add(key)


def _in_use(reader: SealedReader, revision: int) -> set[Key]:
    return {key for one in range(revision + 1) for key in reader.listed_in(one)}


def references(view: RevisionView, key: Key) -> frozenset[Key]:
    """Return the objects that an object refers to. Raises one of `READ_ERRORS`."""
    found: set[Key] = set()
    work = [view.as_read(key)]
    while work:
        value = work.pop()
        target = key_of(value)
        if target is not None:
            found.add(target)
        work.extend(held for _, held in children(value))
    return frozenset(found)


def _is_section(view: RevisionView, key: Key) -> bool:
    """Tell whether an object is a cross-reference stream, which no other refers to."""
    value = view.object(key)
    return isinstance(value, generic.StreamObject) and is_name(raw(value, "/Type"), "/XRef")


def _same(old: RevisionView, new: RevisionView, key: Key) -> bool:
    return same_as_written(old.object(key), new.object(key))
