"""`xinyin licence show|list`: what is on record, for whoever works with it."""

from collections.abc import Sequence
from datetime import date

import click

from cli.licences import messages
from cli.licences.licences_at_server import list_at_server, show_at_server
from cli.remote.contexts import server_option
from cli.shell.instants import read_instant
from cli.shell.options import command_options
from cli.shell.output import Output
from core.clock import civil_date
from core.text import Language, Text
from home.wiring import Home
from registry.answers.lookup import LicenceQuery, find_named, search_licences
from registry.licences.history import licence_at, refuse_future
from registry.licences.licences import list_revisions
from registry.licences.links import link_of
from registry.licences.reason_words import REASON_NAMES
from registry.model import Licence, LicenceState
from registry.state_words import effective_reason, standing_on
from registry.types.faces import face_fields

_LIMIT = click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most."
)
_HEADINGS = (
    Text("编号", "number"),
    Text("持证主体", "holder"),
    Text("证照", "type"),
    Text("状态", "state"),
    Text("有效期至", "until"),
    Text("标识", "identifier"),
)
_LONG_TERM = Text("长期有效", "no end")


def find_target(home: Home, text: str) -> Licence:
    """Return the licence of an identifier, a printed number or a link. Raises `find_named`'s."""
    with home.database.reading() as connection:
        types = home.catalogue.list_types(connection)
        return find_named(connection, text, home.settings.service.public_url, types)


def record_of(found: Licence, today: date) -> dict[str, object]:
    """Return a licence as JSON."""
    found = found.settled(today)
    until = found.suspended_until
    dated = {} if until is None else {"suspended_until": until.isoformat()}
    return {
        "identifier": found.identifier,
        "number": found.number,
        "type": found.type_name.zh,
        "holder": found.holders[0].name,
        "state": found.effective_state(today),
        "reason": found.reason,
        "granted_on": found.granted_on.isoformat(),
        "valid_from": found.valid_from.isoformat(),
        "valid_until": None if found.valid_until is None else found.valid_until.isoformat(),
        **dated,
    }


@click.command("show")
@click.argument("licence", metavar="LICENCE")
@click.option(
    "--at",
    metavar="INSTANT",
    help="As it stood then, and what a verifier was told, such as 2026-11-30T09:00.",
)
@server_option
@command_options
def show(home: Home, output: Output, licence: str, *, at: str | None, server: str | None) -> None:
    """Show a licence on record. 查看证照。

    LICENCE is an identifier, a printed number or a link.

    \b
    Examples:
      xinyin licence show JY19901210000017
      xinyin licence show https://verify.example.gov.cn/v/… --json
    """
    if server is not None:
        show_at_server(server, output, licence, at)
        return
    found = find_target(home, licence)
    if at is not None:
        _show_past(home, output, found, at)
        return
    with home.database.reading() as connection:
        known = list_revisions(connection, found.identifier)
        licence_type = home.catalogue.granted_under(connection, found.type_code, found.created_at)
    link = link_of(home.settings.service.public_url, found)
    if output.as_json:
        more = {
            "authority": found.authority_name,
            "basis": found.basis,
            "document_number": found.document_number,
            "replaces": found.replaces,
            "replaced_by": found.replaced_by,
            "link": link,
            "revisions": [
                {
                    "length": one.length,
                    "sha256": one.sha256,
                    "registered_at": one.registered_at.isoformat(),
                }
                for one in known
            ],
        }
        output.data(record_of(found, home.today()) | more)
        return
    face = () if found.erased_at is not None else face_fields(licence_type, found)
    labelled = [(one.label.to(output.language), one.value) for one in face]
    facts = _told(found, home.today(), link, output.language)
    told = [(label.to(output.language), value) for label, value in facts if value is not None]
    files = [(f"PDF {one.sequence}", f"{one.length} B, SHA-256 {one.sha256}") for one in known]
    output.table(["", ""], [*told, *labelled, *files])


