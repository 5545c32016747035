"""Identity for which a job or an export is carried out, as its sign-in said.

It is looked at before each chunk. Roles in the register count as of each moment. Roles of groups
are as old as the sign-in that named the groups: a newer sign-in takes their place, and they end
with a working day.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from identity.people.model import Identity, IdentityKind, Pin, SignInWay, actor_name, identity_of
from identity.sessions.sessions import ABSOLUTE_LIMIT
from registry.db.tables import exports, grant_requests, jobs
from registry.officers.identities import find_identity
from registry.officers.model import UNDER_WAY, DeskRequestState, Job, JobState


def vouched_of(identity: Identity, now: datetime) -> dict[str, Any]:
    """Return the facts of a sign-in that are kept."""
    return {
        "way": identity.way,
        "groups": sorted(identity.groups),
        "at": now.isoformat(),
    }


def identity_behind(connection: Connection, job: Job, now: datetime) -> Identity:
    """Return the identity that carries a job out, with the groups that still count.

    It has not stepped up: that was done when the job was begun. Raises `NoSuchIdentityError`.
    """
    return identity_vouched(connection, job.carried_by, job.vouched, now)


def identity_vouched(
    connection: Connection, name: str, kept: Mapping[str, Any], now: datetime
) -> Identity:
    """Return the identity of an actor's name with the facts of a sign-in that were kept."""
    found = find_identity(connection, str(identity_of(name)))
    fresh = now - datetime.fromisoformat(kept["at"]) < ABSOLUTE_LIMIT
    return Identity(
        Pin(found.pin.iss, found.pin.sub),
        IdentityKind(found.kind),
        found.name,
        SignInWay(kept["way"]),
        found.identity_id,
        groups=frozenset(kept["groups"]) if fresh else frozenset(),
    )


def vouch_anew(connection: Connection, identity: Identity, now: datetime) -> None:
    """Let the groups of a newer sign-in count for the jobs that an identity carries out, for its
    exports, and for what it approved and somebody else carries out.
    """
    assert identity.identity_id is not None
    name, vouched = actor_name(identity.identity_id), vouched_of(identity, now)
    open_ones = update(jobs).where(jobs.c.carried_by == name, jobs.c.state.in_(UNDER_WAY))
    connection.execute(open_ones.values(vouched=vouched))
    of_exports = update(exports).where(exports.c.asked_by == name, exports.c.state.in_(UNDER_WAY))
    connection.execute(of_exports.values(vouched=vouched))
    column = grant_requests.c
    begun = select(jobs.c.request_id).where(jobs.c.state.in_((*UNDER_WAY, JobState.STOPPED)))
    used = (column.state == DeskRequestState.APPROVED) | column.request_id.in_(begun)
    approved = update(grant_requests).where(column.decided_by == name, used)
    connection.execute(approved.values(vouched=vouched))
