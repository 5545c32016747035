"""Newer definitions of licence types: recorded at once, or asked for and approved by another.

What changes the view of the public takes a second person: a mask that goes shows the names of all
holders at once. An approval is for one definition in the place of one other, both by their digest.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.ids import Random, TypeCode
from core.permits import Action, Permit
from registry.desk.contents import TypeAsk, keep_content
from registry.officers.approval_use import Deciders, begin_carrying_out, end_carrying_out
from registry.officers.model import DeskRequest
from registry.officers.request_rows import open_requests_of
from registry.officers.requests import NewDeskRequest, bound_digest, make_request
from registry.types.catalogue import (
    changes_of_public_view,
    definition_on_record,
    put_type,
    refuse_other_kind,
    source_sha256,
)
from registry.types.licence_type import LicenceType


@dataclass(frozen=True, slots=True)
class TypePermits:
    """Permits of who changes a type: to do it, and to ask somebody else."""

    manage: Permit
    request: Permit


def record_type(
    connection: Connection,
    licence_type: LicenceType,
    permits: TypePermits,
    at: datetime,
    random: Random,
) -> DeskRequest | None:
    """Record a definition; return a request instead, where a second person must approve it first.

    Asked again, the open request for the same change is returned. Raises `ConflictError`.
    """
    code = TypeCode(licence_type.code)
    before = definition_on_record(connection, code)
    refuse_other_kind(before, licence_type)
    changes = changes_of_public_view(connection, before, licence_type)
    if before is None or not changes:
        put_type(connection, licence_type, permits.manage, at)
        return None
    permits.manage.require(Action.MANAGE_AUTHORITY)
    actor = permits.request.require(Action.REQUEST)
    digest, earlier = source_sha256(licence_type.source), source_sha256(before.source)
    same = open_requests_of(
        connection, actor.name, Action.MANAGE_AUTHORITY, bound_digest(digest, earlier)
    )
    for known in same:
        if known.lapses_at > at:
            return known
    new = NewDeskRequest(Action.MANAGE_AUTHORITY, None, digest, type_code=code, type_sha256=earlier)
    made = make_request(connection, new, permits.request, at, random)
    keep_content(connection, made, TypeAsk(licence_type.source, changes))
    return made


def record_approved_type(
    connection: Connection,
    licence_type: LicenceType,
    request_id: str,
    permit: Permit,
    at: datetime,
    *,
    deciders: Deciders,
) -> None:
    """Record a definition that a second person approved, once.

    Raises `NoSuchRequestError`, `AlreadyDecidedError` where it is not approved or was carried out,
    `ApprovalEndedError` where who approved it may decide no longer, `ConflictError` where the
    request is for other definitions or has lapsed.
    """
    before = definition_on_record(connection, TypeCode(licence_type.code))
    earlier = None if before is None else source_sha256(before.source)
    digest = bound_digest(source_sha256(licence_type.source), earlier)
    found = begin_carrying_out(connection, request_id, digest, permit, at, deciders=deciders)
    put_type(connection, licence_type, permit, at, approved=request_id)
    end_carrying_out(connection, found, permit, at)
