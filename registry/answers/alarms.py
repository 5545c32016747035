"""Alarms and failures of verification: logged, counted, and not repeated by who asks again."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from core.ids import Sha256

_MOST_REMEMBERED: Final = 10_000
"""Keys of alarms that one process remembers, 1 MB; the oldest is forgotten first."""

_log = logging.getLogger(__name__)


class Alarms:
    """Alarms for an operator; one per process, thread-safe."""

    def __init__(self, on_alarm: Callable[[str], None], on_failure: Callable[[str], None]) -> None:
        self._on_alarm = on_alarm
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._raised: dict[tuple[str, str], None] = {}
        """Guarded by `_lock`; in the order in which they were raised."""

    def sound(self, code: str, key: str, sha256: Sha256) -> None:
        """Raise an alarm, once per `key`: what was signed, not the bytes that anybody can vary."""
        with self._lock:
            if (code, key) in self._raised:
                return
            if len(self._raised) >= _MOST_REMEMBERED:
                del self._raised[next(iter(self._raised))]
            self._raised[code, key] = None
        _log.critical("alarm %s: signed %s", code, key, extra={"code": code, "sha256": sha256})
        self._on_alarm(code)

    def failed(self, code: str, sha256: Sha256) -> None:
        """Count a file that we failed to judge."""
        _log.error("a file could not be judged", extra={"code": code, "sha256": sha256})
        self._on_failure(code)
