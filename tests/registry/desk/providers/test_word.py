"""Word of providers, on both engines: merged people, several workers, sign-outs, lists."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import UnreachableError
from core.ids import IdentityId
from core.permits import Role
from core.text import Text
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.tokens.happenings import Effect, Happening
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.security_event import SecurityEvent
from registry.db.tables import identities, security_events, sign_outs
from registry.desk.providers.inbox import KEPT, Inbox
from registry.desk.providers.provisioning import PersonSaid, Provisioning
from registry.desk.providers.reconciling import (
    ALWAYS,
    WINDOW,
    Listed,
    ReconcileStoppedError,
    reconcile,
)
from registry.desk.providers.word import ProviderWord
from registry.desk.sign_in.sign_outs import forget_sign_outs, note_sign_out, refuse_signed_out
from registry.model import ConflictError
from registry.officers.departures import Departure, LeavingKind, LeavingReport
from registry.officers.identities import NewIdentity, add_identity, find_identity
from registry.officers.model import IdentityState
from registry.officers.states import enable_identity
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
    decided = {"most": 6, "why": "已核对名单", "permit": MANAGE_OFFICERS}
    assert reconcile(word, listed(*names[6:]), **decided).disabled == 6  # type: ignore[arg-type]
    assert [state(office, people[one]) for one in names[5:7]] == [
        IdentityState.DISABLED,
        IdentityState.ACTIVE,
    ]
    assert reconcile(word, listed(*names[6 + ALWAYS :]), share=1).disabled == ALWAYS
    assert {one.basis for one in office.events("identity.ended")} == {"reconcile", "已核对名单"}
    office.check()


@pytest.mark.parametrize("people", [1, 2, 3])
def test_of_a_small_office_never_all_go(office: Office, word: ProviderWord, people: int) -> None:
    for number in range(people):
        office.add(f"p{number}")
    for active in ((), ("stranger",)):
        with pytest.raises(ReconcileStoppedError):
            reconcile(word, listed(*active))
    assert reconcile(word, listed("sub-p0")).disabled == people - 1


def test_the_share_is_counted_over_all_runs_of_a_day(office: Office, word: ProviderWord) -> None:
    """Whoever makes a list wrong makes it so again a quarter of an hour later."""
    people = [office.add(f"p{number}") for number in range(40)]
    names = [f"sub-p{number}" for number in range(40)]
    later, share = {"asked_at": timedelta(days=3)}, 11
    assert reconcile(word, listed(*names[3:], **later), share=share).disabled == 3
    assert reconcile(word, listed(*names[4:], **later), share=share).disabled == 1
    for one in range(5, 9):
        with pytest.raises(ReconcileStoppedError):
            reconcile(word, listed(*names[one:], **later), share=share)
    # Whom an operator took from the list, and who came back, is not counted.
    decided = {"most": 5, "why": "已核对", "permit": MANAGE_OFFICERS}
    assert reconcile(word, listed(*names[6:], **later), **decided).disabled == 2  # type: ignore[arg-type]
    with office.database.writing() as connection:
        enable_identity(connection, people[0], "误停", MANAGE_OFFICERS, AT)
    assert reconcile(word, listed(names[0], *names[7:], **later), share=share).disabled == 1
    with pytest.raises(ReconcileStoppedError):
        reconcile(word, listed(names[0], *names[8:], **later), share=share)
    office.clock.advance(WINDOW + timedelta(seconds=1))
    assert reconcile(word, listed(names[0], *names[10:], **later), share=share).disabled == 3
    office.check()


def test_events_that_keep_failing_hold_up_no_others(
    office: Office, word: ProviderWord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.desk.providers.inbox.AT_ONCE", 2)
    failing = {"sub-a", "sub-b", "sub-c"}
    disable = ProviderWord.disable

    def some_fail(self: ProviderWord, alias: str, pin: Pin, why: str) -> LeavingReport | None:
        if pin.sub in failing:
            raise UnreachableError(Text("不通", "out of reach"))
        return disable(self, alias, pin, why)

    monkeypatch.setattr(ProviderWord, "disable", some_fail)
    inbox = Inbox(office.database, word, lambda *_: None)
    who = office.add("li")
    for number, one in enumerate(("sub-a", "sub-b", "sub-c", "sub-li")):
        inbox.keep("gov", *told(f"t-{number}", one), AT + timedelta(seconds=number))
    for _ in range(2):
        office.clock.advance(timedelta(seconds=1))
        with pytest.raises(UnreachableError):
            inbox.carry_out()
    assert (inbox.waiting(), state(office, who)) == (3, IdentityState.DISABLED)
    failing.clear()
    for _ in range(2):  # each of them has its turn again
        office.clock.advance(timedelta(seconds=1))
        inbox.carry_out()
    assert inbox.waiting() == 0


def test_whom_a_provider_takes_over_by_scim_is_on_record(
    office: Office, word: ProviderWord
) -> None:
    people = Provisioning(word, "gov", ISSUER, secrets.token_bytes, "scim client")
    li = office.add("li")
    people.add(PersonSaid("sub-li", "li", "e-1", active=True))
    people.add(PersonSaid("sub-new", "new", "e-2", active=True))
    (adopted,) = office.events("identity.adopted")
    assert (adopted.subject, adopted.actor, adopted.basis) == (
        f"id:{li}",
        "provider:gov",
        "scim client",
    )
    office.check()
