"""Findings on a file while it is taken in: what stands in the way, and apart from it what is said.

However many things are said, one that stands in the way is never lost for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from signing.intake.report import MOST_FINDINGS, Hazard, IntakeFinding

_MOST_TOLD = 60


@dataclass(frozen=True, slots=True)
class IntakeVerdict:
    """Judgement of one thing."""

    hazard: Hazard
    detail: str = ""
    cleanable: bool = True
    """It may be left out, and the pages stay as they are shown."""


class IntakeFindings:
    """Findings on a file so far; each thing once."""

    def __init__(self, *, clean: bool) -> None:
        self._clean = clean
        self._refused: dict[IntakeFinding, None] = {}
        self._cleaned: dict[IntakeFinding, None] = {}
        self._untold = 0

    def note(self, verdict: IntakeVerdict, page: int) -> None:
        """Note what is refused, or taken out."""
        detail = "".join(one for one in verdict.detail if one.isprintable())[:_MOST_TOLD]
        cleaned = self._clean and verdict.cleanable
        found = IntakeFinding(verdict.hazard, page, detail, cleaned)
        listed = self._cleaned if cleaned else self._refused
        if found in listed:
            return
        if len(listed) >= MOST_FINDINGS:
            self._untold += 1
            return
        listed[found] = None

    def add(self, hazard: Hazard, page: int, detail: str, *, cleanable: bool = True) -> None:
        """Note one thing."""
        self.note(IntakeVerdict(hazard, detail, cleanable), page)

    def settle_layers(self) -> None:
        """Have every layer stand in the way: taking them out would change what is shown."""
        layers = [one for one in self._cleaned if one.hazard is Hazard.LAYERS]
        for one in layers:
            del self._cleaned[one]
        for one in layers or [IntakeFinding(Hazard.LAYERS, 0, "")]:
            self._refused.setdefault(IntakeFinding(one.hazard, one.page, one.detail))

    def has(self, hazard: Hazard, *details: str) -> bool:
        """Tell whether something of a kind was found (of these details, where any are given)."""
        return any(one.hazard is hazard and (not details or one.detail in details) for one in self)

    @property
    def refuses(self) -> bool:
        """Something stands in the way."""
        return bool(self._refused)

    def told(self) -> tuple[IntakeFinding, ...]:
        """Return the findings to be said, with a count of those that there is no room for."""
        found = tuple(self)
        if not self._untold:
            return found
        last = found[-1]
        rest = IntakeFinding(last.hazard, 0, f"… +{self._untold}", last.cleaned)
        return (*found, rest)

    def __iter__(self) -> Iterator[IntakeFinding]:
        yield from self._refused
        yield from self._cleaned
