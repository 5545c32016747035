"""Local accounts in SQL, on both engines: made, signed in to, throttled, in several workers."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import NotAllowedError, UsageError
from identity.accounts.browser_mark import make_mark
from identity.accounts.errors import (
    PasskeyRefusedError,
    TooManyTriesError,
    UnfitPasswordError,
    WrongSignInError,
)
from identity.accounts.model import LOCAL_ISSUER, PASSWORD_ACR, Account
from identity.accounts.passkeys import MOST, TIME_TO_ANSWER, NewPasskey, Site
from identity.accounts.passwords import Passwords
from identity.accounts.sign_in import LocalSignIn, Purpose
from identity.accounts.throttle import Counted, count_of
from identity.sessions.sessions import digest_of
from registry.audit.events import list_events
from registry.db.database import Database
from registry.desk.sign_in.account_store import SqlAccounts
from registry.desk.sign_in.accounts import (
    NewAccount,
    add_account,
    find_known,
    give_code,
    list_accounts,
    set_password,
    take_passkey,
)
from registry.model import ConflictError, NotFoundError
from tests.clock import StoppedClock
from tests.permits import MANAGE_OFFICERS

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
GOOD, OTHER = "violet gravel otter", "seven quiet lanterns"
PASSWORDS = Passwords(time_cost=1, memory_kib=64, lanes=1)
OFFICE, STRANGER = "203.0.113.7", "198.51.100.9"
SESSION = digest_of("a-session")
SITE = Site("http://localhost:8440", "Xinyin")


class Accounts:
    """A register with one account, and two workers that sign in to it."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, StoppedClock(AT)
        self.store = SqlAccounts(database, self.clock, secrets.token_bytes)
        self.here = LocalSignIn(self.store, PASSWORDS, self.clock, SITE)
        other = SqlAccounts(database, self.clock, secrets.token_bytes)
        self.there = LocalSignIn(other, PASSWORDS, self.clock, SITE)
        self.li = self.add("LiMei", "李梅")

    def add(self, login: str, name: str, password: str = GOOD) -> Account:
        new = NewAccount(login, name, PASSWORDS.make(password))
        with self.database.writing() as connection:
            return add_account(connection, new, MANAGE_OFFICERS, AT, secrets.token_bytes).account

    def code(self) -> str:
        with self.database.writing() as connection:
            return give_code(connection, "limei", MANAGE_OFFICERS, self.clock.now())

    def add_passkey(self, code: str | None = None) -> str:
        made = NewPasskey(secrets.token_bytes(32), b"key", 0)
        return self.store.add_passkey(self.li.sub, made, "笔记本", code).passkey_id

    def actions(self) -> list[str]:
        with self.database.reading() as connection:
            return [one.action for one in list_events(connection)]


@pytest.fixture
def accounts(database: Database) -> Accounts:
    database.create()
    return Accounts(database)


def test_a_password_signs_its_person_in(accounts: Accounts) -> None:
    found = accounts.here.by_password(" LIMEI ", GOOD, OFFICE)
    assert (found.account.sub, found.acr) == (accounts.li.sub, PASSWORD_ACR)
    with accounts.database.reading() as connection:
        known = find_known(connection, "limei")
        events = list_events(connection)
    assert (known.account.name, known.passkeys) == ("李梅", ())
    assert not [one for one in events if "limei" in str(one).lower() or GOOD in str(one)]


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("limei", OTHER),
        ("limei", ""),
        ("nobody", GOOD),
        ("", GOOD),
        ("li mei", GOOD),
        ("x" * 99, ""),
    ],
)
def test_what_is_wrong_is_not_said(accounts: Accounts, login: str, password: str) -> None:
    with pytest.raises(WrongSignInError) as refused:
        accounts.here.by_password(login, password, OFFICE)
    assert refused.value.text.en == "The account name or the password is wrong."


