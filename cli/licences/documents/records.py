"""`xinyin document list|show|cancel`: documents on record, in words of documents."""

import click

from cli.licences.documents import messages
from cli.licences.documents.report import find_round, round_as_json, show_round
from cli.licences.licence_records import find_target, record_of
from cli.remote.contexts import remote_desk, server_option
from cli.remote.desk import JsonObject, RemoteDesk
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reasons import DocumentReasonType
from core.errors import UsageError
from core.permits import Action
from core.text import Language, Text
from home.wiring import Home
from registry.answers.lookup import LicenceQuery, search_licences
from registry.granting.document_terms import title_of
from registry.licences.licences import LicenceChange, change_state
from registry.licences.links import link_of
from registry.model import Licence, LicenceState, Reason, TypeKind
from registry.state_words import standing_on, words_of

_HEADINGS = (
    Text("编号", "number"),
    Text("标题", "title"),
    Text("发文机关", "issued by"),
    Text("状态", "state"),
    Text("签发日期", "issued on"),
    Text("标识", "identifier"),
)


@click.command("list")
@click.option("--title", help="Part of the title.")
@click.option("--number", help="Part of the number.")
@click.option("--type", "type_name", help="Document type, short name or code.")
@click.option("--state", type=click.Choice([s.value for s in LicenceState]), help="As of today.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most."
)
@server_option
@command_options
def list_(
    home: Home,
    output: Output,
    *,
    title: str | None,
    number: str | None,
    type_name: str | None,
    state: str | None,
    limit: int,
    server: str | None,
) -> None:
    """List documents on record, oldest first. 列出公文。

    \b
    Examples:
      xinyin document list --title 检查
      xinyin document list --state CANCELLED
    """
    if server is not None:
        words = " ".join(one for one in (title, number) if one)
        filters = {"q": words or None, "type": type_name, "state": state}
        _tell_all(output, remote_desk(server, output).documents(filters, limit))
        return
    with home.database.reading() as connection:
        kind = None if type_name is None else home.catalogue.find(connection, type_name)
        if kind is not None and not kind.is_document:
            raise UsageError(messages.not_of_documents(kind.slug))
        kinds = [one for one in home.catalogue.list_types(connection) if one.is_document]
        query = LicenceQuery(
            on=home.today(),
            state=None if state is None else LicenceState(state),
            type_codes=tuple(one.code for one in kinds) if kind is None else (kind.code,),
            number=number,
            title=title,
        )
        found = search_licences(connection, query, limit + 1)
    shown, language, today = found[:limit], output.language, home.today()
    if output.as_json:
        output.records([record_of_document(home, one) for one in shown])
    elif shown:
        rows = [
            (
                one.number,
                title_of(one),
                one.authority_name,
                standing_on(one, today, TypeKind.DOCUMENT).to(language),
                one.granted_on,
                one.identifier,
            )
            for one in shown
        ]
        output.table([heading.to(language) for heading in _HEADINGS], rows)
    else:
        output.say(messages.NO_MATCHING_DOCUMENT)
    if len(found) > limit:
        output.say(messages.licence_list_truncated(limit))


@click.command("show")
@click.argument("named", metavar="DOCUMENT")
@server_option
@command_options
def show(home: Home, output: Output, named: str, *, server: str | None) -> None:
    """Show a document on record, and who has sealed it. 查看公文。

    DOCUMENT is an identifier, a number or a link. Of a document that several seal it says who did,
    who is awaited and since when, and until when.

    \b
    Example:
      xinyin document show GW0000000011
    """
    if server is not None:
        there = remote_desk(server, output)
        output.facts(_flat(there.document_record(named_there(there, named))))
        return
    found = find_document(home, named)
    progress = find_round(home, found)
    if output.as_json:
        output.data(record_of_document(home, found) | round_as_json(home, progress))
        return
    language = output.language
    state = standing_on(found, home.today(), TypeKind.DOCUMENT).to(language)
    words = (*_HEADINGS, messages.BASIS, messages.VERIFICATION_LINK)
    link = link_of(home.settings.service.public_url, found)
    facts = (
        found.number,
        title_of(found),
        found.authority_name,
        state,
        found.granted_on,
        found.identifier,
        found.basis,
        link,
    )
    told = zip(words, facts, strict=True)
    output.table(["", ""], [(word.to(language), fact) for word, fact in told if fact])
    show_round(home, output, progress)


