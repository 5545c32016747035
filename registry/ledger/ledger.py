"""The CA's ledger (`ca.ledger.Ledger`) in SQL: each method is a transaction of its own."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from ca.errors import LedgerError
from ca.issuers import IssuerRecord, IssuerState, OutsideCa
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
from core.errors import StorageError
from core.ids import IssuerId
from core.permits import Action, Actor, Permit
from registry.audit import events as audit
from registry.audit.chain import CA
from registry.db.conflicts import insert_unless_there
from registry.db.counters import take
from registry.db.database import Database
from registry.db.tables import certificates, counters, crls, issuers
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.ledger import messages, outside_rows
from registry.ledger.issuer_journal import issuer_entry
from registry.ledger.issuer_rows import issuer_facts, issuer_of, issuer_values
from registry.ledger.key_life import activate_certified, activate_key
from registry.ledger.status_journal import status_entry

REVOCATIONS = "revocations"
"""Counter that grows with every revocation, hold and release."""


_REASONS = {reason.value: reason for reason in RevocationReason}


@dataclass(frozen=True, slots=True)
class _Event:
    """Audit's words on a change."""

    action: str
    actor: Actor
    at: datetime
    basis: str | None


class SqlLedger:
    """Certificates, revocations and CRLs in the registry's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_issuer(self, record: IssuerRecord, at: datetime, permit: Permit) -> None:
        """Record a CA, or what has become of it; the same record twice is recorded once."""
        actor = permit.require(Action.MANAGE_CA)
        with self._database.writing() as connection:
            values, known = issuer_values(record), None
            if not insert_unless_there(connection, issuers, values):
                this = issuers.c.issuer == record.issuer
                known = connection.execute(select(issuers).where(this).with_for_update()).one()
                if issuer_of(known) == record:
                    return
                connection.execute(update(issuers).where(this).values(values))
            if record.state is IssuerState.ACTIVE:
                activate_key(connection, record.key_id, at)
            if (told := issuer_entry(record, at)) is not None:
                mirror_of(connection).tighten(JournalKind.ISSUER, told)
            audit.record(
                connection,
                at=at,
                actor=actor,
                action="issuer.recorded",
                subject=record.issuer,
                before=None if known is None else {"state": known.state},
                after=issuer_facts(values),
            )

    def list_issuers(self) -> list[IssuerRecord]:
        """Return all CAs, in the order in which they were made."""
        query = select(issuers).order_by(issuers.c.created_at, issuers.c.issuer.desc())
        with self._database.reading() as connection:
            return [issuer_of(row) for row in connection.execute(query)]

    def save_outside_ca(self, ca: OutsideCa, at: datetime, permit: Permit) -> None:
        """Record a CA that is not ours, or what has become of it."""
        actor = permit.require(Action.MANAGE_CA, Action.MANAGE_SEAL)
        with self._database.writing() as connection:
            outside_rows.save_outside_ca(connection, ca, actor, at)

    def list_outside_cas(self) -> list[OutsideCa]:
        """Return all CAs that are not ours, in the order in which they were recorded."""
        with self._database.reading() as connection:
            return outside_rows.list_outside_cas(connection)

    def record_intent(self, intent: Intent, at: datetime, permit: Permit) -> None:
        """Record what is about to be signed. Raises `LedgerError` if the serial is taken."""
        actor = permit.require(*RIGHTS[intent.profile])
        values = {
            "issuer": intent.issuer,
            "serial": _hex(intent.serial),
            "profile": intent.profile,
            "subject": intent.subject,
            "spki_sha256": intent.spki_sha256,
            "tbs_sha256": intent.tbs_sha256,
            "not_before": intent.not_before,
            "not_after": intent.not_after,
            "shard": intent.shard,
            "state": CertificateState.INTENDED,
            "intended_at": at,
        }
        try:
            with self._database.writing() as connection:
                connection.execute(insert(certificates).values(values))
                audit.record(
                    connection,
                    at=at,
                    actor=actor,
                    action="certificate.intended",
                    subject=f"{intent.issuer}/{_hex(intent.serial)}",
                    after={
                        "profile": intent.profile,
                        "spki_sha256": intent.spki_sha256,
                        "tbs_sha256": intent.tbs_sha256,
                        "not_before": intent.not_before.isoformat(),
                        "not_after": intent.not_after.isoformat(),
                        "shard": intent.shard,
                    },
                )
        except IntegrityError as error:
            raise LedgerError(messages.SERIAL_NUMBER_TAKEN) from error

    def record_issued(
        self, issuer: IssuerId, serial: int, certificate: bytes, at: datetime, permit: Permit
    ) -> None:
        """Record the signed certificate (DER). Raises `LedgerError` without an open intent."""
        sha256 = hashlib.sha256(certificate).hexdigest()
        with self._database.writing() as connection:
            changed = connection.execute(
                update(certificates)
                .where(
                    certificates.c.issuer == issuer,
                    certificates.c.serial == _hex(serial),
                    certificates.c.state == CertificateState.INTENDED,
                )
                .values(
                    state=CertificateState.ISSUED,
                    certificate=certificate,
                    sha256=sha256,
                    issued_at=at,
                )
                .returning(certificates.c.spki_sha256, certificates.c.profile)
            ).one_or_none()
            if changed is None:
                raise _unknown()
            activate_certified(connection, changed.spki_sha256, at)
            audit.record(
                connection,
                at=at,
                actor=permit.require(*RIGHTS[changed.profile]),
                action="certificate.issued",
                subject=f"{issuer}/{_hex(serial)}",
                after={"sha256": sha256},
            )

    def find(self, issuer: IssuerId, serial: int) -> LedgerEntry | None:
        """Return an entry, or None if that serial was never intended."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(certificates).where(
                    certificates.c.issuer == issuer, certificates.c.serial == _hex(serial)
                )
            ).one_or_none()
        return None if row is None else entry_of(row)

    def find_by_key(self, spki_sha256: str) -> list[LedgerEntry]:
        """Return every issuer's entries for one public key (SHA-256 of its SPKI, hexadecimal)."""
        query = select(certificates).where(certificates.c.spki_sha256 == spki_sha256)
        query = query.order_by(certificates.c.not_before, certificates.c.serial)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def list_entries(self, issuer: IssuerId, *, profile: str | None = None) -> list[LedgerEntry]:
        """Return entries by not_before."""
        query = select(certificates).where(certificates.c.issuer == issuer)
        if profile is not None:
            query = query.where(certificates.c.profile == profile)
        query = query.order_by(certificates.c.not_before, certificates.c.serial)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

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
        """Revoke a certificate. Raises `LedgerError`, `RevocationRefusedError`."""
        actor = permit.require(*REVOKERS)
        asked = Revocation(reason, invalidity_at)
        rule = partial(revocation.revoked, asked=asked, at=at)
        event = _Event("certificate.revoked", actor, at, basis)
        return self._change(issuer, serial, rule, event)

    def hold(
        self,
        issuer: IssuerId,
        serial: int,
        at: datetime,
        permit: Permit,
        *,
        basis: str | None = None,
    ) -> LedgerEntry:
        """Put a certificate on hold. Raises `LedgerError`, `RevocationRefusedError`."""
        actor = permit.require(Action.CHANGE_CERTIFICATE)
        rule = partial(revocation.held, at=at)
        event = _Event("certificate.held", actor, at, basis)
        return self._change(issuer, serial, rule, event)

    def release(
        self,
        issuer: IssuerId,
        serial: int,
        at: datetime,
        permit: Permit,
        *,
        basis: str | None = None,
    ) -> LedgerEntry:
        """Lift a hold. Raises `LedgerError`, `RevocationRefusedError`."""
        actor = permit.require(Action.CHANGE_CERTIFICATE)
        event = _Event("certificate.released", actor, at, basis)
        return self._change(issuer, serial, revocation.released, event)

    def _change(
        self,
        issuer: IssuerId,
        serial: int,
        rule: Callable[[LedgerEntry], LedgerEntry],
        event: "_Event",
    ) -> LedgerEntry:
        """Apply a rule of `ca.issuing.revocation`, once at a time for each certificate."""
        this = certificates.c.issuer == issuer, certificates.c.serial == _hex(serial)
        with self._database.writing() as connection:
            row = connection.execute(select(certificates).where(*this).with_for_update())
            found = row.one_or_none()
            if found is None:
                raise _unknown()
            before = entry_of(found)
            after = rule(before)
            connection.execute(update(certificates).where(*this).values(_status_values(after)))
            kept = connection.execute(select(certificates).where(*this)).one_or_none()
            if kept is None or entry_of(kept) != after:
                raise _not_kept()
            take(connection, REVOCATIONS)
            take(connection, _changes_scope(issuer, after.intent.shard))
            audit.record(
                connection,
                at=event.at,
                actor=event.actor,
                action=event.action,
                subject=f"{issuer}/{_hex(serial)}",
                basis=event.basis,
                before=_status_facts(before),
                after=_status_facts(after),
            )
            _mirror(connection, after)
        return after

    def list_revoked(self, issuer: IssuerId, shard: int = 0) -> list[RevokedCertificate]:
        """Return the entries for the CRL of a shard, by serial."""
        column = certificates.c
        query = (
            select(column.serial, column.revoked_at, column.reason, column.invalidity_at)
            .where(
                column.issuer == issuer,
                column.shard == shard,
                column.state == CertificateState.REVOKED,
            )
            .order_by(column.serial)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            RevokedCertificate(int(serial, 16), at, _REASONS[reason], invalid_at)
            for serial, at, reason, invalid_at in rows
        ]

    def revocation_changes(self, issuer: IssuerId, shard: int = 0) -> int:
        """Return a number that grows with every revocation, hold and release in a shard."""
        return self._count(_changes_scope(issuer, shard))

    def revocation_epoch(self) -> int:
        """Return a number that grows with every revocation, hold and release, of any issuer."""
        return self._count(REVOCATIONS)

    def _count(self, scope: str) -> int:
        query = select(counters.c.value).where(counters.c.scope == scope)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one_or_none() or 0)

    def take_crl_number(self, issuer: IssuerId, at: datetime) -> int:
        """Return the next CRL number, greater than every one before (RFC 5280 5.2.3).

        It says that a CRL of that number is about to be signed.
        """
        with self._database.writing() as connection:
            number = take(connection, f"crl:{issuer}")
            audit.record(
                connection,
                at=at,
                actor=CA,
                action="crl.intended",
                subject=issuer,
                after={"number": number},
            )
        return number

    def record_crl(self, signed: SignedCrl, at: datetime) -> None:
        """Record a signed CRL. Raises `StaleCrlError` where one of ours knows less than the last.

        Those of others (`ca.outside.crls`) are judged before, by other rules.
        """
        with self._database.writing() as connection:
            own = select(issuers.c.issuer).where(issuers.c.issuer == signed.issuer)
            if connection.execute(own.with_for_update()).first() is not None:
                last = _newest_crl(connection, signed.issuer, signed.shard)
                check_follows(last, signed, partial(_is_revoked, connection, signed.issuer))
            values = {
                "issuer": signed.issuer,
                "shard": signed.shard,
                "number": signed.number,
                "crl": signed.crl,
                "changes": signed.changes,
                "signed_at": at,
            }
            if not insert_unless_there(connection, crls, values):
                return  # another process has fetched the same one of a CA outside
            audit.record(
                connection,
                at=at,
                actor=CA,
                action="crl.signed",
                subject=signed.issuer,
                after={
                    "number": signed.number,
                    "shard": signed.shard,
                    "sha256": hashlib.sha256(signed.crl).hexdigest(),
                    "changes": signed.changes,
                },
            )

    def find_crl(self, issuer: IssuerId, shard: int = 0) -> SignedCrl | None:
        """Return the newest CRL of a shard, if there is one."""
        with self._database.reading() as connection:
            return _newest_crl(connection, issuer, shard)

    def latest_crl(self, issuer: IssuerId, shard: int = 0) -> bytes | None:
        """Return the newest CRL (DER) of a shard, if there is one."""
        found = self.find_crl(issuer, shard)
        return None if found is None else found.crl


