"""Documents that the journal knows, looked up by digest.

Anybody may ask for an unknown digest, so that not the whole journal can be read each time: eight
octets of each digest are kept in the process, sorted, some 80 MB for ten million documents, and
what was appended since is read before an answer. A segment is looked into where one of them fits.
"""

import re
import threading
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

from core.ids import Sha256
from registry.journal.journal import Entry, JournalError, JournalKind

_REVISIONS = "revisions"
_DIGEST = re.compile("[0-9a-f]{64}")
_LISTED = re.compile(rb"[0-9]/([0-9a-f]{16})[0-9a-f]{48}\b")
"""A revision as entries list it; and much like it a timestamp's digest, which does no harm."""


@dataclass(slots=True)
class _Segment:
    """What is known of one file of the journal."""

    identity: tuple[int, int]
    """Device and number of the file: a restored journal has others under the same names."""
    read: int = 0
    """How far; an unfinished line is not counted."""
    beginnings: "array[int]" = field(default_factory=lambda: array("Q"))
    """Of the digests, sorted."""

    def may_name(self, beginning: int) -> bool:
        at = bisect_left(self.beginnings, beginning)
        return at < len(self.beginnings) and self.beginnings[at] == beginning


class DocumentJournal:
    """The journal in a directory, as a verifier reads it; for several threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        """Guards what follows."""
        self._segments: dict[Path, _Segment] = {}

    def names(self, *digests: Sha256) -> bool:
        """Tell whether an entry names a document of one of these digests.

        False where there is no journal: a public verifier may run without one. An entry that does
        not bear out its own hash says nothing.
        """
        wanted = [one for one in digests if _DIGEST.fullmatch(one)]
        with self._lock:
            self._look()
            likely = [
                (path, one.encode())
                for path, segment in self._segments.items()
                for one in wanted
                if segment.may_name(int(one[:16], 16))
            ]
        return any(_names_in(path.read_bytes(), one) for path, one in likely)

    def _look(self) -> None:
        """Take note of what was appended."""
        known, self._segments = self._segments, {}
        for path in self._directory.glob("journal-*.jsonl"):
            status = path.stat()
            identity = status.st_dev, status.st_ino
            segment = known.get(path)
            if segment is None or segment.identity != identity or segment.read > status.st_size:
                segment = _Segment(identity)
            if segment.read < status.st_size:
                _read_on(path, segment)
            self._segments[path] = segment


def _read_on(path: Path, segment: _Segment) -> None:
    with path.open("rb") as file:
        file.seek(segment.read)
        added = file.read()
    whole = added[: added.rfind(b"\n") + 1]
    found = [int(one, 16) for one in _LISTED.findall(whole)]
    segment.read += len(whole)
    if found:
        segment.beginnings = array("Q", sorted([*segment.beginnings, *found]))


def _names_in(lines: bytes, wanted: bytes) -> bool:
    at = lines.find(wanted)
    while at >= 0:
        start, stop = lines.rfind(b"\n", 0, at) + 1, lines.find(b"\n", at)
        stop = len(lines) if stop < 0 else stop
        if _is_document(lines[start:stop] + b"\n", wanted.decode()):
            return True
        at = lines.find(wanted, stop)
    return False


def _is_document(line: bytes, sha256: str) -> bool:
    try:
        entry = Entry.parse(line)
    except JournalError:
        return False
    listed = str(entry.facts.get(_REVISIONS, "")).split(" ")
    return entry.kind is JournalKind.DOCUMENT and any(
        one.rpartition("/")[2] == sha256 for one in listed
    )
