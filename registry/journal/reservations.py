"""Reservations that the journal knows: what was taken by a grant, so that a grant which another
process began is finished only if one began it.

An entry has a licence's identifier and the digest of its face, which is salted and tells nothing;
it is durable before the reservation is committed. One that was given up is named again with that.
"""

import re
from collections.abc import Collection

from core.ids import LicenceIdentifier
from registry.journal.journal import Facts, Journal, JournalEntry, JournalKind
from registry.journal.segments import IndexedSegments, entries_about, entries_with

_FACE, _IDENTIFIER, _STATE, _VOID = "face", "identifier", "state", "VOID"
_LISTED = re.compile(
    rb'"facts":\{"face":"([0-9a-f]{16})[0-9a-f]{48}","identifier":"[^"]*"(?:,"state":"VOID")?\}'
)
_KIND = b'"kind":"reserved"'
BEGINNING: Facts = {_FACE: None, _IDENTIFIER: None}
"""The entry that follows what was pending when a journal first hears of reservations."""


def reservation_entry(identifier: LicenceIdentifier, face: str, *, void: bool = False) -> Facts:
    """Return the journal's entry for a reservation, or for one that is given up."""
    return {_FACE: face, _IDENTIFIER: identifier, **({_STATE: _VOID} if void else {})}


class ReservationJournal:
    """The journal as who finishes grants reads it; for several threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._segments = IndexedSegments(journal.directory, _LISTED)
        self._begun_in: str | None = None
        """The hash of the first entry of the journal in which one was seen: a lost journal may be
        begun anew meanwhile."""

    def has_begun(self) -> bool:
        """Tell whether the journal hears of reservations: those that it lacks were not made."""
        first = self._journal.first.hash
        if self._begun_in != first:
            self._journal.catch_up()
        if self._begun_in != first and any(
            entry.kind is JournalKind.RESERVED
            for path in sorted(self._journal.directory.glob("journal-*.jsonl"), reverse=True)
            for entry in entries_with(path.read_bytes(), _KIND)
        ):
            self._begun_in = first
        return self._begun_in == first

    def has(self, identifier: LicenceIdentifier, face: str) -> bool:
        """Tell whether a licence that says this was reserved, and not given up since."""
        self._journal.catch_up()  # another machine may have reserved it, or given it up
        for entry in self._segments.entries(face):
            named = entry.facts.get(_IDENTIFIER), entry.facts.get(_FACE)
            if entry.kind is JournalKind.RESERVED and named == (identifier, face):
                return entry.facts.get(_STATE) != _VOID
        return False


def entries_since_reserved(
    journal: Journal, identifiers: Collection[LicenceIdentifier], *, after: int
) -> list[JournalEntry]:
    """Return the entries about licences that follow number `after` and their reservations.

    Read from the end of the journal to where the first of them was reserved, and of all that only
    their own entries are parsed: who asks holds the database meanwhile. Raises `JournalError`.
    """
    found: list[JournalEntry] = []
    sought = set(identifiers)
    for first, entries in entries_about(journal.directory, sought):
        found += entries
        sought -= {
            LicenceIdentifier(str(one.facts[_IDENTIFIER]))
            for one in entries
            if one.kind is JournalKind.RESERVED and one.facts.get(_STATE) != _VOID
        }
        if not sought or first <= after + 1:
            break
    return sorted((one for one in found if one.sequence > after), key=lambda one: one.sequence)
