"""Word of providers, on both engines: merged people, several workers, sign-outs, lists."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.ids import IdentityId
from core.permits import Role
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.tokens.happenings import Effect, Happening
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.security_event import SecurityEvent
from registry.db.tables import identities, security_events, sign_outs
from registry.desk.inbox import KEPT, Inbox
from registry.desk.provider_word import ProviderWord
from registry.desk.provisioning import PersonSaid, Provisioning
from registry.desk.reconciling import ALWAYS, Listed, ReconcileStoppedError, reconcile
from registry.desk.sign_outs import forget_sign_outs, note_sign_out, refuse_signed_out
from registry.model import ConflictError
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity, find_identity
from registry.officers.model import IdentityState
from tests.permits import MANAGE_OFFICERS
from tests.registry.officers.office import AT, ISSUER, Office

OTHER = "https://other.example"


def state(office: Office, who: IdentityId) -> IdentityState:
    with office.database.reading() as connection:
        return find_identity(connection, who).state


def merge(word: ProviderWord, who: IdentityId, into: IdentityId) -> None:
    departure = Departure(who, LeavingKind.MERGED, "重复", merged_into=into)
    word.leaving().end_identity(departure, MANAGE_OFFICERS)


def test_who_was_merged_leaves_as_who_they_are_now(office: Office, word: ProviderWord) -> None:
    first, second = office.add("first"), office.add("second")
    merge(word, first, second)
    assert word.disable("gov", Pin(ISSUER, "sub-first"), "event") is not None
    assert state(office, second) is IdentityState.DISABLED
    office.check()


def test_of_another_issuers_identity_a_provider_says_nothing(
    office: Office, word: ProviderWord
) -> None:
    first = office.add("first")
    new = NewIdentity(Pin(OTHER, "second"), IdentityKind.PERSON, "second")
    with office.database.writing() as connection:
        second = add_identity(connection, new, MANAGE_OFFICERS, AT, secrets.token_bytes).identity_id
    merge(word, first, second)
    assert word.disable("gov", Pin(ISSUER, "sub-first"), "event") is None
    assert state(office, second) is IdentityState.ACTIVE
    assert word.disable("gov", Pin(ISSUER, "nobody"), "event") is None


def told(token_id: str, subject: str = "sub-li") -> tuple[SecurityEvent, tuple[Happening, ...]]:
    event = SecurityEvent(ISSUER, token_id, AT, {"x:y": {}}, None, None, None, None)
    return event, (Happening("account-disabled", Effect.DISABLE, subject),)


def test_of_two_workers_that_get_an_event_one_keeps_it(office: Office, word: ProviderWord) -> None:
    who = office.add("li")
    office.give(who, Role.SEALER)
    counted: list[tuple[str, str]] = []
    inbox = Inbox(office.database, word, lambda *one: counted.append(one))
    with ThreadPoolExecutor(2) as pool:
        kept = list(pool.map(lambda _: inbox.keep("gov", *told("t-1"), AT), range(2)))
    assert sorted(one is None for one in kept) == [False, True]
    assert inbox.waiting() == 1
    with ThreadPoolExecutor(2) as pool:  # and both carry it out
        list(pool.map(lambda _: inbox.carry_out(), range(2)))
    assert (inbox.waiting(), state(office, who)) == (0, IdentityState.DISABLED)
    assert len(office.events("identity.ended")) == 1
    assert {("account-disabled", "kept"), ("account-disabled", "repeated")} <= set(counted)
    office.check()


def test_an_event_is_known_for_as_long_as_it_could_be_delivered(
    office: Office, word: ProviderWord
) -> None:
    inbox = Inbox(office.database, word, lambda *_: None)
    inbox.keep("gov", *told("t-1"), AT)
    inbox.carry_out()
    waits = inbox.keep("gov", *told("t-2"), AT)
    for after, left in ((timedelta(days=7, hours=1), 2), (KEPT + timedelta(1), 1)):
        inbox.sweep(AT + after)
        with office.database.reading() as connection:
            query = select(func.count()).select_from(security_events)
            assert connection.execute(query).scalar_one() == left
    inbox.carry_out(waits)
    assert inbox.waiting() == 0, "what was not carried out is never forgotten"


def test_a_later_sign_out_is_not_undone_by_an_earlier(office: Office) -> None:
    pin = Pin(ISSUER, "sub-li")
    token = Identity(pin, IdentityKind.PERSON, "li", SignInWay.DEVICE, issued_at=AT)
    with office.database.writing() as connection:
        for seconds in (5, 10, 1):
            note_sign_out(connection, pin, AT + timedelta(seconds=seconds))
    with office.database.reading() as connection:
        for seconds, refused in ((0, True), (10, True), (11, False)):
            one = replace(token, issued_at=AT + timedelta(seconds=seconds))
            if not refused:
                refuse_signed_out(connection, one)
                continue
            with pytest.raises(TokenRefusedError) as caught:
                refuse_signed_out(connection, one)
            assert caught.value.reason is Refusal.SIGNED_OUT
        refuse_signed_out(connection, replace(token, pin=Pin(OTHER, "sub-li")))
        refuse_signed_out(connection, replace(token, issued_at=None))
    forget_sign_outs(office.database, AT + timedelta(hours=1))
    with office.database.reading() as connection:
        assert connection.execute(select(sign_outs.c.sub)).scalars().all() == ["sub-li"]
    forget_sign_outs(office.database, AT + timedelta(hours=3))
    with office.database.reading() as connection:
        assert connection.execute(select(sign_outs.c.sub)).all() == []


def test_of_two_who_record_the_same_one_does(office: Office, word: ProviderWord) -> None:
    people = Provisioning(word, "gov", ISSUER, secrets.token_bytes, "scim")

    def add(_: int) -> bool:
        try:
            people.add(PersonSaid("s-1", "one", "s-1", active=True))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]
    with office.database.reading() as connection:
        query = select(func.count()).select_from(identities)
        assert connection.execute(query).scalar_one() == 1
    office.check()


def listed(*active: str, asked_at: timedelta = timedelta(hours=1)) -> Listed:
    return Listed("gov", ISSUER, active, AT + asked_at)


def test_how_many_may_go_at_once(office: Office, word: ProviderWord) -> None:
    people = {f"sub-p{number}": office.add(f"p{number}") for number in range(50)}
    office.add("system", people["sub-p0"])
    names = list(people)
    few = reconcile(word, listed(*names[5:]), carries_out=False)
    assert (few.known, len(few.gone), few.disabled) == (50, 5, 0), "a tenth; no system is counted"
    for active in (names[6:], [], ["stranger"], names[49:]):
        with pytest.raises(ReconcileStoppedError):
            reconcile(word, listed(*active))
    with pytest.raises(ReconcileStoppedError):
        reconcile(word, listed(*names[6:]), most=5)
    early = reconcile(word, listed(asked_at=-timedelta(1)))
    assert early.known == 0, "who came after the list was asked for is not missing from it"
    assert reconcile(word, listed(*names[6:]), most=6).disabled == 6
    assert [state(office, people[one]) for one in names[5:7]] == [
        IdentityState.DISABLED,
        IdentityState.ACTIVE,
    ]
    assert {one.basis for one in office.events("identity.ended")} >= {"reconcile"}
    assert reconcile(word, listed(*names[6 + ALWAYS :]), share=1).disabled == ALWAYS
    office.check()


@pytest.mark.parametrize("people", [1, 2, 3])
def test_of_a_small_office_never_all_go(office: Office, word: ProviderWord, people: int) -> None:
    for number in range(people):
        office.add(f"p{number}")
    for active in ((), ("stranger",)):
        with pytest.raises(ReconcileStoppedError):
            reconcile(word, listed(*active))
    assert reconcile(word, listed("sub-p0")).disabled == people - 1
