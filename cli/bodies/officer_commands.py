"""`xinyin officer …`: people and systems, and their roles."""

import secrets
from datetime import datetime

import click

from cli.bodies import messages
from cli.bodies.leaving_report import tell_leaving
from cli.bodies.reconcile_command import reconcile_command
from cli.shell.confirming import confirm, yes_option
from cli.shell.instants import read_instant, said
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.ids import AuthorityId, IdentityId
from core.permits import EVERYTHING, Action, Role
from home.wiring import Home
from identity.people.model import IdentityKind, Pin
from registry.bodies.authorities import find_authority
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import (
    NewIdentity,
    add_identity,
    find_identity,
    list_identities,
)
from registry.officers.model import IdentityRecord, IdentityState, RoleRecord
from registry.officers.roles import RoleGift, assign_role, end_role, list_roles
from registry.officers.states import enable_identity
from registry.officers.words import ROLES

_WHY = click.option("--basis", "why", required=True, help="Why: a document, a decision.")


@click.group("officer")
def officer() -> None:
    """Officers and systems, and their roles. 人员、服务账户及其角色。"""


@officer.command("add")
@click.option("--issuer", required=True, help="Identity provider that vouches for it (iss).")
@click.option("--subject", required=True, help="Its subject there (sub); never an e-mail address.")
@click.option("--name", required=True, help="Name to be shown.")
@click.option("--owner", help="For a service account: id of the person who answers for it.")
@command_options
def add(
    home: Home, output: Output, *, issuer: str, subject: str, name: str, owner: str | None
) -> None:
    """Record an officer, or with --owner a service account. 登记人员或服务账户。

    It has no role by that. Officers are recorded at their first sign-in too; service accounts are
    not.

    \b
    Example:
      xinyin officer add --issuer https://id.example.gov.cn --subject 7c1e90 --name 李梅
    """
    kind = IdentityKind.PERSON if owner is None else IdentityKind.SERVICE
    whose = None if owner is None else IdentityId(owner)
    new = NewIdentity(Pin(issuer, subject), kind, name, whose)
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        made = add_identity(connection, new, permit, home.clock.now(), secrets.token_bytes)
    output.facts({"officer": made.identity_id})


@officer.command("list")
@click.option(
    "--state",
    type=click.Choice([one.value for one in IdentityState]),
    help="Only those in this state.",
)
@click.option("--after", default="", help="Only those whose id follows this one.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most.")
@command_options
def list_(home: Home, output: Output, *, state: str | None, after: str, limit: int) -> None:
    """List officers and service accounts. 列出人员和服务账户。

    \b
    Example:
      xinyin officer list --state ACTIVE --json
    """
    wanted = None if state is None else IdentityState(state)
    with home.database.reading() as connection:
        found = list_identities(connection, state=wanted, after=after, limit=limit)
    output.records([_summary(one) for one in found])


@officer.command("show")
@click.argument("identity_id", metavar="OFFICER")
@command_options
def show(home: Home, output: Output, identity_id: str) -> None:
    """Show an officer with all roles, those that ended too. 查看人员及其角色。

    \b
    Example:
      xinyin officer show 3f9a0c5d7be1428890ab
    """
    with home.database.reading() as connection:
        found = find_identity(connection, identity_id)
        roles = list_roles(connection, EVERYTHING, identity_id=identity_id)
    seen = found.last_seen_at
    output.facts(
        {
            **_summary(found),
            "issuer": found.pin.iss,
            "subject": found.pin.sub,
            "owner": found.owner,
            "merged_into": found.merged_into,
            "last_seen_at": None if seen is None else said(seen, home.zone),
            "roles": [_role(one, home) for one in roles],
        }
    )


@officer.command("assign")
@click.argument("identity_id", metavar="OFFICER")
@click.argument("role", type=click.Choice([one.value for one in Role]))
@click.option("--authority", help="In which authority.")
@click.option("--everywhere", is_flag=True, help="In all authorities.")
@click.option(
    "--from",
    "since",
    metavar="INSTANT",
    help="From when (ISO 8601, without an offset in the service's zone); now if left out.",
)
@click.option(
    "--until",
    metavar="INSTANT",
    help="Until when (ISO 8601, without an offset in the service's zone).",
)
@command_options
def assign(
    home: Home,
    output: Output,
    *,
    identity_id: str,
    role: str,
    authority: str | None,
    everywhere: bool,
    since: str | None,
    until: str | None,
) -> None:
    """Give an officer a role in an authority. 分配角色。

    An auditor in all authorities is a supervisor, whose reading is recorded.

    \b
    Examples:
      xinyin officer assign 3f9a0c5d7be1428890ab sealer --authority market
      xinyin officer assign 3f9a0c5d7be1428890ab auditor --everywhere --until 2027-01-01
    """
    if everywhere == (authority is not None):
        raise UsageError(messages.AUTHORITY_OR_EVERYWHERE)
    gift = RoleGift(
        IdentityId(identity_id),
        Role(role),
        None if authority is None else AuthorityId(authority),
        _instant(since, home),
        _instant(until, home),
    )
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        made = assign_role(connection, gift, permit, home.clock.now(), secrets.token_bytes)
        person = find_identity(connection, made.identity_id)
        where = None if authority is None else find_authority(connection, AuthorityId(authority))
    last = None if made.valid_until is None else said(made.valid_until, home.zone)
    output.facts(
        {
            "assignment": made.assignment_id,
            "officer": made.identity_id,
            "name": person.name,
            "role": made.role,
            "authority": made.authority_id,
            "from": said(made.valid_from or made.given_at, home.zone),
            "until": last,
        }
    )
    name = None if where is None else where.name
    output.say(
        messages.role_given(name=person.name, role=ROLES[made.role], authority=name, until=last)
    )


