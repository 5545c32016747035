"""Documents that the journal knows, looked up by digest (`registry.journal.segments`).

Anybody may ask for an unknown digest, so that not the whole journal can be read each time.
"""

import re
from pathlib import Path

from core.ids import Sha256
from registry.journal.journal import JournalEntry, JournalKind
from registry.journal.segments import IndexedSegments

_REVISIONS = "revisions"
_DIGEST = re.compile("[0-9a-f]{64}")
_LISTED = re.compile(rb"[0-9]/([0-9a-f]{16})[0-9a-f]{48}\b")
"""A revision as entries list it; and much like it a timestamp's digest, which does no harm."""


class DocumentJournal:
    """The journal in a directory, as a verifier reads it; for several threads."""

    def __init__(self, directory: Path) -> None:
        self._segments = IndexedSegments(directory, _LISTED)

    def names(self, *digests: Sha256) -> bool:
        """Tell whether an entry names a document of one of these digests.

        False where there is no journal: a public verifier may run without one. An entry that does
        not bear out its own hash says nothing.
        """
        return any(
            _is_document(entry, one)
            for one in digests
            if _DIGEST.fullmatch(one)
            for entry in self._segments.entries(one)
        )


def _is_document(entry: JournalEntry, sha256: str) -> bool:
    listed = str(entry.facts.get(_REVISIONS, "")).split(" ")
    return entry.kind is JournalKind.DOCUMENT and any(
        one.rpartition("/")[2] == sha256 for one in listed
    )
