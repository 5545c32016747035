"""Bodies, people and their permits, for tests of what is on record of them."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from core.ids import AuthorityId, IdentityId
from core.permits import Action, Actor, Permit, Role
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from registry.audit.chain import AuditEvent
from registry.audit.events import list_events
from registry.db.database import Database
from registry.db.tables import authorities
from registry.journal.journal import Journal
from registry.officers.approval_use import Deciders
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.model import DeskRequest, RoleRecord
from registry.officers.requests import NewDeskRequest, make_request
from registry.officers.roles import RoleGift, assign_role
from registry.reconcile.officers import check_officers
from tests.clock import StoppedClock
from tests.permits import MANAGE_OFFICERS

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISSUER = "https://id.example"
MARKET, TRANSPORT = AuthorityId("market"), AuthorityId("transport")
DIGEST = "ab" * 32
DECIDERS = Deciders(ZoneInfo("Asia/Shanghai"))


@dataclass
class Office:
    """A register."""

    database: Database
    journal: Journal
    clock: StoppedClock

    def furnish(self) -> None:
        """Record two bodies, past the rules for their names."""
        with self.database.writing() as connection:
            for number, one in enumerate((MARKET, TRANSPORT)):
                connection.execute(
                    insert(authorities).values(
                        authority_id=one,
                        name=one,
                        uscc=f"{number:018}",
                        level="province",
                        created_at=AT,
                    )
                )

    def add(self, name: str, owner: IdentityId | None = None) -> IdentityId:
        kind = IdentityKind.PERSON if owner is None else IdentityKind.SERVICE
        new = NewIdentity(Pin(ISSUER, f"sub-{name}"), kind, name, owner)
        with self.database.writing() as connection:
            at = self.clock.now()
            record = add_identity(connection, new, MANAGE_OFFICERS, at, secrets.token_bytes)
        return record.identity_id

    def give(
        self,
        who: IdentityId,
        role: Role,
        at: AuthorityId | None = MARKET,
        *,
        by: Permit = MANAGE_OFFICERS,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> RoleRecord:
        gift = RoleGift(who, role, at, since, until)
        with self.database.writing() as connection:
            return assign_role(connection, gift, by, self.clock.now(), secrets.token_bytes)

    def ask(
        self,
        who: IdentityId | None,
        at: AuthorityId | None = MARKET,
        *,
        key: str | None = None,
        digest: str = DIGEST,
        action: Action = Action.GRANT,
    ) -> DeskRequest:
        new = NewDeskRequest(action, at, digest, None, key)
        permit = Permit(Actor("local:tester"), Action.REQUEST)
        if who is not None:
            permit = permit_of(who, Action.REQUEST, at)
        with self.database.writing() as connection:
            return make_request(connection, new, permit, self.clock.now(), secrets.token_bytes)

    def events(self, action: str = "") -> list[AuditEvent]:
        with self.database.reading() as connection:
            found = list_events(connection, limit=10_000)
        return [one for one in found if one.action.startswith(action)]

    def check(self) -> None:
        """See that the tables are as the events leave them."""
        with self.database.reading() as connection:
            assert [one.text.en for one in check_officers(connection)] == []


def permit_of(who: IdentityId, action: Action, at: AuthorityId | None = MARKET) -> Permit:
    return Permit(Actor(f"id:{who}", at), action, at)


def signed_in(
    name: str, *, kind: IdentityKind = IdentityKind.PERSON, shown: str | None = None
) -> Identity:
    pin = Pin(ISSUER, f"sub-{name}")
    return Identity(pin, kind, shown or name, SignInWay.BROWSER)
