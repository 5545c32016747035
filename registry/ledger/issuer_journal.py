"""A CA that was put to use or retired, as the journal keeps it, and as a restore takes it there.

Without it a restored register would go on issuing by the CA before, and say of certificates of the
one in use that their CA only waits for its turn.
"""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from ca.issuers import IssuerRecord, IssuerState
from registry.audit.chain import RESTORER, NewEvent
from registry.db.tables import issuers
from registry.journal.journal import Facts
from registry.ledger.issuer_rows import issuer_facts
from registry.ledger.key_life import activate_key

_EARLIER = {
    IssuerState.ACTIVE: (IssuerState.PREPARED,),
    IssuerState.RETIRED: (IssuerState.PREPARED, IssuerState.ACTIVE),
}


def issuer_entry(record: IssuerRecord, at: datetime) -> Facts | None:
    """Return the journal's entry of a CA that is in use or was; None of one that waits."""
    if record.certificate is None or record.state is IssuerState.PREPARED:
        return None
    return {
        "issuer": record.issuer,
        "sha256": hashlib.sha256(record.certificate).hexdigest(),
        "state": record.state,
        "at": at.isoformat(),
    }


def merge_issuer(connection: Connection, told: Facts, at: datetime) -> NewEvent | None:
    """Bring a CA to the state that was told of it; return the event of that.

    None where it is there already; where the register knows no such CA, by its certificate, since
    ids are only names; and where no other of its role is in use: whoever lost the CA that followed
    must be able to make the next. Raises `KeyError`, `ValueError` for facts of another making.
    """
    state = IssuerState(str(told["state"]))
    query = select(issuers).where(
        issuers.c.issuer == told["issuer"], issuers.c.state.in_(_EARLIER[state])
    )
    row = connection.execute(query).one_or_none()
    if row is None or hashlib.sha256(row.certificate or b"").hexdigest() != told["sha256"]:
        return None
    if state is IssuerState.RETIRED and not _has_another(connection, row):
        return None
    values = dict(row._mapping) | {"state": state}  # noqa: SLF001  # SQLAlchemy's public accessor
    connection.execute(
        update(issuers).where(issuers.c.issuer == row.issuer).values({"state": state})
    )
    if state is IssuerState.ACTIVE:
        activate_key(connection, row.key_id, datetime.fromisoformat(str(told["at"])))
    return NewEvent(
        at=at,
        actor=RESTORER,
        action="issuer.recorded",
        subject=row.issuer,
        before={"state": row.state},
        after=issuer_facts(values),
    )


def _has_another(connection: Connection, row: Row[tuple[object, ...]]) -> bool:
    another = select(issuers.c.issuer).where(
        issuers.c.role == row.role,
        issuers.c.issuer != row.issuer,
        issuers.c.state == IssuerState.ACTIVE,
    )
    return connection.execute(another.limit(1)).one_or_none() is not None
