"""Turns of identities, by the audit: who ended one last, and so who may put it to use again."""

from sqlalchemy import Connection, select

from core.ids import IdentityId
from identity.people.model import actor_name
from identity.people.permits import PROVIDER_PREFIX
from registry.db.tables import audit_events

_TURNS = ("identity.ended", "identity.enabled", "identity.restored")


def ended_by(connection: Connection, identity_id: str) -> str | None:
    """Return the actor who ended an identity that has ended, by the audit; None of one in use.

    Of several who ended it one after the other, the last that an event tells of.
    """
    column = audit_events.c
    told = (column.subject == actor_name(IdentityId(identity_id)), column.action.in_(_TURNS))
    query = select(column.actor, column.action).where(*told).order_by(column.sequence.desc())
    last = connection.execute(query.limit(1)).one_or_none()
    return None if last is None or last.action == "identity.enabled" else str(last.actor)


def is_provider(name: str | None) -> bool:
    """Tell whether an actor is an identity provider."""
    return name is not None and name.startswith(PROVIDER_PREFIX)