def _show_past(home: Home, output: Output, found: Licence, typed: str) -> None:
    zone = home.zone
    at = read_instant(typed, zone)
    refuse_future(at, home.clock)
    with home.database.reading() as connection:
        past = licence_at(connection, found, at, civil_date(at, zone))
        kind = home.catalogue.find(connection, found.type_code).kind
    told, then = past.told(kind), past.licence
    if output.as_json:
        stood = {} if then is None else record_of(then, past.on) | {"basis": then.basis}
        names = {"identifier": found.identifier, "number": found.number}
        output.data(names | stood | {"at": at.isoformat(), "told": told.as_json()})
        return
    output.text(told.to(output.language))
    if then is not None and then.basis is not None:
        output.say(messages.basis_then(then.basis))


def _told(found: Licence, today: date, link: str, language: Language) -> list[tuple[Text, object]]:
    found = found.settled(today)
    last = found.valid_until or _LONG_TERM.to(language)
    return [
        (messages.LICENCE_NAME, found.type_name.to(language)),
        (messages.NUMBER, found.number),
        (messages.IDENTIFIER, found.identifier),
        (messages.AUTHORITY, found.authority_name),
        (messages.STATE, _state(found, today, language)),
        (messages.SUSPENDED_UNTIL, found.suspended_until),
        (messages.GRANTED_ON, found.granted_on),
        (messages.VALIDITY, f"{found.valid_from} – {last}"),
        (messages.BASIS, found.basis),
        (messages.DOCUMENT_NUMBER, found.document_number),
        (messages.REPLACES, found.replaces),
        (messages.REPLACED_BY, found.replaced_by),
        (messages.VERIFICATION_LINK, link),
    ]


def _state(found: Licence, today: date, language: Language) -> str:
    """Return the state in words, and the codes that commands and filters take."""
    state = found.effective_state(today)
    reason = effective_reason(state, found.reason)
    codes = state if reason is None else f"{state}, {reason} {REASON_NAMES[reason].zh}"
    return f"{standing_on(found, today).to(language)} ({codes})"


@click.command("list")
@click.option("--state", type=click.Choice([s.value for s in LicenceState]), help="As of today.")
@click.option("--type", "type_name", help="Licence type, short name or code.")
@click.option("--number", help="Part of the printed number.")
@click.option("--holder", help="Part of the holder's name, or its whole code.")
@click.option("--request-key", metavar="KEY", help="What that request led to.")
@_LIMIT
@server_option
@command_options
def list_(
    home: Home,
    output: Output,
    *,
    state: str | None,
    type_name: str | None,
    number: str | None,
    holder: str | None,
    request_key: str | None,
    limit: int,
    server: str | None,
) -> None:
    """List licences, oldest first. 列出证照。

    \b
    Examples:
      xinyin licence list --state SUSPENDED
      xinyin licence list --type food-operation --holder 便利店
      xinyin licence list --number 990121
    """
    if server is not None:
        filters = {"state": state, "type": type_name, "number": number}
        others = {"holder": holder, "request_key": request_key}
        list_at_server(server, output, filters | others, limit)
        return
    with home.database.reading() as connection:
        kind = None if type_name is None else home.catalogue.find(connection, type_name)
        query = LicenceQuery(
            on=home.today(),
            state=None if state is None else LicenceState(state),
            type_code=None if kind is None else kind.code,
            number=number,
            holder=holder,
            request_key=request_key,
        )
        found = search_licences(connection, query, limit + 1)
    print_licences(home, output, found, limit)


def print_licences(home: Home, output: Output, found: Sequence[Licence], limit: int) -> None:
    """Print licences; one more than `limit` says that there are others."""
    shown, today = found[:limit], home.today()
    if output.as_json:
        output.records([record_of(one, today) for one in shown])
    elif shown:
        language = output.language
        with home.database.reading() as connection:
            kinds = {one.code: one.kind for one in home.catalogue.list_types(connection)}
        rows = [
            (
                one.number,
                one.holders[0].name,
                one.type_name.to(language),
                standing_on(one, today, kinds[one.type_code]).to(language),
                one.valid_until or _LONG_TERM.to(language),
                one.identifier,
            )
            for one in shown
        ]
        output.table([heading.to(language) for heading in _HEADINGS], rows)
    else:
        output.say(messages.NO_MATCHING_LICENCE)
    if len(found) > limit:
        output.say(messages.licence_list_truncated(limit))


RECORD_COMMANDS = (show, list_)
