"""`xinyin licence erase|hold`: what licences say of their holders, erased or kept from it."""

from collections.abc import Iterator, Sequence

import click

from cli.licences import messages
from cli.licences.licence_records import find_target
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import Action
from home.wiring import Home
from registry.accession.rows import Accession, named_accessions
from registry.erasure.accessions import (
    DueAccession,
    erase_accession,
    hold_accession,
    list_due_accessions,
)
from registry.erasure.erasing import DueErasure, erase_licence, hold, list_due
from registry.erasure.sweep import sweep
from registry.erasure.words import ErasedBy
from registry.model import ConflictError, Licence, NotFoundError


@click.command("erase")
@click.argument("licence", metavar="LICENCE", required=False)
@click.option("--due", is_flag=True, help="All licences past their types' retention.")
@click.option("--basis", help="On what basis: of one licence alone.")
@yes_option
@command_options
def erase(
    home: Home, output: Output, *, licence: str | None, due: bool, basis: str | None, yes: bool
) -> None:
    """Erase what licences that have ended say of their holders. 删除证照内容。

    Gone are the document in all its lengths, the photo, the holder and the fields; identifier,
    number, state, dates, digests and events stay, and whoever verifies is told so. LICENCE is an
    identifier, a printed number or a link. With --due, those whose types' [retention] is over are
    listed first. A licence that was taken over is named by its record's name or identifier, or by
    its number where no other has it. Nothing brings them back; copies that people have, and older
    backups, are not reached.

    \b
    Examples:
      xinyin licence erase --due
      xinyin licence erase IDENTIFIER --basis "《个人信息保护法》第四十七条" --yes
    """
    if due == (licence is not None) or (licence is not None) != (basis is not None):
        raise UsageError(messages.ERASE_ONE_OR_DUE)
    if licence is not None and basis is not None:
        found = _find(home, licence)
        confirm(output, messages.confirm_erasing(_named(found)), yes=yes)
        if isinstance(found, Licence):
            _erase(home, found, ErasedBy.DECISION, basis)
        else:
            _erase_accession(home, found, ErasedBy.DECISION, basis)
        sweep(home.database, home.store, home.journal)
        _report(output, [_name_of(found)], 0)
        return
    listed = list(_due(home))
    _list(output, listed)
    done, kept = list[str](), 0
    if listed:
        confirm(output, messages.confirm_erasing_due(len(listed)), yes=yes)
    for one in listed:
        try:
            done.append(_erase_due(home, one))
        except ConflictError:  # held, or erased by another meanwhile
            kept += 1
    sweep(home.database, home.store, home.journal)
    _report(output, done, kept)


@click.command("hold")
@click.argument("licence", metavar="LICENCE")
@click.option("--basis", required=True, help="Why it is kept, or may go again.")
@click.option("--lift", is_flag=True, help="End the hold.")
@command_options
def hold_command(home: Home, output: Output, *, licence: str, basis: str, lift: bool) -> None:
    """Keep a licence from being erased, whatever its type says. 保全。

    One that was taken over as well, by its record's name, its identifier or its number.

    \b
    Examples:
      xinyin licence hold IDENTIFIER --basis "行政诉讼"
      xinyin licence hold IDENTIFIER --basis "结案" --lift
    """
    found = _find(home, licence)
    name, permit = _name_of(found), home.permit(Action.ERASE_LICENCE)
    with home.database.writing() as connection:
        kept, now = None if lift else basis, home.clock.now()
        if isinstance(found, Licence):
            hold(connection, found.identifier, kept, permit, now, why=basis)
        else:
            hold_accession(connection, found.accession_id, kept, permit, now, why=basis)
    if output.as_json:
        output.data({"identifier": name, "hold": kept})
        return
    output.say(messages.hold_changed(name, lifted=lift))


def _find(home: Home, named: str) -> Licence | Accession:
    """Return the licence that was granted here, or the one that was taken over, of that name.

    Raises as `find_target`, and `UsageError` where several have the number.
    """
    try:
        return find_target(home, named)
    except NotFoundError:
        with home.database.reading() as connection:
            found = named_accessions(connection, named.strip())
        if len(found) > 1:
            names = [one.accession_id for one in found]
            raise UsageError(messages.several_taken_over(names)) from None
        if not found:
            raise
        return found[0]


def _erase_due(home: Home, one: DueErasure | DueAccession) -> str:
    """Erase one that is due; return its name. Raises `ConflictError`."""
    basis = messages.retention_basis(one.years).zh
    if isinstance(one, DueErasure):
        _erase(home, one.licence, ErasedBy.RETENTION, basis)
        return one.licence.identifier
    _erase_accession(home, one.accession, ErasedBy.RETENTION, basis)
    return one.accession.accession_id


def _due(home: Home) -> Iterator[DueErasure | DueAccession]:
    with home.database.reading() as connection:
        yield from list_due_accessions(connection, home.today())
    after: str | None = ""
    while after is not None:
        with home.database.reading() as connection:
            found, after = list_due(connection, home.today(), after=after)
        yield from found


def _erase(home: Home, found: Licence, by: ErasedBy, basis: str) -> None:
    with home.database.writing() as connection:
        erase_licence(
            connection,
            found.identifier,
            by,
            basis,
            home.permit(Action.ERASE_LICENCE),
            home.clock.now(),
            home.today(),
        )


def _erase_accession(home: Home, found: Accession, by: ErasedBy, basis: str) -> None:
    with home.database.writing() as connection:
        erase_accession(
            connection,
            found.accession_id,
            by,
            basis,
            home.permit(Action.ERASE_LICENCE),
            home.clock.now(),
            home.today(),
        )


def _list(output: Output, listed: Sequence[DueErasure | DueAccession]) -> None:
    if output.as_json:
        return
    for one in listed:
        found = one.licence if isinstance(one, DueErasure) else one.accession
        output.say(messages.due_since(_named(found), one.since))


def _named(found: Licence | Accession) -> str:
    return f"{_name_of(found)} ({found.type_name.zh})"


def _name_of(found: Licence | Accession) -> str:
    return found.identifier if isinstance(found, Licence) else found.accession_id


def _report(output: Output, done: Sequence[str], kept: int) -> None:
    if output.as_json:
        output.data({"erased": list(done), "kept": kept})
        return
    output.say(messages.licences_erased(len(done), kept))


COMMANDS = (erase, hold_command)
