"""Sign-in with a local account: by password, or by passkey."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from core.clock import Clock
from identity.accounts import messages, passkeys
from identity.accounts.browser_mark import make_mark, nonce_of
from identity.accounts.errors import PasskeyRefusedError, WrongSignInError, no_local_account
from identity.accounts.model import (
    FOR_ONE_MACHINE,
    PASSKEY_ACR,
    PASSWORD_ACR,
    Account,
    Passkey,
    plain_login,
)
from identity.accounts.passkeys import NewPasskey, Site
from identity.accounts.passwords import LONGEST, Passwords, check_new
from identity.accounts.throttle import Count, Counted, TryStore, count_of
from identity.sessions.sessions import Grounds, SessionDigest, digest_of
from identity.tokens.strict import encode_base64url

_log = logging.getLogger(__name__)
NOBODY: Final = "nobody"
_MAX_TYPED: Final = 4 * LONGEST
"""Characters of what is typed as a password: NFKC may join several into one."""


class Purpose(StrEnum):
    """Purpose of a challenge: an answer to one serves no other."""

    SIGN_IN = "sign-in"
    NEW_PASSKEY = "new-passkey"


class AccountStore(TryStore, Protocol):
    """Store of accounts, for all workers; each method is a transaction of its own."""

    def find(self, login: str) -> Account | None:
        """Return an account by its login."""
        ...

    def find_sub(self, sub: str) -> Account | None:
        """Return an account by its subject."""
        ...

    def set_hash(self, sub: str, password_hash: str, old_hash: str) -> None:
        """Keep another hash of the same password, unless it changed meanwhile."""
        ...

    def set_password(self, seen: Account, password_hash: str, browser_secret: bytes) -> bool:
        """Keep another password, end all sessions of the account and record it, in one step.

        False where the account is not as it was `seen`: somebody else changed it meanwhile.
        """
        ...

    def passkeys_of(self, sub: str) -> list[Passkey]:
        """Return the passkeys of an account, the oldest first."""
        ...

    def find_passkey(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey."""
        ...

    def add_passkey(self, sub: str, made: NewPasskey, label: str, code: str | None) -> Passkey:
        """Keep a passkey; `code`: the enrolment code by which, which serves no more.

        Raises `NotAllowedError` for a code that does not hold, and for one passkey too many.
        """
        ...

    def remove_passkey(
        self, sub: str, passkey_id: str, browser_secret: bytes, keeps: SessionDigest
    ) -> bool:
        """Forget a passkey, end all sessions of the account but one and record it, in one step;
        tell whether there was one.
        """
        ...

    def use_passkey(self, passkey: Passkey, sign_count: int) -> bool:
        """Note a use; False where the counter may not follow: the passkey is then suspect."""
        ...

    def keep_challenge(
        self, digest: SessionDigest, purpose: Purpose, challenge: bytes, detail: str
    ) -> None:
        """Keep a challenge, in the place of one for the same."""
        ...

    def take_challenge(self, digest: SessionDigest, purpose: Purpose) -> tuple[bytes, str] | None:
        """Return a challenge of the last minutes with its detail, and forget it, in one step."""
        ...


@dataclass(frozen=True, slots=True)
class LocallySignedIn:
    """Somebody who signed in, with the strength of it."""

    account: Account
    acr: str
    mark: str | None = None
    """For the browser to keep (`browser_mark`)."""

    @property
    def grounds(self) -> Grounds:
        """Return the grounds of a session of theirs."""
        return Grounds(self.account.browser_secret)


