"""Owner of an officer's certificate: recorded when it is issued, so that it ends with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from ca.ledger import CertificateState
from ca.profiles.profiles import ProfileKind
from core.ids import AuthorityId, IdentityId, IssuerId
from core.permits import Action, Actor, Permit
from registry.audit import events as audit
from registry.audit.chain import NewEvent
from registry.db.conflicts import insert_unless_there
from registry.db.tables import certificates, officer_certificates
from registry.model import ConflictError, NotFoundError
from registry.officers import messages
from registry.officers.identities import IdentityEndedError, lock_identity
from registry.officers.model import IdentityState

_COLUMN = officer_certificates.c


@dataclass(frozen=True, slots=True)
class OfficerCertificate:
    """A certificate, and whether its officer may still use it."""

    issuer: IssuerId
    serial: int
    identity_id: IdentityId
    authority_id: AuthorityId | None
    """That its subject names."""
    why: str | None
    """Why it ended."""
    ended_at: datetime | None
    """None while they may."""


def bind_certificate(  # noqa: PLR0917 (each of another type)
    connection: Connection,
    identity_id: IdentityId,
    certificate: tuple[IssuerId, int],
    authority_id: AuthorityId | None,
    permit: Permit,
    at: datetime,
) -> None:
    """Record whose a certificate is to be, and for which authority, before it is issued.

    The same again changes nothing. Raises `IdentityEndedError`, and `ConflictError` where it is
    another's.
    """
    actor = permit.require(Action.ENROL, Action.ENROL_OWN, authority_id=authority_id)
    if lock_identity(connection, identity_id).state is not IdentityState.ACTIVE:
        raise IdentityEndedError(messages.IDENTITY_ENDED)
    issuer, serial = certificate[0], f"{certificate[1]:x}"
    values = {
        "issuer": issuer,
        "serial": serial,
        "identity_id": identity_id,
        "authority_id": authority_id,
        "bound_at": at,
    }
    if not insert_unless_there(connection, officer_certificates, values):
        known = certificates_of(connection, identity_id)
        if certificate not in [(one.issuer, one.serial) for one in known]:
            raise ConflictError(messages.CERTIFICATE_OF_ANOTHER)
        return
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="officer.added",
        subject=f"{issuer}/{serial}",
        after={"identity": identity_id, "authority": authority_id},
    )


def end_certificates(
    connection: Connection,
    which: Sequence[ColumnElement[bool]],
    why: str,
    actor: Actor,
    at: datetime,
) -> list[NewEvent]:
    """Note that some certificates are to be revoked, durably before any of them is; return the
    events of that, to be recorded last.
    """
    ended = connection.execute(
        update(officer_certificates)
        .where(*which, _COLUMN.ended_at.is_(None))
        .values(ended_at=at, why=why)
        .returning(_COLUMN.issuer, _COLUMN.serial)
    )
    return [
        NewEvent(
            at=at,
            actor=actor,
            action="officer.ended",
            subject=f"{issuer}/{serial}",
            basis=why,
            after={"ended": True},
        )
        for issuer, serial in sorted(tuple(row) for row in ended)
    ]


def certificates_of(connection: Connection, identity_id: IdentityId) -> list[OfficerCertificate]:
    """Return the certificates of an identity, by when they were recorded."""
    query = (
        select(officer_certificates)
        .where(_COLUMN.identity_id == identity_id)
        .order_by(_COLUMN.bound_at, _COLUMN.issuer, _COLUMN.serial)
    )
    return [_record(row) for row in connection.execute(query)]


def find_certificate(
    connection: Connection, certificate: tuple[IssuerId, int]
) -> OfficerCertificate | None:
    """Return whose a certificate is; None where it is no officer's on record."""
    query = select(officer_certificates).where(
        _COLUMN.issuer == certificate[0], _COLUMN.serial == f"{certificate[1]:x}"
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _record(row)


def find_signer(
    connection: Connection, certificate: tuple[IssuerId, int], at: datetime
) -> OfficerCertificate:
    """Return whose certificate signs now, to be asked before a new signature of it is taken.

    A certificate of a working day is not revoked: what ends with its officer is that anything
    signed by it is taken here. What was signed before that stays good. Raises
    `IdentityEndedError` where the officer left, or the certificate ended, and `NotFoundError` where
    it is no officer's.
    """
    found = find_certificate(connection, certificate)
    if found is None:
        raise NotFoundError(messages.CERTIFICATE_OF_NOBODY)
    entry = certificates.c
    query = select(entry.not_before, entry.not_after).where(
        entry.issuer == certificate[0],
        entry.serial == f"{certificate[1]:x}",
        entry.state == CertificateState.ISSUED,
    )
    issued = connection.execute(query).one_or_none()
    person = lock_identity(connection, found.identity_id)
    if (
        found.ended_at is not None
        or person.state is not IdentityState.ACTIVE
        or issued is None
        or not issued.not_before <= at <= issued.not_after
    ):
        raise IdentityEndedError(messages.SIGNER_ENDED)
    return found


def _record(row: Row[Any]) -> OfficerCertificate:
    return OfficerCertificate(
        IssuerId(row.issuer),
        int(row.serial, 16),
        IdentityId(row.identity_id),
        None if row.authority_id is None else AuthorityId(row.authority_id),
        row.why,
        row.ended_at,
    )


def unfinished(connection: Connection, now: datetime) -> list[IdentityId]:
    """Return the identities of which certificates were to be revoked that may be relied on yet."""
    certificate = certificates.c
    query = (
        select(_COLUMN.identity_id)
        .distinct()
        .join(
            certificates,
            (certificate.issuer == _COLUMN.issuer) & (certificate.serial == _COLUMN.serial),
        )
        .where(
            _COLUMN.ended_at.is_not(None),
            certificate.state == CertificateState.ISSUED,
            certificate.not_after > now,
            certificate.profile != ProfileKind.OFFICER_SHORT,
        )
        .order_by(_COLUMN.identity_id)
    )
    return [IdentityId(one) for one in connection.execute(query).scalars()]
