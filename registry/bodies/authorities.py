"""Authorities, their seals, and which licence types they may grant (mandates)."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from core.ids import AuthorityId, SealId, TypeCode
from core.permits import Action, Permit
from registry.audit import events as audit
from registry.bodies import messages
from registry.db.tables import authorities, licence_types, mandates, seal_certificates, seals
from registry.identifiers import is_uscc
from registry.ledger.key_life import assign_key
from registry.model import Authority, ConflictError, NotFoundError, RegistryError, Seal, SealLevel

MAX_AUTHORITY_NAME = 64
"""O in the seal's certificate holds no more (RFC 5280 appendix A.1, ub-organization-name)."""


class InvalidAuthorityError(RegistryError):
    """The authority's record cannot hold."""

    code = "usage"


def add_authority(connection: Connection, authority: Authority, permit: Permit) -> None:
    """Record an authority; its standing comes by `registry.bodies.reorganising`.

    Raises `InvalidAuthorityError`, `ConflictError`.
    """
    actor = permit.require(Action.MANAGE_AUTHORITY, authority_id=authority.authority_id)
    if not is_uscc(authority.uscc):
        raise InvalidAuthorityError(messages.USCC_CHECK_DIGIT_WRONG)
    if not 1 <= len(authority.name) <= MAX_AUTHORITY_NAME or not authority.name.isprintable():
        raise InvalidAuthorityError(messages.invalid_authority_name(MAX_AUTHORITY_NAME))
    try:
        connection.execute(
            insert(authorities).values(
                authority_id=authority.authority_id,
                name=authority.name,
                uscc=authority.uscc,
                level=authority.level,
                created_at=authority.created_at,
            )
        )
    except IntegrityError as error:
        raise ConflictError(messages.AUTHORITY_ALREADY_REGISTERED) from error
    audit.record(
        connection,
        at=authority.created_at,
        actor=actor,
        action="authority.added",
        subject=authority.authority_id,
        after={"name": authority.name, "uscc": authority.uscc, "level": authority.level},
    )


def standing_facts(authority: Authority) -> dict[str, str | None]:
    """Return the facts of an authority's standing, as its events have them."""
    days = {"valid_from": authority.valid_from, "valid_until": authority.valid_until}
    return {
        "parent": authority.parent,
        "successor": authority.successor,
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
    }


def find_authority(connection: Connection, authority_id: AuthorityId) -> Authority:
    """Return an authority. Raises `NotFoundError`."""
    row = connection.execute(
        select(authorities).where(authorities.c.authority_id == authority_id)
    ).one_or_none()
    if row is None:
        raise no_such_authority(authority_id)
    return _authority(row)


def no_such_authority(authority_id: str) -> NotFoundError:
    """Return the error of an authority that is not on record, or out of the caller's reach."""
    return NotFoundError(messages.no_such_authority(authority_id))


def list_authorities(connection: Connection) -> list[Authority]:
    """Return all authorities, by id."""
    rows = connection.execute(select(authorities).order_by(authorities.c.authority_id))
    return [_authority(row) for row in rows]


def owners_of(connection: Connection, of: Iterable[Seal]) -> dict[AuthorityId, Authority]:
    """Return the authorities of seals, by id."""
    wanted = {one.authority_id for one in of}
    query = select(authorities).where(authorities.c.authority_id.in_(wanted))
    found = [_authority(row) for row in connection.execute(query)]
    return {one.authority_id: one for one in found}


def add_seal(connection: Connection, seal: Seal, permit: Permit) -> None:
    """Record a seal whose key and certificate exist. Raises `ConflictError`."""
    actor = permit.require(Action.MANAGE_SEAL, authority_id=seal.authority_id)
    fingerprint = hashlib.sha256(seal.certificate).hexdigest()
    try:
        connection.execute(
            insert(seals).values(
                seal_id=seal.seal_id,
                authority_id=seal.authority_id,
                name=seal.name,
                key_id=seal.key_id,
                certificate=seal.certificate,
                certificate_sha256=fingerprint,
                created_at=seal.created_at,
            )
        )
    except IntegrityError as error:
        raise ConflictError(messages.seal_already_registered(seal.seal_id)) from error
    assign_key(connection, seal.key_id, seal.authority_id, seal.created_at)
    audit.record(
        connection,
        at=seal.created_at,
        actor=actor,
        action="seal.added",
        subject=seal.seal_id,
        after={
            "authority": seal.authority_id,
            "certificate_sha256": fingerprint,
            "name": seal.name,
            "key": seal.key_id,
        },
    )


def find_seal(connection: Connection, seal_id: SealId) -> Seal:
    """Return a seal. Raises `NotFoundError`."""
    row = connection.execute(select(seals).where(seals.c.seal_id == seal_id)).one_or_none()
    if row is None:
        raise no_such_seal(seal_id)
    return _seal(row)