def test_an_unknown_name_is_hashed_and_throttled_as_a_known_one(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str | None] = []
    verify = Passwords.verify

    def counting(self: Passwords, kept: str | None, password: str) -> bool:
        hashed.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(Passwords, "verify", counting)
    outcomes: dict[str, list[type[Exception]]] = {"limei": [], "nobody": []}
    for number, (login, met) in enumerate(outcomes.items()):
        for _ in range(8):
            try:
                accounts.here.by_password(login, OTHER, f"192.0.2.{number}")
            except (WrongSignInError, TooManyTriesError) as error:
                met.append(type(error))
    assert outcomes["limei"] == outcomes["nobody"]
    assert TooManyTriesError in outcomes["limei"]
    assert len(hashed) == outcomes["limei"].count(WrongSignInError) * 2


def test_an_account_without_a_password_has_none(accounts: Accounts) -> None:
    with accounts.database.writing() as connection:
        new = NewAccount("wang", "王例", None)
        add_account(connection, new, MANAGE_OFFICERS, AT, secrets.token_bytes)
    with pytest.raises(WrongSignInError):
        accounts.here.by_password("wang", "", OFFICE)


def fail(accounts: Accounts, times: int, network: str = STRANGER, mark: str | None = None) -> int:
    """Fail so many times, as fast as one can; return how many were judged."""
    judged = 0
    for number in range(times):
        worker = accounts.here if number % 2 else accounts.there
        try:
            worker.by_password("limei", OTHER, network, mark)
        except WrongSignInError:
            judged += 1
        except TooManyTriesError:
            pass
    return judged


def test_guesses_are_throttled_across_workers_and_networks(accounts: Accounts) -> None:
    assert fail(accounts, 20) == 5
    assert fail(accounts, 20, "2001:db8::/56") == 0
    with pytest.raises(TooManyTriesError) as refused:
        accounts.here.by_password("limei", GOOD, OFFICE)
    accounts.clock.advance(timedelta(seconds=float(refused.value.details["retry_after"])))
    assert accounts.here.by_password("limei", GOOD, OFFICE).account.sub == accounts.li.sub


def test_guesses_at_once_count_each(accounts: Accounts) -> None:
    with ThreadPoolExecutor(8) as pool:
        judged = list(pool.map(lambda _: fail(accounts, 1), range(16)))
    assert sum(judged) == 5


def test_a_known_browser_does_not_wait_for_strangers(accounts: Accounts) -> None:
    mark = accounts.here.by_password("limei", GOOD, OFFICE).mark
    assert mark is not None
    fail(accounts, 20)
    found = accounts.here.by_password("limei", GOOD, STRANGER, mark)
    assert found.account.sub == accounts.li.sub
    assert fail(accounts, 30, OFFICE, mark) == 10
    for forged in (f"{mark[:-2]}AA", make_mark(secrets.token_bytes(32)), "", ".", "x" * 500):
        assert fail(accounts, 1, STRANGER, forged) == 0


def test_another_password_forgets_browsers_and_failures(accounts: Accounts) -> None:
    mark = accounts.here.by_password("limei", GOOD, OFFICE).mark
    fail(accounts, 20)
    with accounts.database.writing() as connection:
        set_password(
            connection,
            "limei",
            PASSWORDS.make(OTHER),
            MANAGE_OFFICERS,
            at=AT,
            random=secrets.token_bytes,
        )
    assert accounts.here.by_password("limei", OTHER, OFFICE).account.sub == accounts.li.sub
    with pytest.raises(WrongSignInError):
        accounts.here.by_password("limei", GOOD, OFFICE, mark)
    counts = (count_of(Counted.ACCOUNT, "limei"),)
    for _ in range(4):
        accounts.store.try_(counts, AT)
    with pytest.raises(TooManyTriesError):  # the mark of before counts with the strangers
        accounts.here.by_password("limei", OTHER, OFFICE, mark)


def test_a_network_waits_whatever_names_it_tries(accounts: Accounts) -> None:
    judged = 0
    for number in range(60):
        try:
            accounts.here.by_password(f"somebody{number}", OTHER, STRANGER)
        except WrongSignInError:
            judged += 1
        except TooManyTriesError:
            continue
    assert judged == 20
    accounts.here.by_password("limei", GOOD, OFFICE)


