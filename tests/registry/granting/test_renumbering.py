"""A new version takes a new number where its type says so, and the old one is nobody else's."""

import dataclasses
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.ids import LicenceNumber
from registry.answers.lookup import find_named
from registry.backup.licences import void_pending
from registry.db.tables import series
from registry.granting.giving_up import give_up
from registry.granting.reservation import NumberTakenError
from registry.licences.licences import find_licence
from registry.model import Application, ConflictError, Licence, LicenceState, Reason
from registry.types.catalogue import put_type
from registry.types.drafting.differences import differences
from registry.types.types import BadTypeError, parse_type
from tests.permits import GRANT, MANAGE_AUTHORITY
from tests.registry.reconcile.test_reconcile import faults
from tests.world import World, reserved

FOOD, GIVEN = "food-operation", "construction-qualification"


def renumber(world: World, slug: str, *reasons: Reason) -> None:
    """Let a type's new versions take new numbers."""
    source = world.types[slug].licence_type.source
    listed = ", ".join(f'"{one}"' for one in reasons)
    changed = source.replace("[number]\n", f"[number]\nnew_for = [{listed}]\n")
    world.clock.advance(timedelta(seconds=1))
    with world.home.database.writing() as connection:
        put_type(connection, parse_type(changed), MANAGE_AUTHORITY, world.clock.now())


def next_of(world: World, licence: Licence, slug: str = FOOD, **rest: object) -> Licence:
    request = world.request(0, slug, replaces=licence.identifier, **rest)
    return world.home.granting.grant(request).licence


def holds(world: World, licence: Licence) -> str:
    """Return the number that a licence's series holds."""
    with world.home.database.reading() as connection:
        held = select(series.c.number).where(series.c.open)
        numbers = connection.execute(held).scalars().all()
    assert len(numbers) == 1
    return str(numbers[0])


def test_a_counted_number_is_new_for_the_reasons_listed(world: World) -> None:
    first = world.grant(0, FOOD).licence
    renumber(world, FOOD, Reason.CHANGED)
    kept = next_of(world, first, reason=Reason.CORRECTED)
    assert kept.number == first.number
    new = next_of(world, kept, reason=Reason.CHANGED)
    assert new.number != first.number
    assert holds(world, new) == new.number
    parts = [one.identifier.rpartition(".")[0].rpartition(".") for one in (kept, new)]
    assert [one[0] for one in parts] == [parts[0][0]] * 2, "a version of the same licence"
    with world.home.database.reading() as connection:
        types = world.home.catalogue.list_types(connection)
        named = find_named(connection, first.number, "https://x", types)
        assert named.identifier == new.identifier, "the old number leads to what followed"
        assert find_licence(connection, kept.identifier).state is LicenceState.REPLACED
    assert faults(world) == []


def test_given_up_it_holds_the_old_number_again(world: World) -> None:
    """By hand, and by a restore that voids what was pending."""
    first = world.grant(0, FOOD).licence
    renumber(world, FOOD, Reason.CHANGED)
    request = world.request(0, FOOD, replaces=first.identifier, reason=Reason.CHANGED)
    home = world.home
    with home.database.writing() as connection:
        pending = reserved(home.reservations, connection, request).licence
    assert holds(world, first) == pending.number != first.number
    give_up(home.database, home.reservations, pending.identifier, "x", GRANT)
    assert holds(world, first) == first.number
    assert faults(world) == []
    with home.database.writing() as connection:
        reserved(home.reservations, connection, request)
        void_pending(connection, world.clock.now())
    assert holds(world, first) == first.number


