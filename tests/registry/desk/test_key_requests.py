"""Requests for seals: what was approved is what is made, once, cut off or not."""

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import update

from core.errors import NotAllowedError
from core.ids import KeyId, SealId
from core.permits import Action, Actor, Permit, Role
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.people.rights_check import (
    OwnRequestError,
    SecondPersonRequiredError,
    StepUpRequiredError,
)
from registry.bodies.authorities import find_seal, list_seals
from registry.db.tables import grant_requests, request_contents
from registry.desk.key_requests import KeyRequests, SealAsk
from registry.desk.rights import CallerStanding
from registry.model import ConflictError, NotFoundError
from registry.officers.departures import Departure, LeavingKind
from registry.officers.model import AlreadyDecidedError, DeskRequest
from registry.officers.request_rows import find_request
from registry.officers.requests import approve_request
from tests.identity.tokens.forge import ISSUER
from tests.permits import MANAGE_OFFICERS
from tests.registry.desk.enrolment.enroller import MARKET, STRONG, Bureau, Officer
from tests.registry.officers.office import DECIDERS
from tests.world import World

NEW = SealAsk(SealId("second"), MARKET, "第二专用章")


@pytest.fixture
def bureau(sqlite_world: World) -> Bureau:
    return Bureau(sqlite_world)


@pytest.fixture
def keys(bureau: Bureau) -> KeyRequests:
    return KeyRequests(bureau.rights, lambda: bureau.world.home.seal_maker, True)


def standing(officer: Officer, acr: str = STRONG) -> CallerStanding:
    rights = officer.bureau.rights
    now = rights.clock.now()
    pin = Pin(ISSUER, officer.sub)
    identity = Identity(
        pin, IdentityKind.PERSON, officer.name, SignInWay.BROWSER, acr=acr, auth_time=now
    )
    return rights.standing(rights.recognise(identity))


def approve(officer: Officer, request: DeskRequest) -> None:
    rights = officer.bureau.rights
    permit = rights.permit(standing(officer), Action.CONFIRM, request.authority_id)
    with rights.database.writing() as connection:
        approve_request(
            connection, request.request_id, "依规", permit, rights.clock.now(), deciders=DECIDERS
        )


def registrars(bureau: Bureau) -> tuple[Officer, Officer]:
    return (
        bureau.officer("u-30", "陈样", Role.REGISTRAR),
        bureau.officer("u-31", "周例", Role.ADMINISTRATOR),
    )


def test_asked_approved_made_once(bureau: Bureau, keys: KeyRequests) -> None:
    chen, zhou = registrars(bureau)
    for role in set(Role) - {Role.REGISTRAR}:
        with pytest.raises(NotAllowedError):
            keys.ask_seal(standing(bureau.officer(role, role, role)), NEW, None)
    request = keys.ask_seal(standing(chen), NEW, "a-key-of-its-own")
    assert keys.ask_seal(standing(chen), NEW, "a-key-of-its-own") == request
    with pytest.raises(SecondPersonRequiredError):
        keys.make_seal(standing(chen), request.request_id)
    with pytest.raises(OwnRequestError):
        approve(chen, request)
    approve(zhou, request)
    with pytest.raises(NotAllowedError):
        keys.make_seal(standing(zhou), request.request_id)  # an administrator uses no seal
    with pytest.raises(StepUpRequiredError):
        keys.make_seal(standing(chen, "weak"), request.request_id)
    with pytest.raises(ConflictError):
        replace(keys, certifies=False).make_seal(standing(chen), request.request_id)
    made = keys.make_seal(standing(chen), request.request_id)
    assert (made.authority_id, made.name) == (MARKET, "第二专用章")
    with pytest.raises((AlreadyDecidedError, SecondPersonRequiredError)):
        keys.make_seal(standing(chen), request.request_id)
    bureau.world.check_audit()


def test_what_was_approved_is_what_is_made(bureau: Bureau, keys: KeyRequests) -> None:
    """A changed content, a changed digest, an approver who left: none of it makes a seal."""
    chen, zhou = registrars(bureau)
    database = bureau.world.home.database
    before = _seals(bureau)
    request = keys.ask_seal(standing(chen), NEW, None)
    approve(zhou, request)
    changed = {**keys.content(standing(chen), request.request_id), "name": "市长专用章"}
    with database.writing() as connection:
        connection.execute(update(request_contents).values(content=changed))
    with pytest.raises(ConflictError):
        keys.make_seal(standing(chen), request.request_id)
    second = keys.ask_seal(standing(chen), NEW, None)
    approve(zhou, second)
    departure = Departure(zhou.identity_id, LeavingKind.DISABLED, "离职")
    bureau.world.home.leaving.end_identity(departure, MANAGE_OFFICERS)
    with pytest.raises(SecondPersonRequiredError):
        keys.make_seal(standing(chen), second.request_id)
    assert _seals(bureau) == before
    with database.writing() as connection:
        connection.execute(update(grant_requests).values(action=Action.GRANT))
    with pytest.raises(NotFoundError):
        keys.content(standing(chen), second.request_id)


def test_cut_off_before_it_is_recorded(bureau: Bureau, keys: KeyRequests) -> None:
    """The same key and certificate are found again; the request is done with the seal."""
    chen, zhou = registrars(bureau)
    request = keys.ask_seal(standing(chen), NEW, None)
    approve(zhou, request)
    maker = bureau.world.home.seal_maker

    def dies(_: object) -> None:
        raise RuntimeError("cut off")

    permit = Permit(Actor(f"id:{chen.identity_id}", MARKET), Action.MANAGE_SEAL, MARKET)
    with pytest.raises(RuntimeError):
        maker.make(NEW.seal_id, MARKET, NEW.name, permit, within=dies)
    with bureau.world.home.database.reading() as connection:
        assert find_request(connection, request.request_id).state == "APPROVED"
        with pytest.raises(NotFoundError):
            find_seal(connection, NEW.seal_id)
    made = keys.make_seal(standing(chen), request.request_id)
    key = bureau.world.home.keys.find(KeyId(made.key_id))
    issued = bureau.world.home.ledger.find_by_key(_fingerprint(key.spki))
    assert len(issued) == 1


def test_a_seal_of_another_authority_is_not_found(bureau: Bureau, keys: KeyRequests) -> None:
    chen, _ = registrars(bureau)
    with bureau.world.home.database.reading() as connection:
        seals = list_seals(connection)
    own = next(one for one in seals if one.authority_id == MARKET)
    other = next(one for one in seals if one.authority_id != MARKET)
    with pytest.raises(NotFoundError):
        keys.ask_seal(standing(chen), SealAsk(other.seal_id, MARKET), None)
    with pytest.raises(NotAllowedError):
        keys.ask_seal(standing(chen), SealAsk(other.seal_id, other.authority_id), None)
    with pytest.raises(ConflictError):
        keys.ask_seal(standing(chen), SealAsk(own.seal_id, MARKET, "别的名称"), None)


def _seals(bureau: Bureau) -> list[str]:
    with bureau.world.home.database.reading() as connection:
        return [one.seal_id for one in list_seals(connection)]


def _fingerprint(spki: bytes) -> str:
    return hashlib.sha256(spki).hexdigest()
