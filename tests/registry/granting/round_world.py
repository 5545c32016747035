"""A world in which two other authorities may sign official documents beside the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cli.demo_world import examples_directory
from core.ids import AuthorityId, SealId
from core.permits import Action, Permit
from registry.bodies.authorities import add_authority, add_mandate, find_seal
from registry.granting.countersigning import Countersigning
from registry.granting.document_orders import CountersignerAsked, DocumentOrder, RoundAsked
from registry.granting.documents import DocumentSigning
from registry.granting.granting import Granted
from registry.model import Authority, SealLevel
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.intake.intake import Intake
from signing.intake.places import PlaceAsked
from tests.permits import MANAGE_AUTHORITY, MANAGE_SEAL, OPERATOR
from tests.signing.intake.drawings import plain
from tests.world import World

TYPE = examples_directory() / "types" / "official-document.toml"
FIRST_SEAL = SealId("qinglan-market")
HEALTH, FIRE = AuthorityId("qinglan-health"), AuthorityId("qinglan-fire")
NAMES = {HEALTH: "青岚市卫生健康委员会", FIRE: "青岚市消防救援支队"}
_CODES = {HEALTH: "11320100MB0000001M", FIRE: "11320100MB0000002Q"}


@contextmanager
def lent_intake() -> Iterator[Intake]:
    with Intake() as one:
        yield one


class Lent:
    """An intake that stays open for the next test."""

    def __init__(self, intake: Intake) -> None:
        self.take, self.find = intake.take, intake.find

    def close(self) -> None:
        """Leave it open."""


def add_body(
    world: World,
    authority_id: AuthorityId,
    name: str,
    uscc: str,
    level: SealLevel = SealLevel.CITY_OR_COUNTY,
) -> None:
    """Record an authority with a seal that may sign official documents."""
    home, now = world.home, world.clock.now()
    kind = parse_type(TYPE.read_text("utf-8"))
    body = Authority(authority_id, name, uscc, level, now)
    with home.database.writing() as connection:
        add_authority(connection, body, MANAGE_AUTHORITY)
    seal = home.seal_maker.make(SealId(f"{authority_id}-seal"), authority_id, "", MANAGE_SEAL)
    with home.database.writing() as connection:
        add_mandate(connection, kind.code, seal, MANAGE_AUTHORITY, now)


def furnish(world: World, intake: Intake) -> None:
    """Add the type, the other authorities and an intake."""
    home, now = world.home, world.clock.now()
    kind = parse_type(TYPE.read_text("utf-8"))
    with home.database.writing() as connection:
        put_type(connection, kind, MANAGE_AUTHORITY, now)
        seal = find_seal(connection, FIRST_SEAL)
        add_mandate(connection, kind.code, seal, MANAGE_AUTHORITY, now)
    for authority_id, name in NAMES.items():
        add_body(world, authority_id, name, _CODES[authority_id])
    home.__dict__["intake"] = Lent(intake)


def on_page(number: int) -> PlaceAsked:
    return PlaceAsked(page=number, word="Seal here")


def two(*, ordered: bool = True, **more: object) -> RoundAsked:
    asked = RoundAsked(
        (
            CountersignerAsked(on_page(2), HEALTH),
            CountersignerAsked(on_page(3), FIRE),
        ),
        ordered,
    )
    return replace(asked, **more)  # type: ignore[arg-type]


def order(asked: RoundAsked, **more: object) -> DocumentOrder:
    base = DocumentOrder(
        "official-document",
        Permit(OPERATOR, Action.GRANT),
        authority_id=AuthorityId("qinglan-market"),
        place=on_page(1),
        round=asked,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def begin(world: World, asked: RoundAsked | None = None, **more: object) -> Granted:
    """Sign a document that two others are to seal."""
    signing: DocumentSigning = world.home.document_signing
    return signing.sign(plain(3), order(asked or two(), **more), title="t").granted


def desk(world: World) -> Countersigning:
    return world.home.countersigning


def permit(authority_id: AuthorityId | None = None) -> Permit:
    return Permit(OPERATOR, Action.GRANT, authority_id)
