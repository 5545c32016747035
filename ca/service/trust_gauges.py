"""Gauges of the time left for what the trust service depends on."""

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509

from ca.addresses import crl_name
from ca.hierarchy.hierarchy import Hierarchy
from ca.ledger import Ledger
from ca.timestamps.clock_guard import ClockGuard
from core.clock import Clock
from core.errors import XinyinError
from core.metrics import Gauge, Labels, Merge

_Samples = Iterator[tuple[Labels, float]]


class TrustGauges:
    """Reads the ledger when it is asked; what cannot be read is left out."""

    def __init__(
        self, hierarchy: Hierarchy, ledger: Ledger, clock: Clock, guard: ClockGuard
    ) -> None:
        self._hierarchy = hierarchy
        self._ledger = ledger
        self._clock = clock
        self._guard = guard

    def all(self) -> tuple[Gauge, ...]:
        """Return them."""
        return (
            Gauge(
                "xinyin_service_certificate_seconds",
                "Seconds until the certificate in use ends, by service and issuer.",
                self._certificates,
                Merge.LEAST,
            ),
            Gauge(
                "xinyin_clock_trusted",
                "1, or 0 while timestamps are refused for the clock's sake.",
                self._clock_trusted,
                Merge.LEAST,
            ),
            *self.published(),
        )

    def published(self) -> tuple[Gauge, ...]:
        """Return those that need no key of the services."""
        return (
            Gauge(
                "xinyin_crl_seconds",
                "Seconds until the newest CRL's nextUpdate.",
                self._crls,
                Merge.LEAST,
            ),
        )

    def _certificates(self) -> _Samples:
        for ca in self._hierarchy.issuing_cas:
            try:
                end = ca.ocsp.not_valid_after_utc
            except XinyinError:
                continue
            labels = (("service", "ocsp"), ("issuer", str(ca.record.issuer)))
            yield labels, self._left(end)
        try:
            unit = self._hierarchy.tsa_service_key()
        except XinyinError:
            return
        labels = (("service", "tsa"), ("issuer", str(unit.issuer)))
        yield labels, self._left(unit.certificate.not_valid_after_utc)

    def _crls(self) -> _Samples:
        for record in self._hierarchy.records.values():
            for shard in range(record.crl_shards):
                try:
                    crl = self._ledger.latest_crl(record.issuer, shard)
                except XinyinError:
                    return
                if crl is not None:
                    end = x509.load_der_x509_crl(crl).next_update_utc
                    assert end is not None  # ours always have it
                    yield (("crl", crl_name(record.issuer, shard)),), self._left(end)

    def _clock_trusted(self) -> _Samples:
        yield (), float(self._guard.trusted)

    def _left(self, end: datetime) -> float:
        return (end - self._clock.now()).total_seconds()
