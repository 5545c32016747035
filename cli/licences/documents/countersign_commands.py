"""`xinyin document countersign|refuse|take-in|…`: the seals that follow the first one."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Connection

from cli.licences.documents import messages, rounds_there
from cli.licences.documents.records import find_document, record_of_document
from cli.licences.documents.report import find_round, round_as_json, show_round
from cli.licences.documents.rounds_there import RoundsThere
from cli.remote.contexts import server_option
from cli.shell.confirming import confirm, yes_option
from cli.shell.delivery import refuse_unwritable, write_document
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import MAX_DOCUMENT_BYTES, read_file
from core.errors import UsageError
from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Action
from home.wiring import Home
from registry.db.paging import Place
from registry.desk.documents.rounds import MOST, RoundsOf
from registry.granting.countersigning import Countersigned
from registry.granting.document_terms import title_of
from registry.granting.rounds import progress_or_none
from registry.licences.awaited_seals import awaited_from, issued_waiting
from registry.licences.countersignatures import RoundProgress
from registry.licences.licences import find_licence, list_revisions
from registry.objects.documents import archive_copy

_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command("countersign")
@click.argument("named", metavar="DOCUMENT")
@click.option("--authority", help="Whose seal, where several are awaited.")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@yes_option
@server_option
@key_options
@command_options
def countersign(
    home: Home,
    output: Output,
    *,
    named: str,
    authority: str | None,
    out: Path,
    force: bool,
    yes: bool,
    server: str | None,
) -> int:
    """Put the seal of an awaited authority on a document. 会签公文。

    DOCUMENT is an identifier, a number or a link. The earlier seals stay as they are. With the
    last seal the document comes into force. The same command again seals nothing twice. Look at
    what will be sealed with `document export` first. At a server it is asked for; where somebody
    else has to approve it, the request's id is printed.

    \b
    Examples:
      xinyin document countersign GW0000000011 --out signed.pdf
      xinyin document countersign GW0000000011 --authority qinglan-health --out signed.pdf --yes
    """
    if server is not None:
        there = RoundsThere(server, output)
        return rounds_there.countersign(there, named, authority, out, force=force, yes=yes)
    refuse_unwritable(out, force=force)
    permit = home.permit(Action.GRANT)
    found = find_document(home, named)
    progress = find_round(home, found)
    asked = messages.confirm_sealing(
        number=found.number, title=title_of(found), body=_whose(progress, authority)
    )
    confirm(output, asked, yes=yes)
    acting = None if authority is None else AuthorityId(authority)
    made = home.countersigning.countersign(found.identifier, permit, acting)
    _report(home, output, made, out)
    return 0


@click.command("refuse")
@click.argument("named", metavar="DOCUMENT")
@click.option("--reason", required=True, help="Why; kept on record, and told to nobody outside.")
@click.option("--authority", help="Who refuses, where several are awaited.")
@click.option(
    "--outside",
    metavar="NAME",
    help="Name of one that signs elsewhere, whose refusal the issuer records.",
)
@yes_option
@server_option
@command_options
def refuse(
    home: Home,
    output: Output,
    *,
    named: str,
    reason: str,
    authority: str | None,
    outside: str | None,
    yes: bool,
    server: str | None,
) -> None:
    """Record that an awaited authority will not seal a document. 拒绝会签。

    The round is over: the document never comes into force.

    \b
    Example:
      xinyin document refuse GW0000000011 --authority qinglan-health --reason 内容须修改 --yes
    """
    if authority is not None and outside is not None:
        raise UsageError(messages.ONE_REFUSES)
    if server is not None:
        rounds_there.refuse(RoundsThere(server, output), named, reason, authority, outside, yes=yes)
        return
    permit = home.permit(Action.GRANT)
    found = find_document(home, named)
    asked = messages.confirm_refusing(number=found.number, title=title_of(found))
    confirm(output, asked, yes=yes)
    acting = None if authority is None else AuthorityId(authority)
    changed = home.countersigning.refuse(found.identifier, reason, permit, acting, outside=outside)
    if output.as_json:
        output.data(record_of_document(home, changed))
        return
    output.say(messages.round_refused(changed.number))


@click.command("take-in")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--document", "named", help="Document of which it has to be.")
@click.option("--out", type=_OUT, required=True, help="Where to write the document as it is now.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@key_options
@command_options
def take_in(
    home: Home,
    output: Output,
    *,
    file: Path,
    named: str | None,
    out: Path,
    force: bool,
    server: str | None,
) -> None:
    """Take in a document that was signed with other software. 接收在外签署的公文。

    FILE is what `document export` wrote, with one signature of the awaited body in the field that
    was prepared for it, and nothing else. It is judged; the issuer seals over it, unseen, and both
    are registered. What is anything else is refused, with the reason.

    \b
    Example:
      xinyin document take-in signed-by-company.pdf --out signed.pdf
    """
    refuse_unwritable(out, force=force)
    if server is not None:
        rounds_there.take_in(
            RoundsThere(server, output), read_file(file, MAX_DOCUMENT_BYTES), named, out
        )
        return
    permit = home.permit(Action.GRANT)
    wanted = None if named is None else find_document(home, named).identifier
    made = home.taking_in.take_in(read_file(file, MAX_DOCUMENT_BYTES), permit, wanted)
    _report(home, output, made, out)


@click.command("export")
@click.argument("named", metavar="DOCUMENT")
@click.option("--out", type=_OUT, required=True, help="Where to write the PDF.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@server_option
@command_options
def export(
    home: Home, output: Output, *, named: str, out: Path, force: bool, server: str | None
) -> None:
    """Write a document's newest file, to be looked at or signed. 导出公文。

    \b
    Example:
      xinyin document export GW0000000011 --out document.pdf
    """
    refuse_unwritable(out, force=force)
    if server is not None:
        rounds_there.export(RoundsThere(server, output), named, out)
        return
    found = find_document(home, named)
    with home.database.reading() as connection:
        known = list_revisions(connection, found.identifier)
    if not known:
        raise UsageError(messages.LICENCE_DOCUMENT_MISSING)
    write_document(out, archive_copy(home.store, known), found.identifier)
    if output.as_json:
        output.data(
            record_of_document(home, found) | {"path": str(out), "sha256": known[-1].sha256}
        )
        return
    output.text(str(out))


@click.command("deadline")
@click.argument("named", metavar="DOCUMENT")
@click.option("--until", required=True, metavar="DAY", help="New last day, as 2026-12-31.")
@click.option("--reason", required=True, help="Why; kept on record.")
@server_option
@command_options
def deadline(
    home: Home, output: Output, *, named: str, until: str, reason: str, server: str | None
) -> None:
    """Move the last day by which a document is to be sealed. 更改会签期限。

    For its issuer, also once that day has passed.

    \b
    Example:
      xinyin document deadline GW0000000011 --until 2026-12-31 --reason 会签单位须开会研究
    """
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise UsageError(messages.DAY_UNREADABLE) from error
    if server is not None:
        rounds_there.move_day(RoundsThere(server, output), named, day, reason)
        return
    permit = home.permit(Action.GRANT)
    found = find_document(home, named)
    progress = home.countersigning.move_day(found.identifier, day, reason, permit)
    if output.as_json:
        output.data(record_of_document(home, found) | round_as_json(home, progress))
        return
    output.say(messages.day_moved(found.number, day))


@click.command("awaiting")
@click.option("--authority", help="Those alone that await its seal.")
@click.option(
    "--of",
    type=click.Choice([one.value for one in RoundsOf]),
    default=RoundsOf.AWAITING.value,
    show_default=True,
    help="At a server: those that await your seal, that you issued, or that you dealt with.",
)
@server_option
@command_options
def awaiting(
    home: Home, output: Output, *, authority: str | None, of: str, server: str | None
) -> None:
    """List documents that await further seals, oldest first. 列出待会签的公文。

    \b
    Examples:
      xinyin document awaiting --authority qinglan-health
      xinyin document awaiting --server URL
    """
    if server is not None:
        rounds_there.listed(RoundsThere(server, output), of)
        return
    with home.database.reading() as connection:
        known = [find_licence(connection, one) for one in _all_awaiting(connection, authority)]
        rounds = [(one, progress_or_none(connection, one)) for one in known]
    shown = [(one, progress) for one, progress in rounds if progress is not None]
    if output.as_json:
        told = [record_of_document(home, one) | round_as_json(home, two) for one, two in shown]
        output.records(told)
        return
    if not shown:
        output.say(messages.NO_MATCHING_DOCUMENT)
        return
    rows = [
        (
            one.number,
            title_of(one),
            one.authority_name,
            "、".join(step.signer.name for step in progress.awaited),
            progress.asked.deadline or "",
            one.identifier,
        )
        for one, progress in shown
    ]
    output.table([one.to(output.language) for one in messages.ROUND_HEADINGS], rows)


def _all_awaiting(connection: Connection, authority: str | None) -> Iterator[LicenceIdentifier]:
    after = None
    while True:
        if authority is None:
            found = issued_waiting(connection, None, MOST, after)
        else:
            found = awaited_from(connection, {authority}, MOST, after)
        yield from (identifier for identifier, _ in found)
        if len(found) < MOST:
            return
        last, at = found[-1]
        after = Place(at, last)


def _whose(progress: RoundProgress | None, authority: str | None) -> str:
    """Return the names of the bodies whose seal is meant."""
    steps = () if progress is None else progress.awaited
    own = [one for one in steps if not one.signer.outside]
    named = [one for one in own if authority in (None, one.signer.authority)]
    return "、".join(one.signer.name for one in named)


def _report(home: Home, output: Output, made: Countersigned, out: Path) -> None:
    write_document(out, made.pdf, made.licence.identifier)
    if output.as_json:
        told = {
            "outcome": "sealed_before" if made.repeated else "sealed",
            "path": str(out),
            "sha256": made.sha256,
        }
        output.data(
            record_of_document(home, made.licence) | round_as_json(home, made.progress) | told
        )
        return
    output.text(str(out))
    missing = [one.signer.name for one in made.progress.missing]
    if made.repeated:
        output.say(messages.SEALED_BEFORE if missing else messages.ALL_SEALED_BEFORE)
    else:
        output.say(messages.round_goes_on(missing) if missing else messages.ROUND_COMPLETE)
    show_round(home, output, made.progress)


COUNTERSIGN_COMMANDS = (countersign, refuse, take_in, export, deadline, awaiting)
