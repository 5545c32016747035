"""A licence's number, identifier and record, before there is a document."""

import dataclasses
import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from core.ids import LicenceIdentifier, LicenceNumber, SealId
from core.permits import Action, Actor, Permit
from registry.audit.events import AuditEvent, list_events
from registry.bodies.reorganising import AuthorityStanding, reorganise
from registry.db.tables import licences, series
from registry.facts.loss import UnacceptedLossError, note_loss
from registry.granting.journalled import NotReservedHereError
from registry.granting.reservation import GrantRequest, NumberTakenError, PendingGrant, pending_seal
from registry.journal.journal import JournalKind
from registry.licences.hiding import reveal
from registry.licences.holdings import SecondLicenceError
from registry.licences.licences import find_licence
from registry.model import Application, ConflictError, Holder, LicenceState, Reason
from signing.levels import PadesLevel
from tests.permits import GRANT, MANAGE_AUTHORITY
from tests.registry.legacy import put_in_the_clear
from tests.world import World, reserved

DAY = timedelta(days=1)
OTHER = Permit(Actor("local:other"), Action.GRANT)
DISABILITY = "disability"
GONE = LicenceIdentifier("1.2.156.3005.2.99999999.99999999999999999X.000000001.001.0")


@pytest.fixture
def own(sqlite_world: World) -> World:
    """A world in the night from 28 February to 1 March, as China has it."""
    sqlite_world.clock.at = datetime(2027, 2, 28, 17, tzinfo=UTC)
    return sqlite_world


def reserve(
    world: World, connection: Connection, index: int = 0, slug: str = "food-operation",
    **rest: object,
) -> PendingGrant:  # fmt: skip
    return reserved(world.home.reservations, connection, world.request(index, slug, **rest))


def replace(
    world: World, connection: Connection, before: PendingGrant, index: int = 0, *,
    slug: str = "food-operation", reason: Reason = Reason.CORRECTED,
) -> PendingGrant:  # fmt: skip
    identifier = before.licence.identifier
    return reserve(world, connection, index, slug, replaces=identifier, reason=reason)


def set_state(connection: Connection, pending: PendingGrant, state: LicenceState) -> None:
    this = licences.c.identifier == pending.licence.identifier
    connection.execute(update(licences).where(this).values(state=state))


def row_of(connection: Connection, pending: PendingGrant) -> dict[str, object]:
    this = licences.c.identifier == pending.licence.identifier
    return reveal(connection, connection.execute(select(licences).where(this)).mappings().one())


def holds_its_number(connection: Connection, pending: PendingGrant) -> bool:
    of = series.c.series_id == row_of(connection, pending)["series_id"]
    return bool(connection.execute(select(series.c.open).where(of)).scalar_one())


def last_event(connection: Connection, pending: PendingGrant) -> AuditEvent:
    return list_events(connection, subject=pending.licence.identifier)[-1]


