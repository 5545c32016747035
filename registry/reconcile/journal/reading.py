"""Reading of the journal in chunks, by several processes: each hands over what a comparison needs
of the entries that it has checked.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from registry.journal.chunks import ChunkEnds, JournalChunk, read_chunk
from registry.journal.journal import Facts, JournalEntry, JournalKind
from registry.revisions.faces import FACT
from registry.revisions.record import LISTED

_COMPARED = frozenset(
    {
        JournalKind.MARK,
        JournalKind.STATUS,
        JournalKind.LICENCE,
        JournalKind.RESERVED,
        JournalKind.DOCUMENT,
        JournalKind.AUDIT_HEAD,
        JournalKind.RESTORED,
        JournalKind.LOSS_ACCEPTED,
    }
)
_OF_DOCUMENTS = ("identifier", FACT, LISTED)


class CheckedEntry(NamedTuple):
    """Content of an entry that was checked."""

    sequence: int
    at: datetime
    kind: JournalKind
    facts: Facts


@dataclass(slots=True)
class ChunkRead:
    """Result of reading a chunk."""

    chunk: JournalChunk
    ends: ChunkEnds
    entries: int = 0
    said: list[CheckedEntry] = field(default_factory=list)
    """What those of some kinds say."""


def read(chunk: JournalChunk) -> ChunkRead:
    """Read a chunk as far as it holds."""
    done = ChunkRead(chunk, ChunkEnds())
    for entry in read_chunk(chunk, done.ends):
        done.entries += 1
        if entry.kind in _COMPARED or entry.sequence == 1:
            done.said.append(_said(entry))
    return done


def _said(entry: JournalEntry) -> CheckedEntry:
    facts = entry.facts
    if entry.kind is JournalKind.DOCUMENT:  # its tokens take more than all the rest
        facts = {name: facts[name] for name in _OF_DOCUMENTS if name in facts}
    return CheckedEntry(entry.sequence, entry.at, entry.kind, facts)
