"""Invariants of a batch's licences at any moment, by plain SQL and the files themselves."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.history.look import Row, check_sealed, register

_GRANTED, _RESERVED, _STAMPED = "licence.granted", "licence.reserved", "timestamp.made"


@dataclass
class Oracle:
    """Looks at a register; what it found whole it does not look at again."""

    home: Path
    url: str | None
    whole: dict[str, str] = field(default_factory=dict)
    """Licences in force that were looked at, with their numbers."""
    events: int = 0
    """Up to which they were read."""
    said: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """By the licence that they are about."""
    journalled: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Licences that the journal's entries are about, by their kind."""
    read: dict[Path, int] = field(default_factory=lambda: defaultdict(int))
    """Up to which each file of the journal was."""
    end: tuple[int, str] = (0, "0" * 64)
    """Number and hash of its last entry."""

    def look(self) -> int:
        """See that what was touched since the last look is right; return how many are in force."""
        with register(self.home, self.url) as opened:
            rows = opened.rows("SELECT identifier, number, state, replaces FROM licences")
            new = [one for one in rows if one["identifier"] not in self.whole]
            events = opened.rows(
                "SELECT sequence, action, subject, after FROM audit_events WHERE sequence > ? "
                "ORDER BY sequence",
                self.events,
            )
            revisions = {
                one["identifier"]: one
                for one in opened.rows("SELECT identifier, length, sha256 FROM revisions")
            }
            taken = opened.rows("SELECT scope, value FROM counters")
        self._read_journal()
        self._read(events)
        assert len({one["number"] for one in rows}) == len(rows), "a number was given twice"
        counted = sum(one["value"] for one in taken if one["scope"].startswith("sequence:"))
        assert counted == len(rows), "a number is not accounted for"
        for one in new:
            self._check(one, revisions.get(one["identifier"]))
        lost = self.whole.keys() - {one["identifier"] for one in rows}
        assert not lost, "a licence is gone"
        return sum(one["state"] == "IN_FORCE" for one in rows)

    def _read(self, events: list[Row]) -> None:
        for one in events:
            assert one["sequence"] == self.events + 1, "an event is missing"
            self.events += 1
            after = one["after"]
            facts = json.loads(after) if isinstance(after, str) else (after or {})
            subject = facts.get("for") if one["action"] == _STAMPED else one["subject"]
            self.said[str(subject)].append({**one, "facts": facts})

    def _check(self, row: Row, revision: Row | None) -> None:
        identifier = row["identifier"]
        actions = [one["action"] for one in self.said[identifier]]
        assert actions.count(_RESERVED) == 1, "a reservation without its event, or with two"
        assert self.journalled["reserved"] & {identifier}, "a reservation that the journal lacks"
        if row["state"] == "PENDING":
            assert revision is None, "a document is registered whose licence is pending"
            assert _GRANTED not in actions
            return
        assert row["state"] == "IN_FORCE", row
        assert revision is not None, "a licence in force without a document"
        assert actions.count(_GRANTED) == 1, "granted twice on record"
        assert _STAMPED in actions, "a token that is not on record"
        assert identifier in self.journalled["document"]
        self._check_document(row, revision)
        self.whole[identifier] = row["number"]

    def _check_document(self, row: Row, revision: Row) -> None:
        sha256 = revision["sha256"]
        pdf = (self.home / "objects" / sha256[:2] / sha256[2:]).read_bytes()
        assert hashlib.sha256(pdf).hexdigest() == sha256, "a document that is damaged"
        assert len(pdf) == revision["length"]
        granted = next(one for one in self.said[row["identifier"]] if one["action"] == _GRANTED)
        assert granted["facts"]["sha256"] == sha256
        check_sealed(pdf)

    def _read_journal(self) -> None:
        for path in sorted((self.home / "journal").glob("journal-*.jsonl")):
            with path.open("rb") as file:
                file.seek(self.read[path])
                lines = file.read().splitlines(keepends=True)
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # cut off, and so never acknowledged
                entry: dict[str, Any] = json.loads(line)
                sequence, previous = self.end
                assert (entry["sequence"], entry["previous"]) == (sequence + 1, previous)
                self.end = (sequence + 1, entry["hash"])
                self.read[path] += len(line)
                self.journalled[entry["kind"]].add(str(entry["facts"].get("identifier")))
