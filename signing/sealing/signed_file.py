"""Signing a revision that is written here, byte for byte (ISO 32000-1 12.8.1).

The signature dictionary is the revision's last object. What comes before the string of /Contents
and what follows it are final before anything is signed, since the length of the string is known:
each byte is written once and digested once. The forms of dictionary and trailer are those that
`signing.seal_check` knows, and stock pyHanko's, which writes the revisions that are added later.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from signing.errors import SealTooLargeError
from signing.sealing import messages
from signing.sealing.writer import end_of_file

MakeCms = Callable[[bytes], bytes]
"""Makes the CMS (DER) over the digest of a document's bytes."""
CONTENTS = b"<<\n/Contents "
"""Beginning of a signature's dictionary."""
_RANGE_WIDTH = 62
"""Three numbers of twelve digits fit."""
_RANGE = b"\n/ByteRange %b\n"
_END = b"\nendobj\n"


class RunningDigest(Protocol):
    """A running digest of `hashlib`."""

    def update(self, data: bytes, /) -> None:
        """Digest more."""
        ...

    def digest(self) -> bytes:
        """Return the digest of all so far."""
        ...

    def copy(self) -> "RunningDigest":
        """Return another that stands where this one stands."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """Space reserved for a signature's CMS."""

    digest_name: str
    cms_octets: int
    """The longest CMS that can come."""

    @property
    def width(self) -> int:
        """Bytes of the string in the file, brackets and all."""
        return 2 * self.cms_octets + 2


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file whose last revision was signed."""

    pdf: bytes
    running: RunningDigest
    """Of all of it, by the digest of its signature: a further revision goes on from it."""
    table: int
    """Where the cross-reference table of its last revision begins."""


@dataclass(frozen=True, slots=True)
class UnsignedRevision:
    """A revision that is about to be signed."""

    body: bytes
    """From its beginning to the string of /Contents."""
    entries: bytes
    """Of the signature dictionary after /ByteRange, with the dictionary's end."""
    table: bytes
    """Cross-reference table and trailer, without what names their place."""


def sign_revision(
    revision: UnsignedRevision, room: Room, make_cms: MakeCms, earlier: SignedFile | None = None
) -> SignedFile:
    """Return the file, `earlier` and then the revision, with the CMS in its place.

    The digest is the one that `earlier` was digested with. Raises `SealTooLargeError`.
    """
    begins = 0 if earlier is None else len(earlier.pdf)
    after, table = _after(revision, room, begins)
    covered = hashlib.new(room.digest_name) if earlier is None else earlier.running.copy()
    covered.update(revision.body)
    whole = covered.copy()
    covered.update(after)
    cms = make_cms(covered.digest())
    if len(cms) > room.cms_octets:
        raise SealTooLargeError(
            messages.signature_exceeds_reserved_space(count=len(cms), reserved=room.cms_octets),
            octets=len(cms),
            reserved=room.cms_octets,
        )
    rest = _contents(cms, room) + after
    whole.update(rest)
    parts = (revision.body, rest) if earlier is None else (earlier.pdf, revision.body, rest)
    return SignedFile(b"".join(parts), whole, table)


def with_room(revision: UnsignedRevision, room: Room) -> bytes:
    """Return the file of one revision with room for a CMS that is to come."""
    return revision.body + _contents(b"", room) + _after(revision, room, 0)[0]


def _contents(cms: bytes, room: Room) -> bytes:
    return b"<" + cms.hex().upper().encode().ljust(room.width - 2, b"0") + b">"


def _after(revision: UnsignedRevision, room: Room, begins: int) -> tuple[bytes, int]:
    """Return all that follows the string of /Contents, and where the table begins."""
    start = begins + len(revision.body)
    stop = start + room.width
    length = len(_RANGE % b"") + _RANGE_WIDTH + len(revision.entries) + len(_END)
    table = stop + length
    end = end_of_file(table)
    covers = b"[0 %d %d %d]" % (start, stop, length + len(revision.table) + len(end))
    told = _RANGE % covers.ljust(_RANGE_WIDTH)
    return b"".join((told, revision.entries, _END, revision.table, end)), table
