"""Counts of signed OCSP answers, recorded in sum: one event an interval.

An event for each answer would make whoever asks write into the audit. What a crash loses is one
interval's numbers of one process; the answers themselves follow from the ledger, whose changes are
events each. The next signed head covers the sums as it covers every event.
"""

import os
import threading
from collections import Counter
from datetime import datetime, timedelta

from ca.ocsp import messages
from ca.recorder import AuditUnavailableError, Recorder, SigningEvent
from core.clock import Clock
from core.ids import IssuerId

EVERY = timedelta(minutes=5)
LONGEST_UNRECORDED = timedelta(minutes=20)
"""For so long answers are signed while their sums cannot be recorded; then no more."""


class AnswerCounts:
    """One per process, used by all its threads."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._lock = threading.Lock()
        """Guards the three below; held for a moment only."""
        self._counts: Counter[tuple[IssuerId, str]] = Counter()
        self._since = clock.now()
        """From when on `_counts` counts."""
        self._overdue = False
        self._recording = threading.Lock()
        """Held by the thread that records."""

    def count(self, issuer: IssuerId, says: str) -> None:
        """Count an answer that is about to be signed; `says` is good, revoked or unknown.

        Raises `AuditUnavailableError` where earlier ones could not be recorded for too long:
        nothing may be signed then.
        """
        with self._lock:
            if self._overdue:
                raise AuditUnavailableError(messages.OCSP_COUNTS_NOT_WRITTEN)
            self._counts[issuer, says] += 1

    def record(self) -> None:
        """Record what was counted since the last time, durable when this returns.

        Raises `AuditUnavailableError`; what was counted is kept then, and may be told twice if the
        event stands on record all the same.
        """
        with self._recording:
            now = self._clock.now()
            with self._lock:
                counts, self._counts = self._counts, Counter()
                since, self._since = self._since, now
            if not counts:
                return
            try:
                self._recorder.record(_event(counts, since, now))
            except AuditUnavailableError:
                with self._lock:
                    self._counts.update(counts)
                    self._since = since
                    self._overdue = now - since >= LONGEST_UNRECORDED
                raise
            with self._lock:
                self._overdue = False


def _event(counts: Counter[tuple[IssuerId, str]], since: datetime, now: datetime) -> SigningEvent:
    facts: dict[str, str | int | bool | None] = {
        "since": since.isoformat(),
        "until": now.isoformat(),
        "process": os.getpid(),
    }
    facts |= {f"{issuer} {says}": number for (issuer, says), number in sorted(counts.items())}
    return SigningEvent(now, "ocsp.answered", "ocsp", facts)
