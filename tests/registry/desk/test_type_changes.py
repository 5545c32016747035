"""Newer definitions of types: what the public may see changes by two people, or not at all."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import NotAllowedError
from core.permits import Action, Permit, Role
from identity.people.rights_check import OwnRequestError
from registry.answers.public import public_fields
from registry.desk.contents import TypeAsk, content_of
from registry.desk.type_changes import TypePermits, record_approved_type, record_type
from registry.model import RESIDENT, ConflictError, Holder, Licence, NotFoundError
from registry.officers.model import AlreadyDecidedError, DeskRequest
from registry.officers.requests import approve_request, withdraw_request
from registry.officers.roles import RoleGift, assign_role
from registry.types.catalogue import (
    UnapprovedTypeError,
    definition_on_record,
    find_version,
    list_versions,
    put_type,
)
from registry.types.licence_type import LicenceType
from registry.types.types import parse_type
from tests.permits import MANAGE_AUTHORITY, MANAGE_OFFICERS, REQUEST
from tests.registry.desk.enrolment.enroller import Bureau, Officer
from tests.registry.desk.test_key_requests import standing
from tests.registry.type_samples import EXAMPLES
from tests.world import World

FOOD = (EXAMPLES / "types" / "food-operation.toml").read_text("utf-8")
BARE = parse_type(
    FOOD.replace('mask = "holder"\n', "").replace("max_length = 60", "max_length = 61")
)
LONGER = parse_type(FOOD.replace("max_length = 60", "max_length = 70"))
HIDDEN = parse_type(
    FOOD.replace(
        'mask = "holder"\n\n# One label',
        'mask = "person"\n\n# One label',
    )
)
OTHER = parse_type(FOOD.replace('mask = "holder"', 'mask = "person"'))


@pytest.fixture
def bureau(sqlite_world: World) -> Bureau:
    return Bureau(sqlite_world)


def record(bureau: Bureau, licence_type: LicenceType) -> DeskRequest | None:
    home, permits = bureau.world.home, TypePermits(MANAGE_AUTHORITY, REQUEST)
    with home.database.writing() as connection:
        now = home.clock.now()
        return record_type(connection, licence_type, permits, now, secrets.token_bytes)


def record_approved(bureau: Bureau, licence_type: LicenceType, request: DeskRequest) -> None:
    home = bureau.world.home
    with home.database.writing() as connection:
        now = home.clock.now()
        record_approved_type(
            connection,
            licence_type,
            request.request_id,
            MANAGE_AUTHORITY,
            now,
            deciders=bureau.rights.deciders,
        )


def on_record(bureau: Bureau) -> str:
    home = bureau.world.home
    with home.database.reading() as connection:
        found = definition_on_record(connection, LONGER.code)
    assert found is not None
    return found.source


def administrator(bureau: Bureau) -> Officer:
    """Return an administrator of all authorities."""
    officer, home = bureau.officer("u-41", "周例", None), bureau.world.home
    with home.database.writing() as connection:
        gift = RoleGift(officer.identity_id, Role.ADMINISTRATOR, None)
        assign_role(connection, gift, MANAGE_OFFICERS, home.clock.now(), secrets.token_bytes)
    return officer


def approve(officer: Officer, request: DeskRequest) -> None:
    rights = officer.bureau.rights
    permit = rights.permit(standing(officer), Action.CONFIRM, None)
    with rights.database.writing() as connection:
        approve_request(
            connection,
            request.request_id,
            "依规",
            permit,
            rights.clock.now(),
            deciders=rights.deciders,
        )


def test_before_anything_was_granted_one_person_will_do(bureau: Bureau) -> None:
    assert record(bureau, BARE) is None
    assert on_record(bureau) == BARE.source


def test_what_the_public_may_see_takes_another_person(bureau: Bureau) -> None:
    bureau.world.grant()
    assert record(bureau, LONGER) is None, "the public sees the same"
    request = record(bureau, BARE)
    assert request is not None
    assert on_record(bureau) == LONGER.source
    assert record(bureau, BARE) == request, "asked again, it is the same request"
    with bureau.world.home.database.reading() as connection:
        content = content_of(connection, request)
    assert isinstance(content, TypeAsk)
    assert content.source == BARE.source
    assert [one.en for one in content.changes] == ["The public sees “Operator” in full."]
    with pytest.raises(AlreadyDecidedError):
        record_approved(bureau, BARE, request)
    home = bureau.world.home
    own = Permit(REQUEST.actor, Action.CONFIRM)
    with pytest.raises(OwnRequestError), home.database.writing() as connection:
        approve_request(
            connection,
            request.request_id,
            "依规",
            own,
            home.clock.now(),
            deciders=bureau.rights.deciders,
        )
    with pytest.raises(NotAllowedError):
        approve(bureau.officer("u-42", "陈样", Role.ADMINISTRATOR), request)  # of one authority
    approve(administrator(bureau), request)
    record_approved(bureau, BARE, request)
    assert on_record(bureau) == BARE.source
    with pytest.raises(ConflictError):
        record_approved(bureau, BARE, request)
    bureau.world.check_audit()


def test_an_approval_is_for_one_definition_in_the_place_of_one(bureau: Bureau) -> None:
    bureau.world.grant()
    request = record(bureau, BARE)
    assert request is not None
    approve(administrator(bureau), request)
    with pytest.raises(ConflictError):
        record_approved(bureau, OTHER, request)
    record(bureau, LONGER)
    with pytest.raises(ConflictError):
        record_approved(bureau, BARE, request)
    assert on_record(bureau) == LONGER.source


def test_no_way_leads_past_the_second_person(bureau: Bureau) -> None:
    bureau.world.grant()
    home = bureau.world.home
    with pytest.raises(UnapprovedTypeError), home.database.writing() as connection:
        put_type(connection, BARE, MANAGE_AUTHORITY, home.clock.now())
    request = record(bureau, BARE)
    assert request is not None
    with home.database.writing() as connection:
        withdraw_request(connection, request.request_id, "撤回", REQUEST, home.clock.now())
    with pytest.raises(AlreadyDecidedError):
        record_approved(bureau, BARE, request)
    assert record(bureau, BARE) != request, "one that ended is asked for anew"


def test_a_licence_keeps_its_definition_and_shows_no_more_than_the_present_one(
    bureau: Bureau,
) -> None:
    """A mask that goes is for licences to come; a mask that comes is for all."""
    world, home = bureau.world, bureau.world.home
    first = world.grant().licence
    world.clock.advance(timedelta(minutes=1))
    request = record(bureau, BARE)
    assert request is not None
    approve(administrator(bureau), request)
    record_approved(bureau, BARE, request)
    world.clock.advance(timedelta(minutes=1))
    second = world.grant(1).licence

    def shown(licence: Licence) -> str:
        with home.database.reading() as connection:
            code, at = licence.type_code, licence.created_at
            own = home.catalogue.granted_under(connection, code, at)
            present = home.catalogue.find(connection, code)
        return public_fields(own, licence, present)[0].value

    holders = (Holder("张小三", RESIDENT, "11010519491231002X"),)
    data = {**first.data, "operator": "张小三"}
    first, second = (replace(one, holders=holders, data=data) for one in (first, second))
    assert shown(first) == "张*三"
    assert shown(second) == "张小三"
    world.clock.advance(timedelta(minutes=1))
    with home.database.writing() as connection:
        put_type(connection, HIDDEN, MANAGE_AUTHORITY, home.clock.now(), approved="x")
    assert shown(second) != "张小三"
    with home.database.reading() as connection:
        kept = list(list_versions(connection, HIDDEN.code))
        assert find_version(connection, HIDDEN, 2) == BARE
        with pytest.raises(NotFoundError):
            find_version(connection, HIDDEN, 4)
    assert [one.version for one in kept] == [1, 2, 3]
    assert kept[-1].source == HIDDEN.source
    bureau.world.check_audit()


def test_the_same_definition_again_changes_nothing(bureau: Bureau) -> None:
    home = bureau.world.home
    for _ in range(2):
        assert record(bureau, LONGER) is None
    with home.database.reading() as connection:
        assert [one.version for one in list_versions(connection, LONGER.code)] == [1, 2]
