"""A fair line for scarce work: clients in turn, each with so many at work and so many waiting.

However much one client asks, another's request waits for at most one turn of each client that
asked before it. Belongs to one event loop: no locks.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import anyio.to_thread

from core.web.limits.throttling import BUSY_RETRY_SECONDS, TooManyRequestsError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """Bounds of a line, on all clients and on each."""

    working: int
    working_each: int
    waiting: int
    waiting_each: int
    working_large: int | None = None
    """Of those at work, how many may be large: the rest is room kept for small work."""
    waiting_large: int | None = None
    patience_seconds: float = 30.0
    """After that the answer would come too late to be waited for."""


class Ticket:
    """A place in the line."""

    __slots__ = ("at_work", "client", "large", "settled")

    def __init__(self, client: str, *, large: bool) -> None:
        self.client = client
        self.large = large
        self.at_work = False
        self.settled = anyio.Event()
        """Set once it is at work, or has lost its place."""


class FairQueue:
    """Runs blocking work in threads, clients in turn."""

    def __init__(self, limits: QueueLimits) -> None:
        self._limits = limits
        self._threads = anyio.CapacityLimiter(limits.working)
        self._lines: OrderedDict[str, deque[Ticket]] = OrderedDict()
        """Of those that wait, by client; the client whose turn is next first. None is empty."""
        self._busy: Counter[str] = Counter()
        """At work, by client; none is zero."""
        self._working_large = 0
        self._waiting = 0
        self._waiting_large = 0

    @property
    def waiting(self) -> int:
        """Number of waiting requests."""
        return self._waiting

    async def run(
        self,
        client: str,
        work: Callable[[], T],
        *,
        large: bool = False,
        admit: Callable[[str], None] = lambda _: None,
    ) -> T:
        """Run blocking `work` in a thread once it is the client's turn.

        `admit` is asked before the line and again at the turn, and may raise. Raises
        `TooManyRequestsError` when the line is full or the turn does not come in time.
        """
        admit(client)
        ticket = self.join(client, large=large)
        try:
            with anyio.move_on_after(self._limits.patience_seconds):
                await ticket.settled.wait()
            if not ticket.at_work:
                raise _full()
            admit(client)
            return await anyio.to_thread.run_sync(work, limiter=self._threads)
        finally:
            self.leave(ticket)

    def join(self, client: str, *, large: bool = False) -> Ticket:
        """Take a place in the line, which may be at work at once. Raises as `run`."""
        self._make_room(client, large=large)
        ticket = Ticket(client, large=large)
        self._lines.setdefault(client, deque()).append(ticket)
        self._waiting += 1
        self._waiting_large += large
        self._start()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Give a place back, whether its work is done or its holder gave up."""
        if ticket.at_work:
            ticket.at_work = False
            self._busy[ticket.client] -= 1
            if not self._busy[ticket.client]:
                del self._busy[ticket.client]
            self._working_large -= ticket.large
            self._start()
        else:
            line = self._lines.get(ticket.client)
            if line is not None and ticket in line:
                self._remove(ticket)

    def _make_room(self, client: str, *, large: bool) -> None:
        """Refuse a client that has its share; else the longest line gives up its newest place."""
        limits = self._limits
        own = self._lines.get(client, deque())
        if len(own) >= limits.waiting_each:
            raise _full()
        full_of_large = large and self._waiting_large >= _or(limits.waiting_large, limits.waiting)
        full = full_of_large or self._waiting >= limits.waiting
        if not full or self._could_start(client, large=large):
            return

        def places(line: deque[Ticket]) -> list[Ticket]:
            return [one for one in line if one.large or not full_of_large]

        longest = max(map(places, self._lines.values()), key=len)
        if len(longest) <= len(places(own)) + 1:
            raise _full()
        self._remove(longest[-1])
        longest[-1].settled.set()

    def _could_start(self, client: str, *, large: bool) -> bool:
        limits = self._limits
        return (
            self._busy.total() < limits.working
            and self._busy[client] < limits.working_each
            and not (large and self._working_large >= _or(limits.working_large, limits.working))
        )

    def _start(self) -> None:
        """Bring to work whoever can be."""
        while (ticket := self._next()) is not None:
            self._remove(ticket)
            if ticket.client in self._lines:
                self._lines.move_to_end(ticket.client)
            self._busy[ticket.client] += 1
            self._working_large += ticket.large
            ticket.at_work = True
            ticket.settled.set()

    def _next(self) -> Ticket | None:
        return next(
            (
                ticket
                for client, line in self._lines.items()
                for ticket in line
                if self._could_start(client, large=ticket.large)
            ),
            None,
        )

    def _remove(self, ticket: Ticket) -> None:
        line = self._lines[ticket.client]
        line.remove(ticket)
        if not line:
            del self._lines[ticket.client]
        self._waiting -= 1
        self._waiting_large -= ticket.large


def _or(bound: int | None, otherwise: int) -> int:
    return otherwise if bound is None else bound


def _full() -> TooManyRequestsError:
    return TooManyRequestsError(BUSY_RETRY_SECONDS, "queue")
