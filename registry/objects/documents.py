"""Stored documents: the holder's copy, and the archive's, which begins with it."""

from collections.abc import Sequence

from registry.model import Revision
from registry.objects.store import ObjectStore


def handed_out(known: Sequence[Revision]) -> Revision:
    """Return the revision that the holder got: the longest of those registered with the last seal,
    which for a licence is the grant's.

    `known`: a licence's revisions in order. What came later was added to the archive only.
    """
    sealed = [one for one in known if one.sealed] or [known[0]]
    sealed_at = sealed[-1].registered_at
    return [one for one in known if one.registered_at == sealed_at][-1]


def holders_copy(store: ObjectStore, known: Sequence[Revision]) -> bytes:
    """Return the document as it was handed out. Raises `DamagedObjectError`."""
    return archive_copy(store, known)[: handed_out(known).length]


def archive_copy(store: ObjectStore, known: Sequence[Revision]) -> bytes:
    """Return the document with all that was added to the archive. Raises `DamagedObjectError`."""
    return store.get(known[-1].sha256)
