"""`xinyin licence …`: granting one, and its life afterwards."""

import dataclasses
from contextlib import closing
from pathlib import Path

import click

from cli.licences import messages
from cli.licences.erase_commands import COMMANDS as ERASE_COMMANDS
from cli.licences.expiring_command import EXPIRING_COMMANDS
from cli.licences.import_command import TAKING_OVER
from cli.licences.licence_changes import CHANGE_COMMANDS, document_number_option
from cli.licences.licence_grants import grant_request, level_option, report_granted
from cli.licences.licence_records import RECORD_COMMANDS, find_target, record_of
from cli.licences.licence_versions import VERSION_COMMANDS
from cli.licences.request_keys import repeatable, request_key_option
from cli.licences.search_command import search
from cli.licences.statistics_command import statistics
from cli.licences.take_over_command import PAPER_COMMANDS
from cli.shell.delivery import refuse_unwritable, write_document
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from cli.shell.tally import FINISHED, Tally
from core.errors import StorageError, UsageError
from core.ids import LicenceNumber
from core.permits import Action
from core.text import Text
from core.web.problems import is_of_surroundings
from home.wiring import Home
from registry.licences.licences import list_pending, list_revisions, refuse_erased
from registry.model import RegistryError
from registry.objects.documents import archive_copy, holders_copy
from signing.render.errors import RenderingError

_OUT = click.Path(path_type=Path, dir_okay=False)
EXIT_FAILURES = 20
_FILE = click.Path(path_type=Path)


@click.group("licence")
def licence() -> None:
    """Grant licences and keep their state. 证照的颁发与管理。"""


@licence.command("issue")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--data", type=_FILE, required=True, help="JSON object of the face fields.")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option("--authority", help="Authority, where several may grant the type.")
@click.option("--basis", help="Legal basis, for the audit.")
@document_number_option
@click.option(
    "--from-paper",
    metavar="NUMBER",
    help="Number of the licence on paper, taken over before, whose place it takes.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@request_key_option
@level_option
@key_options
@command_options
def issue(
    home: Home,
    output: Output,
    *,
    type_name: str,
    data: Path,
    out: Path,
    authority: str | None,
    basis: str | None,
    document_number: str | None,
    from_paper: str | None,
    force: bool,
    level: str,
    request_key: str,
) -> None:
    """Grant one licence and write its sealed PDF. 颁发一份证照。

    Every grant carries a request key. Where the outcome is not known (exit code 5), the message
    says how to look and how to repeat it: with the same key nothing is granted twice. With
    --from-paper it keeps the number of the licence on paper, which is replaced by it from then on.

    \b
    Example:
      xinyin licence issue --type food-operation --data holder.json --out licence.pdf
    """
    refuse_unwritable(out, force=force)
    request = grant_request(home, type_name, data, authority=authority, basis=basis, level=level)
    request = dataclasses.replace(
        request,
        request_key=request_key,
        document_number=document_number,
        from_paper=None if from_paper is None else LicenceNumber(from_paper),
    )
    with repeatable(request_key):
        granted = home.granting.grant(request)
    write_document(out, granted.pdf, granted.licence.identifier)
    report_granted(output, granted.licence, out)


@licence.command("export")
@click.argument("licence_", metavar="LICENCE")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option(
    "--archive", is_flag=True, help="The archive's copy, with the timestamps added since."
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@command_options
def export(
    home: Home, output: Output, licence_: str, *, out: Path, archive: bool, force: bool
) -> None:
    """Write a granted licence's PDF again, as its holder got it. 导出已颁发的证照。

    \b
    Example:
      xinyin licence export JY19901210000017 --out licence.pdf
    """
    refuse_unwritable(out, force=force)
    found = find_target(home, licence_)
    refuse_erased(found)
    with home.database.reading() as connection:
        known = list_revisions(connection, found.identifier)
    if not known:
        raise UsageError(messages.LICENCE_DOCUMENT_MISSING)
    copy_of = archive_copy if archive else holders_copy
    write_document(out, copy_of(home.store, known), found.identifier)
    report_granted(output, found, out)


@licence.command("resume")
@key_options
@command_options
def resume(home: Home, output: Output) -> int:
    """Finish grants that were cut short, under the numbers they took. 续办中断的颁发。

    \b
    Example:
      xinyin licence resume
    """
    permit = home.permit(Action.GRANT)
    with home.database.reading() as connection:
        pending = [identifier for identifier, _ in list_pending(connection)]
    label, tally = messages.RESUMING, Tally(FINISHED, len(pending))
    with tally.told_at_the_end(output), closing(output.progress(pending, label)) as shown:
        for one in tally.taking(shown, lambda one: Text(one, one)):
            try:
                granted = home.granting.resume(one, permit)
            except (RegistryError, RenderingError, StorageError) as error:
                if is_of_surroundings(error):
                    raise
                tally.note(error)
                output.say(Text(f"{one}：{error.text.zh}", f"{one}: {error.text.en}"))
                continue
            tally.note(None)
            output.records([record_of(granted.licence, home.today())])
    finished = len(pending) - tally.failed
    output.say(messages.resume_result(finished))
    return EXIT_FAILURES if tally.failed else 0


for _command in (
    *RECORD_COMMANDS,
    search,
    statistics,
    *EXPIRING_COMMANDS,
    *VERSION_COMMANDS,
    *CHANGE_COMMANDS,
    *ERASE_COMMANDS,
    *TAKING_OVER,
    *PAPER_COMMANDS,
):
    licence.add_command(_command)


COMMANDS = (licence,)
