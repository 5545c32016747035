"""Rights of who signed in, looked up anew for each request: roles, reach, permits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock, civil_date
from core.ids import AuthorityId, Random
from core.permits import Action, Actor, Permit, Reach
from identity.people.groups import GroupTable, roles_from_groups
from identity.people.model import TABLE_ALONE, Approval, Assignment, Identity, Terms, actor_name
from identity.people.permits import decide
from identity.people.rights_check import RightsContext, reach_of
from registry.bodies.reorganising import load_bodies
from registry.db.database import Database
from registry.desk.sign_in.sign_outs import refuse_signed_out
from registry.desk.vouching import vouch_anew
from registry.officers.approval_use import Deciders
from registry.officers.identities import is_known_now, recognise
from registry.officers.roles import assignments_of
from registry.officers.sight import Sight


@dataclass(frozen=True, slots=True)
class CallerStanding:
    """Rights of an identity at one moment; worth nothing at the next."""

    identity: Identity
    assignments: tuple[Assignment, ...]
    context: RightsContext
    reach: Reach

    @property
    def actor(self) -> Actor:
        """As which it reads."""
        assert self.identity.identity_id is not None
        return Actor(actor_name(self.identity.identity_id))


@dataclass(frozen=True, slots=True)
class Rights:
    """Looks rights up in the register and the settings."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    random: Random
    groups: GroupTable = field(default_factory=dict)
    strong_acrs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def recognise(self, identity: Identity, *, signs_in: bool = False) -> Identity:
        """Return an identity with its id; raises as `registry.officers.identities.recognise`, and
        `TokenRefusedError` for an access token of before a sign-out.

        Recorded where a group of theirs has a role, so that not everybody whom a provider knows
        leaves a trace; else an administrator does that before (`xinyin officer add`).
        """
        now = self.clock.now()
        if not signs_in:
            with self.database.reading() as connection:
                refuse_signed_out(connection, identity)
                known = is_known_now(connection, identity, now)
            if known is not None:
                return known
        mapped = {rule.group for rule in self.groups.get(identity.pin.iss, ())}
        with self.database.writing() as connection:
            found = recognise(
                connection,
                identity,
                now,
                self.random,
                adds=not mapped.isdisjoint(identity.groups),
                renames=signs_in,
            )
        if signs_in:
            with self.database.writing() as connection:
                vouch_anew(connection, found, now)
        return found

    def standing(self, identity: Identity) -> CallerStanding:
        """Return the roles and reach of an identity that was recognised, as of now."""
        with self.database.reading() as connection:
            return self.standing_in(connection, identity)

    def standing_in(self, connection: Connection, identity: Identity) -> CallerStanding:
        """Return the same within a transaction."""
        assert identity.identity_id is not None
        now = self.clock.now()
        bodies = load_bodies(connection, civil_date(now, self.zone))
        context = RightsContext(bodies, self.strong_acrs)
        assignments = (
            *assignments_of(connection, identity.identity_id),
            *roles_from_groups(identity, self.groups),
        )
        return CallerStanding(
            identity, assignments, context, reach_of(identity, assignments, now, context)
        )

    def permit(
        self,
        standing: CallerStanding,
        action: Action,
        authority_id: AuthorityId | None,
        *,
        terms: Terms = TABLE_ALONE,
        digest: str | None = None,
        approval: Approval | None = None,
        count: int = 1,
    ) -> Permit:
        """Return a permit; raises as `identity.people.permits.decide`."""
        return decide(
            standing.identity,
            standing.assignments,
            action,
            authority_id,
            self.clock.now(),
            context=standing.context,
            terms=terms,
            digest=digest,
            approval=approval,
            count=count,
        )

    @property
    def deciders(self) -> Deciders:
        """Judges whether who approved something might still do so."""
        return Deciders(self.zone, self.groups)

    def sight(self, standing: CallerStanding) -> Sight:
        """Return the queries that an identity may ask."""
        return Sight(self.database, standing.reach, standing.actor, self.clock)
