"""What validators of this home trust, read from the ledger at most once a second."""

import threading
from datetime import datetime, timedelta

from ca.anchors import read_anchors
from ca.ledger import Ledger
from core.clock import Clock
from signing.trust import TrustMaterial

_LIFETIME = timedelta(seconds=1)
"""A newly signed CRL is known to the verifier within this time."""


class TrustReader:
    """Callable; usable from several threads."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        self._read: tuple[datetime, TrustMaterial] | None = None
        """Guarded by `_lock`."""

    def __call__(self) -> TrustMaterial:
        """Return the roots, CA certificates and CRLs of now."""
        now = self._clock.now()
        with self._lock:
            if self._read is None or not timedelta(0) <= now - self._read[0] < _LIFETIME:
                known = read_anchors(self._ledger)
                material = TrustMaterial(known.roots, known.certificates, known.crls)
                self._read = (now, material)
            return self._read[1]
