"""Sight: what is out of reach is as if it were not there, and a supervisor's look is recorded."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.ids import AuthorityId, IdentityId
from core.permits import EVERYTHING, Action, Actor, Reach, Role
from identity.people.model import IdentityKind, Pin
from registry.audit.events import list_events
from registry.model import NotFoundError
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.requests import NewDeskRequest, make_request
from registry.officers.roles import RoleGift, assign_role
from registry.officers.sight import READ, Sight
from tests.permits import MANAGE_OFFICERS, REQUEST
from tests.world import World

WHO = Actor("id:someone")
Named = dict[str, str]


class Records:
    """Something of each kind in each of two authorities, by kind and authority."""

    def __init__(self, world: World) -> None:
        self.world = world
        slugs = ("food-operation", "disability")
        granted = [world.grant(0, slug).licence for slug in slugs]
        self.bodies: list[AuthorityId] = [one.authority_id for one in granted]
        assert len(set(self.bodies)) == 2
        self.named: list[Named] = []
        database, at = world.home.database, world.clock.now()
        with database.writing() as connection:
            for number, licence in enumerate(granted):
                body = licence.authority_id
                new = NewIdentity(Pin("https://id.example", body), IdentityKind.PERSON, body)
                person = add_identity(connection, new, MANAGE_OFFICERS, at, secrets.token_bytes)
                gift = RoleGift(person.identity_id, Role.SEALER, body)
                assign_role(connection, gift, MANAGE_OFFICERS, at, secrets.token_bytes)
                asked = NewDeskRequest(Action.GRANT, body, "0" * 64)
                request = make_request(connection, asked, REQUEST, at, secrets.token_bytes)
                seal = world.types[slugs[number]].seal_id
                self.named.append(
                    {
                        "licence": licence.identifier,
                        "authority": body,
                        "seal": seal,
                        "request": request.request_id,
                        "identity": person.identity_id,
                    }
                )

    def sight(self, reach: Reach) -> Sight:
        return Sight(self.world.home.database, reach, WHO, self.world.clock)

    def readings(self) -> list[tuple[str, str, object]]:
        with self.world.home.database.reading() as connection:
            found = list_events(connection, limit=10_000)
        return [(one.actor, one.subject, one.after) for one in found if one.action == READ]


def one(sight: Sight, kind: str) -> Callable[[str], object]:
    found: Callable[[str], object] = getattr(sight, kind)
    return found


def lists(sight: Sight) -> dict[str, set[str]]:
    return {
        "licence": {one.identifier for one in sight.licences()},
        "authority": {one.authority_id for one in sight.authorities()},
        "seal": {one.seal_id for one in sight.seals()},
        "request": {one.request_id for one in sight.requests()},
        "identity": {one.identity_id for one in sight.roles()},
    }


def test_what_is_out_of_reach_is_not_there(world: World) -> None:
    records = Records(world)
    for mine, theirs in ((0, 1), (1, 0)):
        sight = records.sight(Reach(frozenset({records.bodies[mine]})))
        for kind, name in records.named[mine].items():
            one(sight, kind)(name)
        for kind, name in records.named[theirs].items():
            with pytest.raises(NotFoundError) as hidden:
                one(sight, kind)(name)
            with pytest.raises(NotFoundError) as missing:
                one(sight, kind)("x" * len(name))
            said = hidden.value.text.en.replace(name, "x" * len(name))
            assert (said, hidden.value.code) == (missing.value.text.en, missing.value.code), kind
            assert hidden.value.details == missing.value.details
        seen = lists(sight)
        for kind, name in records.named[mine].items():
            assert name in seen[kind]
            assert records.named[theirs][kind] not in seen[kind]
    nothing = records.sight(Reach())
    assert not any(lists(nothing).values())
    assert records.readings() == []


def test_the_local_operator_sees_all_unrecorded(world: World) -> None:
    records = Records(world)
    sight = records.sight(EVERYTHING)
    for named in records.named:
        for kind, name in named.items():
            one(sight, kind)(name)
            assert name in lists(sight)[kind]
    assert records.readings() == []


def test_a_supervisor_s_reading_is_recorded_without_what_was_read(world: World) -> None:
    records = Records(world)
    sight = records.sight(Reach(None, supervises=True))
    for kind, name in records.named[1].items():
        one(sight, kind)(name)
        assert records.readings()[-1] == (WHO.name, name, {"what": kind})
    with pytest.raises(NotFoundError):
        sight.licence("x")
    assert records.readings()[-1] == (WHO.name, "x", {"what": "licence"})
    before = len(records.readings())
    lists(sight)
    assert [what for _, what, _ in records.readings()[before:]] == [
        "licences",
        "authorities",
        "seals",
        "requests",
        "roles",
    ]
    world.check_audit()


def test_events_are_filtered_within_reach(world: World) -> None:
    """By authority, kind, person and time; who supervised is for supervisors alone."""
    records, everywhere = Records(world), Reach(None, supervises=True)
    mine, theirs = records.bodies
    inside, supervisor = records.sight(Reach(frozenset({mine}))), records.sight(everywhere)
    supervisor.licence(records.named[0]["licence"])
    for sight, body in ((inside, mine), (supervisor, mine), (supervisor, theirs)):
        named = records.named[records.bodies.index(body)]
        found = sight.events(authority_id=body, limit=500)
        subjects = {one.subject for one in found}
        assert {named["licence"], named["seal"], f"request:{named['request']}", body} <= subjects
        assert any(one.startswith("role:") for one in subjects)
        other = records.named[1 - records.bodies.index(body)]
        assert not subjects & {other["licence"], other["seal"], f"request:{other['request']}"}
        assert {one.action == READ for one in found} == (
            {False} if sight is inside or body == theirs else {True, False}
        )
        numbers = [one.sequence for one in found]
        assert numbers == sorted(numbers, reverse=True)
        rest = sight.events(authority_id=body, before=numbers[3], limit=2)
        assert [one.sequence for one in rest] == numbers[4:6]
    assert {one.subject for one in inside.events(limit=500)} == {
        one.subject for one in inside.events(authority_id=mine, limit=500)
    }, "without a filter: what is in reach"
    kinds = {one.action.partition(".")[0] for one in inside.events(action="licence.")}
    assert kinds == {"licence"}
    assert [one.action for one in inside.events(action="request.added")] == ["request.added"]
    person = IdentityId(records.named[0]["identity"])
    assert inside.events(person=person) == [], "they did nothing"
    now = world.clock.now()
    assert inside.events(since=now + timedelta(seconds=1)) == []
    assert inside.events(until=now - timedelta(days=9)) == []
    assert inside.events(since=now - timedelta(days=1), until=now + timedelta(days=1))
    for wrong in (
        {"authority_id": theirs},
        {"authority_id": AuthorityId("none")},
        {"person": IdentityId(records.named[1]["identity"])},
        {"person": IdentityId("none")},
    ):
        with pytest.raises(NotFoundError):
            inside.events(**wrong)
    before = len(records.readings())
    supervisor.events(limit=1)
    assert len(records.readings()) == before + 1