class LocalSignIn:
    """Signs people in who have an account here; may be used by several threads."""

    def __init__(self, store: AccountStore, passwords: Passwords, clock: Clock, site: Site) -> None:
        self.store = store
        self._passwords = passwords
        self._clock = clock
        self._site = site

    def by_password(
        self, typed_login: str, password: str, network: str, mark: str | None = None
    ) -> LocallySignedIn:
        """Return the account of a name and password.

        Unknown names, wrong passwords and accounts without one are told in the same words, after
        the same work. Raises `WrongSignInError`, `TooManyTriesError`.
        """
        # 1. Whose failures count.
        login = plain_login(typed_login)
        account = None if login is None else self.store.find(login)
        return self._judge(account, password, _counts(login or NOBODY, network, account, mark))

    def _judge(
        self, account: Account | None, password: str, counts: tuple[Count, ...]
    ) -> LocallySignedIn:
        # 2. Counted as a failure before it is judged.
        self.store.try_(counts, self._clock.now())
        # 3. The password.
        kept = None if account is None else account.password_hash
        fits = self._passwords.verify(kept, password[:_MAX_TYPED])
        if account is None or kept is None or not fits:
            _log.info("a sign-in by password failed", extra={"code": "local_sign_in_failed"})
            raise WrongSignInError(messages.WRONG_NAME_OR_PASSWORD)
        # 4. No failure after all; today's parameters for the hash.
        self.store.succeeded(counts)
        if self._passwords.is_outdated(kept):
            self.store.set_hash(account.sub, self._passwords.make(password), kept)
        return LocallySignedIn(account, PASSWORD_ACR, make_mark(account.browser_secret))

    def change_password(self, session: SessionDigest, sub: str, old: str, new: str) -> str:
        """Set another password, by who is signed in; all sessions end. Return the browser's mark.

        Guesses are counted by session: neither strangers' failures nor another session's keep
        somebody who is signed in from it. Raises as `by_password`, and `UnfitPasswordError`.
        """
        account = self.store.find_sub(sub)
        if account is None:
            raise WrongSignInError(messages.WRONG_NAME_OR_PASSWORD)
        check_new(new, account.login, account.name)
        seen = self._judge(account, old, (count_of(Counted.BROWSER, f"session {session}"),)).account
        fresh = _fresh(seen)
        if not self.store.set_password(seen, self._passwords.make(new), fresh):
            raise WrongSignInError(messages.WRONG_NAME_OR_PASSWORD)  # it is another by now
        return make_mark(fresh)

    def remove_passkey(self, session: SessionDigest, sub: str, passkey_id: str) -> str | None:
        """Forget a passkey, by who is signed in; all other sessions end.

        Return the browser's mark; None where there was no such passkey.
        """
        account = self.store.find_sub(sub)
        if account is None:
            raise no_local_account()
        fresh = _fresh(account)
        removed = self.store.remove_passkey(sub, passkey_id, fresh, session)
        return make_mark(fresh) if removed else None

    def begin_passkey(self, back_to: str) -> tuple[str, str]:
        """Return the id that the browser keeps, and what its script asks an authenticator."""
        asked = passkeys.ask_for_proof(self._site)
        kept_id = encode_base64url(secrets.token_bytes(32))
        self.store.keep_challenge(digest_of(kept_id), Purpose.SIGN_IN, asked.challenge, back_to)
        return kept_id, asked.options

    def by_passkey(self, kept_id: str, answer: dict[str, Any]) -> tuple[LocallySignedIn, str]:
        """Return whose passkey answered the challenge of this browser, and where they go then.

        Raises `PasskeyRefusedError`.
        """
        # 1. The challenge serves once, whatever comes of it.
        taken = self.store.take_challenge(digest_of(kept_id), Purpose.SIGN_IN)
        if taken is None:
            raise PasskeyRefusedError("challenge")
        challenge, back_to = taken
        # 2. The passkey that it names, and its signature over the challenge.
        passkey = self.store.find_passkey(passkeys.named_credential(answer))
        if passkey is None or passkey.suspect:
            raise PasskeyRefusedError("unknown" if passkey is None else "suspect")
        sign_count = passkeys.check_proof(self._site, answer, challenge, passkey)
        account = self.store.find_sub(passkey.sub)  # before 3: whoever removes it renews its secret
        # 3. Its counter, against what all workers have seen.
        if not self.store.use_passkey(passkey, sign_count):
            _log.warning(
                "the counter of passkey %s went back: there may be a copy of it",
                passkey.passkey_id,
                extra={"code": "passkey_suspect"},
            )
            raise PasskeyRefusedError("counter")
        if account is None:
            raise PasskeyRefusedError("unknown")
        return LocallySignedIn(account, PASSKEY_ACR, make_mark(account.browser_secret)), back_to

    def begin_new_passkey(self, session: SessionDigest, sub: str) -> str:
        """Return the options by which the browser of a session makes a passkey.

        Raises `NotAllowedError`.
        """
        account, existing = self.store.find_sub(sub), self.store.passkeys_of(sub)
        if account is None:
            raise no_local_account()
        asked = passkeys.ask_for_new(self._site, account, existing)
        self.store.keep_challenge(session, Purpose.NEW_PASSKEY, asked.challenge, sub)
        return asked.options

    def new_passkey(
        self,
        session: SessionDigest,
        sub: str,
        answer: dict[str, Any],
        label: str,
        code: str | None,
    ) -> Passkey:
        """Keep the passkey that the browser of this session made.

        `code` is the enrolment code; None where the session is strong and fresh, which the caller
        sees to. Raises `PasskeyRefusedError`, `NotAllowedError`.
        """
        taken = self.store.take_challenge(session, Purpose.NEW_PASSKEY)
        if taken is None or taken[1] != sub:
            raise PasskeyRefusedError("challenge")
        made = passkeys.check_made(self._site, answer, taken[0])
        return self.store.add_passkey(sub, made, label, code)


def warn_of_local_accounts() -> None:
    """Say in the log that accounts of this machine sign in."""
    said = FOR_ONE_MACHINE
    _log.warning("%s %s", said.zh, said.en, extra={"code": "local_accounts"})


def new_account(
    login: str, name: str, password_hash: str | None, now: datetime, random: Callable[[int], bytes]
) -> Account:
    """Return an account with a subject of its own."""
    return Account(encode_base64url(random(16)), login, name, password_hash, random(32), now, now)


def _fresh(account: Account) -> bytes:
    return secrets.token_bytes(len(account.browser_secret))


def with_sub(account: Account, sub: str) -> Account:
    """Return the account of a subject that is on record."""
    return replace(account, sub=sub)


def _counts(
    login: str, network: str, account: Account | None, mark: str | None
) -> tuple[Count, ...]:
    nonce = None if account is None else nonce_of(mark, account.browser_secret)
    if nonce is not None:
        return (count_of(Counted.BROWSER, nonce),)
    return count_of(Counted.ACCOUNT, login), count_of(Counted.NETWORK, network)
