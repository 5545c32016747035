"""Position in the journal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the journal: everything up to an entry, that one included."""

    sequence: int
    hash: str
