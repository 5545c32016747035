"""Rows of people and rights as records, and the digest of a person that the audit holds."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from core.canonical import canonical_json
from core.ids import AuthorityId, IdentityId, Random, TypeCode
from core.permits import Action, Role
from identity.people.model import IdentityKind, Pin
from registry.officers.model import (
    DeskRequest,
    DeskRequestState,
    IdentityRecord,
    IdentityState,
    Job,
    JobState,
    RoleRecord,
)

MAX_WHY_CHARACTERS = 500


def new_id(random: Random) -> str:
    """Return an id of 80 random bits, in hexadecimal: it says nothing, and can be typed."""
    return random(10).hex()


def person_digest(row: Mapping[str, Any]) -> str:
    """Return the digest (hex) of who an identity is: all that the audit knows of that.

    Salted, as a licence's face is (`registry.revisions.faces`): the audit cannot be erased, so it
    names people by an id that means nothing once the row is gone.
    """
    said = {name: row[name] for name in ("identity_id", "iss", "sub", "name", "salt")}
    return hashlib.sha256(canonical_json(said)).hexdigest()


def identity_record(row: Row[Any]) -> IdentityRecord:
    """Return an identity from its row."""
    return IdentityRecord(
        identity_id=IdentityId(row.identity_id),
        pin=Pin(row.iss, row.sub),
        kind=IdentityKind(row.kind),
        name=row.name,
        state=IdentityState(row.state),
        merged_into=row.merged_into,
        owner=row.owner,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )


def role_record(row: Row[Any]) -> RoleRecord:
    """Return a role from its row."""
    return RoleRecord(
        assignment_id=row.assignment_id,
        identity_id=IdentityId(row.identity_id),
        role=Role(row.role),
        authority_id=None if row.authority_id is None else AuthorityId(row.authority_id),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        given_by=row.given_by,
        given_at=row.given_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        why=row.why,
    )


def request_record(row: Row[Any]) -> DeskRequest:
    """Return a request from its row."""
    return DeskRequest(
        request_id=row.request_id,
        action=Action(row.action),
        authority_id=None if row.authority_id is None else AuthorityId(row.authority_id),
        type_code=None if row.type_code is None else TypeCode(row.type_code),
        digest=row.digest,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        lapses_at=row.lapses_at,
        state=DeskRequestState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        changed_at=row.changed_at,
        type_sha256=row.type_sha256,
        rows=row.rows,
        document=row.document,
        vouched=row.vouched,
    )


def job_record(row: Row[Any]) -> Job:
    """Return a job from its row."""
    return Job(
        job_id=row.job_id,
        request_id=row.request_id,
        authority_id=AuthorityId(row.authority_id),
        state=JobState(row.state),
        why=row.why,
        carried_by=row.carried_by,
        vouched=row.vouched,
        asked_at=row.asked_at,
        changed_at=row.changed_at,
        lease_until=row.lease_until,
        fence=row.fence,
        failures=row.failures,
    )