def test_the_record_says_what_was_asked_for(own: World) -> None:
    request = own.request(0, request_key="k", level=PadesLevel.B_T)
    holders = (
        *request.application.holders,
        Holder("另一家", "001", "11990000MB00990170"),
    )
    application = dataclasses.replace(request.application, holders=holders)
    request = dataclasses.replace(request, application=application)
    with own.home.database.writing() as connection:
        made = reserved(own.home.reservations, connection, request)
        row = row_of(connection, made)
        event = last_event(connection, made)
    kind = own.types["food-operation"]
    series_id = f"{kind.licence_type.code}.{kind.uscc}.000000001"
    expected = {
        "series_id": series_id, "version": 1, "type_code": kind.licence_type.code,
        "authority_id": kind.authority_id, "seal_id": kind.seal_id, "state": "PENDING",
        "reason": None, "basis": "测试", "holder_code": application.holders[0].code,
        "holder_name": application.holders[0].name,
        "data": application.data, "photo_sha256": None, "granted_on": date(2027, 3, 1),
        "valid_from": application.valid_from, "valid_until": application.valid_until,
        "replaces": None, "replaced_by": None, "sample": True, "level": "B-T",
        "created_at": own.clock.at, "changed_at": own.clock.at,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert made.licence.identifier.split(".")[7:9] == ["000000001", "001"]
    assert made.licence.holders == holders
    assert made.licence.number == row["number"]
    tokens = [str(row[name]) for name in ("link_token", "claim", "salt", "request_key")]
    assert len({*tokens}) == 4
    assert min(map(len, tokens)) > 20, "the key is scoped, and not as it was given"
    assert row["request_digest"] == request.digest()
    assert (made.claim, made.seal_id, made.level) == (row["claim"], kind.seal_id, PadesLevel.B_T)
    assert made.photo_sha256 is None
    assert (event.at, event.actor, event.basis) == (own.clock.at, own.home.actor.name, "测试")
    assert event.action == "licence.reserved"
    asked = {name: row[name] for name in ("request_digest", "request_key", "salt")}
    salted = json.dumps(asked, separators=(",", ":"), sort_keys=True)
    assert event.after == {
        "seal": kind.seal_id, "level": "B-T", "reason": None, "face": made.face,
        "request": hashlib.sha256(salted.encode()).hexdigest(),
    }  # fmt: skip
    assert made.face is not None


def test_what_is_restored_without_its_loss_accepted_gives_no_number(own: World) -> None:
    with own.home.database.writing() as connection:
        note_loss(connection, own.clock.at)
        with pytest.raises(UnacceptedLossError):
            reserve(own, connection)


def test_a_number_that_is_given_is_kept_and_held(own: World) -> None:
    given = own.applications(DISABILITY)[0].number
    with own.home.database.writing() as connection:
        made = reserve(own, connection, 0, DISABILITY)
        assert made.licence.number == given
        assert holds_its_number(connection, made)
        reserve(own, connection, 1, DISABILITY)
    with own.home.database.writing() as connection, pytest.raises(NumberTakenError):
        reserve(own, connection, 0, DISABILITY)


def test_a_holder_of_one_gets_no_second(own: World) -> None:
    with own.home.database.writing() as connection:
        reserve(own, connection, 0)
    with own.home.database.writing() as connection, pytest.raises(SecondLicenceError):
        reserve(own, connection, 0)


def test_a_request_that_another_process_works_on_is_a_conflict(own: World) -> None:
    with own.home.database.writing() as connection:
        reserve(own, connection, 0, request_key="k")
    with (
        own.home.database.writing() as connection,
        pytest.raises(ConflictError, match="same request"),
    ):
        reserve(own, connection, 1, request_key="k")


def test_an_expired_licence_gives_up_its_number_the_day_after_its_last(own: World) -> None:
    """And another's of the same kind does not."""
    with own.home.database.writing() as connection:
        first = reserve(own, connection, 0, DISABILITY)
        other, food = reserve(own, connection, 1, DISABILITY), reserve(own, connection)
        for one in (first, other, food):
            set_state(connection, one, LicenceState.IN_FORCE)
        request = own.request(0, DISABILITY)
    last = first.licence.valid_until
    assert last is not None
    own.clock.at = datetime(last.year, last.month, last.day, 15, 59, 59, tzinfo=UTC)
    with own.home.database.writing() as connection, pytest.raises(NumberTakenError):
        reserved(own.home.reservations, connection, request)
    own.clock.advance(timedelta(seconds=1))
    with own.home.database.writing() as connection:
        again = reserved(own.home.reservations, connection, request)
        assert again.licence.number == first.licence.number
        assert not holds_its_number(connection, first)
        assert holds_its_number(connection, other)
        assert holds_its_number(connection, food)
        # What expired cannot have it back while another holds it.
        with pytest.raises(SecondLicenceError):
            replace(own, connection, first, slug=DISABILITY, reason=Reason.RENEWED)


def test_an_expired_licence_whose_renewal_is_pending_keeps_its_number(own: World) -> None:
    with own.home.database.writing() as connection:
        first = reserve(own, connection, 0, DISABILITY)
        set_state(connection, first, LicenceState.IN_FORCE)
        request = own.request(0, DISABILITY)
        own.clock.advance(3700 * DAY)
        connection.execute(update(series).values(open=False))
        other = reserve(own, connection, 1, DISABILITY)
        connection.execute(update(series).values(open=False))
        renewed = replace(own, connection, first, slug=DISABILITY, reason=Reason.RENEWED)
        assert holds_its_number(connection, renewed), "opened anew"
        assert not holds_its_number(connection, other)
        with pytest.raises(NumberTakenError):
            reserved(own.home.reservations, connection, request)


def test_a_next_version_has_the_number_and_the_identifier_that_follow(own: World) -> None:
    with own.home.database.writing() as connection:
        first, other = reserve(own, connection, 0), reserve(own, connection, 1)
        for one in (first, other):
            set_state(connection, one, LicenceState.IN_FORCE)
        own.clock.advance(DAY)
        replace(own, connection, other, 1)
        given_up = replace(own, connection, first)
        own.home.reservations.void(connection, given_up.licence.identifier, "误", GRANT)
        own.clock.advance(DAY)
        third = replace(own, connection, first)
    assert given_up.licence.identifier.split(".")[7:9] == ["000000001", "002"]
    assert third.licence.identifier.split(".")[7:9] == ["000000001", "003"]
    assert third.licence.number == first.licence.number
    assert third.licence.replaces == first.licence.identifier
    assert third.licence.granted_on == date(2027, 3, 3)
    assert third.licence.valid_until == first.licence.valid_until


def test_what_is_sealed_anew_says_when_it_was_granted(own: World) -> None:
    with own.home.database.writing() as connection:
        first = reserve(own, connection)
        this = licences.c.identifier == first.licence.identifier
        suspended = {"state": LicenceState.SUSPENDED, "reason": Reason.SEAL_COMPROMISED}
        connection.execute(update(licences).where(this).values(suspended))
        known = first.licence
        same = Application(
            known.type_code, known.holders, known.data, known.number, known.valid_from,
            known.valid_until,
        )  # fmt: skip
        own.clock.advance(5 * DAY)
        request = GrantRequest(
            same, GRANT, "重签", replaces=known.identifier, reason=Reason.RESEALED
        )
        again = reserved(own.home.reservations, connection, request)
        assert last_event(connection, again).after is not None
        assert (last_event(connection, again).after or {})["reason"] == Reason.RESEALED
    assert again.licence.granted_on == known.granted_on == date(2027, 3, 1)


def test_who_claims_a_pending_licence_has_it_alone(own: World) -> None:
    with own.home.database.writing() as connection:
        first, other = reserve(own, connection, 0), reserve(own, connection, 1)
        own.clock.advance(DAY)
        claimed = own.home.reservations.claim(connection, first.licence.identifier, OTHER)
        event = last_event(connection, first)
        assert claimed.claim == row_of(connection, first)["claim"] != first.claim
        assert dataclasses.replace(claimed, claim=first.claim) == first
        assert row_of(connection, other)["claim"] == other.claim
        assert (event.action, event.at, event.actor) == (
            "licence.resumed", own.clock.at, "local:other",
        )  # fmt: skip


def test_one_without_a_face_is_not_taken_over(own: World) -> None:
    """From before there were any, or made to look so."""
    with own.home.database.writing() as connection:
        first = reserve(own, connection, 0)
        put_in_the_clear(connection)
        connection.execute(update(licences).values(salt=None))
        with pytest.raises(NotReservedHereError):
            own.home.reservations.claim(connection, first.licence.identifier, GRANT)
        own.home.reservations.void(connection, first.licence.identifier, "误", GRANT)


def test_a_voided_licence_gives_up_its_number_and_its_request(own: World) -> None:
    own.clock.advance(DAY)
    with own.home.database.writing() as connection:
        first, other = reserve(own, connection, 0, request_key="k"), reserve(own, connection, 1)
        known = row_of(connection, other)
        own.clock.advance(DAY)
        own.home.reservations.void(connection, first.licence.identifier, "误报", OTHER)
        row, event = row_of(connection, first), last_event(connection, first)
        assert (row["state"], row["basis"], row["changed_at"]) == ("VOID", "误报", own.clock.at)
        assert row["request_key"] is row["request_digest"] is row["claim"] is None
        assert row_of(connection, other) == known
        assert not holds_its_number(connection, first)
        assert holds_its_number(connection, other)
        assert (event.action, event.basis) == ("licence.voided", "误报")
        assert (event.at, event.actor) == (own.clock.at, "local:other")
        assert reserve(own, connection, 0, request_key="k").licence.state is LicenceState.PENDING


def test_a_licence_that_another_took_over_is_not_voided(own: World) -> None:
    reservations = own.home.reservations
    with own.home.database.writing() as connection:
        first = reserve(own, connection)
        name = first.licence.identifier
        claimed = reservations.claim(connection, name, GRANT)
        with pytest.raises(ConflictError):
            reservations.void(connection, name, "误", GRANT, claim=first.claim)
        assert find_licence(connection, name).state is LicenceState.PENDING
        reservations.void(connection, name, "误", GRANT, claim=claimed.claim)
        assert find_licence(connection, name).state is LicenceState.VOID


def test_a_next_version_that_is_voided_leaves_the_one_before_as_it_is(own: World) -> None:
    with own.home.database.writing() as connection:
        first = reserve(own, connection)
        set_state(connection, first, LicenceState.IN_FORCE)
        second = replace(own, connection, first)
        own.home.reservations.void(connection, second.licence.identifier, "误", GRANT)
        assert holds_its_number(connection, first)
    told = own.home.journal.last(JournalKind.LICENCE)
    assert told is not None, "how it stands is said again"
    assert (told.facts["identifier"], told.facts["state"]) == (
        first.licence.identifier,
        LicenceState.IN_FORCE,
    )


@pytest.mark.parametrize("state", [one for one in LicenceState if one is not LicenceState.PENDING])
def test_only_what_is_pending_is_finished_or_voided(own: World, state: LicenceState) -> None:
    reservations = own.home.reservations
    with own.home.database.writing() as connection:
        first, other = reserve(own, connection, 0), reserve(own, connection, 1)
        set_state(connection, first, state)
        known = [row_of(connection, one) for one in (first, other)]
        for name in (first.licence.identifier, GONE):
            for attempt in (
                lambda name=name: reservations.claim(connection, name, GRANT),
                lambda name=name: reservations.void(connection, name, "误", GRANT),
                lambda name=name: pending_seal(connection, name),
            ):
                with pytest.raises(ConflictError, match="not pending"):
                    attempt()
        assert [row_of(connection, one) for one in (first, other)] == known
        assert pending_seal(connection, other.licence.identifier) == (
            SealId(other.seal_id),
            PadesLevel.B_LT,
        )


# What one key stands for

HOLDER = Holder("某某食品店", "001", "92990102MA00000001")
STATED = Application(
    "type", (HOLDER,), {"a": "b"}, LicenceNumber("7"), date(2026, 1, 1), date(2026, 12, 31),  # type: ignore[arg-type]
    stated="0" * 64,
)  # fmt: skip
FREE = dataclasses.replace(STATED, stated="")


def digest(application: Application, **rest: object) -> str:
    return GrantRequest(application, GRANT, **{"basis": "依据", **rest}).digest()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values",
    [
        {"holders": ()},
        {"data": {}},
        {"number": None},
        {"valid_from": date(2026, 1, 2)},
        {"valid_until": date(2027, 1, 1)},
        {"valid_until": None},
    ],
)
def test_what_a_row_states_is_the_same_tomorrow(values: dict[str, Any]) -> None:
    """Of a row its own digest counts, and not what follows from the day; else all counts."""
    assert digest(dataclasses.replace(STATED, **values)) == digest(STATED)
    assert digest(dataclasses.replace(FREE, **values)) != digest(FREE)


