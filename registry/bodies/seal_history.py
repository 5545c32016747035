"""A seal's certificates over time: one in use, the earlier ones kept for what they sealed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from core.ids import SealId
from core.permits import Action, Permit
from registry.audit import events as audit
from registry.bodies import messages
from registry.db.conflicts import insert_unless_there
from registry.db.tables import seal_certificates, seals
from registry.ledger.key_life import assign_key
from registry.model import ConflictError, Seal


@dataclass(frozen=True, slots=True)
class EarlierCertificate:
    """Earlier certificate of a seal, with its key."""

    seal_id: SealId
    key_id: str
    certificate: bytes
    """DER."""
    replaced_at: datetime


def earlier_certificates(connection: Connection, seal_id: SealId) -> list[EarlierCertificate]:
    """Return a seal's certificates before its present one, the oldest first."""
    return earlier_of(connection, [seal_id])


def earlier_of(connection: Connection, names: Sequence[SealId]) -> list[EarlierCertificate]:
    """Return the certificates of seals before their present ones, the oldest first."""
    rows = connection.execute(
        select(
            seal_certificates.c.seal_id,
            seal_certificates.c.key_id,
            seal_certificates.c.certificate,
            seal_certificates.c.replaced_at,
        )
        .where(seal_certificates.c.seal_id.in_(names))
        .order_by(seal_certificates.c.replaced_at, seal_certificates.c.key_id)
    )
    return [EarlierCertificate(**row) for row in rows.mappings()]


def replace_certificate(
    connection: Connection, old: Seal, new: Seal, permit: Permit, at: datetime
) -> None:
    """Let a seal have another key and certificate from now on.

    Raises `ConflictError` if `old` is not what the seal has now.
    """
    rights = Action.MANAGE_SEAL, Action.HANDLE_COMPROMISE
    actor = permit.require(*rights, authority_id=new.authority_id)
    before = hashlib.sha256(old.certificate).hexdigest()
    after = hashlib.sha256(new.certificate).hexdigest()
    try:
        changed = connection.execute(
            update(seals)
            .where(seals.c.seal_id == old.seal_id, seals.c.certificate_sha256 == before)
            .values(key_id=new.key_id, certificate=new.certificate, certificate_sha256=after)
        )
    except IntegrityError as error:
        raise ConflictError(messages.KEY_BELONGS_TO_ANOTHER_SEAL) from error
    if changed.rowcount != 1:
        raise ConflictError(messages.seal_certificate_just_changed(old.seal_id))
    earlier = {
        "certificate_sha256": before,
        "seal_id": old.seal_id,
        "key_id": old.key_id,
        "certificate": old.certificate,
        "replaced_at": at,
    }
    insert_unless_there(connection, seal_certificates, earlier)  # one may come back in between
    assign_key(connection, new.key_id, new.authority_id, at)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="seal.renewed",
        subject=old.seal_id,
        before={"certificate_sha256": before, "key": old.key_id},
        after={"certificate_sha256": after, "key": new.key_id},
    )
