"""Reorganised authorities: a body's parent, its first and last day, and who followed it.

What a body granted and sealed stays as it was; its successor administers it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from core.ids import AuthorityId
from core.permits import Action, Permit
from identity.people.bodies import Bodies, KnownBody
from registry.audit import events as audit
from registry.bodies import messages
from registry.bodies.authorities import (
    InvalidAuthorityError,
    find_authority,
    list_authorities,
    standing_facts,
)
from registry.db.tables import authorities
from registry.model import Authority


@dataclass(frozen=True, slots=True)
class AuthorityStanding:
    """Place of an authority among the others, and its time."""

    parent: AuthorityId | None = None
    successor: AuthorityId | None = None
    valid_from: date | None = None
    valid_until: date | None = None


def standing_of(authority: Authority) -> AuthorityStanding:
    """Return the standing of an authority."""
    return AuthorityStanding(
        authority.parent, authority.successor, authority.valid_from, authority.valid_until
    )


def reorganise(
    connection: Connection,
    authority_id: AuthorityId,
    to: AuthorityStanding,
    permit: Permit,
    at: datetime,
) -> Authority:
    """Give an authority another standing; the same again changes nothing.

    Raises `NotFoundError`, and `InvalidAuthorityError` where it would be above itself, follow
    itself, or end before it began.
    """
    actor = permit.require(Action.MANAGE_AUTHORITY, authority_id=authority_id)
    before = find_authority(connection, authority_id)
    if standing_of(before) == to:
        return before
    # One at a time: two changes that are sound by themselves could close a circle.
    connection.execute(select(authorities.c.authority_id).with_for_update())
    check_standing(connection, authority_id, to)
    this = update(authorities).where(authorities.c.authority_id == authority_id)
    connection.execute(
        this.values(
            parent=to.parent,
            successor=to.successor,
            valid_from=to.valid_from,
            valid_until=to.valid_until,
        )
    )
    after = find_authority(connection, authority_id)
    audit.record(
        connection,
        at=at,
        actor=actor,
        action="authority.changed",
        subject=authority_id,
        before=standing_facts(before),
        after=standing_facts(after),
    )
    return after


def check_standing(
    connection: Connection, authority_id: AuthorityId, to: AuthorityStanding
) -> None:
    """Raise `NotFoundError` or `InvalidAuthorityError` for a standing that cannot hold."""
    if to.valid_from and to.valid_until and to.valid_until < to.valid_from:
        raise InvalidAuthorityError(messages.ENDS_BEFORE_IT_BEGINS)
    for other in (to.parent, to.successor):
        if other is not None:
            find_authority(connection, other)
    bodies = load_bodies(connection, date.min)
    above = [] if to.parent is None else [to.parent, *bodies.above(to.parent)]
    after = [] if to.successor is None else list(bodies.heirs(to.successor))
    if authority_id in (*above, *after):
        raise InvalidAuthorityError(messages.CIRCLE_OF_AUTHORITIES)


def load_bodies(connection: Connection, today: date) -> Bodies:
    """Return all authorities on a civil day, as rights need them."""
    return Bodies.of(
        KnownBody(one.authority_id, one.parent, one.successor, one.in_being(today))
        for one in list_authorities(connection)
    )