@officer.command("unassign")
@click.argument("assignment_id", metavar="ASSIGNMENT")
@_WHY
@command_options
def unassign(home: Home, output: Output, assignment_id: str, why: str) -> None:
    """End a role; `xinyin officer show` has its id. 结束角色。

    \b
    Example:
      xinyin officer unassign 90ab3f9a0c5d7be14288 --basis "调岗 2026-12"
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        end_role(connection, assignment_id, why, permit, home.clock.now())
    output.say(messages.role_ended(assignment_id))


@officer.command("disable")
@click.argument("identity_id", metavar="OFFICER")
@click.option("--authority", help="End only their part in this authority; they left it.")
@_WHY
@yes_option
@key_options
@command_options
def disable(
    home: Home, output: Output, *, identity_id: str, authority: str | None, why: str, yes: bool
) -> int | None:
    """End all that an officer may do. 停用人员。

    Roles, open requests, service accounts that they own, and certificates end. Repeated after it
    was cut off, it ends what is left.

    \b
    Examples:
      xinyin officer disable 3f9a0c5d7be1428890ab --basis "离职 2026-12" --yes
      xinyin officer disable 3f9a0c5d7be1428890ab --authority market --basis "调走" --yes
    """
    confirm(output, messages.confirm_disabling(identity_id), yes=yes)
    at = None if authority is None else AuthorityId(authority)
    kind = LeavingKind.DISABLED if at is None else LeavingKind.LEFT_AUTHORITY
    return _end(home, output, Departure(IdentityId(identity_id), kind, why, at))


@officer.command("enable")
@click.argument("identity_id", metavar="OFFICER")
@_WHY
@command_options
def enable(home: Home, output: Output, identity_id: str, why: str) -> None:
    """Let a disabled officer sign in again; no role comes back. 重新启用人员。

    \b
    Example:
      xinyin officer enable 3f9a0c5d7be1428890ab --basis "返岗 2027-01"
    """
    permit = home.permit(Action.MANAGE_OFFICERS)
    with home.database.writing() as connection:
        enable_identity(connection, IdentityId(identity_id), why, permit, home.clock.now())
    output.say(messages.officer_enabled(identity_id))


@officer.command("merge")
@click.argument("identity_id", metavar="OFFICER")
@click.option("--into", required=True, help="Id of the identity that stays.")
@_WHY
@yes_option
@key_options
@command_options
def merge(
    home: Home, output: Output, *, identity_id: str, into: str, why: str, yes: bool
) -> int | None:
    """Merge an officer's second identity into the one that stays. 合并身份。

    All that the second one may do ends; roles are given anew to the one that stays. Nobody then
    approves by one what they asked for by the other.

    \b
    Example:
      xinyin officer merge 3f9a0c5d7be1428890ab --into 0c5d7be1428890ab3f9a \\
          --basis "同一人重复登记" --yes
    """
    confirm(output, messages.confirm_merging(identity_id=identity_id, into=into), yes=yes)
    departure = Departure(
        IdentityId(identity_id), LeavingKind.MERGED, why, merged_into=IdentityId(into)
    )
    return _end(home, output, departure)


def _end(home: Home, output: Output, departure: Departure) -> int | None:
    report = home.leaving.end_identity(departure, home.permit(Action.MANAGE_OFFICERS))
    return tell_leaving(output, report)


def _instant(text: str | None, home: Home) -> datetime | None:
    return None if text is None else read_instant(text, home.zone)


def _summary(one: IdentityRecord) -> dict[str, object]:
    return {"officer": one.identity_id, "name": one.name, "kind": one.kind, "state": one.state}


def _role(one: RoleRecord, home: Home) -> dict[str, object]:
    instants = {"from": one.valid_from, "until": one.valid_until, "ended_at": one.ended_at}
    return {
        "assignment": one.assignment_id,
        "role": one.role,
        "authority": one.authority_id,
        **{key: None if at is None else said(at, home.zone) for key, at in instants.items()},
        "given_by": one.given_by,
        "why": one.why,
    }


officer.add_command(reconcile_command)
COMMANDS = (officer,)
