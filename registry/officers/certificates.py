"""Owner of an officer's certificate: recorded when it is issued, so that it ends with them."""

from datetime import datetime

from sqlalchemy import Connection, select

from core.ids import AuthorityId, IdentityId, IssuerId
from core.permits import Action, Permit
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import officer_certificates
from registry.model import ConflictError
from registry.officers import messages
from registry.officers.identities import IdentityEndedError, lock_identity
from registry.officers.model import IdentityState

_COLUMN = officer_certificates.c


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
    actor = permit.require(Action.ENROL, authority_id=authority_id)
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
        if certificate not in certificates_of(connection, identity_id):
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


def certificates_of(
    connection: Connection, identity_id: IdentityId, authority_id: AuthorityId | None = None
) -> list[tuple[IssuerId, int]]:
    """Return the certificates of an identity, issuer and serial; those for one authority alone."""
    query = select(_COLUMN.issuer, _COLUMN.serial).where(_COLUMN.identity_id == identity_id)
    if authority_id is not None:
        query = query.where(_COLUMN.authority_id == authority_id)
    query = query.order_by(_COLUMN.bound_at, _COLUMN.issuer, _COLUMN.serial)
    return [(IssuerId(issuer), int(serial, 16)) for issuer, serial in connection.execute(query)]
