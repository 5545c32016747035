"""A world with officers who ask for batches, and workers that carry them out."""

import csv
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from core.ids import AuthorityId
from core.permits import Role
from home.identity.sign_in import open_desk
from identity.people.groups import GroupRule
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from registry.audit.chain import append
from registry.db.tables import role_assignments
from registry.desk.desk import Desk
from registry.desk.judging import SheetAsk
from registry.desk.rights import CallerStanding, Rights
from registry.granting.granting import GrantStep
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.model import Job
from registry.officers.roles import RoleGift, assign_role, end_roles
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from tests.permits import MANAGE_AUTHORITY, MANAGE_OFFICERS
from tests.world import World

ISSUER = "https://id.example"
STRONG = "urn:strong"
FOOD = Path(__file__).parents[4] / "examples" / "data" / "food-operation.csv"
TYPE = "food-operation"
_SECOND_PERSON = "\n[desk]\nsecond_person = true\n"


def sheet(first: int = 0, count: int = 3, **other: str) -> bytes:
    """Return rows of the examples; `other` cells replace those of the first row."""
    with FOOD.open(encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows = list(reader)[first : first + count]
        names = list(reader.fieldnames or ())
    rows[0] |= other
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


@dataclass
class BatchWorld:
    """Officers at a desk."""

    world: World
    people: dict[str, Identity] = field(default_factory=dict)
    on_step: Callable[[GrantStep], None] = lambda _: None

    def __post_init__(self) -> None:
        def told(step: GrantStep) -> None:
            self.on_step(step)  # which a test may change later

        self.world.home.on_step = told

    @property
    def authority(self) -> AuthorityId:
        """Of the food licences."""
        return self.world.types[TYPE].authority_id

    @property
    def rights(self) -> Rights:
        """Rights by the register, and by two groups."""
        home = self.world.home
        rules = (GroupRule("签发", Role.SEALER, self.authority),)
        return Rights(
            home.database,
            home.clock,
            home.zone,
            secrets.token_bytes,
            {ISSUER: rules},
            {ISSUER: (STRONG,)},
        )

    @property
    def desk(self) -> Desk:
        """A desk with its worker."""
        return open_desk(self.world.home, self.rights)

    def add(self, name: str, *roles: Role, at: AuthorityId | None = None) -> Identity:
        """Record somebody with roles, signed in strongly just now."""
        home = self.world.home
        now = home.clock.now()
        new = NewIdentity(Pin(ISSUER, name), IdentityKind.PERSON, name)
        with home.database.writing() as connection:
            made = add_identity(connection, new, MANAGE_OFFICERS, now, secrets.token_bytes)
            for role in roles:
                gift = RoleGift(made.identity_id, role, at or self.authority)
                assign_role(connection, gift, MANAGE_OFFICERS, now, secrets.token_bytes)
        identity = Identity(
            new.pin,
            new.kind,
            name,
            SignInWay.BROWSER,
            made.identity_id,
            acr=STRONG,
            auth_time=now,
        )
        self.people[name] = identity
        return identity

    def staff(self) -> None:
        """Record an operator, an approver and a sealer."""
        self.add("li", Role.OPERATOR)
        self.add("wang", Role.APPROVER)
        self.add("zhao", Role.SEALER)

    def standing(self, name: str) -> CallerStanding:
        """Return somebody's rights as of now, freshly signed in."""
        identity = replace(self.people[name], auth_time=self.world.clock.now())
        return self.rights.standing(identity)

    def end_roles(self, name: str) -> None:
        """End all roles of somebody."""
        identity_id = self.people[name].identity_id
        assert identity_id is not None
        home = self.world.home
        with home.database.writing() as connection:
            which = [role_assignments.c.identity_id == identity_id]
            now = home.clock.now()
            append(connection, end_roles(connection, which, "调离", MANAGE_OFFICERS.actor, now))

    def needs_second_person(self) -> None:
        """Let the type need one."""
        home = self.world.home
        changed = parse_type(self.world.types[TYPE].licence_type.source + _SECOND_PERSON)
        self.world.clock.advance(timedelta(seconds=1))
        with home.database.writing() as connection:
            put_type(connection, changed, MANAGE_AUTHORITY, home.clock.now())

    def begun(self, content: bytes, by: str = "zhao", key: str = "batch-001") -> Job:
        """Ask for a sheet, have it approved, and begin its job."""
        desk = self.desk
        made = desk.batches.ask(self.standing("li"), SheetAsk(TYPE, content), key)
        desk.approve(self.standing("wang"), made.request_id, "材料齐全")
        return desk.batches.carry_out(self.standing(by), made.request_id)
