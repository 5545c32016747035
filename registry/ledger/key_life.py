"""State changes of keys, each in the transaction of the change that causes it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from keys.life import KeyState
from registry.db.tables import certificates, key_records, seal_certificates, seals

OWN = "ca"
"""The owner of the hierarchy's own keys."""


def activate_certified(connection: Connection, spki_sha256: str, at: datetime) -> None:
    """A certificate was issued: its key, if it is one of ours, is ACTIVE from now on."""
    _activate(connection, key_records.c.spki_sha256 == spki_sha256, at)


def activate_key(connection: Connection, key_id: str, at: datetime) -> None:
    """A CA was recorded with this key, whoever certified it: it is ACTIVE from now on."""
    _activate(connection, key_records.c.key_id == key_id, at)


def assign_key(connection: Connection, key_id: str, owner: str, at: datetime) -> None:
    """A seal was recorded with this key: it is its authority's, and ACTIVE from now on."""
    connection.execute(
        update(key_records).where(key_records.c.key_id == key_id).values(owner=owner)
    )
    activate_key(connection, key_id, at)


def owner_of_seal_key(connection: Connection, key_id: str) -> str | None:
    """Return the authority whose seal has that key, or had it."""
    present = select(seals.c.authority_id).where(seals.c.key_id == key_id)
    earlier = (
        select(seals.c.authority_id)
        .join(seal_certificates, seal_certificates.c.seal_id == seals.c.seal_id)
        .where(seal_certificates.c.key_id == key_id)
    )
    return connection.execute(present.union(earlier)).scalar_one_or_none()


def first_certified_at(connection: Connection, spki_sha256: str) -> datetime | None:
    """Return when the first certificate for a key was issued."""
    query = select(func.min(certificates.c.issued_at)).where(
        certificates.c.spki_sha256 == spki_sha256
    )
    at: datetime | None = connection.execute(query).scalar_one()
    return at


def _activate(connection: Connection, which: ColumnElement[bool], at: datetime) -> None:
    connection.execute(
        update(key_records)
        .where(which, key_records.c.state == KeyState.GENERATED)
        .values(state=KeyState.ACTIVE, activated_at=at)
    )
