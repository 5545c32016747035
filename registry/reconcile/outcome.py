"""Result of verifying the audit."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from core.text import Text
from registry.audit.chain import NOTHING_BEFORE, ChainEnd
from registry.audit.findings import PROVEN, AuditFinding
from registry.audit.heads import SignedHead

MAX_FINDINGS = 1000
"""Told one by one, of what is proven and of what is not; the rest is counted."""


class AuditResult(StrEnum):
    """Conclusion from the findings."""

    HOLDS = "holds"
    ALTERED = "altered"
    DISAGREES = "disagrees"
    """A record and the journal disagree: a change was cut off at its commit, or edited out."""
    UNCHECKED = "unchecked"
    """Nothing was found, and something could not be looked at."""


@dataclass(slots=True)
class AuditReport:
    """Result of the verification."""

    since: int = 0
    """Number of the event whose signed head was believed; 0 where all was looked at."""
    events: int = 0
    heads: dict[str, int] = field(default_factory=dict)
    """How many heads, by where they are: `database`, or a file's name."""
    newest_head: SignedHead | None = None
    """The newest of those that hold."""
    end: ChainEnd = field(default_factory=lambda: ChainEnd(0, NOTHING_BEFORE))
    findings: list[AuditFinding] = field(default_factory=list)
    untold: int = 0
    """Findings beyond those told."""
    altered: bool = False
    """A finding proves that something was altered."""
    lost: list[Text] = field(default_factory=list)
    """What a restoration on record has lost: known to have been there, and no alteration."""
    journal_entries: int | None = None
    """How many entries of the journal the tables were compared with; None where they were not."""
    unchecked: list[Text] = field(default_factory=list)
    """What could not be looked at: a place for heads that is not there, a line that is none."""
    _told: dict[bool, int] = field(default_factory=dict)
    """How many findings there were, proven or not."""

    @property
    def unsigned_events(self) -> int:
        """Number of events after the newest head that holds."""
        return self.end.sequence - (0 if self.newest_head is None else self.newest_head.sequence)

    @property
    def result(self) -> AuditResult:
        """Conclusion from the findings."""
        if self.altered:
            return AuditResult.ALTERED
        if self.findings:
            return AuditResult.DISAGREES
        return AuditResult.UNCHECKED if self.unchecked else AuditResult.HOLDS

    def merge(self, part: "AuditReport") -> None:
        """Add the events and findings of a part, which comes after what is here."""
        self.events += part.events
        self.end = max(self.end, part.end, key=lambda end: end.sequence)
        for finding in part.findings:
            self.add(finding)
        self.altered |= part.altered
        self.untold += part.untold

    def add_all(self, found: Iterable[AuditFinding]) -> None:
        """Add findings, or count them."""
        for finding in found:
            self.add(finding)

    def add(self, finding: AuditFinding) -> None:
        """Add a finding, or count it."""
        proven = finding.fault in PROVEN
        self.altered |= proven
        self._told[proven] = self._told.get(proven, 0) + 1
        if self._told[proven] <= MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.untold += 1
