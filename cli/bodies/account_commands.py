"""`xinyin account …`: people who sign in to this machine without an identity provider."""

import secrets
import sys
from typing import Final
from urllib.parse import urlsplit

import click

from cli.bodies import messages
from cli.bodies.leaving_report import tell_leaving
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import AuthorityId, IdentityId
from core.permits import Action, Role
from home.identity.file import FILE_NAME, let_local_accounts_in
from home.wiring import Home
from identity.accounts.model import FOR_ONE_MACHINE
from identity.accounts.passwords import Passwords, check_new
from identity.addresses import is_loopback, origin_of, public_address
from registry.desk.sign_in.accounts import (
    KnownAccount,
    NewAccount,
    add_account,
    find_known,
    give_code,
    list_accounts,
    set_password,
    take_passkey,
)
from registry.officers.departures import Departure, LeavingKind
from registry.officers.roles import RoleGift, assign_role

DEFAULT_URL: Final = "http://localhost:8440"
"""A name, not 127.0.0.1: browsers make no passkeys for numbers."""
LOCAL_SIGN_IN: Final = "/issuing/sign-in/local"
_MAX_LINE: Final = 4096
_stdin_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password from stdin, one line."
)


@click.group("account")
def account() -> None:
    """Local accounts, for one machine without an identity provider. 本地账户（单机）。"""


@account.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Name to be shown.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([one.value for one in Role]),
    help="A role to begin with; may be given several times.",
)
@click.option("--authority", help="In which authority.")
@click.option("--everywhere", is_flag=True, help="In all authorities.")
@click.option("--officer", help="Id of a local officer whose account is no more (after a restore).")
@click.option(
    "--public-url",
    help="Address of the pages, where identity.toml is made by this; unset: this machine's own.",
)
@_stdin_option
@command_options
def add(
    home: Home,
    output: Output,
    *,
    login: str,
    name: str,
    roles: tuple[str, ...],
    authority: str | None,
    everywhere: bool,
    officer: str | None,
    public_url: str | None,
    from_stdin: bool,
) -> None:
    """Make a local account and an enrolment code for its first passkey. 建立本地账户。

    Without identity.toml, one is made that lets local accounts sign in. The password is asked for,
    never given on the command line. A password alone is no strong sign-in: a passkey is.

    \b
    Examples:
      xinyin account add limei --name 李梅 --role administrator --everywhere
      xinyin account add wang --name 王强 --role operator --role sealer --authority market
    """
    if bool(roles) != (everywhere or authority is not None) or (
        everywhere and authority is not None
    ):
        raise UsageError(messages.AUTHORITY_OR_EVERYWHERE)
    permit = home.permit(Action.MANAGE_OFFICERS)
    password_hash = _new_hash(output, login, name, from_stdin=from_stdin)
    new = NewAccount(login, name, password_hash, None if officer is None else IdentityId(officer))
    file = let_local_accounts_in(home.directory, public_url or _own_address(home))
    with home.database.writing() as connection:
        now = home.clock.now()
        made = add_account(connection, new, permit, now, secrets.token_bytes)
        code = give_code(connection, made.account.login, permit, now)
        at = None if authority is None else AuthorityId(authority)
        for role in roles:
            gift = RoleGift(made.identity_id, Role(role), at)
            assign_role(connection, gift, permit, now, secrets.token_bytes)
    output.facts(
        {
            "account": made.account.login,
            "officer": made.identity_id,
            "code": code,
            "sign_in": public_address(file.public_url, LOCAL_SIGN_IN),
        }
    )
    if public_url is not None and file.public_url != origin_of(public_url.rstrip("/")):
        output.say(messages.public_url_unused(str(home.directory / FILE_NAME), file.public_url))
    output.say(FOR_ONE_MACHINE)
    if not roles and officer is None:
        output.say(messages.account_without_role(made.identity_id))
    if file.has_accounts:
        output.say(messages.ACCOUNT_NEXT)
    else:
        output.say(messages.accounts_not_served(str(home.directory / FILE_NAME)))


