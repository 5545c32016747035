"""An event loop that only computes: no selector, no descriptor, and nothing to wait for.

pyHanko's engine is asynchronous because it may fetch; here it never does, so a loop that would
have to wait has found a fault. A worker can run it without the right to open a descriptor.
"""

import asyncio
from collections.abc import Sequence


class _Nothing:
    """Stands where `BaseEventLoop` keeps its selector."""

    def select(self, timeout: float | None) -> Sequence[object]:
        if timeout is None:
            raise RuntimeError("validation would wait for input")
        return ()


class ComputingLoop(asyncio.BaseEventLoop):
    """Runs coroutines that never wait for input or output."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Nothing()

    def _process_events(self, event_list: Sequence[object]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody waits, so nobody needs to be woken."""
