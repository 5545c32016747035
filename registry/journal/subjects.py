"""Subjects of the journal's entries, and which statement of one counts."""

from registry.journal.journal import JournalEntry, JournalKind

_NAMED = {JournalKind.IDENTITY: "identity", JournalKind.EMERGENCY: "use"}


def subject_of(entry: JournalEntry) -> str:
    """Return the subject of an entry: a licence's identifier, or a certificate's
    issuer/serial, the id of an identity or of a use of the emergency's credential.
    """
    facts = entry.facts
    if entry.kind is JournalKind.STATUS:
        return f"{facts['issuer']}/{facts['serial']}"
    return str(facts[_NAMED.get(entry.kind, "identifier")])


def is_outdated(entry: JournalEntry, said: int) -> bool:
    """Tell whether a statement loosens what entry `said` made stricter after it was seen."""
    seen = entry.facts.get("seen")
    return seen is not None and said > int(seen)