def test_one_s_own_success_does_not_clear_a_network(accounts: Accounts) -> None:
    accounts.add("wang", "王例", OTHER)
    judged = 0
    for number in range(60):
        try:
            accounts.here.by_password(f"somebody{number}", GOOD, STRANGER)
        except WrongSignInError:
            judged += 1
        except TooManyTriesError:
            continue
        with suppress(TooManyTriesError):
            accounts.here.by_password("wang", OTHER, STRANGER)
    assert judged == 20


def test_hashes_follow_the_parameters_of_today(accounts: Accounts) -> None:
    today = Passwords(time_cost=2, memory_kib=64, lanes=1)
    LocalSignIn(accounts.store, today, accounts.clock, SITE).by_password("limei", GOOD, OFFICE)
    kept = accounts.store.find("limei")
    assert kept is not None
    assert kept.password_hash is not None
    assert ",t=2," in kept.password_hash
    accounts.store.set_hash(accounts.li.sub, "old", "not the one that is kept")
    assert accounts.store.find("limei") == kept


def test_a_person_changes_their_password_by_the_old_one(accounts: Accounts) -> None:
    with pytest.raises(WrongSignInError):
        accounts.here.change_password(SESSION, accounts.li.sub, OTHER, "another good one")
    with pytest.raises(UnfitPasswordError):
        accounts.here.change_password(SESSION, accounts.li.sub, GOOD, "limei limei")
    accounts.here.change_password(SESSION, accounts.li.sub, GOOD, OTHER)
    assert accounts.here.by_password("limei", OTHER, OFFICE).account.sub == accounts.li.sub
    assert accounts.actions()[-1] == "account.password_set"


def test_names_are_taken_once(accounts: Accounts) -> None:
    with pytest.raises(ConflictError):
        accounts.add("ｌｉｍｅｉ", "另一人")
    with pytest.raises(UsageError):
        accounts.add("li mei", "李梅")
    with accounts.database.reading() as connection:
        assert [one.account.login for one in list_accounts(connection)] == ["limei"]
        with pytest.raises(NotFoundError):
            find_known(connection, "wang")


def test_an_account_comes_back_to_its_identity(accounts: Accounts) -> None:
    """After a restore: accounts are in no backup, identities and their roles are."""
    with accounts.database.writing() as connection:
        known = find_known(connection, "limei")
        connection.exec_driver_sql("DELETE FROM local_accounts")
        new = NewAccount("mei", "李梅", PASSWORDS.make(OTHER), known.identity_id)
        back = add_account(connection, new, MANAGE_OFFICERS, AT, secrets.token_bytes)
    assert (back.identity_id, back.account.sub) == (known.identity_id, accounts.li.sub)
    assert back.account.sub != LOCAL_ISSUER


