"""Findings on one update: its class, the proof of change, and what kept it from being judged."""

import logging
from dataclasses import dataclass

_log = logging.getLogger(__name__)


class UnclearError(Exception):
    """The update cannot be read strictly, or does something unforeseen; the text is for logs."""


@dataclass(frozen=True, slots=True)
class UpdateFinding:
    """One update as it stands, whatever the signatures before it permit."""

    proof: frozenset[str] = frozenset()
    """Codes of changes to what is shown, each proven; none where the update is innocent."""
    unclear: frozenset[str] = frozenset()
    """Codes of what could not be judged."""
    notes: frozenset[str] = frozenset()
    """Codes of what is harmless and worth saying."""
    validation_data: bool = False
    """Validation data, or a document timestamp, was added or replaced."""
    signatures: bool = False
    """Further signatures, or fields for them, were added."""
    annotated: bool = False
    """Annotations, fields or tags were added, changed or removed."""
    cosmetic: bool = False
    """Dates, producer or version changed, which show nothing."""
    filled: frozenset[str] = frozenset()
    """Full names of the fields that existed and got a value, or another one."""
    signed: frozenset[str] = frozenset()
    """Full names of the fields that existed and were signed."""


class UpdateFindings:
    """Collects what the parts of an update show."""

    def __init__(self) -> None:
        self._proof: set[str] = set()
        self._unclear: set[str] = set()
        self._notes: set[str] = set()
        self._filled: set[str] = set()
        self._signed: set[str] = set()
        self.validation_data = False
        self.signatures = False
        self.annotated = False
        self.cosmetic = False
        self.pages_silently_changed = False
        """A page gained an order of tabs or the like, for which pyHanko has no rule."""

    def prove(self, code: str, why: str) -> None:
        """Record a proven change of what is shown."""
        _log.info("changed (%s): %s", code, why)
        self._proof.add(code)

    def doubt(self, why: str, code: str = "structure_unclear") -> None:
        """Record something that is not judged."""
        _log.info("unclear (%s): %s", code, why)
        self._unclear.update({code, "structure_unclear"})

    def note(self, code: str) -> None:
        """Record something harmless."""
        self._notes.add(code)

    def fill(self, name: str) -> None:
        """Record that an existing field got a value."""
        self._filled.add(name)

    def sign(self, name: str) -> None:
        """Record that an existing field was signed."""
        self.signatures = True
        self._signed.add(name)

    def annotate(self, code: str) -> None:
        """Record an annotation, field or tag that was added, changed or removed."""
        self.annotated = True
        self._notes.add(code)

    @property
    def innocent(self) -> bool:
        """Nothing but validation data, timestamps, signatures and cosmetics was seen so far."""
        return not (self._proof or self._unclear or self._filled or self.annotated)

    def close(self) -> UpdateFinding:
        """Return the finding."""
        return UpdateFinding(
            proof=frozenset(self._proof),
            unclear=frozenset(self._unclear),
            notes=frozenset(self._notes),
            validation_data=self.validation_data,
            signatures=self.signatures,
            annotated=self.annotated,
            cosmetic=self.cosmetic,
            filled=frozenset(self._filled),
            signed=frozenset(self._signed),
        )
