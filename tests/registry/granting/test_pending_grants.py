"""Grants that cannot be finished do not fill the audit by being tried again and again."""

from datetime import timedelta

import pytest
from cryptography import x509
from sqlalchemy import func, select

from ca.errors import CaError
from core.errors import StorageError, XinyinError
from core.ids import IssuerId, LicenceIdentifier
from core.text import Text
from home.role_duties import GRANT_PATIENCE, GrantFinisher
from registry.bodies.authorities import find_seal
from registry.db.tables import audit_events
from registry.licences.licences import find_licence
from registry.model import LicenceState
from signing.levels import PadesLevel
from tests.permits import CHANGE_CERTIFICATE, GRANT
from tests.world import World, reserved

MINUTE = timedelta(minutes=1)


def pending(world: World, count: int = 3) -> list[LicenceIdentifier]:
    with world.home.database.writing() as connection:
        made = [
            reserved(world.home.reservations, connection, world.request(index))
            for index in range(count)
        ]
    world.clock.advance(GRANT_PATIENCE)
    return [one.licence.identifier for one in made]


def count_events(world: World) -> int:
    with world.home.database.reading() as connection:
        return int(connection.execute(select(func.count(audit_events.c.sequence))).scalar_one())


def rounds(world: World, finisher: GrantFinisher, count: int) -> int:
    """Let the schedule do its work, a minute apart; return how often it failed."""
    failed = 0
    for _ in range(count):
        try:
            finisher.finish()
        except XinyinError:
            failed += 1
        world.clock.advance(MINUTE)
    return failed


def test_what_a_suspended_seal_holds_up_adds_no_event(world: World) -> None:
    home = world.home
    (first, *_) = pending(world)
    home.granting._room.prepare(world.types["food-operation"].seal_id, PadesLevel.B_LT)
    with home.database.reading() as connection:
        seal = find_seal(connection, world.types["food-operation"].seal_id)
    issuer = IssuerId("issuing-1")
    serial = x509.load_der_x509_certificate(seal.certificate).serial_number
    home.ledger.hold(issuer, serial, world.clock.now(), permit=CHANGE_CERTIFICATE)
    finisher, before = GrantFinisher(home), count_events(world)
    world.clock.advance(MINUTE)
    assert rounds(world, finisher, 30) > 0
    with pytest.raises(CaError):
        home.granting.resume(first, GRANT)
    assert count_events(world) == before
    home.ledger.release(issuer, serial, world.clock.now(), permit=CHANGE_CERTIFICATE)
    world.clock.advance(timedelta(hours=7))
    finisher.finish()
    with home.database.reading() as connection:
        assert find_licence(connection, first).state is LicenceState.IN_FORCE
    world.check_everything()


def test_a_full_disk_adds_few_events_however_many_wait(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    pending(world, 4)

    def refuse(_: bytes) -> None:
        raise StorageError(Text("满", "No space left on device"))

    finisher = GrantFinisher(world.home)
    with monkeypatch.context() as patch:
        patch.setattr(world.home.store, "put", refuse)
        before = count_events(world)
        rounds(world, finisher, 4 * 60)
        # Each by itself after 0, 2, 6, 14, 30, 62, 126 minutes: resumed, and a token.
        assert count_events(world) - before <= 4 * 7 * 2 + 4
    world.clock.advance(timedelta(hours=7))
    finisher.finish()
    world.check_everything()
