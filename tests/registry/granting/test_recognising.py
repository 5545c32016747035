"""A second licence of one holder is noticed; a changed row is a change, never a new grant."""

import dataclasses
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy import event

from core.text import Text
from registry.db.faults import UnknownOutcomeError
from registry.granting.batches import BatchOrder, ChangeDecision, UndecidedRowError, run_batch
from registry.granting.recognising import RecognisedRow, RowKind
from registry.licences.holdings import SecondLicenceError, lock_holder
from registry.licences.licences import LicenceChange, change_state, list_licences
from registry.model import Application, Holder, Licence, LicenceState, Reason
from registry.types.licence_type import HolderLicences
from registry.types.types import BadTypeError, parse_type
from tests.permits import CHANGE_LICENCE, GRANT
from tests.registry.type_samples import GIVEN_TERM, example_type
from tests.world import World, reserved


def changed(application: Application, **fields: str) -> Application:
    """Return the row with some cells mended."""
    return dataclasses.replace(
        application, data=application.data | fields, stated=f"changed {sorted(fields)}"
    )


def kinds(world: World, *applications: Application) -> list[RowKind]:
    """Tell what each row of a sheet is."""
    return [one.kind for one in world.home.recogniser.recognise_all(applications)]


def numbers(world: World) -> list[str]:
    with world.home.database.reading() as connection:
        return [one.number for one in list_licences(connection)]


