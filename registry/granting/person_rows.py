"""Signatures of officers over pending licences, on record until these are sealed or given up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from core.ids import LicenceIdentifier
from registry.db.tables import licences, person_signatures
from registry.granting import messages
from registry.model import ConflictError, LicenceState

_COLUMN = person_signatures.c


class SignatureLapsedError(ConflictError):
    """A page that was handed out to be signed is not the one that waits now."""

    code = "signature_lapsed"


@dataclass(frozen=True, slots=True)
class PersonSignature:
    """A page that was handed out, and the signature over it, if it came."""

    certificate: bytes
    room: int
    page_sha256: str
    prepared_at: datetime
    expires_at: datetime
    cms: bytes | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """For whose signature a licence waits, by their name as an actor, and since when."""

    signer: str
    since: datetime


def waiting_for(connection: Connection, identifier: LicenceIdentifier) -> Waiting | None:
    """Return for whom a pending licence waits; None for one that nobody is to sign."""
    query = select(licences.c.signer, licences.c.created_at).where(
        licences.c.identifier == identifier,
        licences.c.state == LicenceState.PENDING,
        licences.c.signer.is_not(None),
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Waiting(row.signer, row.created_at)


def find_signature(
    connection: Connection, identifier: LicenceIdentifier, *, lock: bool = False
) -> PersonSignature | None:
    """Return the signature of a licence as it is on record, or the page that waits for one."""
    query = select(person_signatures).where(_COLUMN.identifier == identifier)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    return PersonSignature(
        row.certificate, row.room, row.page_sha256, row.prepared_at, row.expires_at, row.cms
    )


def hand_out(connection: Connection, identifier: LicenceIdentifier, page: PersonSignature) -> None:
    """Note that a page was handed out; one before it, signed or not, counts no more."""
    forget_signature(connection, identifier)
    connection.execute(
        insert(person_signatures).values(
            identifier=identifier,
            certificate=page.certificate,
            room=page.room,
            page_sha256=page.page_sha256,
            prepared_at=page.prepared_at,
            expires_at=page.expires_at,
        )
    )


def keep_signature(
    connection: Connection,
    identifier: LicenceIdentifier,
    page_sha256: str,
    cms: bytes,
    at: datetime,
) -> None:
    """Keep the signature over the page that waits, once. Raises `SignatureLapsedError`."""
    kept = connection.execute(
        update(person_signatures)
        .where(
            _COLUMN.identifier == identifier,
            _COLUMN.page_sha256 == page_sha256,
            _COLUMN.expires_at > at,
            _COLUMN.cms.is_(None),
        )
        .values(cms=cms, signed_at=at)
    )
    if kept.rowcount != 1:
        raise SignatureLapsedError(messages.SIGNATURE_LAPSED)


def forget_signature(connection: Connection, identifier: LicenceIdentifier) -> None:
    """Forget what is on record: the document holds it, or it came to nothing."""
    connection.execute(delete(person_signatures).where(_COLUMN.identifier == identifier))
