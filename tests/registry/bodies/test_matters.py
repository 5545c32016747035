"""Matters: taken whole or not at all, of one authority each, with what is on record alone."""

import pytest
from sqlalchemy import delete

from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action, Actor, Permit
from registry.audit.events import list_events
from registry.bodies.matter_file import BadMattersError, read_matters
from registry.bodies.matters import HolderOf, find_matter, list_matters, put_matters, remove_matter
from registry.db.tables import matters
from registry.model import ConflictError, NotFoundError
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from tests.permits import MANAGE_AUTHORITY
from tests.registry.type_samples import EXAMPLES
from tests.world import World

TABLE = (EXAMPLES / "matters.csv").read_text("utf-8")
BUSINESS = (EXAMPLES / "types" / "business-licence.toml").read_text("utf-8")
ONE = """
[[matters]]
code = "000131006000"
authority = "qinglan-market"
name = { zh = "食品经营许可", en = "Food operation" }
[[matters.materials]]
name = { zh = "许可证", en = "Licence" }
accepts = [{ type = "food-operation", fields = ["operator", "premises"] }]
[[matters.materials]]
name = { zh = "平面图", en = "Plan" }
"""


def put(
    world: World, source: str, *, table: bool = False, permit: Permit = MANAGE_AUTHORITY
) -> int:
    home = world.home
    with home.database.writing() as connection:
        entries = read_matters(source, table=table)
        return put_matters(connection, home.catalogue, entries, permit, home.clock.now())


def test_a_table_is_taken_and_asked(world: World) -> None:
    home = world.home
    with home.database.writing() as connection:
        put_type(connection, parse_type(BUSINESS), MANAGE_AUTHORITY, home.clock.now())
    assert put(world, TABLE, table=True) == 3
    assert put(world, TABLE, table=True) == 0, "nothing is new"
    with home.database.reading() as connection:
        found = find_matter(connection, home.catalogue, "000131006000")
        listed = list_matters(connection, home.catalogue, after="000117010000", limit=1)
        nobody = find_matter(connection, home.catalogue, "000131006000", HolderOf.PERSON)
        carer = find_matter(connection, home.catalogue, "000172001000", HolderOf.PERSON)
    licence, plan = found.materials
    assert [one.licence_type.slug for one in licence.accepted] == ["business-licence"]
    assert [one.key for one in licence.accepted[0].fields] == [
        "enterprise",
        "representative",
        "residence",
    ]
    assert plan.accepted == ()
    assert [one.code for one in listed] == ["000131006000"]
    assert nobody.materials[0].accepted == ()
    assert carer.materials[0].accepted
    world.check_audit()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("food-operation", "food-drink", "food-drink"),
        ("premises", "garden", "food-operation.garden"),
        ('code = "000131006000"', 'code = "../1"', "matters.0.code"),
        ("accepts", "accept", "accept"),
        ("[[matters]]", "[[matters", "TOML"),
        ('fields = ["operator", "premises"]', "fields = []", "fields"),
    ],
)
def test_what_is_not_on_record_is_told(
    sqlite_world: World, before: str, after: str, told: str
) -> None:
    with pytest.raises(BadMattersError) as caught:
        put(sqlite_world, ONE.replace(before, after, 1))
    assert told in caught.value.text.zh
    assert told in caught.value.text.en
    with sqlite_world.home.database.reading() as connection:
        assert list_matters(connection, sqlite_world.home.catalogue) == []


def test_a_matter_is_its_authoritys(sqlite_world: World) -> None:
    put(sqlite_world, ONE)
    with pytest.raises(ConflictError):
        put(sqlite_world, ONE.replace("qinglan-market", "yunze-housing"))
    with pytest.raises(NotFoundError):
        put(sqlite_world, ONE.replace("qinglan-market", "nowhere"))
    other = AuthorityId("yunze-housing")
    permit = Permit(Actor("id:x", other), Action.MANAGE_AUTHORITY, other)
    with pytest.raises(NotAllowedError):
        put(sqlite_world, ONE.replace("平面图", "图"), permit=permit)
    with pytest.raises(BadMattersError):
        read_matters(ONE + ONE.replace("食品", "食"), table=False)


def test_a_matter_is_taken_out_and_the_audit_keeps_that(world: World) -> None:
    put(world, ONE)
    home, other = world.home, AuthorityId("yunze-housing")
    permit = Permit(Actor("id:x", other), Action.MANAGE_AUTHORITY, other)

    def remove(permit: Permit) -> None:
        with home.database.writing() as connection:
            remove_matter(connection, "000131006000", "取消", permit, home.clock.now())

    with pytest.raises(NotAllowedError):
        remove(permit)
    remove(MANAGE_AUTHORITY)
    world.check_audit()
    with home.database.reading() as connection:
        assert list_matters(connection, home.catalogue) == []
        (event,) = [e for e in list_events(connection) if e.action == "matter.removed"]
    assert (event.subject, event.basis) == ("000131006000", "取消")
    with pytest.raises(NotFoundError):
        remove(MANAGE_AUTHORITY)
    put(world, ONE)
    world.check_audit()
    with home.database.writing() as connection:  # behind the audit's back
        connection.execute(delete(matters))
    with pytest.raises(AssertionError):
        world.check_audit()


def test_a_type_that_lost_the_field_will_not_do_any_more(sqlite_world: World) -> None:
    home = sqlite_world.home
    put(sqlite_world, ONE)
    food = (EXAMPLES / "types" / "food-operation.toml").read_text("utf-8")
    changed = parse_type(food.replace('"premises"', '"place"'))
    with home.database.writing() as connection:
        put_type(connection, changed, MANAGE_AUTHORITY, home.clock.now(), approved="x")
    with home.database.reading() as connection:
        fresh = type(home.catalogue)()
        assert find_matter(connection, fresh, "000131006000").materials[0].accepted == ()
