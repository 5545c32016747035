"""A home over months: its responder is renewed by the way, what was sealed stays verifiable."""

from datetime import timedelta

from ca.hierarchy.requests import RequestState
from ca.hierarchy.service_keys import issued_certificates
from ca.profiles.profiles import ProfileKind
from home.wiring import Home
from registry.answers.answers import Outcome
from registry.audit.events import EventFilter, list_events
from registry.ledger.certificate_requests import SqlRequestDesk
from signing.report import Indication
from tests.world import World

DAY = timedelta(days=1)


def _reopened(world: World) -> World:
    home = Home(world.home.directory, {}, clock=world.clock)
    home.sandbox = world.home.sandbox
    return World(home, world.clock)


def test_a_home_renews_itself_and_old_documents_stay_good(world: World) -> None:
    first = world.grant()
    sha256s = [first.sha256]
    for index in range(1, 4):
        world.clock.advance(45 * DAY)
        later = _reopened(world)
        sha256s.append(later.grant(index).sha256)
        for sha256 in sha256s:
            pdf = later.home.store.get(sha256)
            answer = later.home.verifier.by_file(pdf)
            assert answer.outcome is Outcome.IN_FORCE
            assert {one.indication for one in answer.signatures} == {Indication.TOTAL_PASSED}
        issuer = later.home.hierarchy.active.record.issuer
        responders = issued_certificates(later.home.ledger, issuer, ProfileKind.OCSP_RESPONDER)
        assert len(responders) == index + 1
        later.home.close()
    with world.home.database.reading() as connection:
        asked = list_events(connection, chosen=EventFilter(action="certificate.requested"))
    assert [one.subject for one in asked] == [f"{issuer}/ocsp"] * 3


def test_the_desk_keeps_the_laws(world: World) -> None:
    home, desk = world.home, SqlRequestDesk(world.home.database)
    assert home.service_renewal.renew() == []
    assert len(home.service_renewal.renew(force=True)) == 2
    assert desk.list_open() == []
    assert len(home.service_renewal.renew(force=True)) == 2, "with new keys again"
    world.clock.advance(25 * DAY)
    hidden = home.keys.list_keys()
    assert {info.key_id for info in hidden} >= {"ocsp-issuing-1-3", "tsa-3"}


def test_what_is_settled_is_settled(world: World) -> None:
    desk, home = SqlRequestDesk(world.home.database), world.home
    home.service_renewal.renew(force=True)
    with home.database.reading() as connection:
        before = list_events(connection, limit=1000)
    desk.settle("0" * 64, RequestState.REFUSED, "lint", world.clock.now())
    with home.database.reading() as connection:
        assert list_events(connection, limit=1000) == before