def test_a_given_number_must_be_new_and_the_old_one_stays_taken(world: World) -> None:
    first = world.grant(0, GIVEN).licence
    renumber(world, GIVEN, Reason.CHANGED)
    with pytest.raises(ConflictError):
        next_of(world, first, GIVEN, reason=Reason.CHANGED)
    application = world.applications(GIVEN)[0]
    other = dataclasses.replace(application, number=LicenceNumber("D199999999"), stated="x")
    request = dataclasses.replace(
        world.request(0, GIVEN, replaces=first.identifier, reason=Reason.CHANGED),
        application=other,
    )
    with pytest.raises(ConflictError):  # for another reason it keeps its number
        world.home.granting.grant(dataclasses.replace(request, reason=Reason.CORRECTED))
    new = world.home.granting.grant(request).licence
    assert new.number == "D199999999"
    taken = dataclasses.replace(world.applications(GIVEN)[1], number=first.number)
    refused: list[type[Exception]] = []

    def come() -> None:
        asked = dataclasses.replace(world.request(1, GIVEN), application=taken)
        try:
            world.home.granting.grant(asked)
        except NumberTakenError as error:
            refused.append(type(error))

    threads = [threading.Thread(target=come) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert refused == [NumberTakenError] * 2
    assert faults(world) == []


def allow_codes(world: World) -> None:
    """Let codes be numbers, and changed licences take another."""
    source = world.types[GIVEN].licence_type.source
    changed = source.replace("D[1-3][0-9]{8}", "(D[1-3][0-9]{8}|[0-9A-Z]{18})")
    changed = changed.replace("[number]\n", '[number]\nnew_for = ["CHANGED"]\n')
    world.clock.advance(timedelta(seconds=1))
    with world.home.database.writing() as connection:
        put_type(connection, parse_type(changed), MANAGE_AUTHORITY, world.clock.now())


def test_a_number_that_holds_its_holders_code_stays_taken_too(world: World) -> None:
    """It is kept by a token, and by whom it is not the code of it would be kept in the clear."""
    allow_codes(world)
    its, others = world.applications(GIVEN)[:2]
    code = LicenceNumber(its.holders[0].code)

    def grant(application: Application, number: LicenceNumber, **rest: object) -> Licence:
        asked = dataclasses.replace(application, number=number, stated=str(number))
        request = dataclasses.replace(world.request(0, GIVEN, **rest), application=asked)
        return world.home.granting.grant(request).licence

    first = grant(its, code)
    assert holds(world, first) != code
    with pytest.raises(NumberTakenError):  # while it bears it
        grant(others, code)
    new = LicenceNumber("D199999999")
    grant(its, new, replaces=first.identifier, reason=Reason.CHANGED)
    assert holds(world, first) == new
    with pytest.raises(NumberTakenError):  # while what followed it lives
        grant(others, code)
    assert faults(world) == []


def test_of_two_at_once_one_has_the_number_hidden_or_in_the_clear(world: World) -> None:
    """No unique index sees that they are the same; the second waits until the first has it."""
    allow_codes(world)
    its, others = world.applications(GIVEN)[:2]
    code, home = LicenceNumber(its.holders[0].code), world.home
    first = home.granting.grant(world.request(0, GIVEN)).licence
    asked = world.request(0, GIVEN, replaces=first.identifier, reason=Reason.CHANGED)
    hidden = dataclasses.replace(asked, application=dataclasses.replace(its, number=code))
    clear = dataclasses.replace(others, number=code)
    came: list[object] = []

    def come() -> None:
        try:
            with home.database.writing() as connection:
                request = dataclasses.replace(world.request(1, GIVEN), application=clear)
                came.append(reserved(home.reservations, connection, request))
        except NumberTakenError as error:
            came.append(error)

    second = threading.Thread(target=come)
    with home.database.writing() as connection:
        reserved(home.reservations, connection, hidden)
        second.start()
        second.join(1)
        assert came == []
    second.join(60)
    assert [type(one) for one in came] == [NumberTakenError]


def test_the_definition_is_judged_and_compared(sqlite_world: World) -> None:
    before = sqlite_world.types[FOOD].licence_type

    def read(listed: str) -> str:
        return before.source.replace("[number]\n", f"[number]\nnew_for = [{listed}]\n")

    after = parse_type(read('"RENEWED", "CHANGED"'))
    assert [one.text.en for one in differences(before, after) if "renumbered" in one.text.en]
    assert not [
        one for one in differences(before, parse_type(read(""))) if "renumbered" in one.text.en
    ]
    for wrong in ('"RESEALED"', '"ANNULLED"', '"CHANGED", "CHANGED"', '"x"'):
        with pytest.raises(BadTypeError):
            parse_type(read(wrong))
