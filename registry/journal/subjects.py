"""Subjects of the journal's entries, and which statement of one counts."""

from datetime import datetime
from typing import Protocol

from registry.journal.journal import Facts, JournalKind

_NAMED = {JournalKind.IDENTITY: "identity", JournalKind.EMERGENCY: "use"}


class EntryContent(Protocol):
    """Content of an entry, whether it was checked against its hash here or by another process."""

    @property
    def sequence(self) -> int:
        """Number of the entry."""
        ...

    @property
    def at(self) -> datetime:
        """Instant at which it was written."""
        ...

    @property
    def kind(self) -> JournalKind:
        """Kind of the entry."""
        ...

    @property
    def facts(self) -> Facts:
        """Facts, by their names."""
        ...


def subject_of(entry: EntryContent) -> str:
    """Return the subject of an entry: a licence's identifier, or a certificate's
    issuer/serial, the id of an identity or of a use of the emergency's credential.
    """
    facts = entry.facts
    if entry.kind is JournalKind.STATUS:
        return f"{facts['issuer']}/{facts['serial']}"
    return str(facts[_NAMED.get(entry.kind, "identifier")])


def is_outdated(entry: EntryContent, said: int) -> bool:
    """Tell whether a statement loosens what entry `said` made stricter after it was seen."""
    seen = entry.facts.get("seen")
    return seen is not None and said > int(seen)
