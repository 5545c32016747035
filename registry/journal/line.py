"""Line that the journals of several machines have in common: groups of entries, in one order.

Each machine's journal is a copy of the whole line. A group is put under the number of its first
entry, only where nothing has that number yet, and before it is written to the copy: who was slower
copies what is there and puts behind it. So there is one chain, as on one machine, and nothing of it
is on one machine alone.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from registry.journal.position import Position


class SharedLine(Protocol):
    """Line of one register, shared by its machines."""

    def held(self) -> AbstractContextManager["HeldLine"]:
        """Keep other machines from putting, for at most some seconds.

        Raises `JournalError` where the line was not begun, `DatabaseBusyError`.
        """
        ...

    def get(self, first: int) -> bytes | None:
        """Return the lines of the group that begins with entry `first`; None where none does.

        Raises `JournalError` for a group that no machine of ours made, `StoreUnreachableError`.
        """
        ...

    def last_begun(self, upto: int) -> int | None:
        """Return the first entry of the last group that begins with an entry up to `upto`.

        None where none does. Costs a listing. Raises `StoreUnreachableError`.
        """
        ...


class HeldLine(Protocol):
    """Line while nobody else puts."""

    @property
    def known(self) -> Position:
        """End of the line as far as the register knows: it reaches at least so far."""
        ...

    def put(self, first: int, lines: bytes) -> bool:
        """Put a group; False where another has that number.

        Raises `StoreUnreachableError`: it may have been put.
        """
        ...

    def reached(self, end: Position) -> None:
        """Let the register know how far the line reaches, once it is let go."""
        ...