@account.command("list")
@command_options
def list_(home: Home, output: Output) -> None:
    """List local accounts with their passkeys. 列出本地账户。

    \b
    Example:
      xinyin account list --json
    """
    with home.database.reading() as connection:
        output.records([_summary(one) for one in list_accounts(connection)])


@account.command("password")
@click.argument("login")
@_stdin_option
@command_options
def password(home: Home, output: Output, *, login: str, from_stdin: bool) -> None:
    """Set an account's password; its sessions end, and it need not wait. 重设密码。

    \b
    Example:
      xinyin account password limei
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.reading() as connection:
        name = find_known(connection, login).account.name
    password_hash = _new_hash(output, login, name, from_stdin=from_stdin)
    with home.database.writing() as connection:
        changed = set_password(
            connection,
            login,
            password_hash,
            permit,
            at=home.clock.now(),
            random=secrets.token_bytes,
        )
    output.say(messages.password_set(changed.login))


@account.command("code")
@click.argument("login")
@command_options
def code_(home: Home, output: Output, login: str) -> None:
    """Give out an enrolment code: by it, its person makes a passkey. 给出注册码。

    It serves once, for a day, in the place of one given before.

    \b
    Example:
      xinyin account code limei
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        code = give_code(connection, login, permit, home.clock.now())
    output.facts({"account": login, "code": code})


@account.command("disable")
@click.argument("login")
@click.option("--basis", "why", required=True, help="Why: a document, a decision.")
@yes_option
@key_options
@command_options
def disable(home: Home, output: Output, *, login: str, why: str, yes: bool) -> int | None:
    """End all that an account's person may do, as officer disable does. 停用账户。

    \b
    Example:
      xinyin account disable limei --basis "离职 2026-12" --yes
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.reading() as connection:
        known = find_known(connection, login)
    confirm(output, messages.confirm_disabling(known.identity_id), yes=yes)
    departure = Departure(known.identity_id, LeavingKind.DISABLED, why)
    report = home.leaving.end_identity(departure, permit)
    return tell_leaving(output, report)


@account.command("remove-passkey")
@click.argument("login")
@click.argument("passkey_id", metavar="PASSKEY")
@command_options
def remove_passkey(home: Home, output: Output, *, login: str, passkey_id: str) -> None:
    """Remove a passkey that was lost; its person's sessions end. 删除通行密钥。

    \b
    Example:
      xinyin account remove-passkey limei 5be14288aa
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        now = home.clock.now()
        take_passkey(connection, login, passkey_id, permit, at=now, random=secrets.token_bytes)
    output.say(messages.passkey_removed(passkey_id))


def _own_address(home: Home) -> str:
    """Return the address of this machine's own pages: at the port of a demo's, else the usual."""
    known = urlsplit(home.settings.service.public_url)
    near = is_loopback(known.hostname or "")
    return f"http://localhost:{known.port}" if near and known.port else DEFAULT_URL


def _new_hash(output: Output, login: str, name: str, *, from_stdin: bool) -> str:
    """Return the hash of a password that somebody types, or hands in by stdin."""
    if from_stdin:
        typed = sys.stdin.readline(_MAX_LINE).rstrip("\r\n")
    elif sys.stdin.isatty():
        prompt = messages.NEW_PASSWORD.to(output.language)
        typed = click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise UsageError(messages.PASSWORD_NEEDED)
    check_new(typed, login, name)
    return Passwords().make(typed)


def _summary(one: KnownAccount) -> dict[str, object]:
    return {
        "account": one.account.login,
        "name": one.account.name,
        "officer": one.identity_id,
        "state": one.state,
        "passkeys": " ".join(
            f"{key.passkey_id}{'?' if key.suspect else ''}" for key in one.passkeys
        ),
    }


COMMANDS = (account,)
