"""Validation data of a seal, reused for seconds by seals that follow each other in a batch.

An OCSP answer for each of a thousand seals a minute says the same a thousand times. What it says of
the certificate is looked up again with every group (`registry.granting.groups.granting`), before it
is sealed and before it is registered; the answer itself states when it was made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ca.hierarchy.hierarchy import SealData
from ca.validation.validation_data import ValidationData
from core.clock import Clock

KEPT = timedelta(seconds=5)


class KeptAnswers:
    """One seal's source of validation data. Not for several threads at once."""

    def __init__(self, source: SealData, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._reusing = False
        self._kept: tuple[datetime, bytes, ValidationData] | None = None

    @contextmanager
    def reusing(self, wanted: bool) -> Iterator[None]:  # noqa: FBT001
        """Reuse an answer within the block, if so wanted; outside of it each is made anew."""
        self._reusing = wanted
        try:
            yield
        finally:
            self._reusing = False

    def check_seal(self, certificate: bytes, *, proof: bool) -> None:
        """See that a certificate (DER) may seal; with `proof`, with validation data. What was kept
        is forgotten where it may not.
        """
        try:
            self._source.check_seal(certificate, proof=proof)
        except BaseException:
            self._kept = None
            raise

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return the validation data of a seal by this certificate (DER), its timestamp and their
        CAs.
        """
        now = self._clock.now()
        if self._reusing and self._kept is not None:
            made_at, of, data = self._kept
            if of == certificate and timedelta(0) <= now - made_at < KEPT:
                return data
        data = self._source.for_seal(certificate)
        self._kept = now, certificate, data
        return data