def cancel(world: World, licence: Licence) -> None:
    with world.home.database.writing() as connection:
        change_state(
            connection,
            licence.identifier,
            LicenceChange.CANCEL,
            reason=Reason.SURRENDERED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


def test_a_second_licence_of_the_kind_is_refused_by_any_way(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant(0).licence
    with pytest.raises(SecondLicenceError) as refused:
        world.grant(0)
    assert granted.identifier in refused.value.text.en
    other = changed(world.request().application, premises="青岚市云溪区另一处1号")
    request = dataclasses.replace(world.request(), application=other)
    further = world.home.granting.grant(request).licence
    assert further.number != granted.number, "another place of business is another licence"
    cancel(world, granted)
    assert world.grant(0).licence.number not in (granted.number, further.number)


def test_one_that_is_pending_counts_and_one_that_has_expired_does_not(world: World) -> None:
    """On both engines: what is asked under the lock."""
    reservations, database = world.home.reservations, world.home.database
    with database.writing() as connection:
        reserved(reservations, connection, world.request(0))
    with pytest.raises(SecondLicenceError, match="resume"), database.writing() as connection:
        reserved(reservations, connection, world.request(0))
    with database.writing() as connection:
        lock_holder(connection, world.request(0).application.type_code, Holder("某人", "111", "x"))
    world.clock.advance(timedelta(days=1))
    with database.reading() as connection:
        (pending,) = list_licences(connection)
    with database.writing() as connection:
        reservations.void(connection, pending.identifier, "测试", GRANT)
    with database.writing() as connection:
        reserved(reservations, connection, world.request(0))


def test_a_new_version_makes_no_second_licence_of_a_kind(sqlite_world: World) -> None:
    world, reservations = sqlite_world, sqlite_world.home.reservations
    first = world.request(0)
    elsewhere = changed(first.application, premises="青岚市云溪区另一处1号")
    other = world.home.granting.grant(dataclasses.replace(first, application=elsewhere)).licence

    def reserve(application: Application, replaces: Licence, reason: Reason) -> Licence:
        request = dataclasses.replace(
            first, application=application, replaces=replaces.identifier, reason=reason
        )
        with world.home.database.writing() as connection:
            return reserved(reservations, connection, request).licence

    last = world.home.today() + timedelta(days=10)
    ending = dataclasses.replace(first.application, valid_until=last)
    before = world.home.granting.grant(dataclasses.replace(first, application=ending)).licence
    with pytest.raises(SecondLicenceError, match="two") as refused:
        reserve(elsewhere, before, Reason.CHANGED)
    assert other.identifier in refused.value.text.en
    mended = changed(ending, representative="欧阳䶮")
    pending = reserve(mended, before, Reason.CORRECTED)
    with world.home.database.writing() as connection:
        reservations.void(connection, pending.identifier, "测试", GRANT)
    world.clock.advance(timedelta(days=20))
    with world.home.database.writing() as connection:
        reserved(reservations, connection, world.request(0))
    with pytest.raises(SecondLicenceError):  # renewed, it would be the second again
        reserve(first.application, before, Reason.RENEWED)


def test_rows_are_known_by_holder_and_kind(sqlite_world: World) -> None:
    world = sqlite_world
    first, second = world.applications()[:2]
    granted = world.grant(0).licence
    moved = dataclasses.replace(first, source="row 99")
    assert kinds(world, moved, second) == [RowKind.GRANTED, RowKind.NEW]
    mended = changed(first, representative="欧阳䶮")
    (one,) = world.home.recogniser.recognise_all([mended])
    assert (one.kind, one.licence) == (RowKind.CHANGED, granted)
    assert one.fields == ("法定代表人（负责人）",)
    elsewhere = changed(first, premises="青岚市云溪区另一处1号")
    assert kinds(world, elsewhere) == [RowKind.FURTHER], "a change of it, or one more?"
    assert kinds(world, first, elsewhere) == [RowKind.GRANTED, RowKind.NEW]
    world.clock.advance(timedelta(days=1827))
    assert kinds(world, first) == [RowKind.CLOSED]


def test_a_portrait_is_part_of_what_a_row_says(sqlite_world: World) -> None:
    world = sqlite_world
    world.grant(0, "disability")
    first, second = world.applications("disability")[:2]
    assert kinds(world, first) == [RowKind.GRANTED]
    (one,) = world.home.recogniser.recognise_all([dataclasses.replace(first, photo=second.photo)])
    assert (one.kind, one.fields) == (RowKind.CHANGED, ("照片",))


def test_a_changed_row_is_granted_only_as_was_decided(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant(0).licence
    original = world.applications()[0]
    mended = changed(original, representative="欧阳䶮")
    (row,) = world.home.recogniser.recognise_all([mended])

    def run(row: RecognisedRow, decision: ChangeDecision | None) -> list[object]:
        order = BatchOrder(name="", permit=GRANT, basis="更正", changed=decision)
        (outcome,) = run_batch(world.home.granting, [row], order)
        return [outcome.granted and outcome.granted.licence, outcome.error, outcome.skipped]

    _, error, _ = run(row, None)
    assert isinstance(error, UndecidedRowError)
    licence, error, skipped = run(row, ChangeDecision.SKIP)
    assert (licence, error, skipped) == (granted, None, True)
    corrected, error, _ = run(row, ChangeDecision.CORRECT)
    assert isinstance(corrected, Licence), error
    assert (corrected.number, corrected.replaces) == (granted.number, granted.identifier)
    assert corrected.valid_until == granted.valid_until
    assert kinds(world, mended) == [RowKind.GRANTED]
    (back,) = world.home.recogniser.recognise_all([original])
    assert back.kind is RowKind.CHANGED, "not the version that was replaced"
    again, error, _ = run(back, ChangeDecision.CORRECT)
    assert isinstance(again, Licence), error
    assert again.state is LicenceState.IN_FORCE
    assert len(set(numbers(world))) == 1


@pytest.mark.parametrize(
    ("holder", "named"),
    [
        ('licences = "many"', "told_apart_by"),
        ('told_apart_by = ["body"]', "told_apart_by"),
        ('licences = "many", told_apart_by = ["nothing"]', "nothing"),
        ('licences = "few"', "one"),
    ],
)
def test_a_type_that_tells_nothing_apart(holder: str, named: str) -> None:
    source = GIVEN_TERM.replace('code = "code" }', f'code = "code", {holder} }}')
    with pytest.raises(BadTypeError, match=named):
        parse_type(source)


def test_the_rules_of_the_examples() -> None:
    rules = {slug: example_type(slug).holder for slug in ("food-operation", "disability")}
    assert rules["disability"].licences is HolderLicences.ONE
    assert rules["food-operation"].told_apart_by == ("premises", "main_form")
    assert example_type("construction-qualification").holder.told_apart_by == ("number",)
    assert parse_type(GIVEN_TERM).holder.licences is HolderLicences.ONE


def test_a_row_whose_outcome_is_not_known_says_how_to_go_on(sqlite_world: World) -> None:
    world = sqlite_world
    rows = world.home.recogniser.recognise_all(world.applications()[:1])
    order = BatchOrder(name="", permit=GRANT)
    lost = UnknownOutcomeError(Text("x", "x"))
    with mock.patch.object(world.home.granting, "grant", side_effect=lost):
        (outcome,) = run_batch(world.home.granting, rows, order)
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert "Run the same batch again" in outcome.error.text.en


def test_a_sheet_is_looked_up_in_few_statements(world: World) -> None:
    """On both engines: 1,200 rows, three of them granted before, by three queries of holders."""
    granted = [world.grant(at).licence.identifier for at in range(3)]
    first = world.applications()[:3]
    unknown = [
        dataclasses.replace(
            first[0], holders=(Holder("某店", "001", f"92990100MB{at:08d}"),), source=f"row {at}"
        )
        for at in range(1197)
    ]
    said: list[str] = []
    engine = world.home.database.engine
    heard = event.listens_for(engine, "before_cursor_execute")
    heard(lambda *told: said.append(told[2]))
    rows = world.home.recogniser.recognise_all([*unknown, *first])
    asked = [one for one in said if "holder_code IN" in one]
    assert (len(asked), len(said) < 20) == (3, True), said
    assert [one.kind for one in rows] == [RowKind.NEW] * 1197 + [RowKind.GRANTED] * 3
    assert [one.licence and one.licence.identifier for one in rows[-3:]] == granted
