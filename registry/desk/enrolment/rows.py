"""Enrolments on record: a challenge, what was asked for with it, and what became of that.

The challenge itself is not kept, only its digest, until it is used; the evidence, which names a
person, only until it is decided.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, null, select, update
from sqlalchemy.exc import IntegrityError

from core.ids import IdentityId, IssuerId, Random, random_token
from registry.db.conflicts import insert_unless_there
from registry.db.tables import enrolments
from registry.desk.enrolment import messages
from registry.desk.enrolment.evidence import EnrolmentEvidence
from registry.model import ConflictError, NotFoundError

CHALLENGE_KEPT = timedelta(minutes=10)
"""Time to sign in."""
DECIDED_WITHIN = timedelta(minutes=15)
"""After that the sign-in is not fresh any more, however the clocks differ."""
KEPT = timedelta(days=1)
"""Time in which one may ask what became of an enrolment."""
CLAIM_HOLDS = timedelta(minutes=1)
"""Time in which whoever began to issue has issued, or was cut off."""
_COLUMN = enrolments.c


class EnrolmentState(StrEnum):
    """State of an enrolment."""

    OFFERED = "OFFERED"
    """A challenge that nobody has used."""
    WAITING = "WAITING"
    """Somebody else is to approve it; then one enrols anew."""
    REQUESTED = "REQUESTED"
    """To be certified."""
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Offer:
    """A challenge."""

    challenge: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolment as it stands."""

    enrolment_id: str
    """SHA-256 (hex) of the challenge, which nobody else knows."""
    state: EnrolmentState
    identity_id: IdentityId | None
    request_id: str | None
    requested_at: datetime | None
    claimed_at: datetime | None
    certificate: tuple[IssuerId, int] | None
    detail: str | None
    evidence: Mapping[str, Any] | None


def id_of(challenge: str) -> str:
    """Return the id of the enrolment that a challenge is for."""
    return hashlib.sha256(challenge.encode()).hexdigest()


def offer(connection: Connection, random: Random, at: datetime) -> Offer:
    """Make a challenge; it is bound to nobody and good for one enrolment."""
    made = Offer(random_token(random), at + CHALLENGE_KEPT)
    values = {
        "challenge_sha256": id_of(made.challenge),
        "state": EnrolmentState.OFFERED,
        "expires_at": made.expires_at,
    }
    insert_unless_there(connection, enrolments, values)
    return made


def use_challenge(
    connection: Connection,
    evidence: EnrolmentEvidence,
    identity_id: IdentityId,
    at: datetime,
    *,
    waits_for: str | None = None,
) -> Enrolment:
    """Use a challenge up, for what is asked; `waits_for` a request that somebody is to approve.

    Raises `ConflictError` where it is none of ours, has been used, or is too old, and where the
    same key is being certified.
    """
    enrolment_id = id_of(evidence.challenge)
    waits = waits_for is not None
    values = {
        "state": EnrolmentState.WAITING if waits else EnrolmentState.REQUESTED,
        "identity_id": identity_id,
        "authority_id": evidence.authority_id,
        "profile": evidence.profile,
        "spki_sha256": hashlib.sha256(evidence.spki).hexdigest(),
        "evidence": None if waits else evidence.kept(),
        "request_id": waits_for,
        "requested_at": at,
        "settled_at": at if waits else None,
    }
    unused = (
        _COLUMN.challenge_sha256 == enrolment_id,
        _COLUMN.state == EnrolmentState.OFFERED,
        _COLUMN.expires_at > at,
    )
    try:
        with connection.begin_nested():
            used = connection.execute(update(enrolments).where(*unused).values(values))
    except IntegrityError as error:
        raise ConflictError(messages.KEY_BEING_CERTIFIED) from error
    if used.rowcount != 1:
        raise ConflictError(messages.CHALLENGE_NOT_GOOD)
    return find_enrolment(connection, enrolment_id)


def find_enrolment(connection: Connection, enrolment_id: str) -> Enrolment:
    """Return an enrolment. Raises `NotFoundError`."""
    query = select(enrolments).where(_COLUMN.challenge_sha256 == enrolment_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.state == EnrolmentState.OFFERED:
        raise NotFoundError(messages.NO_SUCH_ENROLMENT)
    return _enrolment(row)


def list_requested(connection: Connection) -> list[Enrolment]:
    """Return the enrolments to be certified, oldest first."""
    query = (
        select(enrolments)
        .where(_COLUMN.state == EnrolmentState.REQUESTED)
        .order_by(_COLUMN.requested_at, _COLUMN.challenge_sha256)
    )
    return [_enrolment(row) for row in connection.execute(query)]


def claim(
    connection: Connection, found: Enrolment, certificate: tuple[IssuerId, int], at: datetime
) -> bool:
    """Note which certificate is about to be issued; False where another process was first."""
    before = None if found.certificate is None else f"{found.certificate[1]:x}"
    values = {"issuer": certificate[0], "serial": f"{certificate[1]:x}", "claimed_at": at}
    changed = connection.execute(
        update(enrolments)
        .where(*_requested(found.enrolment_id), _COLUMN.serial.is_not_distinct_from(before))
        .values(values)
    )
    return changed.rowcount == 1


def settle(
    connection: Connection,
    enrolment_id: str,
    outcome: tuple[IssuerId, int] | str,
    at: datetime,
) -> None:
    """Note what became of an enrolment, and forget the evidence.

    `outcome`: the certificate that was issued, or the code of why none was.
    """
    values: dict[str, object] = {"evidence": null(), "settled_at": at}
    if isinstance(outcome, str):
        values |= {"state": EnrolmentState.REFUSED, "detail": outcome[:64]}
    else:
        issued = {"issuer": outcome[0], "serial": f"{outcome[1]:x}"}
        values |= {"state": EnrolmentState.ISSUED, **issued}
    connection.execute(update(enrolments).where(*_requested(enrolment_id)).values(values))


def sweep(connection: Connection, now: datetime) -> None:
    """Forget challenges that are over and enrolments of yesterday, and with them all evidence."""
    late = now - DECIDED_WITHIN
    waiting = (_COLUMN.state == EnrolmentState.REQUESTED, _COLUMN.requested_at < late)
    over = {"state": EnrolmentState.REFUSED, "detail": "enrolment_lapsed", "evidence": null()}
    connection.execute(update(enrolments).where(*waiting).values(**over, settled_at=now))
    offered = _COLUMN.state == EnrolmentState.OFFERED
    connection.execute(delete(enrolments).where(offered, _COLUMN.expires_at < now))
    connection.execute(delete(enrolments).where(_COLUMN.expires_at < now - KEPT))


def _requested(enrolment_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        _COLUMN.challenge_sha256 == enrolment_id,
        _COLUMN.state == EnrolmentState.REQUESTED,
    )


def _enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(
        row.challenge_sha256,
        EnrolmentState(row.state),
        None if row.identity_id is None else IdentityId(row.identity_id),
        row.request_id,
        row.requested_at,
        row.claimed_at,
        None if row.serial is None else (IssuerId(row.issuer), int(row.serial, 16)),
        row.detail,
        row.evidence,
    )