def no_such_seal(seal_id: str) -> NotFoundError:
    """Return the error of a seal that is not on record, or out of the caller's reach."""
    return NotFoundError(messages.no_such_seal(seal_id))


def list_seals(connection: Connection) -> list[Seal]:
    """Return all seals, by id."""
    return [_seal(row) for row in connection.execute(select(seals).order_by(seals.c.seal_id))]


def page_of_seals(
    connection: Connection,
    authorities: Collection[AuthorityId] | None,
    *,
    after: SealId | None,
    limit: int | None,
) -> list[Seal]:
    """Return seals of some authorities, or of all, by id: those behind one, at most so many."""
    query = select(seals).order_by(seals.c.seal_id).limit(limit)
    if authorities is not None:
        query = query.where(seals.c.authority_id.in_(authorities))
    if after is not None:
        query = query.where(seals.c.seal_id > after)
    return [_seal(row) for row in connection.execute(query)]


def our_seals(connection: Connection, fingerprints: Iterable[str]) -> frozenset[str]:
    """Return those of `fingerprints` (SHA-256, lower-case hex) that are of seal certificates of
    ours, earlier ones too.
    """
    asked = list(fingerprints)
    present, earlier = seals.c.certificate_sha256, seal_certificates.c.certificate_sha256
    query = select(present).where(present.in_(asked))
    query_earlier = select(earlier).where(earlier.in_(asked))
    return frozenset(connection.execute(query.union(query_earlier)).scalars())


def add_mandate(
    connection: Connection, type_code: TypeCode, seal: Seal, permit: Permit, at: datetime
) -> None:
    """Let the seal's authority grant licences of a type under that seal.

    Raises `NotFoundError`, `ConflictError`.
    """
    actor = permit.require(Action.MANAGE_AUTHORITY, authority_id=seal.authority_id)
    known = select(licence_types.c.code).where(licence_types.c.code == type_code)
    if connection.execute(known).one_or_none() is None:
        raise NotFoundError(messages.no_such_licence_type(type_code))
    try:
        connection.execute(
            insert(mandates).values(
                type_code=type_code, authority_id=seal.authority_id, seal_id=seal.seal_id
            )
        )
    except IntegrityError as error:
        raise ConflictError(messages.AUTHORITY_ALREADY_ENTITLED) from error
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="mandate.added",
        subject=type_code,
        after={"authority": seal.authority_id, "seal": seal.seal_id},
    )


def is_mandated(connection: Connection, type_code: TypeCode, seal: Seal) -> bool:
    """Tell whether the seal's authority grants a type under that seal."""
    query = select(mandates.c.seal_id).where(
        mandates.c.type_code == type_code, mandates.c.seal_id == seal.seal_id
    )
    return connection.execute(query).one_or_none() is not None


def has_mandate(connection: Connection, type_code: TypeCode) -> bool:
    """Tell whether any authority may grant a type."""
    query = select(mandates.c.seal_id).where(mandates.c.type_code == type_code).limit(1)
    return connection.execute(query).first() is not None


def mandated_seal(
    connection: Connection, type_code: TypeCode, authority_id: AuthorityId | None
) -> Seal:
    """Return the seal under which a type is granted by an authority, or by the only one there is.

    Raises `NotFoundError` if none may, `ConflictError` if several may and none was named.
    """
    query = (
        select(seals)
        .join(mandates, mandates.c.seal_id == seals.c.seal_id)
        .where(mandates.c.type_code == type_code)
    )
    if authority_id is not None:
        query = query.where(mandates.c.authority_id == authority_id)
    rows = connection.execute(query).all()
    if not rows:
        raise NotFoundError(messages.no_authority_for_type(type_code))
    if len(rows) > 1:
        raise ConflictError(messages.SEVERAL_AUTHORITIES_FOR_TYPE)
    return _seal(rows[0])


def _authority(row: Row[tuple[object, ...]]) -> Authority:
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return Authority(
        authority_id=AuthorityId(column["authority_id"]),
        name=column["name"],
        uscc=column["uscc"],
        level=SealLevel(column["level"]),
        created_at=column["created_at"],
        parent=column["parent"],
        successor=column["successor"],
        valid_from=column["valid_from"],
        valid_until=column["valid_until"],
    )


def _seal(row: Row[tuple[object, ...]]) -> Seal:
    column = row._mapping  # noqa: SLF001
    return Seal(
        seal_id=SealId(column["seal_id"]),
        authority_id=AuthorityId(column["authority_id"]),
        name=column["name"],
        key_id=column["key_id"],
        certificate=column["certificate"],
        created_at=column["created_at"],
    )
