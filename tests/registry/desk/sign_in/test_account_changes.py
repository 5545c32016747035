"""Changes of local accounts against what happens at the same moment, on both engines."""

import secrets
from typing import Any

import pytest

from identity.accounts import passkeys as passkey_rules
from identity.accounts.browser_mark import nonce_of
from identity.accounts.errors import PasskeyRefusedError, TooManyTriesError, WrongSignInError
from identity.accounts.model import LOCAL_ALIAS, LOCAL_ISSUER, PASSWORD_ACR, Passkey
from identity.accounts.passkeys import NewPasskey
from identity.accounts.passwords import Passwords
from identity.accounts.sign_in import LocallySignedIn
from identity.accounts.throttle import Counted, count_of
from identity.sessions.sessions import Sessions, SignedOutMeanwhileError
from registry.audit.events import list_events
from registry.db.database import Database
from registry.desk.sign_in.accounts import set_password, take_passkey
from registry.desk.sign_in.session_store import SqlSessions
from tests.permits import MANAGE_OFFICERS
from tests.registry.desk.sign_in.test_accounts import (
    AT,
    GOOD,
    OFFICE,
    OTHER,
    PASSWORDS,
    SESSION,
    STRANGER,
    Accounts,
)

THIRD = "eleven copper kettles"


@pytest.fixture
def accounts(database: Database) -> Accounts:
    database.create()
    return Accounts(database)


def sessions(accounts: Accounts) -> Sessions:
    return Sessions(SqlSessions(accounts.database), accounts.clock, secrets.token_bytes)


def opened(accounts: Accounts, found: LocallySignedIn) -> str:
    """Open a session, as the page does; return its id."""
    return sessions(accounts).open(
        issuer=LOCAL_ISSUER,
        subject=found.account.sub,
        alias=LOCAL_ALIAS,
        provider_session=None,
        auth_time=accounts.clock.now(),
        acr=found.acr,
        groups=(),
        name=found.account.name,
        id_token=None,
        grounds=found.grounds,
    )[0]


def is_in(accounts: Accounts, session_id: str) -> bool:
    return sessions(accounts).find(session_id) is not None


def reset(accounts: Accounts, password: str) -> None:
    """Set the password as an operator does."""
    with accounts.database.writing() as connection:
        set_password(
            connection,
            "limei",
            PASSWORDS.make(password),
            MANAGE_OFFICERS,
            at=AT,
            random=secrets.token_bytes,
        )


