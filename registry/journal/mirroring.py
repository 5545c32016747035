"""Mirroring of transactions in the journal, each fact on the safe side of the commit.

What makes things stricter (a number taken, a revocation) is journalled before the commit: it may
never have come to pass, and is then repeated by a restore. What loosens them (a hold lifted) is
journalled after it, with the place `seen` of the journal at the time of the change: a restore
follows it only if nothing stricter was said of the same subject since.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from core.errors import StorageError, UnreachableError
from registry.journal import messages
from registry.journal.journal import MARK_BLOCK, Facts, Journal, JournalError, JournalKind

MIRROR_OPTION = "xinyin_mirror"
"""Execution option of connections that write: their transaction's `Mirror`."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """One transaction's side of the journal; mirrors nothing where no journal was set up."""

    open_journal: Callable[[], Journal] | None = None
    _after: list[tuple[Journal, JournalKind, Facts]] = field(default_factory=list)

    def mark(self, scope: str, value: int, *, block: int = MARK_BLOCK) -> None:
        """Cover a counter's number by a mark. Raises `StorageError`, `JournalError`."""
        if self.open_journal is not None:
            self.open_journal().mark(scope, value, block=block)

    def tighten(self, kind: JournalKind, facts: Facts) -> None:
        """Journal a change now, before the commit. Raises `StorageError`, `JournalError`."""
        if self.open_journal is not None:
            self.open_journal().append(kind, facts)

    def tighten_all(self, kind: JournalKind, all_facts: Sequence[Facts]) -> None:
        """Journal changes of a kind now, with one flush to disk. Raises as `tighten`."""
        if self.open_journal is not None and all_facts:
            self.open_journal().append_all(kind, all_facts)

    def loosen(self, kind: JournalKind, facts: Facts) -> None:
        """Journal a change once it is committed; its row must be locked by now.

        Raises `JournalError`: then the change is not made.
        """
        if self.open_journal is not None:
            journal = self.open_journal()
            self._after.append((journal, kind, {**facts, "seen": journal.end.sequence}))

    def committed(self) -> None:
        """Journal what was to wait. Raises `JournalError`: the change stands all the same."""
        for journal, kind, facts in self._after:
            try:
                journal.append(kind, facts)
            except (StorageError, UnreachableError, JournalError) as error:
                raise JournalError(messages.change_not_journalled(error.text)) from error


def mirror_of(connection: Connection) -> Mirror:
    """Return the mirror of this connection's transaction."""
    found: Mirror | None = connection.get_execution_options().get(MIRROR_OPTION)
    return found or Mirror()
