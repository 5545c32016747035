"""Fetching from a provider: events by polling, the list of people by the reconcile."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from core.ids import IdentityId
from core.permits import Action, Permit
from core.text import Text
from core.web import client
from identity.oidc.directory import ListIncompleteError
from identity.oidc.errors import ProviderUnreachableError
from identity.people.model import Pin
from registry.audit.events import list_events
from registry.db.tables import identities
from registry.desk.providers.inbox import Inbox
from registry.desk.providers.reconciling import ReconcileStoppedError
from registry.desk.providers.word import ProviderWord
from registry.officers.departures import LeavingReport
from registry.officers.model import IdentityState
from registry.officers.states import enable_identity
from tests.cli.conftest import DemoHome
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import ACCOUNTS, ALIAS, RunningDesk, running_desk
from tests.issuing_api.providers.leavers import claims_of, event
from tests.issuing_api.providers.transmitter import JSON, Answer, Transmitter, transmitting

V1 = "/issuing/v1"
POLL, RECONCILE = f"event-poll-{ALIAS}", f"reconcile-{ALIAS}"
OFFICERS = ("li", "wang", "zhao", "sun", "qian")


@pytest.fixture(scope="module")
def running(
    shared: DemoHome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningDesk, Transmitter]]:
    directory = tmp_path_factory.mktemp("fetching") / "home"
    shutil.copytree(shared.directory, directory)
    own = DemoHome(directory, shared.report)
    with ExitStack() as opened:
        theirs = opened.enter_context(transmitting())
        settings = (
            f'[providers.events]\npoll = "{theirs.address}/poll"\n'
            f'[providers.directory]\naddress = "{theirs.address}/scim/v2"\n'
            'filter = "groups.value eq \\"officers\\""\n'
        )
        desk = opened.enter_context(running_desk(directory, *two_authorities(own), settings))
        for one in OFFICERS:
            desk.person(one)
        yield desk, theirs


@pytest.fixture
def desk(running: tuple[RunningDesk, Transmitter]) -> Iterator[RunningDesk]:
    """A desk that fetches; whoever a test disabled comes back for the next."""
    desk, _ = running
    yield desk
    ended = identities.c.state == IdentityState.DISABLED
    with desk.home.database.reading() as connection:
        found = connection.execute(select(identities.c.identity_id).where(ended)).scalars().all()
    for one in found:
        with desk.home.database.writing() as connection:
            permit, now = desk.home.permit(Action.MANAGE_OFFICERS), desk.home.clock.now()
            enable_identity(connection, IdentityId(one), "test", permit, now)


@pytest.fixture
def theirs(running: tuple[RunningDesk, Transmitter]) -> Transmitter:
    """The transmitter, which holds nothing yet."""
    _, told = running
    told.waiting.clear()
    told.acknowledged.clear()
    told.faults.clear()
    told.asked.clear()
    told.people = [{"id": one, "active": True} for one in OFFICERS]
    told.bend, told.drips = (lambda _: None), False
    return told


def wait_for(desk: RunningDesk, theirs: Transmitter, **changed: object) -> str:
    """Have an event about `li` wait; return its id."""
    claims = claims_of(desk, "li", **changed)  # type: ignore[arg-type]
    theirs.waiting[claims["jti"]] = event(claims)
    return str(claims["jti"])


def active(desk: RunningDesk) -> set[str]:
    query = select(identities.c.sub).where(identities.c.state == IdentityState.ACTIVE)
    with desk.home.database.reading() as connection:
        return set(connection.execute(query).scalars())


def test_events_are_fetched_and_acknowledged_once_kept(
    desk: RunningDesk, theirs: Transmitter
) -> None:
    li, token_id = desk.person("li"), wait_for(desk, theirs)
    desk.duty(POLL)
    assert li.ask("GET", f"{V1}/me").status_code == 401
    assert (theirs.acknowledged, theirs.waiting) == ([token_id], {})
    path, authorization = theirs.asked[0]
    assert path == "/poll"
    assert authorization is not None
    assert authorization.startswith("Bearer "), "a token of ours, by private_key_jwt"
    assert [one.every.total_seconds() for one in desk.duties if one.name == POLL] == [20]
    assert [one.alone for one in desk.duties if one.name == POLL] == [True]


def test_cut_off_before_it_was_kept_it_is_delivered_again(
    desk: RunningDesk, theirs: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    li, token_id = desk.person("li"), wait_for(desk, theirs)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Inbox, "keep", cut_off)
        with pytest.raises(KeyboardInterrupt):
            desk.duty(POLL)
    assert (theirs.acknowledged, list(theirs.waiting)) == ([], [token_id])
    assert li.ask("GET", f"{V1}/me").status_code == 200
    desk.duty(POLL)
    assert li.ask("GET", f"{V1}/me").status_code == 401
    theirs.waiting[token_id] = event(claims_of(desk, "li", jti=token_id))
    again = desk.person("li")
    desk.duty(POLL)
    assert again.ask("GET", f"{V1}/me").status_code == 200, "known by its id"
    assert theirs.waiting == {}


def test_what_is_no_event_is_told_and_keeps_nobody_else_back(
    desk: RunningDesk, theirs: Transmitter
) -> None:
    li = desk.person("li")
    theirs.waiting["bad"] = "a.b.c"
    wrong = claims_of(desk, "li", aud="other")
    theirs.waiting[wrong["jti"]] = event(wrong)
    theirs.waiting["renamed"] = event(claims_of(desk, "li", jti="true-name"))
    good = wait_for(desk, theirs)
    desk.duty(POLL)
    assert {one: fault["err"] for one, fault in theirs.faults.items()} == {
        "bad": "invalid_request",
        wrong["jti"]: "invalid_audience",
        "renamed": "invalid_request",
    }
    assert theirs.acknowledged == [good]
    assert li.ask("GET", f"{V1}/me").status_code == 401


def test_many_events_come_in_several_answers(desk: RunningDesk, theirs: Transmitter) -> None:
    for _ in range(70):
        wait_for(desk, theirs, sub_id={"format": "email", "email": "x@example.cn"})
    desk.duty(POLL)
    assert (len(theirs.acknowledged), theirs.waiting) == (70, {})


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
        (200, JSON, b"[]"),
        (200, JSON, b'{"sets": []}'),
        (200, JSON, b'{"sets": {"x": 1}}'),
        (200, JSON, json.dumps({"sets": {str(one): "t" for one in range(33)}}).encode()),
        (200, JSON, b'{"sets": {"x": "' + b"y" * 2_000_000 + b'"}}'),
        (200, {"Content-Type": "text/html"}, b"{}"),
        (500, JSON, b"{}"),
        (401, JSON, b"{}"),
    ],
)
def test_a_hostile_transmitter_leads_nowhere(
    desk: RunningDesk, theirs: Transmitter, answer: tuple[int, dict[str, str], bytes]
) -> None:
    theirs.bend = lambda _: answer
    with pytest.raises(ProviderUnreachableError):
        desk.duty(POLL)
    assert {path for path, _ in theirs.asked} == {"/poll"}, "no redirect is followed"
    assert len(theirs.asked) <= 2, "and nothing tried again and again"


def test_a_slow_transmitter_is_waited_for_no_longer_than_the_deadline(
    desk: RunningDesk, theirs: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WHOLE_SECONDS", 0.5)
    wait_for(desk, theirs)
    theirs.drips = True
    began = time.monotonic()
    with pytest.raises(ProviderUnreachableError):
        desk.duty(POLL)
    assert time.monotonic() - began < 20


def test_who_is_on_the_list_no_more_leaves(desk: RunningDesk, theirs: Transmitter) -> None:
    everybody = {one: desk.person(one) for one in OFFICERS}
    desk.duty(RECONCILE)
    assert active(desk) >= set(OFFICERS)
    asked = theirs.asked[0][0]
    assert "filter=groups.value+eq+%22officers%22" in asked
    assert "attributes=id%2Cactive" in asked, "nothing of a person but that"
    theirs.people = [
        {"id": "zhao", "active": False},
        *({"id": one, "active": True} for one in ("li", "wang", "qian")),
    ]
    desk.duty(RECONCILE)
    assert active(desk) & set(OFFICERS) == {"li", "wang", "qian"}
    assert everybody["zhao"].ask("GET", f"{V1}/me").status_code == 401
    assert everybody["li"].ask("GET", f"{V1}/me").status_code == 200
    with desk.home.database.reading() as connection:
        told = [
            one for one in list_events(connection, limit=10_000) if one.action == "identity.ended"
        ]
    assert {(one.actor, one.basis) for one in told[-2:]} == {("provider:main", "reconcile")}
    assert [one.every.total_seconds() for one in desk.duties if one.name == RECONCILE] == [900]


@pytest.mark.parametrize("left", [(), ("stranger",), ("li",)])
def test_a_list_that_would_end_too_many_ends_nobody(
    desk: RunningDesk, theirs: Transmitter, left: tuple[str, ...]
) -> None:
    theirs.people = [{"id": one, "active": True} for one in left]
    before = active(desk)
    with pytest.raises(ReconcileStoppedError):
        desk.duty(RECONCILE)
    assert active(desk) == before


def page(total: object, *people: object) -> tuple[int, dict[str, str], bytes]:
    body = {"totalResults": total, "Resources": list(people)}
    return 200, {"Content-Type": "application/scim+json"}, json.dumps(body).encode()


@pytest.mark.parametrize(
    "answers",
    [
        [page(5, {"id": "li"}), page(5)],
        [page(5, {"id": "li"}), page(4, {"id": "wang"})],
        [page(2, {"id": "li"}), page(3, {"id": "wang"})],
        [page(2, {"id": "li"}), page(2, {"id": "li"})],
        [page(1, {"id": "li"}, {"id": "wang"})],
        [page(1, {"userName": "li"})],
        [page(1, {"id": 7})],
        [page(1, "li")],
        [page("1", {"id": "li"})],
        [page(True, {"id": "li"})],
        [page(-1)],
        [page(10**9, {"id": "li"})],
        [page(2, {"id": "li"}), (500, JSON, b"{}")],
        [page(2, {"id": "li"}), (200, JSON, b"{")],
        [(302, {"Location": "http://127.0.0.1:1/"}, b"")],
        [(200, JSON, b'{"totalResults": 1, "Resources": {}}')],
        [(200, JSON, b"x" * 3_000_000)],
    ],
)
def test_a_part_of_a_list_is_not_taken_for_the_whole(
    desk: RunningDesk, theirs: Transmitter, answers: list[tuple[int, dict[str, str], bytes]]
) -> None:
    before, left = active(desk), iter(answers)
    theirs.bend = lambda _: next(left, answers[-1])
    with pytest.raises((ListIncompleteError, ProviderUnreachableError)):
        desk.duty(RECONCILE)
    assert active(desk) == before


def test_one_who_came_after_the_list_was_begun_stays(
    desk: RunningDesk, theirs: Transmitter
) -> None:
    theirs.people = [{"id": one} for one in OFFICERS]

    def come(_: str) -> Answer | None:
        theirs.bend = lambda _: None
        accounts = {**ACCOUNTS, "late": {"name": "迟来", "groups": ["经办"]}}
        desk.provider.tell(accounts=accounts)
        assert desk.person().sign_in("late").status_code == 303
        return None

    theirs.bend = come
    desk.duty(RECONCILE)
    assert "late" in active(desk)
    desk.duty(RECONCILE)
    assert "late" not in active(desk), "the next list knows them, or not"


def test_what_could_not_be_ended_is_tried_again(
    desk: RunningDesk, theirs: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who cannot be ended keeps nobody else in."""
    theirs.people = [{"id": one} for one in ("li", "wang", "qian")]
    once = ProviderWord.disable

    def fails_for_sun(
        self: ProviderWord, alias: str, pin: Pin, why: str, permit: Permit | None = None
    ) -> LeavingReport | None:
        if pin.sub == "sun":
            raise ProviderUnreachableError(Text("断", "cut off"))
        return once(self, alias, pin, why, permit)

    with monkeypatch.context() as broken:
        broken.setattr(ProviderWord, "disable", fails_for_sun)
        with pytest.raises(ProviderUnreachableError):
            desk.duty(RECONCILE)
    assert active(desk) & set(OFFICERS) == {"li", "wang", "qian", "sun"}
    desk.duty(RECONCILE)
    assert active(desk) & set(OFFICERS) == {"li", "wang", "qian"}
