"""`xinyin licence suspend|reinstate|cancel|void`: a licence's life, each step with its basis."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from cli.licences import messages
from cli.licences.licence_records import find_target, record_of
from cli.licences.licences_at_server import change_at_server
from cli.licences.search_command import DayType
from cli.remote.contexts import server_option
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reasons import NamedReasonType
from core.permits import Action
from home.wiring import Home
from registry.granting.giving_up import give_up
from registry.licences.licences import TRANSITIONS, LicenceChange, change_state
from registry.licences.reasons import named_reason
from registry.model import Licence, Reason
from registry.state_words import words_of

_LICENCE = click.argument("licence", metavar="LICENCE")
_BASIS = click.option("--basis", required=True, help="Legal basis.")


document_number_option = click.option(
    "--document-number", metavar="NUMBER", help="Number of the document of record (文号)."
)


def _reason_option(change: LicenceChange) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    reasons = NamedReasonType(TRANSITIONS[change].reasons)
    return click.option(
        "--reason",
        required=True,
        type=reasons,
        help="Why, as the law knows it, or by the type's own code.",
    )


@click.command("suspend")
@_LICENCE
@_reason_option(LicenceChange.SUSPEND)
@_BASIS
@document_number_option
@click.option(
    "--until",
    "last",
    type=DayType(),
    metavar="DATE",
    help="Last day; the licence is in force again by itself the day after. Without it, until it "
    "is reinstated. Given for a suspended licence, it changes that day.",
)
@server_option
@command_options
def suspend(
    home: Home,
    output: Output,
    *,
    licence: str,
    basis: str,
    reason: str,
    document_number: str | None,
    last: date | None,
    server: str | None,
) -> None:
    """Suspend a licence. 暂停使用（核查或暂扣）。

    LICENCE is an identifier, a printed number or a link.

    \b
    Example:
      xinyin licence suspend JY19901210000017 --reason 暂扣 --basis "《食品安全法》第一百二十四条"
      xinyin licence suspend JY19901210000017 --reason 暂扣 --basis "处罚决定" --until 2027-03-31
    """
    if server is not None:
        body: dict[str, Any] = {
            "change": LicenceChange.SUSPEND,
            "reason": reason,
            "basis": basis,
        }
        if last is not None:
            body["until"] = last.isoformat()
        change_at_server(server, output, licence, _with_number(body, document_number))
        return
    found = find_target(home, licence)
    _change(
        home,
        output,
        found,
        LicenceChange.SUSPEND,
        reason=reason,
        basis=basis,
        document_number=document_number,
        until=last,
    )


@click.command("reinstate")
@_LICENCE
@_BASIS
@document_number_option
@server_option
@command_options
def reinstate(
    home: Home,
    output: Output,
    *,
    licence: str,
    basis: str,
    document_number: str | None,
    server: str | None,
) -> None:
    """Reinstate a suspended licence. 恢复使用。

    LICENCE is an identifier, a printed number or a link.

    \b
    Example:
      xinyin licence reinstate JY19901210000017 --basis "核查完毕"
    """
    if server is not None:
        body = {"change": LicenceChange.REINSTATE, "basis": basis}
        change_at_server(server, output, licence, _with_number(body, document_number))
        return
    found = find_target(home, licence)
    _change(
        home,
        output,
        found,
        LicenceChange.REINSTATE,
        reason=None,
        basis=basis,
        document_number=document_number,
    )


@click.command("cancel")
@_LICENCE
@_reason_option(LicenceChange.CANCEL)
@_BASIS
@document_number_option
@yes_option
@server_option
@command_options
def cancel(
    home: Home,
    output: Output,
    *,
    licence: str,
    basis: str,
    reason: str,
    document_number: str | None,
    yes: bool,
    server: str | None,
) -> None:
    """Cancel a licence. 注销、撤销、吊销或撤回。

    LICENCE is an identifier, a printed number or a link.

    \b
    Example:
      xinyin licence cancel JY19901210000017 --reason 申请注销 --basis "持证主体申请" --yes
    """
    if server is not None:
        confirm(output, messages.confirm_cancellation(licence), yes=yes)
        body = {"change": LicenceChange.CANCEL, "reason": reason, "basis": basis}
        change_at_server(server, output, licence, _with_number(body, document_number))
        return
    found = find_target(home, licence)
    _named(home, found, LicenceChange.CANCEL, reason)  # before anybody is asked to confirm
    named = f"{found.identifier} ({found.number}, {found.holders[0].name})"
    confirm(output, messages.confirm_cancellation(named), yes=yes)
    _change(
        home,
        output,
        found,
        LicenceChange.CANCEL,
        reason=reason,
        basis=basis,
        document_number=document_number,
    )


def _change(
    home: Home,
    output: Output,
    found: Licence,
    change: LicenceChange,
    *,
    reason: str | None,
    basis: str,
    document_number: str | None,
    until: date | None = None,
) -> None:
    named = None if reason is None else _named(home, found, change, reason)
    with home.database.writing() as connection:
        changed = change_state(
            connection,
            found.identifier,
            change,
            reason=named,
            basis=basis,
            permit=home.permit(Action.CHANGE_LICENCE),
            at=home.clock.now(),
            document_number=document_number,
            today=home.today(),
            until=until,
        )
    if output.as_json:
        output.data(record_of(changed, home.today()))
        return
    word = words_of(changed.state, changed.reason).word
    if until is not None:
        output.say(messages.licence_suspended_until(found.identifier, word, until))
        return
    output.say(messages.licence_state_changed(identifier=found.identifier, state=word))


def _named(home: Home, found: Licence, change: LicenceChange, reason: str) -> Reason:
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, found.type_code)
    return named_reason(licence_type, TRANSITIONS[change].reasons, reason)


def _with_number(body: dict[str, Any], document_number: str | None) -> dict[str, Any]:
    return body if document_number is None else body | {"document_number": document_number}


@click.command("void")
@_LICENCE
@click.option("--why", required=True, help="Why it will not be finished.")
@yes_option
@command_options
def void(home: Home, output: Output, *, licence: str, why: str, yes: bool) -> None:
    """Give up a pending grant; its number stays accounted for. 作废未完成的颁发。

    \b
    Example:
      xinyin licence void IDENTIFIER --why "申请已撤回" --yes
    """
    found = find_target(home, licence)
    confirm(
        output,
        messages.confirm_voiding(found.identifier),
        yes=yes,
    )
    give_up(home.database, home.reservations, found.identifier, why, home.permit(Action.GRANT))
    output.say(messages.grant_voided(found.identifier))


CHANGE_COMMANDS = (suspend, reinstate, cancel, void)
