"""Local accounts in SQL, for all workers (`identity.accounts.sign_in`)."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from core.clock import Clock
from core.ids import Random
from core.permits import Actor
from identity.accounts.enrolment import digest_of_code
from identity.accounts.errors import (
    PasskeyRefusedError,
    code_refused,
    no_local_account,
    passkeys_too_many,
)
from identity.accounts.model import LOCAL_ISSUER, Account, Passkey
from identity.accounts.passkeys import MOST, TIME_TO_ANSWER, NewPasskey, may_follow
from identity.accounts.sign_in import Purpose
from identity.accounts.throttle import FORGOTTEN_AFTER
from identity.people.model import actor_name
from identity.sessions.sessions import SessionDigest
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there, put
from registry.db.database import Database
from registry.db.tables import challenges, identities, local_accounts, passkeys, sign_in_tries
from registry.desk.sign_in.session_store import end_sessions
from registry.desk.sign_in.tries import SqlTries

_SHORT_ID_OCTETS = 5


class SqlAccounts(SqlTries):
    """Accounts in the registry's database; each method is a transaction of its own."""

    def __init__(self, database: Database, clock: Clock, random: Random) -> None:
        super().__init__(database)
        self._clock = clock
        self._random = random

    def find(self, login: str) -> Account | None:
        """Return an account by its login."""
        with self._database.reading() as connection:
            return find_account(connection, login)

    def find_sub(self, sub: str) -> Account | None:
        """Return an account by its subject."""
        query = select(local_accounts).where(local_accounts.c.sub == sub)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else account_of(row)

    def set_hash(self, sub: str, password_hash: str, old_hash: str) -> None:
        """Keep another hash of the same password, unless it changed meanwhile."""
        this = local_accounts.c.sub == sub, local_accounts.c.password_hash == old_hash
        with self._database.writing() as connection:
            connection.execute(
                update(local_accounts).where(*this).values(password_hash=password_hash)
            )

    def set_password(self, seen: Account, password_hash: str, browser_secret: bytes) -> bool:
        """Keep another password, end all sessions and record it; False where the account is not as
        it was seen.
        """
        column = local_accounts.c
        this = column.sub == seen.sub, column.browser_secret == seen.browser_secret
        values = {"password_hash": password_hash, "browser_secret": browser_secret}
        with self._database.writing() as connection:
            changed = update(local_accounts).where(*this)
            now = self._clock.now()
            if connection.execute(changed.values(**values, password_at=now)).rowcount != 1:
                return False
            end_sessions(connection, LOCAL_ISSUER, seen.sub)
            self._record(connection, seen.sub, "account.password_set", {})
        return True

    def passkeys_of(self, sub: str) -> list[Passkey]:
        """Return the passkeys of an account, the oldest first."""
        with self._database.reading() as connection:
            return list_passkeys(connection, sub)

    def find_passkey(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey."""
        query = select(passkeys).where(passkeys.c.digest == _digest(credential_id))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _passkey(row)

    def add_passkey(self, sub: str, made: NewPasskey, label: str, code: str | None) -> Passkey:
        """Keep a passkey; `code`: the enrolment code by which, which serves no more.

        Raises `NotAllowedError`, and `PasskeyRefusedError` for one that is on record.
        """
        now, column = self._clock.now(), local_accounts.c
        passkey_id = self._random(_SHORT_ID_OCTETS).hex()
        with self._database.writing() as connection:
            whose = select(local_accounts).where(column.sub == sub).with_for_update()
            row = connection.execute(whose).one_or_none()
            if row is None:
                raise no_local_account()
            if code is not None:
                good = row.code_until is not None and now < row.code_until
                if not good or row.code_digest != digest_of_code(code):
                    raise code_refused()
                spent = {"code_digest": None, "code_until": None}
                connection.execute(update(local_accounts).where(column.sub == sub).values(spent))
            count = select(func.count()).where(passkeys.c.sub == sub)
            if connection.execute(count).scalar_one() >= MOST:
                raise passkeys_too_many(MOST)
            values = {
                "digest": _digest(made.credential_id),
                "passkey_id": passkey_id,
                "sub": sub,
                "credential_id": made.credential_id,
                "public_key": made.public_key,
                "sign_count": made.sign_count,
                "label": label,
                "created_at": now,
                "suspect": False,
            }
            if not insert_unless_there(connection, passkeys, values):
                raise PasskeyRefusedError("known")
            self._record(connection, sub, "account.passkey_added", {"passkey": passkey_id})
        return Passkey(
            passkey_id, sub, made.credential_id, made.public_key, made.sign_count, label, now
        )

    def remove_passkey(
        self, sub: str, passkey_id: str, browser_secret: bytes, keeps: SessionDigest
    ) -> bool:
        """Forget a passkey, and end all sessions but one; tell whether there was one."""
        with self._database.writing() as connection:
            removed = remove_passkey(connection, sub, passkey_id, browser_secret)
            if removed:
                end_sessions(connection, LOCAL_ISSUER, sub, but=keeps)
                self._record(connection, sub, "account.passkey_removed", {"passkey": passkey_id})
        return removed

    def use_passkey(self, passkey: Passkey, sign_count: int) -> bool:
        """Note a use; False where the counter may not follow: the passkey is then suspect."""
        now = self._clock.now()
        this = passkeys.c.passkey_id == passkey.passkey_id
        with self._database.writing() as connection:
            row = connection.execute(select(passkeys).where(this).with_for_update()).one_or_none()
            if row is None or row.suspect:
                return False
            if may_follow(row.sign_count, sign_count):
                values = {"sign_count": sign_count, "last_used_at": now}
                connection.execute(update(passkeys).where(this).values(values))
                return True
            connection.execute(update(passkeys).where(this).values(suspect=True))
            end_sessions(connection, LOCAL_ISSUER, passkey.sub)  # the copy's may be among them
            facts = {"passkey": passkey.passkey_id}
            self._record(connection, passkey.sub, "account.passkey_suspect", facts)
        return False

    def keep_challenge(
        self, digest: SessionDigest, purpose: Purpose, challenge: bytes, detail: str
    ) -> None:
        """Keep a challenge, in the place of one for the same."""
        values = {"challenge": challenge, "detail": detail, "made_at": self._clock.now()}
        with self._database.writing() as connection:
            put(connection, challenges, {"digest": digest, "purpose": purpose}, values)

    def take_challenge(self, digest: SessionDigest, purpose: Purpose) -> tuple[bytes, str] | None:
        """Return a challenge with its detail and forget it: of two who ask, one gets it."""
        this = challenges.c.digest == digest, challenges.c.purpose == purpose
        with self._database.writing() as connection:
            row = connection.execute(select(challenges).where(*this)).one_or_none()
            if row is None or connection.execute(delete(challenges).where(*this)).rowcount != 1:
                return None
        age = self._clock.now() - row.made_at
        fresh = timedelta(0) <= age < TIME_TO_ANSWER
        return (row.challenge, row.detail) if fresh else None

    def sweep(self) -> None:
        """Forget challenges that nobody answered, and failures of long ago."""
        now = self._clock.now()
        with self._database.writing() as connection:
            late = challenges.c.made_at <= now - TIME_TO_ANSWER
            connection.execute(delete(challenges).where(late))
            old = sign_in_tries.c.last_at <= now - FORGOTTEN_AFTER
            connection.execute(delete(sign_in_tries).where(old))

    def _record(self, connection: Connection, sub: str, action: str, after: dict[str, str]) -> None:
        whose = identity_behind(connection, sub)
        audit.record(
            connection,
            at=self._clock.now(),
            actor=Actor(whose),
            action=action,
            subject=whose,
            after=after,
        )


def find_account(connection: Connection, login: str) -> Account | None:
    """Return an account by its login."""
    query = select(local_accounts).where(local_accounts.c.login == login)
    row = connection.execute(query).one_or_none()
    return None if row is None else account_of(row)


def insert_account(connection: Connection, account: Account) -> bool:
    """Keep a new account; False where its login or subject is taken."""
    names = ("sub", "login", "name", "password_hash", "browser_secret", "created_at", "password_at")
    values = {name: getattr(account, name) for name in names}
    return insert_unless_there(connection, local_accounts, values)


def list_passkeys(connection: Connection, sub: str) -> list[Passkey]:
    """Return the passkeys of an account, the oldest first."""
    query = select(passkeys).where(passkeys.c.sub == sub)
    rows = connection.execute(query.order_by(passkeys.c.created_at, passkeys.c.passkey_id))
    return [_passkey(row) for row in rows]


def remove_passkey(
    connection: Connection, sub: str, passkey_id: str, browser_secret: bytes
) -> bool:
    """Forget a passkey of an account; tell whether there was one.

    Its sessions are the caller's to end; a sign-in that is under way finds another secret.
    """
    whose = update(local_accounts).where(local_accounts.c.sub == sub)
    this = passkeys.c.sub == sub, passkeys.c.passkey_id == passkey_id
    if connection.execute(delete(passkeys).where(*this)).rowcount != 1:
        return False
    connection.execute(whose.values(browser_secret=browser_secret))
    return True


def identity_behind(connection: Connection, sub: str) -> str:
    """Return the name as an actor of the identity that an account vouches for."""
    pin = identities.c.iss == LOCAL_ISSUER, identities.c.sub == sub
    found = connection.execute(select(identities.c.identity_id).where(*pin)).scalar_one_or_none()
    if found is None:
        raise no_local_account()
    return actor_name(found)


def account_of(row: Row[Any]) -> Account:
    """Return an account from its row."""
    return Account(
        row.sub,
        row.login,
        row.name,
        row.password_hash,
        row.browser_secret,
        row.created_at,
        row.password_at,
    )


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        row.passkey_id,
        row.sub,
        row.credential_id,
        row.public_key,
        row.sign_count,
        row.label,
        row.created_at,
        row.last_used_at,
        row.suspect,
    )


def _digest(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()
