"""Chunks of the journal, which are read apart from one another, by several processes at once.

Within a chunk each entry is checked against the one before; that one chunk goes on where the other
ends is for whoever puts them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry.journal.journal import (
    MAX_LINE_BYTES,
    NOTHING_BEFORE,
    Journal,
    JournalEntry,
    JournalError,
    first_in,
)
from registry.journal.position import Position

CHUNK_BYTES = 4 * 1024 * 1024
"""Some 8,000 entries."""


@dataclass(frozen=True, slots=True)
class JournalChunk:
    """Lines of one file of the journal that begin between two places in it."""

    path: Path
    start: int
    stop: int
    is_last: bool
    """It is of the last file, whose last line a crash may have left unfinished."""


@dataclass(slots=True)
class ChunkEnds:
    """Entries of a chunk that hold, at its ends: filled in while it is read."""

    previous: Position | None = None
    """Place that the first one follows; None as long as there is none."""
    last: Position | None = None
    damaged: bool = False
    """What follows the last one is no entry that follows it."""


class ChunkChain:
    """The chain of entries through chunks that were read apart."""

    def __init__(self) -> None:
        self.end = Position(0, NOTHING_BEFORE)
        """As far as the journal holds."""
        self.damaged = False
        """What follows is damaged, or missing."""

    def joins(self, chunk: JournalChunk, ends: ChunkEnds) -> bool:
        """Tell whether the next chunk goes on from here; if so, go to its end."""
        begins = chunk.start > 0 or first_in(chunk.path) == self.end.sequence + 1
        if self.damaged or not begins or ends.previous not in (None, self.end):
            self.damaged = True
            return False
        self.end, self.damaged = ends.last or self.end, ends.damaged
        return True


def chunks_of(journal: Journal) -> list[JournalChunk]:
    """Return the journal as it is now, in order. Raises as `Journal.catch_up`."""
    found: list[JournalChunk] = []
    segments = journal.segments()
    for path in segments:
        length = path.stat().st_size
        for start in range(0, max(length, 1), CHUNK_BYTES):
            stop = min(start + CHUNK_BYTES, length)
            found.append(JournalChunk(path, start, stop, path == segments[-1]))
    return found


def read_chunk(chunk: JournalChunk, ends: ChunkEnds) -> Iterator[JournalEntry]:
    """Yield the entries of a chunk that follow from one another, up to the first that does not."""
    try:
        for line in _lines(chunk):
            entry = JournalEntry.parse(line)
            before = Position(entry.sequence - 1, entry.previous)
            if ends.last not in (None, before):
                ends.damaged = True
                return
            ends.previous = ends.previous or before
            ends.last = entry.position
            yield entry
    except JournalError:
        ends.damaged = True


def _lines(chunk: JournalChunk) -> Iterator[bytes]:
    with chunk.path.open("rb") as file:
        if chunk.start:
            _pass_over(file, chunk)
        while file.tell() < chunk.stop:
            line = file.readline(MAX_LINE_BYTES)
            if not line.endswith(b"\n") and chunk.is_last and not _has_line(file):
                return
            yield line


def _has_line(file: BinaryIO) -> bool:
    """Tell whether what follows in a file holds the end of a line."""
    while piece := file.readline(MAX_LINE_BYTES):
        if piece.endswith(b"\n"):
            return True
    return False


def _pass_over(file: BinaryIO, chunk: JournalChunk) -> None:
    """Go to the first line that begins in a chunk; the one before it is of another."""
    file.seek(chunk.start - 1)
    while file.tell() < chunk.stop and not file.readline(MAX_LINE_BYTES).endswith(b"\n"):
        pass