@click.command("cancel")
@click.argument("named", metavar="DOCUMENT")
@click.option("--reason", required=True, type=DocumentReasonType(), help="What became of it.")
@click.option("--basis", required=True, help="Document or decision by which it ends.")
@yes_option
@server_option
@command_options
def cancel(
    home: Home,
    output: Output,
    *,
    named: str,
    reason: Reason,
    basis: str,
    yes: bool,
    server: str | None,
) -> None:
    """Repeal, withdraw or annul a document. 废止、撤回或撤销公文。

    DOCUMENT is an identifier, a number or a link. Whoever verifies the file is told from then on.

    \b
    Example:
      xinyin document cancel GW0000000011 --reason 废止 --basis "青市监〔2026〕12号" --yes
    """
    if server is not None:
        _cancel_there(output, server, named, reason, basis, yes=yes)
        return
    permit = home.permit(Action.CHANGE_LICENCE)
    found = find_document(home, named)
    word = words_of(LicenceState.CANCELLED, reason, TypeKind.DOCUMENT).word
    asked = messages.confirm_ending(number=found.number, title=title_of(found), state=word)
    confirm(output, asked, yes=yes)
    with home.database.writing() as connection:
        changed = change_state(
            connection,
            found.identifier,
            LicenceChange.CANCEL,
            reason=reason,
            basis=basis,
            permit=permit,
            at=home.clock.now(),
        )
    if output.as_json:
        output.data(record_of_document(home, changed))
        return
    output.say(messages.document_ended(number=changed.number, state=word))


def find_document(home: Home, named: str) -> Licence:
    """Return a document; a licence is none. Raises as `find_target`, and `UsageError`."""
    found = find_target(home, named)
    with home.database.reading() as connection:
        if not home.catalogue.find(connection, found.type_code).is_document:
            raise UsageError(messages.not_of_documents(found.number))
    return found


def record_of_document(home: Home, found: Licence) -> dict[str, object]:
    """Return a document as JSON."""
    link = link_of(home.settings.service.public_url, found)
    return record_of(found, home.today()) | {"title": title_of(found), "link": link}


def named_there(there: RemoteDesk, named: str) -> str:
    """Return a document's identifier at a server, by its number too. Raises `UsageError`."""
    if "." in named:
        return named
    found = [one for one in there.documents({"q": named}, 10) if one["number"] == named]
    if len(found) != 1:
        raise UsageError(messages.NO_MATCHING_DOCUMENT)
    return str(found[0]["identifier"])


def _cancel_there(
    output: Output, server: str, named: str, reason: Reason, basis: str, *, yes: bool
) -> None:
    there = remote_desk(server, output)
    found = there.document_record(named_there(there, named))
    word = words_of(LicenceState.CANCELLED, reason, TypeKind.DOCUMENT).word
    number, title = str(found["number"]), str(found["title"])
    asked = messages.confirm_ending(number=number, title=title, state=word)
    confirm(output, asked, yes=yes)
    body = {"reason": reason.value, "basis": basis}
    changed = there.cancel_document(str(found["identifier"]), body)
    if output.as_json:
        output.data(_flat(changed))
        return
    output.say(messages.document_ended(number=number, state=word))


def _tell_all(output: Output, found: list[JsonObject]) -> None:
    """List documents of a server."""
    if output.as_json:
        output.records([_flat(one) for one in found])
        return
    if not found:
        output.say(messages.NO_MATCHING_DOCUMENT)
        return
    language = output.language
    keys = ("number", "title", "authority_name", "words", "issued_on", "identifier")
    rows = [[_flat(one, language)[key] for key in keys] for one in found]
    output.table([heading.to(language) for heading in _HEADINGS], rows)


def _flat(one: JsonObject, language: Language = "en") -> JsonObject:
    """Return a record of a server without its nested words."""
    return {**one, "words": one["words"][language]}


RECORD_COMMANDS = (list_, show, cancel)
