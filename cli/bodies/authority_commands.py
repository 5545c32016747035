"""`xinyin authority …` and `xinyin seal …`: who grants, and under which seal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import click
from cryptography import x509

from cli.bodies import messages
from cli.bodies.compromise_commands import COMPROMISE_COMMANDS
from cli.bodies.outside_seal_commands import OUTSIDE_COMMANDS
from cli.bodies.reseal_command import RESEAL_COMMANDS
from cli.bodies.seal_asking import ASKING_COMMANDS
from cli.bodies.seal_register_commands import REGISTER_COMMANDS
from cli.ca.revocation_commands import SEAL_COMMANDS
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import AuthorityId, SealId
from core.permits import Action
from home.wiring import Home
from registry.bodies.authorities import (
    add_authority,
    find_authority,
    list_authorities,
    list_seals,
    standing_facts,
)
from registry.bodies.reorganising import AuthorityStanding, reorganise, standing_of
from registry.model import Authority, SealLevel

STANDING = ("parent", "successor", "valid_from", "valid_until")
"""Fields of an authority's standing, as options name them."""


def _standing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of an authority's standing."""
    for option in (
        click.option("--valid-until", metavar="DATE", help="Its last day."),
        click.option("--valid-from", metavar="DATE", help="Its first day."),
        click.option("--successor", help="Authority that administers what this one granted."),
        click.option("--parent", help="Authority above it, whose administrators reach it."),
    ):
        function = option(function)
    return function


def changed_standing(
    before: AuthorityStanding, given: Mapping[str, str | None], cleared: Sequence[str] = ()
) -> AuthorityStanding:
    """Return a standing with what was typed. Raises `UsageError` for what is no date."""
    values: dict[str, Any] = {}
    for name in STANDING:
        typed = given[name]
        if name.replace("_", "-") in cleared:
            values[name] = None
        elif typed is not None:
            values[name] = _day(typed) if name.startswith("valid") else AuthorityId(typed)
    return replace(before, **values)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise UsageError(messages.no_date(typed)) from error


@click.group("authority")
def authority() -> None:
    """Authorities that grant licences. 颁发机构。"""


@authority.command("add")
@click.argument("authority_id")
@click.option("--name", required=True, help="Full legal name, as in the ring of its seal.")
@click.option("--uscc", required=True, help="Unified social credit code, 18 characters.")
@click.option(
    "--level",
    type=click.Choice([level.value for level in SealLevel]),
    required=True,
    help="Rank of the body; sets the diameter of its seal.",
)
@_standing_options
@command_options
def authority_add(
    home: Home,
    output: Output,
    *,
    authority_id: str,
    name: str,
    uscc: str,
    level: str,
    **standing: str | None,
) -> None:
    """Record an authority. 登记颁发机构。

    \b
    Example:
      xinyin authority add market --name 青岚市市场监督管理局 \\
          --uscc 11990100MB00990250 --level city_or_county
    """
    permit = home.permit(Action.MANAGE_AUTHORITY)
    record = Authority(AuthorityId(authority_id), name, uscc, SealLevel(level), home.clock.now())
    to = changed_standing(AuthorityStanding(), standing)
    with home.database.writing() as connection:
        add_authority(connection, record, permit)
        reorganise(connection, record.authority_id, to, permit, home.clock.now())
    output.say(messages.authority_recorded(authority_id))


@authority.command("change")
@click.argument("authority_id")
@_standing_options
@click.option(
    "--clear",
    type=click.Choice([one.replace("_", "-") for one in STANDING]),
    multiple=True,
    help="Leave this out from now on; may be given several times.",
)
@command_options
def authority_change(
    home: Home,
    output: Output,
    *,
    authority_id: str,
    clear: tuple[str, ...],
    **standing: str | None,
) -> None:
    """Change an authority's parent, successor or time. 变更颁发机构的上级、承继机构或存续时间。

    A successor administers what the authority granted; what it sealed stays as it is. After its
    last day nobody has a role in it.

    \b
    Example:
      xinyin authority change commerce --successor market --valid-until 2026-12-31
    """
    permit = home.permit(Action.MANAGE_AUTHORITY)
    which = AuthorityId(authority_id)
    with home.database.writing() as connection:
        before = standing_of(find_authority(connection, which))
        to = changed_standing(before, standing, clear)
        reorganise(connection, which, to, permit, home.clock.now())
    output.say(messages.authority_changed(authority_id))


@authority.command("list")
@command_options
def authority_list(home: Home, output: Output) -> None:
    """List authorities. 列出颁发机构。

    \b
    Example:
      xinyin authority list --json
    """
    with home.database.reading() as connection:
        found = list_authorities(connection)
    output.records(
        [
            {
                "authority": a.authority_id,
                "name": a.name,
                "uscc": a.uscc,
                "level": a.level,
                **standing_facts(a),
            }
            for a in found
        ]
    )


@click.group("seal")
def seal() -> None:
    """Electronic seals: an authority's key, certificate and appearance. 电子印章。"""


@seal.command("add")
@click.argument("seal_id")
@click.option("--authority", "authority_id", required=True, help="Authority that owns the seal.")
@click.option("--name", default="", help="Special seal's name below the star (…专用章).")
@key_options
@command_options
def seal_add(home: Home, output: Output, seal_id: str, authority_id: str, name: str) -> None:
    """Make a seal: generate its key, issue its certificate. 制作印章。

    \b
    Example:
      xinyin seal add market-food --authority market --name 食品经营许可专用章
    """
    permit = home.permit(Action.MANAGE_SEAL)
    made = home.seal_maker.make(SealId(seal_id), AuthorityId(authority_id), name, permit)
    output.say(messages.seal_made(made.seal_id))


@seal.command("renew")
@click.argument("seal_id")
@key_options
@command_options
def seal_renew(home: Home, output: Output, seal_id: str) -> None:
    """Give a seal a new key and certificate; the earlier one stays on record. 换发印章证书。

    What was sealed before keeps verifying. Run again after an interruption, it goes on with the
    same key.

    \b
    Example:
      xinyin seal renew market-food
    """
    renewed = home.seal_maker.renew(SealId(seal_id), home.permit(Action.MANAGE_SEAL))
    end = x509.load_der_x509_certificate(renewed.certificate).not_valid_after_utc
    output.say(messages.seal_certificate_renewed(seal_id=seal_id, end=end))


@seal.command("list")
@command_options
def seal_list(home: Home, output: Output) -> None:
    """List seals. 列出印章。

    \b
    Example:
      xinyin seal list
    """
    with home.database.reading() as connection:
        found = list_seals(connection)
    output.records(
        [
            {"seal": s.seal_id, "authority": s.authority_id, "name": s.name, "key": s.key_id}
            for s in found
        ]
    )


for _command in (
    *SEAL_COMMANDS,
    *ASKING_COMMANDS,
    *COMPROMISE_COMMANDS,
    *RESEAL_COMMANDS,
    *OUTSIDE_COMMANDS,
    *REGISTER_COMMANDS,
):
    seal.add_command(_command)

COMMANDS = (authority, seal)
