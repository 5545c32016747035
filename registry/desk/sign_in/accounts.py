"""Local accounts as an operator keeps them: made, given a password, an enrolment code."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from core.errors import UsageError
from core.ids import IdentityId, Random
from core.permits import Action, Permit
from identity.accounts.enrolment import GOOD_FOR, digest_of_code, make_code
from identity.accounts.model import LOCAL_ISSUER, Account, Passkey, plain_login
from identity.accounts.sign_in import new_account, with_sub
from identity.accounts.throttle import Counted, count_of
from identity.people.model import IDENTITY_PREFIX, IdentityKind, Pin
from registry.audit import events as audit
from registry.db.tables import local_accounts
from registry.desk.sign_in import messages
from registry.desk.sign_in.account_store import (
    account_of,
    find_account,
    identity_behind,
    insert_account,
    list_passkeys,
    remove_passkey,
)
from registry.desk.sign_in.session_store import end_sessions
from registry.desk.sign_in.tries import forget_tries
from registry.model import ConflictError, NotFoundError
from registry.officers.identities import NewIdentity, add_identity, find_identity, refuse_ended
from registry.officers.model import IdentityState

_COLUMN = local_accounts.c


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made."""

    login: str
    name: str
    password_hash: str | None
    identity_id: IdentityId | None = None
    """Of a local identity whose account a restored backup left out; None: a new one."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account with its identity."""

    account: Account
    identity_id: IdentityId
    state: IdentityState
    passkeys: tuple[Passkey, ...]


def add_account(
    connection: Connection, new: NewAccount, permit: Permit, at: datetime, random: Random
) -> KnownAccount:
    """Make an account and record its identity, which has no role by that.

    Raises `UsageError`, `ConflictError`, and as `add_identity`.
    """
    actor = permit.require(Action.MANAGE_OFFICERS)
    login = plain_login(new.login)
    if login is None:
        raise UsageError(messages.LOGIN_UNUSABLE)
    account = new_account(login, new.name, new.password_hash, at, random)
    if new.identity_id is None:
        person = NewIdentity(Pin(LOCAL_ISSUER, account.sub), IdentityKind.PERSON, new.name)
        found = add_identity(connection, person, permit, at, random)
    else:
        refuse_ended(connection, actor)
        found = find_identity(connection, new.identity_id)
        if found.pin.iss != LOCAL_ISSUER:
            raise UsageError(messages.NOT_A_LOCAL_IDENTITY)
        account = with_sub(account, found.pin.sub)
    if not insert_account(connection, account):
        raise ConflictError(messages.account_known(login))
    _record(connection, account, permit, "account.added", at)
    return KnownAccount(account, found.identity_id, found.state, ())


def set_password(
    connection: Connection,
    login: str,
    password_hash: str,
    permit: Permit,
    *,
    at: datetime,
    random: Random,
) -> Account:
    """Set the password of an account, end its sessions, and let it try again at once.

    Raises `NotFoundError`.
    """
    account = _changed(connection, login, permit)
    values = {"password_hash": password_hash, "password_at": at, "browser_secret": random(32)}
    connection.execute(update(local_accounts).where(_COLUMN.sub == account.sub).values(values))
    end_sessions(connection, LOCAL_ISSUER, account.sub)
    forget_tries(connection, count_of(Counted.ACCOUNT, account.login))
    _record(connection, account, permit, "account.password_set", at)
    return account


def give_code(connection: Connection, login: str, permit: Permit, at: datetime) -> str:
    """Return a new enrolment code of an account, in the place of one before.

    Raises `NotFoundError`.
    """
    account, code = _changed(connection, login, permit), make_code()
    values = {"code_digest": digest_of_code(code), "code_until": at + GOOD_FOR}
    connection.execute(update(local_accounts).where(_COLUMN.sub == account.sub).values(values))
    _record(connection, account, permit, "account.code_given", at)
    return code


def take_passkey(
    connection: Connection,
    login: str,
    passkey_id: str,
    permit: Permit,
    *,
    at: datetime,
    random: Random,
) -> Account:
    """Remove a passkey of an account, and end its sessions. Raises `NotFoundError`."""
    account = _changed(connection, login, permit)
    if not remove_passkey(connection, account.sub, passkey_id, random(32)):
        raise NotFoundError(messages.no_such_passkey(passkey_id[:40]))
    end_sessions(connection, LOCAL_ISSUER, account.sub)
    _record(connection, account, permit, "account.passkey_removed", at, passkey=passkey_id)
    return account


def find_known(connection: Connection, login: str) -> KnownAccount:
    """Return an account. Raises `NotFoundError`."""
    return _known(connection, _found(connection, login))


def list_accounts(connection: Connection) -> Iterator[KnownAccount]:
    """Yield all accounts by login: those of one machine."""
    rows = connection.execute(select(local_accounts).order_by(_COLUMN.login)).all()
    for row in rows:
        yield _known(connection, account_of(row))


def _known(connection: Connection, account: Account) -> KnownAccount:
    actor = identity_behind(connection, account.sub)
    found = find_identity(connection, actor.removeprefix(IDENTITY_PREFIX))
    keys = tuple(list_passkeys(connection, account.sub))
    return KnownAccount(account, found.identity_id, found.state, keys)


def _changed(connection: Connection, login: str, permit: Permit) -> Account:
    actor = permit.require(Action.MANAGE_OFFICERS)
    refuse_ended(connection, actor)
    return _found(connection, login)


def _found(connection: Connection, login: str) -> Account:
    plain = plain_login(login)
    found = None if plain is None else find_account(connection, plain)
    if found is None:
        raise NotFoundError(messages.NO_SUCH_ACCOUNT)
    return found


def _record(
    connection: Connection,
    account: Account,
    permit: Permit,
    action: str,
    at: datetime,
    **after: str,
) -> None:
    audit.record(
        connection,
        at=at,
        actor=permit.actor,
        action=action,
        subject=identity_behind(connection, account.sub),
        after=dict(after),
    )