@pytest.mark.parametrize("application", [STATED, FREE])
def test_all_else_that_is_asked_for_counts(application: Application) -> None:
    whole = digest(application)
    assert len(whole) == 64
    assert whole == digest(dataclasses.replace(application, source="row 12"))
    with_photo = [dataclasses.replace(application, photo=one) for one in (b"one", b"other")]
    others = {
        digest(dataclasses.replace(application, type_code="other")),  # type: ignore[arg-type]
        *(digest(one) for one in with_photo),
        digest(application, basis="另一依据"),
        digest(application, level=PadesLevel.B_T),
        digest(application, replaces=GONE),
        digest(application, reason=Reason.CHANGED),
        digest(application, reason=Reason.RESEALED),
    }
    assert len(others | {whole}) == 9
    assert digest(dataclasses.replace(STATED, stated="1" * 64)) != digest(STATED)


def test_sealing_anew_may_be_based_on_other_words() -> None:
    said = {digest(FREE, basis=basis, reason=Reason.RESEALED) for basis in ("一", "二")}
    assert len(said) == 1


def test_an_authority_that_is_no_more_grants_nothing_new(own: World) -> None:
    """What it granted goes on: a new version may still be made under its seal."""
    body = own.types["food-operation"].authority_id
    with own.home.database.writing() as connection:
        before = reserve(own, connection, 0)
        set_state(connection, before, LicenceState.IN_FORCE)
    for index, (standing, refused) in enumerate(
        (
            (AuthorityStanding(valid_until=date(2027, 2, 28)), True),
            (AuthorityStanding(valid_until=date(2027, 3, 1)), False),
            (AuthorityStanding(valid_from=date(2027, 3, 2)), True),
            (AuthorityStanding(valid_from=date(2027, 3, 1)), False),
        )
    ):
        with own.home.database.writing() as connection:
            reorganise(connection, body, standing, MANAGE_AUTHORITY, own.clock.now())
        if refused:
            with pytest.raises(ConflictError), own.home.database.writing() as connection:
                reserve(own, connection, 1)
        else:
            with own.home.database.writing() as connection:
                reserve(own, connection, index)
        if index == 0:
            with own.home.database.writing() as connection:
                replace(own, connection, before)
