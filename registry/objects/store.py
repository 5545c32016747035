"""Port of the store of documents and photos: each under its SHA-256; what is stored never changes.

`files` keeps them in the home, `bucket` in an S3-compatible store; `opening` says which one it is.
"""

import hashlib
from collections.abc import Sequence
from typing import ClassVar, Protocol

from core.errors import StorageError, UnreachableError
from core.ids import Sha256


class DamagedObjectError(StorageError):
    """Content under a digest is missing, or is not the content that names it.

    A fault of the store: it says nothing of the document that somebody shows.
    """

    code: ClassVar[str] = "damaged_object"


class MissingObjectError(DamagedObjectError):
    """Nothing is stored under a digest: lost, or never of this machine."""


class LockedObjectError(StorageError):
    """The store's lock holds an object for a while yet; it cannot be erased before."""


class StoreUnreachableError(UnreachableError):
    """The object store does not answer, refuses, or broke off; a repeated call does no harm."""


def sha256_of(data: bytes) -> Sha256:
    """Return the SHA-256 of `data` in lower-case hex."""
    return Sha256(hashlib.sha256(data).hexdigest())


class ObjectReader(Protocol):
    """Reads what is stored, and no more."""

    def get(self, sha256: Sha256) -> bytes:
        """Return the stored bytes, checked against their name.

        Raises `DamagedObjectError`, also where it is missing; `StoreUnreachableError`.
        """
        ...


class ObjectStore(ObjectReader, Protocol):
    """Keeps documents and photos; used from several threads."""

    def put(self, data: bytes) -> Sha256:
        """Store `data`, durable when this returns; what is there already is left or mended.

        Raises `StorageError`, `StoreUnreachableError`.
        """
        ...

    def put_all(self, objects: Sequence[bytes]) -> list[Sha256]:
        """Store several at once, durable when this returns; return the digests. Raises as `put`."""
        ...

    def erase(self, sha256: Sha256) -> None:
        """Remove content for good; what is gone already is no error.

        Raises `LockedObjectError`, `StorageError`, `StoreUnreachableError`.
        """
        ...

    def list_objects(self) -> list[Sha256]:
        """Return the digests of all that is stored, in order. Raises `StoreUnreachableError`."""
        ...