def _newest_crl(connection: Connection, issuer: IssuerId, shard: int) -> SignedCrl | None:
    query = (
        select(crls)
        .where(crls.c.issuer == issuer, crls.c.shard == shard)
        .order_by(crls.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else SignedCrl(issuer, shard, row.number, row.crl, row.changes)


def _is_revoked(connection: Connection, issuer: IssuerId, serial: int) -> bool:
    query = select(certificates.c.state).where(
        certificates.c.issuer == issuer, certificates.c.serial == _hex(serial)
    )
    state = connection.execute(query).scalar_one_or_none()
    return state is None or state == CertificateState.REVOKED


def _mirror(connection: Connection, entry: LedgerEntry) -> None:
    mirror, facts = mirror_of(connection), status_entry(entry)
    if entry.state is CertificateState.REVOKED:
        mirror.tighten(JournalKind.STATUS, facts)
    else:
        mirror.loosen(JournalKind.STATUS, facts)


def _changes_scope(issuer: IssuerId, shard: int) -> str:
    return f"{REVOCATIONS}:{issuer}:{shard}"


def _not_kept() -> StorageError:
    """A policy or a trigger of the database is in the way: nobody may be told that it is done."""
    return StorageError(messages.STATUS_CHANGE_NOT_KEPT)


def _status_values(entry: LedgerEntry) -> dict[str, object]:
    return {
        "state": entry.state,
        "revoked_at": entry.revoked_at,
        "reason": entry.reason,
        "invalidity_at": entry.invalidity_at,
    }


def _status_facts(entry: LedgerEntry) -> audit.Facts:
    invalid_at = entry.invalidity_at
    return {
        "state": entry.state,
        "reason": entry.reason,
        "invalidity_at": None if invalid_at is None else invalid_at.isoformat(),
    }


def _hex(serial: int) -> str:
    return f"{serial:x}"


def _unknown() -> LedgerError:
    return LedgerError(messages.NO_CERTIFICATE_IN_REQUIRED_STATE)


def entry_of(row: Row[tuple[object, ...]]) -> LedgerEntry:
    """Return the entry in a whole row of `certificates`."""
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return LedgerEntry(
        intent=Intent(
            issuer=IssuerId(column["issuer"]),
            serial=int(column["serial"], 16),
            profile=column["profile"],
            subject=column["subject"],
            spki_sha256=column["spki_sha256"],
            tbs_sha256=column["tbs_sha256"],
            not_before=column["not_before"],
            not_after=column["not_after"],
            shard=column["shard"],
        ),
        state=CertificateState(column["state"]),
        certificate=column["certificate"],
        revoked_at=column["revoked_at"],
        reason=None if column["reason"] is None else RevocationReason(column["reason"]),
        invalidity_at=column["invalidity_at"],
    )
