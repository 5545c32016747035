"""Documents that the journal knows: looked up by digest, without reading all of it as JSON."""

from pathlib import Path

from core.ids import Sha256
from registry.journal import Entry, JournalError, JournalKind

_AT_ONCE = 8 * 1024 * 1024
"""A segment is hardly longer."""
_REVISIONS = "revisions"


def journal_names(directory: Path, sha256: Sha256) -> bool:
    """Tell whether an entry of the journal in `directory` names a document of that digest.

    False where there is no journal: a public verifier may run without one. An entry that does not
    bear out its own hash says nothing.
    """
    wanted = sha256.encode()
    return any(_names(path, wanted) for path in sorted(directory.glob("journal-*.jsonl"))[::-1])


def _names(path: Path, wanted: bytes) -> bool:
    with path.open("rb") as file:
        rest = b""
        while block := file.read(_AT_ONCE):
            block = rest + block
            whole, _, rest = block.rpartition(b"\n")
            if _names_in(whole, wanted):
                return True
    return False


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
