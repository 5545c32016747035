"""Entries of the journal, looked up by a digest that they name, without reading it all each time.

Eight octets of each digest are kept in the process, sorted, some 80 MB for ten million, and what
was appended since is read before an answer. A segment is looked into where one of them fits, the
newest first: who needs a recent entry reads no others.
"""

import re
import threading
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from registry.journal.journal import JournalEntry, JournalError

_ABOUT = re.compile(rb'"identifier":"([^"]*)"')
"""Licence that an entry is about."""


@dataclass(slots=True)
class _Segment:
    """Summary of one file of the journal."""

    identity: tuple[int, int]
    """Device and number of the file: a restored journal has others under the same names."""
    read: int = 0
    """How far; an unfinished line is not counted."""
    beginnings: "array[int]" = field(default_factory=lambda: array("Q"))
    """Of the digests, sorted."""

    def may_name(self, beginning: int) -> bool:
        at = bisect_left(self.beginnings, beginning)
        return at < len(self.beginnings) and self.beginnings[at] == beginning


class IndexedSegments:
    """The journal in a directory; for several threads. Empty where there is no journal."""

    def __init__(self, directory: Path, listed: re.Pattern[bytes]) -> None:
        """`listed` finds digests in lines: its group is the first 16 of their hex digits."""
        self._directory = directory
        self._listed = listed
        self._lock = threading.Lock()
        """Guards what follows."""
        self._segments: dict[Path, _Segment] = {}

    def entries(self, digest: str) -> Iterator[JournalEntry]:
        """Yield the entries that name a digest (64 hex digits), the newest first.

        One that does not bear out its own hash says nothing.
        """
        for path in sorted(self._directory.glob("journal-*.jsonl"), reverse=True):
            with self._lock:
                likely = self._look(path).may_name(int(digest[:16], 16))
            if likely:
                found = list(entries_with(path.read_bytes(), digest.encode()))
                yield from reversed(found)

    def _look(self, path: Path) -> _Segment:
        """Take note of what was appended to a segment."""
        status = path.stat()
        identity = status.st_dev, status.st_ino
        segment = self._segments.get(path)
        if segment is None or segment.identity != identity or segment.read > status.st_size:
            segment = self._segments[path] = _Segment(identity)
        if segment.read < status.st_size:
            with path.open("rb") as file:
                file.seek(segment.read)
                added = file.read()
            whole = added[: added.rfind(b"\n") + 1]
            found = [int(one, 16) for one in self._listed.findall(whole)]
            segment.read += len(whole)
            if found:
                segment.beginnings = array("Q", sorted([*segment.beginnings, *found]))
        return segment


def entries_with(lines: bytes, wanted: bytes) -> Iterator[JournalEntry]:
    """Yield the entries among a segment's lines that contain some octets."""
    at = lines.find(wanted)
    while at >= 0:
        start, stop = lines.rfind(b"\n", 0, at) + 1, lines.find(b"\n", at)
        stop = len(lines) if stop < 0 else stop
        entry = None
        with suppress(JournalError):
            entry = JournalEntry.parse(lines[start:stop] + b"\n")
        if entry is not None:
            yield entry
        at = lines.find(wanted, stop)


def entries_about(
    directory: Path, identifiers: Collection[str]
) -> Iterator[tuple[int, list[JournalEntry]]]:
    """Yield the segments, the newest first: the number of the first entry of each, and those that
    are about one of some licences, which alone are parsed.

    An unfinished line at the end was never acknowledged. Raises `JournalError`.
    """
    wanted = frozenset(one.encode() for one in identifiers)
    for path in sorted(directory.glob("journal-*.jsonl"), reverse=True):
        lines = path.read_bytes()
        found, done = [], 0
        whole = lines.rfind(b"\n") + 1
        for one in _ABOUT.finditer(lines, 0, whole):
            if one[1] not in wanted or one.start() < done:
                continue
            start, done = lines.rfind(b"\n", 0, one.start()) + 1, lines.find(b"\n", one.end()) + 1
            found.append(JournalEntry.parse(lines[start:done]))
        yield int(path.stem.removeprefix("journal-")), found
