"""Intakes for several threads: a few processes, each used by one thread at a time."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from core.errors import UnreachableError
from signing.intake import messages
from signing.intake.drawing.page_pictures import PagePicture
from signing.intake.intake import Intake, WordPlace
from signing.intake.report import TakenFile

PROCESSES: Final = 2
"""Files that are looked at at once: each may take a core for seconds."""
PATIENCE: Final = 30.0
"""Seconds for which a caller waits for the turn."""


class SharedIntake:
    """Takes files in for whichever thread asks; raises as `Intake`, and `UnreachableError` where
    all are busy for long. Processes are started when they are first needed.
    """

    def __init__(
        self, make: Callable[[], Intake], processes: int = PROCESSES, patience: float = PATIENCE
    ) -> None:
        self._all = [make() for _ in range(processes)]
        self._patience = patience
        # The last one that was given back is warm, so that one thread alone starts one process.
        self._free: queue.LifoQueue[Intake] = queue.LifoQueue()
        for one in reversed(self._all):
            self._free.put(one)

    def take(self, data: bytes, *, clean: bool) -> TakenFile:
        """Return the file as it can be sealed, or why not."""
        with self._one() as intake:
            return intake.take(data, clean=clean)

    def find(self, data: bytes, word: str) -> tuple[WordPlace, ...]:
        """Return the places of a word in a file that was taken in."""
        with self._one() as intake:
            return intake.find(data, word)

    def picture(self, data: bytes, page: int, wide: int) -> PagePicture:
        """Return a page (from 1) as it is shown."""
        with self._one() as intake:
            return intake.picture(data, page, wide)

    def undrawn(self, data: bytes, pages: int, wide: int) -> int | None:
        """Return the first page of which no picture can be drawn in time; None where all can be."""
        with self._one() as intake:
            return intake.undrawn(data, pages, wide)

    def attachment(self, data: bytes, name: str) -> bytes | None:
        """Return a file within a PDF; None unless there is exactly one of that name."""
        with self._one() as intake:
            return intake.attachment(data, name)

    @property
    def pids(self) -> list[int]:
        """Numbers of the processes that run."""
        return [one.pid for one in self._all if one.pid is not None]

    def close(self) -> None:
        """End the processes."""
        for one in self._all:
            one.close()

    @contextmanager
    def _one(self) -> Iterator[Intake]:
        try:
            intake = self._free.get(timeout=self._patience)
        except queue.Empty as error:
            raise UnreachableError(messages.ALL_BUSY) from error
        try:
            yield intake
        finally:
            self._free.put(intake)
