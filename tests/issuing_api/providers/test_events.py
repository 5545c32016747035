"""Security events that a provider pushes: sessions and tokens end, people leave."""

import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from core.clock import SystemClock
from core.errors import UnreachableError
from core.ids import AuthorityId, IdentityId
from core.permits import EVERYTHING, Action, Role
from core.text import Text
from identity.people.model import IdentityKind, Pin
from identity.tokens.happenings import CAEP, RISC
from registry.audit.chain import AuditEvent
from registry.audit.events import list_events
from registry.db.tables import identities, security_events, sessions
from registry.desk.providers.word import ProviderWord
from registry.officers.identities import NewIdentity, add_identity, find_identity
from registry.officers.model import IdentityState
from registry.officers.roles import RoleGift, assign_role, list_roles
from registry.officers.states import enable_identity
from tests.cli.conftest import DemoHome
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import ALIAS, Person, RunningDesk, running_desk, words_of
from tests.issuing_api.providers.leavers import DISABLED, REVOKED, claims_of, counted, event, push
from tests.issuing_api.test_desk import body

V1 = "/issuing/v1"
EVENTS = "[providers.events]\n"


@pytest.fixture(scope="module")
def own(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> DemoHome:
    """One copy of the demo for all tests here, each of which has people of its own."""
    directory = tmp_path_factory.mktemp("events") / "home"
    shutil.copytree(shared.directory, directory)
    return DemoHome(directory, shared.report)


@pytest.fixture(scope="module")
def desk(own: DemoHome) -> Iterator[RunningDesk]:
    """A desk that takes events."""
    with running_desk(own.directory, *two_authorities(own), EVENTS) as running:
        yield running


@pytest.fixture(autouse=True)
def everybody_works_here(desk: RunningDesk) -> Iterator[None]:
    """Whoever a test disabled comes back for the next."""
    yield
    database, now = desk.home.database, desk.home.clock.now()
    ended = identities.c.state == IdentityState.DISABLED
    with database.reading() as connection:
        found = connection.execute(select(identities.c.identity_id).where(ended)).scalars().all()
    for one in found:
        with database.writing() as connection:
            permit = desk.home.permit(Action.MANAGE_OFFICERS)
            enable_identity(connection, IdentityId(one), "test", permit, now)


def state_of(desk: RunningDesk, account: str) -> str | None:
    query = select(identities.c.state).where(identities.c.sub == account)
    with desk.home.database.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def events_of(desk: RunningDesk, action: str) -> list[AuditEvent]:
    with desk.home.database.reading() as connection:
        found = list_events(connection, limit=10_000)
    return [one for one in found if one.action == action]


def is_in(person: Person) -> bool:
    return person.ask("GET", f"{V1}/me").status_code == 200


def test_a_revoked_session_is_over_within_a_minute(desk: RunningDesk) -> None:
    li, wang = desk.person("li"), desk.person("wang")
    before = counted(desk, "session-revoked", "signed_out")
    began = time.monotonic()
    answer = push(desk, event(claims_of(desk, "li")))
    assert (answer.status_code, answer.content) == (202, b""), answer.text
    assert li.ask("GET", f"{V1}/me").status_code == 401
    assert time.monotonic() - began < 60, "the promise; it takes well under a second"
    assert is_in(wang)
    assert counted(desk, "session-revoked", "signed_out") == before + 1
    assert is_in(desk.person("li")), "who may, signs in anew"
    told = events_of(desk, "session.ended")[-1]
    assert told.actor == f"provider:{ALIAS}"
    assert told.basis is not None
    assert told.basis.startswith("event session-revoked (")


@pytest.mark.parametrize(
    "kind",
    [
        f"{CAEP}credential-change",
        f"{CAEP}token-claims-change",
        f"{RISC}sessions-revoked",
        f"{RISC}credential-compromise",
    ],
)
def test_other_events_end_sessions_too(desk: RunningDesk, kind: str) -> None:
    li = desk.person("li")
    assert push(desk, event(claims_of(desk, "li", kind))).status_code == 202
    assert not is_in(li)


def test_access_tokens_of_before_are_taken_no_more(desk: RunningDesk) -> None:
    """A token cannot be taken back, so it is refused by when it was issued."""
    store = desk.system()
    owner = desk.person("li").ask("GET", f"{V1}/me").json()["id"]
    with desk.home.database.writing() as connection:
        system = add_identity(
            connection,
            NewIdentity(Pin(desk.provider.issuer, "store"), IdentityKind.SERVICE, "库", owner),
            desk.home.permit(Action.MANAGE_OFFICERS),
            desk.home.clock.now(),
            secrets.token_bytes,
        )
    assert store.ask("GET", f"{V1}/me").status_code == 200
    issued = int(SystemClock().now().timestamp())
    assert push(desk, event(claims_of(desk, "store", iat=issued))).status_code == 202
    refused = store.ask("GET", f"{V1}/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_refused")
    deadline = time.monotonic() + 5
    while int(SystemClock().now().timestamp()) <= issued:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    store.token = ""
    assert store.ask("GET", f"{V1}/me").status_code == 200, "one of afterwards is taken"
    # Disabled, it is refused at once whatever its token says; so is its owner's leaving.
    assert push(desk, event(claims_of(desk, "li", DISABLED))).status_code == 202
    gone = store.ask("GET", f"{V1}/me")
    assert (gone.status_code, gone.json()["code"]) == (401, "token_refused")
    with desk.home.database.reading() as connection:
        assert find_identity(connection, system.identity_id).state is IdentityState.DISABLED


def test_one_session_of_several_is_ended_by_its_id(desk: RunningDesk) -> None:
    first, second = desk.person("li"), desk.person("li")
    query = select(sessions.c.provider_session).order_by(sessions.c.begun_at.desc()).limit(1)
    with desk.home.database.reading() as connection:
        session = connection.execute(query).scalar_one()
    complex_subject = {
        "format": "complex",
        "user": {"format": "iss_sub", "iss": desk.provider.issuer, "sub": "li"},
        "session": {"format": "opaque", "id": session},
    }
    assert push(desk, event(claims_of(desk, "li", sub_id=complex_subject))).status_code == 202
    assert (is_in(first), is_in(second)) == (True, False)
    alone = {"format": "complex", "session": complex_subject["session"]}
    third = desk.person("wang")
    assert push(desk, event(claims_of(desk, "li", sub_id=alone))).status_code == 202
    assert is_in(first)
    assert is_in(third)


@pytest.mark.parametrize("kind", [DISABLED, f"{RISC}account-purged"])
def test_who_is_disabled_there_leaves_here(desk: RunningDesk, kind: str) -> None:
    zhao = desk.person("zhao")
    identity = zhao.ask("GET", f"{V1}/me").json()["id"]
    began = time.monotonic()
    assert push(desk, event(claims_of(desk, "zhao", kind))).status_code == 202
    assert not is_in(zhao)
    assert time.monotonic() - began < 60
    assert state_of(desk, "zhao") == IdentityState.DISABLED
    told = events_of(desk, "identity.ended")[-1]
    assert (told.actor, told.subject) == (f"provider:{ALIAS}", f"id:{identity}")
    assert told.basis is not None
    assert told.basis.startswith(f"event {kind.rpartition('/')[2]} (")
    assert desk.person().sign_in("zhao").status_code == 403


def test_their_requests_end_and_nobody_carries_them_out(desk: RunningDesk) -> None:
    li, wang, zhao = (desk.person(one) for one in ("li", "wang", "zhao"))
    ids = []
    for number in (1, 2):
        key = f"leaving-{number}"
        asked = li.ask("POST", f"{V1}/requests", body(number), Idempotency_Key=key)
        assert asked.status_code == 201, words_of(asked)
        ids.append(asked.json()["id"])
    approved = wang.ask("POST", f"{V1}/requests/{ids[0]}/approval", {"reason": "可"})
    assert approved.status_code == 200, words_of(approved)
    assert push(desk, event(claims_of(desk, "li", DISABLED))).status_code == 202
    for one in ids:
        assert wang.ask("GET", f"{V1}/requests/{one}").json()["state"] == "WITHDRAWN"
        assert wang.ask("GET", f"{V1}/requests/{one}/content").status_code == 409, "not kept"
        assert zhao.ask("POST", f"{V1}/requests/{one}/licence").status_code == 409


def test_subjects_in_the_forms_that_transmitters_use(desk: RunningDesk) -> None:
    pin = {"iss": desk.provider.issuer, "sub": "li"}
    others = {"iss": "https://other.example", "sub": "li"}
    forms: list[dict[str, object]] = [
        {"sub_id": {"format": "aliases", "identifiers": [
            {"format": "email", "email": "li@example.cn"}, {"format": "iss_sub", **others},
            {"format": "iss_sub", **pin},
        ]}},
        {"sub_id": {"format": "complex", "user": {"format": "iss_sub", **pin}}},
        {"sub_id": None, "sub": "li"},
        {"sub_id": None, "events": {REVOKED: {"subject": {"format": "iss_sub", **pin}}}},
        {"sub_id": None, "events": {REVOKED: {"subject": {"subject_type": "iss-sub", **pin}}}},
    ]  # fmt: skip
    for changed in forms:
        li = desk.person("li")
        assert push(desk, event({**claims_of(desk, "li"), **changed})).status_code == 202
        assert not is_in(li), changed
    li, before = desk.person("li"), counted(desk, "session-revoked", "no_subject")
    nobody: list[dict[str, object]] = [
        {"format": "email", "email": "li@example.cn"},
        {"format": "phone_number", "phone_number": "+8613800000000"},
        {"format": "iss_sub", **others},
        {"format": "iss_sub", "iss": desk.provider.issuer, "sub": 7},
        {"format": "aliases", "identifiers": [{"format": "iss_sub", **others}] * 50},
        {"format": "aliases", "identifiers": "li"},
        {"format": "complex", "user": {"format": "complex", "user": {"format": "iss_sub", **pin}}},
        {"format": "did", "url": "did:example:li"},
    ]
    for subject in nobody:
        assert push(desk, event(claims_of(desk, "li", sub_id=subject))).status_code == 202
    assert is_in(li), "nobody is found by an address, and of another issuer's it says nothing"
    assert counted(desk, "session-revoked", "no_subject") == before + len(nobody)


def test_what_is_none_of_ours_is_acknowledged_and_counted(desk: RunningDesk) -> None:
    li, before = desk.person("li"), counted(desk, "unknown", "ignored")
    for kind in (
        "https://schemas.openid.net/secevent/ssf/event-type/verification",
        f"{RISC}account-enabled",
        f"{RISC}identifier-changed",
        "urn:example:whatever",
    ):
        assert push(desk, event(claims_of(desk, "li", kind))).status_code == 202
    assert is_in(li)
    assert counted(desk, "unknown", "ignored") == before + 4
    kept = counted(desk, "account-disabled", "nobody")
    assert push(desk, event(claims_of(desk, "stranger", DISABLED))).status_code == 202
    assert counted(desk, "account-disabled", "nobody") == kept + 1


def test_a_repeated_delivery_is_acknowledged_and_does_nothing(desk: RunningDesk) -> None:
    token = event(claims_of(desk, "li"))
    assert push(desk, token).status_code == 202
    li, before = desk.person("li"), counted(desk, "session-revoked", "repeated")
    assert push(desk, token).status_code == 202
    assert is_in(li)
    assert counted(desk, "session-revoked", "repeated") == before + 1


def test_what_is_no_event_of_the_provider_is_refused(desk: RunningDesk) -> None:
    """By the codes of RFC 8935 2.4; a hostile transmitter has all but the key."""
    li, other = desk.person("li"), ec.generate_private_key(ec.SECP256R1())
    now = SystemClock().now()
    week = int((now - timedelta(days=8)).timestamp())
    ahead = int((now + timedelta(minutes=10)).timestamp())
    good = claims_of(desk, "li")
    cases: dict[str, tuple[str | bytes, str]] = {
        "forged": (event(good, other), "authentication_failed"),
        "unknown key": (event(good, key_id="theirs"), "invalid_key"),
        "issuer": (event({**good, "iss": "https://other.example"}), "invalid_issuer"),
        "audience": (event({**good, "aud": "other"}), "invalid_audience"),
        "no audience": (event({**good, "aud": []}), "invalid_audience"),
        "an end": (event({**good, "exp": ahead}), "invalid_request"),
        "a logout token": (event(good, typ="logout+jwt"), "invalid_request"),
        "an ID token": (event(good, typ="JWT"), "invalid_request"),
        "no id": (event({**good, "jti": ""}), "invalid_request"),
        "no events": (event({**good, "events": {}}), "invalid_request"),
        "old": (event({**good, "iat": week}), "invalid_request"),
        "of tomorrow": (event({**good, "iat": ahead}), "invalid_request"),
        "nothing": ("", "invalid_request"),
        "no token": ("a.b.c", "invalid_request"),
        "huge": ("x" * 1_000_000, "invalid_request"),
        "octets": (b"\xff\x00" * 50, "invalid_request"),
    }
    for name, (token, code) in cases.items():
        answer = push(desk, token)
        assert (answer.status_code, answer.json()["err"]) == (400, code), name
        assert "li" not in answer.json()["description"].split(), name
    assert push(desk, event(good), media_type="application/jwt").json()["err"] == "invalid_request"
    assert push(desk, event(good), alias="other").json()["err"] == "access_denied"
    assert is_in(li)
    assert push(desk, event(good)).status_code == 202
    assert not is_in(li), "the same, unchanged, is taken"


def test_a_crash_before_it_was_carried_out_loses_nothing(
    desk: RunningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acknowledged is what is on record: a duty does it, should nobody else."""
    li = desk.person("li")

    def cut_off(*_: object, **__: object) -> int:
        raise UnreachableError(Text("断", "cut off"))

    with monkeypatch.context() as broken:
        broken.setattr(ProviderWord, "sign_out", cut_off)
        assert push(desk, event(claims_of(desk, "li"))).status_code == 202
        assert is_in(li), "not done yet"
        with pytest.raises(UnreachableError):
            desk.duty("security-events")
    desk.duty("security-events")
    assert not is_in(li)
    with desk.home.database.reading() as connection:
        left = connection.execute(select(security_events.c.told, security_events.c.done_at)).all()
    assert left
    assert all(told is None and done is not None for told, done in left), "of whom is forgotten"


def test_the_roles_of_who_left_do_not_come_back(desk: RunningDesk) -> None:
    qian = desk.person("qian")
    identity = IdentityId(qian.ask("GET", f"{V1}/me").json()["id"])
    permit, now = desk.home.permit(Action.MANAGE_OFFICERS), desk.home.clock.now()
    authority = AuthorityId(desk.authority)
    with desk.home.database.writing() as connection:
        gift = RoleGift(identity, Role.OPERATOR, authority)
        assign_role(connection, gift, permit, now, secrets.token_bytes)
    assert push(desk, event(claims_of(desk, "qian", DISABLED))).status_code == 202
    with desk.home.database.writing() as connection:
        enable_identity(connection, identity, "返岗", permit, desk.home.clock.now())
    with desk.home.database.reading() as connection:
        assert list_roles(connection, EVERYTHING, identity_id=identity, ended=False) == []
    again = desk.person("qian")
    assert [one["role"] for one in again.ask("GET", f"{V1}/me").json()["roles"]] == ["auditor"], (
        "only what the provider's groups give"
    )


def test_an_alarm_is_raised_when_the_last_administrator_leaves(
    desk: RunningDesk, caplog: pytest.LogCaptureFixture
) -> None:
    sun = desk.person("sun")
    identity = IdentityId(sun.ask("GET", f"{V1}/me").json()["id"])
    permit, now = desk.home.permit(Action.MANAGE_OFFICERS), desk.home.clock.now()
    with desk.home.database.writing() as connection:
        gift = RoleGift(identity, Role.ADMINISTRATOR, None)
        assign_role(connection, gift, permit, now, secrets.token_bytes)
    assert push(desk, event(claims_of(desk, "sun", DISABLED))).status_code == 202
    assert state_of(desk, "sun") == IdentityState.DISABLED, "who left, left"
    assert [one.code for one in caplog.records if hasattr(one, "code")] == ["last_administrator"]


def test_a_storm_of_events_is_slowed_down_for_its_sender_alone(desk: RunningDesk) -> None:
    answers = [push(desk, "a.b.c").status_code for _ in range(50)]
    assert set(answers) <= {400, 429}
    assert is_in(desk.person("wang")), words_of(desk.person("wang").ask("GET", f"{V1}/me"))
