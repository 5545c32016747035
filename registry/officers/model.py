"""Records of people and rights: frozen data and closed sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.ids import AuthorityId, IdentityId, TypeCode
from core.permits import Action, Role
from core.text import Text
from identity.people.model import IdentityKind, Pin
from registry.model import ConflictError, NotFoundError


class IdentityState(StrEnum):
    """State of an identity."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"
    MERGED = "MERGED"
    """It was found to be another's second one."""


class DeskRequestState(StrEnum):
    """State of a request."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    """It may be carried out, once."""
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    DONE = "DONE"
    LAPSED = "LAPSED"


OPEN = (DeskRequestState.WAITING, DeskRequestState.APPROVED)
"""States from which something still follows."""


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """An identity on record."""

    identity_id: IdentityId
    pin: Pin
    kind: IdentityKind
    name: str
    state: IdentityState
    merged_into: IdentityId | None
    owner: IdentityId | None
    """Of a system: the person who answers for it."""
    created_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """A role that was given."""

    assignment_id: str
    identity_id: IdentityId
    role: Role
    authority_id: AuthorityId | None
    valid_from: datetime | None
    valid_until: datetime | None
    given_by: str
    given_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    why: str | None
    """Why it ended."""


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """A request that somebody else decides."""

    request_id: str
    action: Action
    authority_id: AuthorityId | None
    type_code: TypeCode | None
    digest: str
    """SHA-256 (hex) of what is asked for, whose bytes whoever made it keeps."""
    requested_by: str
    requested_at: datetime
    lapses_at: datetime
    state: DeskRequestState
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    changed_at: datetime
    type_sha256: str | None = None
    """Of the type's definition when it was made; an approval is for that one alone."""
    rows: int | None = None
    """Of a batch."""
    document: str | None = None
    """Identifier of another authority's document, on which a seal is asked for."""
    vouched: Mapping[str, Any] | None = None
    """Of who decided: what their sign-in said of them."""


class JobState(StrEnum):
    """State of a batch that is being carried out."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    """What was granted stands; somebody who may goes on with the rest."""
    CANCELLED = "CANCELLED"
    DONE = "DONE"
    """Every row was tried; those that failed may be tried again for a while."""


UNDER_WAY = (JobState.WAITING, JobState.RUNNING)
"""States in which a worker goes on by itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """A batch that is being carried out."""

    job_id: str
    request_id: str
    authority_id: AuthorityId
    state: JobState
    why: str | None
    """Code of what stopped it, or of what it waits for."""
    carried_by: str
    vouched: Mapping[str, Any]
    asked_at: datetime
    changed_at: datetime
    lease_until: datetime | None
    fence: int
    """Raised each time that somebody takes it or takes it away; who holds an older one writes
    nothing any more."""
    failures: int
    """In a row, of the surroundings."""


class NoSuchIdentityError(NotFoundError):
    """No identity on record is named so."""


class NoSuchRequestError(NotFoundError):
    """No request on record is named so."""


class NoSuchJobError(NotFoundError):
    """No job on record is named so."""


class AlreadyDecidedError(ConflictError):
    """Somebody else was first; `details` say who (`by`), what (`state`) and when (`at`).

    Of one that was carried out, withdrawn or lapsed, `state` and `at`: on record is who decided,
    who may be somebody else. Of one that waits for its approval, `state` alone.
    """

    def say_in(self, zone: ZoneInfo) -> None:
        """Say when in civil time instead of UTC."""
        at = self.details.get("at")
        if at is not None:
            civil = f"{datetime.fromisoformat(str(at)).astimezone(zone):%Y-%m-%d %H:%M:%S}"
            told = f"{civil} {zone.key}"
            self.text = Text(
                self.text.zh.replace(str(at), told), self.text.en.replace(str(at), told)
            )
