"""Rows of a sheet on their way from a job into licences: one group is looked up while others are
sealed.

Before each group the rights of whoever carries the job out are looked at anew, and its rows are
judged and recognised as the register stands then. What ends the rows, a right that ended or a fault
of the surroundings, is told once the groups that were begun are done.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.errors import XinyinError
from core.web.problems import is_of_surroundings
from registry.desk.batch_rows import RowContent
from registry.desk.contents import BatchAsk
from registry.granting.batches import BatchOrder, BatchStoppedError, RowOutcome, run_groups
from registry.granting.groups.granting import GroupGranting
from registry.granting.recognising import RecognisedRow, Recogniser, RowKind
from registry.model import Application
from registry.officers.leases import LeaseLostError
from registry.types.licence_type import LicenceType


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that may be granted now, under one permit."""

    licence_type: LicenceType
    order: BatchOrder
    rows: list[RowContent]
    ask: BatchAsk


Refused = dict[int, RowOutcome]
Judged = dict[int, Application]
Told = tuple[RowContent, RowOutcome]
"""A row, and what became of it."""


class RowSource(Protocol):
    """Worker whose rows are granted."""

    def next_rows(self, after: int) -> RowGroup | None:
        """Return the next rows behind a number, with the permit of now. Raises `XinyinError`."""
        ...

    def judge(self, group: RowGroup) -> tuple[Refused, Judged]:
        """Return refusals, and the applications of the other rows, by the rows' numbers."""
        ...

    def keep(self, told: list[Told]) -> None:
        """Keep what became of rows. Raises `LeaseLostError`."""
        ...

    def keep_late(self, told: list[Told]) -> None:
        """Keep what was granted before the job was stopped or cancelled, if it was."""
        ...


@dataclass(slots=True)
class RowStream:
    """Grants the rows of a job, or of a chunk of it, in groups of `size`."""

    source: RowSource
    groups: GroupGranting
    recogniser: Recogniser
    is_over: Callable[[], bool]
    size: int
    fault: XinyinError | None = None
    """Fault of the surroundings at a row."""
    _error: XinyinError | None = None
    """Error that ended it."""
    _over: bool = False
    _begun: deque[tuple[RowContent, RecognisedRow]] = field(default_factory=deque)
    """Rows in groups that were begun."""
    _next: RowGroup | None = None
    _after: int = 0

    def run(self) -> bool:
        """Grant rows until none is left, or something ends it; tell whether none is left.

        Raises what ended it, once what was begun is done: `BatchStoppedError` and `LeaseLostError`
        among it.
        """
        self._look()
        while self._next is not None and not self._ends:
            self._run_under(self._next.order)
        if self._error is not None:
            raise self._error
        return not self._over and self.fault is None

    @property
    def _ends(self) -> bool:
        return self._error is not None or self.fault is not None

    def _run_under(self, order: BatchOrder) -> None:
        """Grant rows while the permit is the same."""
        done: list[Told] = []
        try:
            outcomes = run_groups(self.groups, self._rows(order), order, self.size)
            for place, outcome in enumerate(outcomes, 1):
                row, recognised = self._begun.popleft()
                if outcome.error is not None and is_of_surroundings(outcome.error):
                    self.fault = self.fault or outcome.error
                else:
                    done.append((row, _as_told(recognised, outcome, order)))
                if place % self.size == 0:
                    self._keep(done)
                    done = []
        except BatchStoppedError as error:
            self._error = self._error or error
        self._keep(done)

    def _rows(self, order: BatchOrder) -> Iterator[RecognisedRow]:
        while self._next is not None and self._next.order.permit == order.permit:
            group, self._next = self._next, None
            try:
                rows = self._recognised(group)
            except XinyinError as error:
                self._error = self._error or error
                return
            yield from rows
            self._look()

    def _look(self) -> None:
        """Look for more rows, unless it ends."""
        if self._ends:
            return
        if self.is_over():
            self._over = True
            return
        try:
            self._next = self.source.next_rows(self._after)
        except XinyinError as error:
            self._error = error

    def _recognised(self, group: RowGroup) -> list[RecognisedRow]:
        """Return the rows to be granted; what became of the others is kept."""
        refused, judged = self.source.judge(group)
        rows = self.recogniser.recognise_each(list(judged.values()))
        self._after = group.rows[-1].number
        self._keep([(one, refused[one.number]) for one in group.rows if one.number in refused])
        self._begun.extend(
            zip((one for one in group.rows if one.number in judged), rows, strict=True)
        )
        return rows

    def _keep(self, done: list[Told]) -> None:
        """Keep results; where that fails, begin no further group."""
        if not done:
            return
        if not isinstance(self._error, LeaseLostError):
            try:
                self.source.keep(done)
            except LeaseLostError as error:
                self._error = error
            except XinyinError as error:
                self._error = self._error or error
                return
            else:
                return
        self.source.keep_late(done)


def _as_told(row: RecognisedRow, outcome: RowOutcome, order: BatchOrder) -> RowOutcome:
    """Return the outcome of a row; what left force stays so unless the batch has a name."""
    closed = row.kind is RowKind.CLOSED and not order.name and outcome.error is None
    return replace(outcome, skipped=True) if closed else outcome
