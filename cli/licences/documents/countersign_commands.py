"""`xinyin document countersign|refuse|take-in|export`: the seals that follow the first one."""

from pathlib import Path

import click

from cli.licences.documents import messages
from cli.licences.documents.records import find_document, record_of_document
from cli.licences.documents.report import round_as_json, show_round
from cli.shell.confirming import confirm, yes_option
from cli.shell.delivery import refuse_unwritable, write_document
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.reading import MAX_DOCUMENT_BYTES, read_file
from core.errors import UsageError
from core.ids import AuthorityId
from core.permits import Action
from home.wiring import Home
from registry.granting.countersigning import Countersigned
from registry.licences.licences import list_revisions
from registry.objects.documents import archive_copy

_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command("countersign")
@click.argument("named", metavar="DOCUMENT")
@click.option("--authority", help="Whose seal, where several are awaited.")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@yes_option
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
) -> None:
    """Put the seal of an awaited authority on a document. 会签公文。

    DOCUMENT is an identifier, a number or a link. The earlier seals stay as they are. With the
    last seal the document comes into force. The same command again seals nothing twice. Look at
    what will be sealed with `document export` first.

    \b
    Examples:
      xinyin document countersign GW0000000011 --out signed.pdf
      xinyin document countersign GW0000000011 --authority qinglan-health --out signed.pdf --yes
    """
    refuse_unwritable(out, force=force)
    permit = home.permit(Action.GRANT)
    found = find_document(home, named)
    asked = messages.confirm_sealing(number=found.number, title=found.data.get("title", ""))
    confirm(output, asked, yes=yes)
    acting = None if authority is None else AuthorityId(authority)
    made = home.countersigning.countersign(found.identifier, permit, acting)
    _report(home, output, made, out)


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
) -> None:
    """Record that an awaited authority will not seal a document. 拒绝会签。

    The round is over: the document never comes into force.

    \b
    Example:
      xinyin document refuse GW0000000011 --authority qinglan-health --reason 内容须修改 --yes
    """
    permit = home.permit(Action.GRANT)
    found = find_document(home, named)
    if authority is not None and outside is not None:
        raise UsageError(messages.ONE_REFUSES)
    asked = messages.confirm_refusing(number=found.number, title=found.data.get("title", ""))
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
@key_options
@command_options
def take_in(
    home: Home, output: Output, *, file: Path, named: str | None, out: Path, force: bool
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
    permit = home.permit(Action.GRANT)
    wanted = None if named is None else find_document(home, named).identifier
    made = home.taking_in.take_in(read_file(file, MAX_DOCUMENT_BYTES), permit, wanted)
    _report(home, output, made, out)


@click.command("export")
@click.argument("named", metavar="DOCUMENT")
@click.option("--out", type=_OUT, required=True, help="Where to write the PDF.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@command_options
def export(home: Home, output: Output, *, named: str, out: Path, force: bool) -> None:
    """Write a document's newest file, to be looked at or signed. 导出公文。

    \b
    Example:
      xinyin document export GW0000000011 --out document.pdf
    """
    refuse_unwritable(out, force=force)
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
    output.say(messages.round_goes_on(missing) if missing else messages.ROUND_COMPLETE)
    show_round(home, output, made.progress)


COUNTERSIGN_COMMANDS = (countersign, refuse, take_in, export)
