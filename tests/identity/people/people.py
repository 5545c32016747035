"""Identities, bodies and roles for tests of rights."""

from datetime import UTC, datetime, timedelta

from core.ids import AuthorityId, IdentityId
from core.permits import Role
from identity.people.bodies import Bodies, KnownBody
from identity.people.model import Assignment, Identity, IdentityKind, Pin, SignInWay
from identity.people.rights_check import RightsContext

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISSUER = "https://id.example"
STRONG = "urn:example:strong"
CITY, OLD, NEW, OTHER, GONE = (AuthorityId(one) for one in ("city", "old", "new", "other", "gone"))
BODIES = Bodies.of(
    [
        KnownBody(CITY),
        KnownBody(OLD, parent=CITY, successor=NEW, in_being=False),
        KnownBody(NEW, parent=CITY),
        KnownBody(OTHER),
        KnownBody(GONE, in_being=False),
    ]
)
CONTEXT = RightsContext(BODIES, {ISSUER: (STRONG, "urn:example:also")})


def somebody(
    name: str = "li",
    *,
    kind: IdentityKind = IdentityKind.PERSON,
    acr: str | None = STRONG,
    ago: timedelta | None = timedelta(minutes=1),
    groups: frozenset[str] = frozenset(),
    iss: str = ISSUER,
    known: bool = True,
) -> Identity:
    return Identity(
        Pin(iss, f"sub-{name}"),
        kind,
        name,
        SignInWay.BROWSER,
        IdentityId(name) if known else None,
        groups,
        acr,
        None if ago is None else NOW - ago,
    )


def role(
    role_: Role,
    at: AuthorityId | None = None,
    *,
    of: str = "li",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Assignment:
    return Assignment(IdentityId(of), role_, at, valid_from=since, valid_until=until)
