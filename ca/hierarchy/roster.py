"""Roster of our CAs with the certificates above each, reloaded as they change."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509

from ca.hierarchy.issuing_ca import IssuingCa, not_certified, not_founded
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.issuing.parts import CaParts
from ca.profiles.profiles import ProfileKind
from core.errors import XinyinError
from core.ids import IssuerId
from keys.model import KeyStore

MAX_AGE = timedelta(seconds=1)
"""A CA that is retired issues a second longer at most, in every process."""

_log = logging.getLogger(__name__)


class Roster:
    """All CAs, at most a second old: a roll-over reaches every process without a restart.

    May be used by several threads. Where the ledger is away, what was read last stays.
    """

    def __init__(self, keys: KeyStore, parts: CaParts) -> None:
        """Read the ledger."""
        self._keys = keys
        self._parts = parts
        self._lock = threading.Lock()
        """Guards what follows."""
        self._records: dict[IssuerId, IssuerRecord] = {}
        self._issuing: tuple[IssuingCa, ...] = ()
        self._read_at: datetime | None = None
        self._read()

    @property
    def records(self) -> Mapping[IssuerId, IssuerRecord]:
        """Every CA, by its id."""
        self._look()
        return self._records

    def look_again(self) -> None:
        """Read the ledger whatever the age of what is known. Raises what the ledger raises."""
        with self._lock:
            self._read()

    @property
    def issuing(self) -> tuple[IssuingCa, ...]:
        """The issuing CAs that are or were in use, in the order in which they were made."""
        self._look()
        return self._issuing

    @property
    def active(self) -> IssuingCa:
        """The newest that issues. Raises `NotFoundedError`."""
        active = [one for one in self.issuing if one.record.state is IssuerState.ACTIVE]
        if not active:
            waits = any(one.role is IssuerRole.ISSUING for one in self.records.values())
            raise not_certified() if waits else not_founded(ProfileKind.ISSUING)
        return active[-1]

    def _look(self) -> None:
        now = self._parts.clock.now()
        with self._lock:
            if self._read_at is not None and timedelta(0) <= now - self._read_at < MAX_AGE:
                return
            try:
                self._read()
            except XinyinError as error:
                _log.error("issuers: %s", error.text.en, extra={"code": error.code})
                self._read_at = now

    def _read(self) -> None:
        records = {record.issuer: record for record in self._parts.ledger.list_issuers()}
        known = {one.record: one for one in self._issuing}
        self._records = records
        self._issuing = tuple(
            known.get(record) or IssuingCa(record, self._above(record), self._keys, self._parts)
            for record in records.values()
            if record.role is IssuerRole.ISSUING
            and record.certificate is not None
            and record.state is not IssuerState.PREPARED
        )
        self._read_at = self._parts.clock.now()

    def _above(self, record: IssuerRecord) -> tuple[x509.Certificate, ...]:
        if record.parent is None:
            return tuple(x509.load_der_x509_certificate(one) for one in record.chain)
        return (self._records[record.parent].x509,)
