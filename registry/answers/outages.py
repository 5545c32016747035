"""The register out of reach: counted each time, its cause logged once a minute, its end told."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError

from core.clock import Monotonic
from core.errors import XinyinError
from core.text import Text

LOG_EVERY_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)


class Outages:
    """One per process, usable from several threads."""

    def __init__(
        self, on_outage: Callable[[str], None], monotonic: Monotonic = time.monotonic
    ) -> None:
        """`on_outage` counts an error's code, each time."""
        self._on_outage = on_outage
        self._monotonic = monotonic
        self._lock = threading.Lock()
        """Guards what follows."""
        self._unlogged = 0
        self._logged_at: float | None = None
        """None while the register can be reached."""
        self.why: Text | None = None
        """Why it could not be reached the last time, for who runs this by hand; else None."""

    def note(self, error: XinyinError) -> None:
        """Count that the register could not be asked; say why where that is not just said."""
        self._on_outage(error.code)
        now = self._monotonic()
        with self._lock:
            self.why = error.text
            self._unlogged += 1
            if self._logged_at is not None and now - self._logged_at < LOG_EVERY_SECONDS:
                return
            count, self._unlogged, self._logged_at = self._unlogged, 0, now
        _log.critical(
            "register out of reach (%d times): %s %s",
            count,
            error.text.en,
            _cause_of(error),
            extra={"code": error.code},
        )

    def over(self) -> None:
        """Say that the register answers again, where it did not."""
        if self._logged_at is None:  # without the lock: the path of every answer
            return
        with self._lock:
            was, self._logged_at, self._unlogged = self._logged_at, None, 0
            self.why = None
        if was is not None:
            _log.warning("register: it answers again")


def _cause_of(error: XinyinError) -> str:
    """Return the first line of the driver's message: statements and values stay out."""
    cause = error.__cause__
    if isinstance(cause, DBAPIError):
        cause = cause.orig
    lines = str(cause or "").splitlines()
    return f"({lines[0]})" if lines else ""
