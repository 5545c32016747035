"""Identities and their roles: frozen data, without a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.ids import AuthorityId, IdentityId
from core.permits import Actor, Role

IDENTITY_PREFIX = "id:"
"""Of an identity's name as an actor; what follows is its id in the register."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The pair by which an identity is known; never an e-mail address, which changes hands."""

    iss: str
    sub: str
    """Unique in the issuer, and never given again (OpenID Connect Core 1.0 section 2)."""


class IdentityKind(StrEnum):
    """Kind of an identity."""

    PERSON = "person"
    SERVICE = "service"
    """A system that a person answers for, its owner."""


class SignInWay(StrEnum):
    """Way in which an identity signed in."""

    BROWSER = "browser"
    """Authorization code with PKCE."""
    DEVICE = "device"
    """Device code (RFC 8628)."""
    CLIENT = "client"
    """Client credentials of a system."""
    LOCAL = "local"
    """An account of this machine."""
    BREAK_GLASS = "break_glass"
    """The credential for an emergency."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as an issuer vouched for them at a sign-in."""

    pin: Pin
    kind: IdentityKind
    name: str
    """To be shown; nothing goes by it."""
    way: SignInWay
    identity_id: IdentityId | None = None
    """None until the register knows them: nothing is permitted then."""
    groups: frozenset[str] = frozenset()
    acr: str | None = None
    auth_time: datetime | None = None
    """When the person last proved who they are; None where the issuer does not say."""
    issued_at: datetime | None = None
    """Of the access token, by the issuer's clock; None: by a session, which ends by itself."""

    @property
    def actor_name(self) -> str | None:
        """Name in the audit; None until the register knows them."""
        return None if self.identity_id is None else actor_name(self.identity_id)


class AssignmentSource(StrEnum):
    """Source of an assignment."""

    TABLE = "table"
    """The register's, given by an administrator."""
    GROUP = "group"
    """A group of the issuer's; it lasts as long as the sign-in that named it."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role of an identity, in one authority or in all."""

    identity_id: IdentityId
    role: Role
    authority_id: AuthorityId | None
    """None: in all."""
    source: AssignmentSource = AssignmentSource.TABLE
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Not included."""

    def holds(self, now: datetime) -> bool:
        """Tell whether it is in force."""
        begun = self.valid_from is None or self.valid_from <= now
        return begun and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class StepUp:
    """Sign-in that an action needs, beyond having signed in (RFC 9470)."""

    max_age: timedelta
    """Since `auth_time`."""
    strong: bool = True
    """By one of the means that the issuer's configuration calls strong."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one licence type, on top of the rule table; they only narrow it."""

    roles: frozenset[Role] | None = None
    """Of the roles that the table allows, those that will do; None: all."""
    second_person: bool = False


TABLE_ALONE = Terms()


@dataclass(frozen=True, slots=True)
class Approval:
    """Approval of a request by a second person, as the register has it."""

    request_id: str
    action: str
    authority_id: AuthorityId | None
    digest: str
    """SHA-256 (hex) of what was asked for and approved."""
    requested_by: frozenset[str]
    """Everybody behind the request, by their names as actors: who asked, whom they were merged
    into, who owns the system that asked."""
    decided_by: frozenset[str]

    @property
    def by_another(self) -> bool:
        """True if nobody who is behind the request is behind its approval."""
        return bool(self.decided_by) and not self.requested_by & self.decided_by


def actor_name(identity_id: IdentityId) -> str:
    """Return the name of an identity as an actor."""
    return f"{IDENTITY_PREFIX}{identity_id}"


def identity_of(actor: Actor | str) -> IdentityId | None:
    """Return the identity behind an actor; None for one that is none."""
    name = actor if isinstance(actor, str) else actor.name
    if not name.startswith(IDENTITY_PREFIX):
        return None
    return IdentityId(name.removeprefix(IDENTITY_PREFIX))
