"""CAs that are not ours, in SQL."""

import base64
import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection, select, update

from ca.issuers import OutsideCa
from core.ids import IssuerId
from core.permits import Actor
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import outside_cas


def save_outside_ca(connection: Connection, ca: OutsideCa, actor: Actor, at: datetime) -> None:
    """Record a CA that is not ours, or what has become of it."""
    values = {
        "ca_id": ca.ca_id,
        "path": [base64.b64encode(one).decode() for one in ca.path],
        "tsa_url": ca.tsa_url,
        "tsa_policy": ca.tsa_policy,
        "tsa_ca": ca.tsa_ca,
        "created_at": ca.created_at,
    }
    known = None
    if not insert_unless_there(connection, outside_cas, values):
        known = next(one for one in list_outside_cas(connection) if one.ca_id == ca.ca_id)
        if known == ca:
            return
        this = outside_cas.c.ca_id == ca.ca_id
        connection.execute(update(outside_cas).where(this).values(values))
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="outside_ca.recorded",
        subject=ca.ca_id,
        before=None if known is None else {"tsa": known.tsa_url, "tsa_ca": known.tsa_ca},
        after={
            "tsa": ca.tsa_url,
            "tsa_ca": ca.tsa_ca,
            "policy": ca.tsa_policy,
            "created_at": ca.created_at.isoformat(),
            "subject": ca.x509.subject.rfc4514_string(),
            "path_sha256": list_sha256(values["path"]),
        },
    )


def list_sha256(listed: object) -> str:
    """Return the digest of a chain or path as it is stored: certificates in base64."""
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def list_outside_cas(connection: Connection) -> list[OutsideCa]:
    """Return all of them, in the order in which they were recorded."""
    rows = connection.execute(
        select(outside_cas).order_by(outside_cas.c.created_at, outside_cas.c.ca_id)
    )
    found = []
    for row in rows.mappings():
        own, *above = (base64.b64decode(one) for one in row["path"])
        found.append(
            OutsideCa(
                ca_id=IssuerId(row["ca_id"]),
                certificate=own,
                chain=tuple(above),
                created_at=row["created_at"],
                tsa_url=row["tsa_url"],
                tsa_policy=row["tsa_policy"],
                tsa_ca=None if row["tsa_ca"] is None else IssuerId(row["tsa_ca"]),
            )
        )
    return found