def test_the_first_passkey_takes_a_code_once(accounts: Accounts) -> None:
    for code in ("", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(NotAllowedError):
            accounts.add_passkey(code)
    stale, code = accounts.code(), accounts.code()
    with pytest.raises(NotAllowedError):
        accounts.add_passkey(stale)
    accounts.add_passkey(f" {code.lower()} ")
    with pytest.raises(NotAllowedError):
        accounts.add_passkey(code)
    late = accounts.code()
    accounts.clock.advance(timedelta(days=1))
    with pytest.raises(NotAllowedError):
        accounts.add_passkey(late)
    assert len(accounts.store.passkeys_of(accounts.li.sub)) == 1


def test_of_two_who_bring_a_code_at_once_one_makes_a_passkey(accounts: Accounts) -> None:
    code = accounts.code()

    def add(_: int) -> bool:
        try:
            accounts.add_passkey(code)
        except NotAllowedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == [False, True]


def test_passkeys_are_several_and_bounded(accounts: Accounts) -> None:
    first = accounts.add_passkey()
    for _ in range(MOST - 1):
        accounts.add_passkey()
    with pytest.raises(NotAllowedError):
        accounts.add_passkey()
    assert accounts.here.remove_passkey(SESSION, accounts.li.sub, first) is not None
    assert accounts.here.remove_passkey(SESSION, accounts.li.sub, first) is None
    second = accounts.store.passkeys_of(accounts.li.sub)[0]
    other = accounts.add("wang", "王").sub
    assert accounts.here.remove_passkey(SESSION, other, second.passkey_id) is None
    with accounts.database.writing() as connection:
        how = {"at": AT, "random": secrets.token_bytes}
        take_passkey(connection, "limei", second.passkey_id, MANAGE_OFFICERS, **how)  # type: ignore[arg-type]
        with pytest.raises(NotFoundError):
            take_passkey(connection, "limei", second.passkey_id, MANAGE_OFFICERS, **how)  # type: ignore[arg-type]
    assert accounts.store.find_passkey(second.credential_id) is None
    made = NewPasskey(b"credential", b"key", 0)
    accounts.store.add_passkey(accounts.li.sub, made, "一", None)
    with pytest.raises(PasskeyRefusedError):
        accounts.store.add_passkey(accounts.li.sub, made, "二", None)


def test_a_counter_that_goes_back_stops_the_passkey(accounts: Accounts) -> None:
    made = NewPasskey(b"credential", b"key", 7)
    passkey = accounts.store.add_passkey(accounts.li.sub, made, "安全密钥", None)
    assert accounts.store.use_passkey(passkey, 8)
    assert not accounts.store.use_passkey(passkey, 8)
    assert not accounts.store.use_passkey(passkey, 9), "it signs nobody in any more"
    found = accounts.store.find_passkey(b"credential")
    assert found is not None
    assert (found.suspect, found.sign_count) == (True, 8)
    assert accounts.actions()[-1] == "account.passkey_suspect"


def test_a_copy_used_at_the_same_moment_is_told(accounts: Accounts) -> None:
    passkey = accounts.store.add_passkey(accounts.li.sub, NewPasskey(b"c", b"k", 1), "一", None)
    with ThreadPoolExecutor(2) as pool:
        used = pool.map(lambda _: accounts.store.use_passkey(passkey, 2), range(2))
    assert sorted(used) == [False, True]


def test_an_authenticator_without_a_counter_stays_at_none(accounts: Accounts) -> None:
    passkey = accounts.store.add_passkey(accounts.li.sub, NewPasskey(b"c", b"k", 0), "一", None)
    assert accounts.store.use_passkey(passkey, 0)
    assert accounts.store.use_passkey(passkey, 0)


def test_a_challenge_serves_once_for_one_purpose_in_time(accounts: Accounts) -> None:
    store, digest = accounts.store, digest_of("x")
    store.keep_challenge(digest, Purpose.SIGN_IN, b"1", "/a")
    store.keep_challenge(digest, Purpose.SIGN_IN, b"2", "/b")
    assert store.take_challenge(digest, Purpose.NEW_PASSKEY) is None
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(lambda _: store.take_challenge(digest, Purpose.SIGN_IN), range(2)))
    assert sorted(got, key=str) == [(b"2", "/b"), None]
    store.keep_challenge(digest, Purpose.SIGN_IN, b"3", "/c")
    accounts.clock.advance(TIME_TO_ANSWER)
    assert store.take_challenge(digest, Purpose.SIGN_IN) is None


def test_what_is_over_is_swept(accounts: Accounts) -> None:
    accounts.store.keep_challenge(digest_of("x"), Purpose.SIGN_IN, b"1", "/a")
    fail(accounts, 2)
    accounts.store.sweep()
    assert accounts.store.take_challenge(digest_of("x"), Purpose.SIGN_IN) is not None
    accounts.store.keep_challenge(digest_of("x"), Purpose.SIGN_IN, b"1", "/a")
    accounts.clock.advance(timedelta(days=1))
    accounts.store.sweep()
    with accounts.database.reading() as connection:
        for table in ("challenges", "sign_in_tries"):
            left = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            assert left == 0