def by_passkey(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> tuple[LocallySignedIn, str]:
    """Sign in by a passkey whose signature nobody looks at; return its id too."""
    made = NewPasskey(secrets.token_bytes(32), b"key", 0)
    passkey = accounts.store.add_passkey(accounts.li.sub, made, "笔记本", None)

    def fits(site: object, answer: object, challenge: bytes, whose: Passkey) -> int:
        del site, answer, challenge
        return whose.sign_count + 1

    monkeypatch.setattr(passkey_rules, "check_proof", fits)
    monkeypatch.setattr(passkey_rules, "named_credential", lambda _: made.credential_id)
    kept_id, _ = accounts.here.begin_passkey("/issuing/")
    return accounts.here.by_passkey(kept_id, {})[0], passkey.passkey_id


def test_a_removed_passkey_ends_all_other_sessions(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, passkey_id = by_passkey(accounts, monkeypatch)
    own, other = opened(accounts, found), opened(accounts, found)
    session = sessions(accounts).find(own)
    assert session is not None
    assert accounts.here.remove_passkey(session.digest, accounts.li.sub, "none") is None
    assert is_in(accounts, other)
    mark = accounts.here.remove_passkey(session.digest, accounts.li.sub, passkey_id)
    assert (is_in(accounts, own), is_in(accounts, other)) == (True, False)
    account = accounts.store.find_sub(accounts.li.sub)
    assert account is not None
    assert nonce_of(mark, account.browser_secret) is not None
    assert nonce_of(found.mark, account.browser_secret) is None, "a lost device's mark is no mark"


def test_a_local_sign_in_is_on_record_once_it_opens_a_session(accounts: Accounts) -> None:
    found = accounts.here.by_password("limei", GOOD, OFFICE)
    assert "account.signed_in" not in accounts.actions()
    opened(accounts, found)
    with accounts.database.reading() as connection:
        told = list_events(connection)[-1]
    assert (told.action, told.after) == ("account.signed_in", {"acr": PASSWORD_ACR})
    assert told.actor == told.subject
    assert "limei" not in str(told).lower()


@pytest.mark.parametrize("by", ["person", "operator"])
def test_who_signs_in_by_a_passkey_as_it_is_removed_stays_outside(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    found, passkey_id = by_passkey(accounts, monkeypatch)
    if by == "person":
        assert accounts.here.remove_passkey(SESSION, accounts.li.sub, passkey_id) is not None
    else:
        with accounts.database.writing() as connection:
            take_passkey(
                connection,
                "limei",
                passkey_id,
                MANAGE_OFFICERS,
                at=AT,
                random=secrets.token_bytes,
            )
    with pytest.raises(SignedOutMeanwhileError):
        opened(accounts, found)


def test_nor_where_it_is_removed_as_its_counter_is_noted(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = type(accounts.store).use_passkey

    def used_and_removed(store: Any, passkey: Passkey, sign_count: int) -> bool:
        fits = use(store, passkey, sign_count)
        accounts.there.remove_passkey(SESSION, passkey.sub, passkey.passkey_id)
        return fits

    monkeypatch.setattr(type(accounts.store), "use_passkey", used_and_removed)
    found, _ = by_passkey(accounts, monkeypatch)
    with pytest.raises(SignedOutMeanwhileError):
        opened(accounts, found)


@pytest.mark.parametrize("by", ["person", "operator"])
def test_who_signs_in_by_the_old_password_as_it_changes_stays_outside(
    accounts: Accounts, by: str
) -> None:
    early = opened(accounts, accounts.here.by_password("limei", GOOD, OFFICE))
    found = accounts.here.by_password("limei", GOOD, OFFICE)
    if by == "person":
        accounts.there.change_password(SESSION, accounts.li.sub, GOOD, OTHER)
    else:
        reset(accounts, OTHER)
    assert not is_in(accounts, early), "in the same step"
    with pytest.raises(SignedOutMeanwhileError):
        opened(accounts, found)
    assert is_in(accounts, opened(accounts, accounts.here.by_password("limei", OTHER, OFFICE)))


def test_an_operator_s_reset_is_not_overwritten(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever knows the old password, and is being judged as the operator takes it away."""
    verify = Passwords.verify

    def and_meanwhile(self: Passwords, kept: str | None, password: str) -> bool:
        fits = verify(self, kept, password)
        monkeypatch.setattr(Passwords, "verify", verify)
        reset(accounts, OTHER)
        return fits

    monkeypatch.setattr(Passwords, "verify", and_meanwhile)
    with pytest.raises(WrongSignInError):
        accounts.here.change_password(SESSION, accounts.li.sub, GOOD, THIRD)
    with pytest.raises(WrongSignInError):
        accounts.here.by_password("limei", THIRD, OFFICE)
    assert accounts.here.by_password("limei", OTHER, OFFICE).account.sub == accounts.li.sub


def test_strangers_keep_nobody_who_is_signed_in_from_another_password(accounts: Accounts) -> None:
    for number in range(12):
        try:
            accounts.here.by_password("limei", OTHER, f"192.0.2.{number}")
        except (WrongSignInError, TooManyTriesError):
            continue
    with pytest.raises(TooManyTriesError):
        accounts.here.by_password("limei", GOOD, OFFICE)
    mark = accounts.here.change_password(SESSION, accounts.li.sub, GOOD, OTHER)
    # Their browser is known from then on: all of its sessions ended with the old password.
    assert accounts.here.by_password("limei", OTHER, STRANGER, mark).account.sub == accounts.li.sub


def test_guesses_by_a_stolen_session_wait(accounts: Accounts) -> None:
    count = count_of(Counted.BROWSER, f"session {SESSION}")
    assert count.kind is Counted.BROWSER
    met: list[type[Exception]] = []
    for _ in range(14):
        try:
            accounts.here.change_password(SESSION, accounts.li.sub, OTHER, THIRD)
        except (WrongSignInError, TooManyTriesError) as error:
            met.append(type(error))
    assert met[:10] == [WrongSignInError] * 10
    assert TooManyTriesError in met[10:]
    assert accounts.here.by_password("limei", GOOD, OFFICE).account.sub == accounts.li.sub


def test_who_signs_in_by_a_passkey_has_a_known_browser(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = by_passkey(accounts, monkeypatch)
    assert nonce_of(found.mark, found.account.browser_secret) is not None


def test_a_copy_of_a_passkey_is_signed_out_as_it_is_told(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, _ = by_passkey(accounts, monkeypatch)
    session_id = opened(accounts, copy)
    monkeypatch.setattr(passkey_rules, "check_proof", lambda *_: 1)
    kept_id, _ = accounts.here.begin_passkey("/issuing/")
    with pytest.raises(PasskeyRefusedError):
        accounts.here.by_passkey(kept_id, {})
    assert not is_in(accounts, session_id)
