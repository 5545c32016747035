# ruff: noqa: ARG002 (the protocol's arguments)
"""A ledger in memory with the laws of the real one; it can fail before or after a write."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ca.errors import LedgerError
from ca.issuers import IssuerRecord, OutsideCa
from ca.issuing import revocation
from ca.issuing.crl_guard import check_follows
from ca.issuing.revocation import Revocation
from ca.ledger import (
    CertificateState,
    Intent,
    LedgerEntry,
    RevocationReason,
    RevokedCertificate,
    SignedCrl,
)
from ca.profiles.rights import REVOKERS, RIGHTS
from core.ids import IssuerId
from core.permits import Action, Permit
from core.text import Text


class Crash(BaseException):
    """The process died here."""


class MemoryLedger:
    """`on_write` is called with (method, "before" | "after") around each write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.issuers: dict[IssuerId, IssuerRecord] = {}
        self.outside: dict[IssuerId, OutsideCa] = {}
        self.epoch = 0
        self.entries: dict[tuple[IssuerId, int], LedgerEntry] = {}
        self.numbers: dict[IssuerId, int] = {}
        self.changes: dict[tuple[IssuerId, int], int] = {}
        self.crls: list[SignedCrl] = []
        self.on_write: Callable[[str, str], None] = lambda _method, _moment: None

    def save_issuer(self, record: IssuerRecord, at: datetime, permit: Permit) -> None:
        permit.require(Action.MANAGE_CA)
        self.on_write("save_issuer", "before")
        self.issuers[record.issuer] = record
        self.on_write("save_issuer", "after")

    def list_issuers(self) -> list[IssuerRecord]:
        return list(self.issuers.values())

    def save_outside_ca(self, ca: OutsideCa, at: datetime, permit: Permit) -> None:
        permit.require(Action.MANAGE_CA, Action.MANAGE_SEAL)
        self.on_write("save_outside_ca", "before")
        self.outside[ca.ca_id] = ca
        self.on_write("save_outside_ca", "after")

    def list_outside_cas(self) -> list[OutsideCa]:
        return list(self.outside.values())

    def record_intent(self, intent: Intent, at: datetime, permit: Permit) -> None:
        permit.require(*RIGHTS[intent.profile])
        self.on_write("record_intent", "before")
        key = (intent.issuer, intent.serial)
        with self._lock:
            if key in self.entries:
                raise _refused()
            self.entries[key] = LedgerEntry(intent, CertificateState.INTENDED, None, None, None)
        self.on_write("record_intent", "after")

    def record_issued(
        self, issuer: IssuerId, serial: int, certificate: bytes, at: datetime, permit: Permit
    ) -> None:
        self.on_write("record_issued", "before")
        with self._lock:
            entry = self._known(issuer, serial)
            if entry.state is not CertificateState.INTENDED:
                raise _refused()
            permit.require(*RIGHTS[entry.intent.profile])
            self.entries[issuer, serial] = replace(
                entry, state=CertificateState.ISSUED, certificate=certificate
            )
        self.on_write("record_issued", "after")

    def find(self, issuer: IssuerId, serial: int) -> LedgerEntry | None:
        return self.entries.get((issuer, serial))

    def find_by_key(self, spki_sha256: str) -> list[LedgerEntry]:
        found = [one for one in self.entries.values() if one.intent.spki_sha256 == spki_sha256]
        return sorted(found, key=lambda entry: entry.intent.not_before)

    def list_entries(self, issuer: IssuerId, *, profile: str | None = None) -> list[LedgerEntry]:
        found = [
            entry
            for (owner, _), entry in self.entries.items()
            if owner == issuer and profile in (None, entry.intent.profile)
        ]
        return sorted(found, key=lambda entry: entry.intent.not_before)

    def revoke(
        self,
        issuer: IssuerId,
        serial: int,
        reason: RevocationReason,
        at: datetime,
        permit: Permit,
        *,
        invalidity_at: datetime | None = None,
        basis: str | None = None,
    ) -> LedgerEntry:
        permit.require(*REVOKERS)
        asked = Revocation(reason, invalidity_at)
        return self._change(issuer, serial, lambda entry: revocation.revoked(entry, asked, at))

    def hold(
        self,
        issuer: IssuerId,
        serial: int,
        at: datetime,
        permit: Permit,
        *,
        basis: str | None = None,
    ) -> LedgerEntry:
        permit.require(Action.CHANGE_CERTIFICATE)
        return self._change(issuer, serial, lambda entry: revocation.held(entry, at))

    def release(
        self,
        issuer: IssuerId,
        serial: int,
        at: datetime,
        permit: Permit,
        *,
        basis: str | None = None,
    ) -> LedgerEntry:
        permit.require(Action.CHANGE_CERTIFICATE)
        return self._change(issuer, serial, revocation.released)

    def _change(
        self, issuer: IssuerId, serial: int, rule: Callable[[LedgerEntry], LedgerEntry]
    ) -> LedgerEntry:
        with self._lock:
            entry = rule(self._known(issuer, serial))
            self.entries[issuer, serial] = entry
            shard = issuer, entry.intent.shard
            self.changes[shard] = self.changes.get(shard, 0) + 1
            self.epoch += 1
        return entry

    def _known(self, issuer: IssuerId, serial: int) -> LedgerEntry:
        if (issuer, serial) not in self.entries:
            raise _refused()
        return self.entries[issuer, serial]

    def list_revoked(self, issuer: IssuerId, shard: int = 0) -> list[RevokedCertificate]:
        return [
            RevokedCertificate(one.intent.serial, one.revoked_at, one.reason, one.invalidity_at)
            for one in self.entries.values()
            if (one.intent.issuer, one.intent.shard) == (issuer, shard)
            and one.revoked_at is not None
            and one.reason is not None
        ]

    def revocation_changes(self, issuer: IssuerId, shard: int = 0) -> int:
        return self.changes.get((issuer, shard), 0)

    def revocation_epoch(self) -> int:
        return self.epoch

    def take_crl_number(self, issuer: IssuerId, at: datetime) -> int:
        self.on_write("take_crl_number", "before")
        with self._lock:
            number = self.numbers[issuer] = self.numbers.get(issuer, 0) + 1
        self.on_write("take_crl_number", "after")
        return number

    def record_crl(self, signed: SignedCrl, at: datetime) -> None:
        self.on_write("record_crl", "before")
        with self._lock:
            if signed.issuer in self.issuers:
                last = self.find_crl(signed.issuer, signed.shard)
                check_follows(last, signed, lambda serial: self._is_revoked(signed.issuer, serial))
            self.crls.append(signed)
        self.on_write("record_crl", "after")

    def _is_revoked(self, issuer: IssuerId, serial: int) -> bool:
        entry = self.entries.get((issuer, serial))
        return entry is None or entry.state is CertificateState.REVOKED

    def find_crl(self, issuer: IssuerId, shard: int = 0) -> SignedCrl | None:
        found = [one for one in self.crls if (one.issuer, one.shard) == (issuer, shard)]
        return max(found, key=lambda one: one.number, default=None)

    def latest_crl(self, issuer: IssuerId, shard: int = 0) -> bytes | None:
        found = self.find_crl(issuer, shard)
        return None if found is None else found.crl


def _refused() -> LedgerError:
    return LedgerError(
        Text("台账中没有，或已有。", "The ledger does not hold it, or holds it already.")
    )
