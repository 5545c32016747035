"""`xinyin licence …`: granting one, and its life afterwards."""

from datetime import date
from pathlib import Path

import click

from cli.delivery import refuse_unwritable, write_document
from cli.options import command_options, key_options
from cli.output import Output
from cli.reading import read_json_record
from cli.wiring import Home
from core.errors import StorageError, UsageError
from core.ids import AuthorityId, LicenceIdentifier
from core.text import Text
from registry.documents import archive_copy, holders_copy
from registry.licences import (
    TRANSITIONS,
    Change,
    change_state,
    find_licence,
    list_licences,
    list_revisions,
)
from registry.links import link_of
from registry.model import Licence, LicenceState, Reason, RegistryError
from registry.photo_files import load_photo
from registry.reservation import GrantRequest
from signing.pades import PadesLevel
from signing.render.errors import RenderingError

_OUT = click.Path(path_type=Path, dir_okay=False)
EXIT_FAILURES = 20
_FILE = click.Path(path_type=Path)
_LEVEL = click.option(
    "--level",
    type=click.Choice([level.value for level in PadesLevel]),
    default=PadesLevel.B_LT.value,
    show_default=True,
    help="PAdES level of the seal.",
)


@click.group("licence")
def licence() -> None:
    """Grant licences and keep their state. 证照的颁发与管理。"""


@licence.command("issue")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--data", type=_FILE, required=True, help="JSON object of the face fields.")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option("--authority", help="Authority, where several may grant the type.")
@click.option("--basis", help="Legal basis, for the audit.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@_LEVEL
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
    force: bool,
    level: str,
) -> None:
    """Grant one licence and write its sealed PDF. 颁发一份证照。

    \b
    Example:
      xinyin licence issue --type food-operation --data holder.json --out licence.pdf
    """
    refuse_unwritable(out, force=force)
    request = _request(home, type_name, data, authority=authority, basis=basis, level=level)
    granted = home.granting.grant(request)
    write_document(out, granted.pdf, granted.licence.identifier)
    _report(output, granted.licence, out)


@licence.command("replace")
@click.argument("identifier")
@click.option("--data", type=_FILE, required=True, help="JSON object of the new face fields.")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option("--reason", required=True, help="CHANGED, RENEWED, REISSUED or CORRECTED.")
@click.option("--basis", required=True, help="Legal basis.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@_LEVEL
@key_options
@command_options
def replace(
    home: Home,
    output: Output,
    *,
    identifier: str,
    data: Path,
    out: Path,
    reason: str,
    basis: str,
    force: bool,
    level: str,
) -> None:
    """Grant a new version under the same number; the old one leaves force. 换发新版本。"""
    refuse_unwritable(out, force=force)
    with home.database.reading() as connection:
        old = find_licence(connection, identifier)
    base = _request(home, old.type_code, data, authority=old.authority_id, basis=basis, level=level)
    granted = home.granting.grant(
        GrantRequest(
            application=base.application,
            actor=home.actor,
            basis=basis,
            authority_id=old.authority_id,
            level=base.level,
            replaces=old.identifier,
            reason=_reason(reason),
        )
    )
    write_document(out, granted.pdf, granted.licence.identifier)
    _report(output, granted.licence, out)


@licence.command("show")
@click.argument("identifier")
@command_options
def show(home: Home, output: Output, identifier: str) -> None:
    """Show a licence on record. 查看证照。"""
    with home.database.reading() as connection:
        found = find_licence(connection, identifier)
        known = list_revisions(connection, found.identifier)
    record = _record(found, home.today()) | {
        "authority": found.authority_name,
        "basis": found.basis,
        "replaces": found.replaces,
        "replaced_by": found.replaced_by,
        "link": link_of(home.settings.service.public_url, found),
        "revisions": [
            {"length": r.length, "sha256": r.sha256, "registered_at": r.registered_at.isoformat()}
            for r in known
        ],
    }
    if output.as_json:
        output.data(record)
    else:
        output.table(["", ""], list(record.items()))


@licence.command("export")
@click.argument("identifier")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option(
    "--archive", is_flag=True, help="The archive's copy, with the timestamps added since."
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@command_options
def export(
    home: Home, output: Output, identifier: str, *, out: Path, archive: bool, force: bool
) -> None:
    """Write a granted licence's PDF again, as its holder got it. 导出已颁发的证照。"""
    refuse_unwritable(out, force=force)
    with home.database.reading() as connection:
        found = find_licence(connection, identifier)
        known = list_revisions(connection, found.identifier)
    if not known:
        raise UsageError(
            "该证照尚未颁发完成，没有文件。请先运行 xinyin licence resume。",
            "The licence has no document yet. Run xinyin licence resume first.",
        )
    copy_of = archive_copy if archive else holders_copy
    write_document(out, copy_of(home.store, known), found.identifier)
    _report(output, found, out)


@licence.command("list")
@click.option("--state", type=click.Choice([s.value for s in LicenceState]), help="As of today.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@command_options
def list_(home: Home, output: Output, state: str | None, limit: int) -> None:
    """List licences, oldest first. 列出证照。"""
    with home.database.reading() as connection:
        found = list_licences(
            connection,
            state=None if state is None else LicenceState(state),
            on=home.today(),
            limit=limit,
        )
    output.records([_record(one, home.today()) for one in found])


@licence.command("resume")
@key_options
@command_options
def resume(home: Home, output: Output) -> int:
    """Finish grants that were cut short, under the numbers they took. 续办中断的颁发。"""
    failures = 0
    with home.database.reading() as connection:
        pending = list_licences(connection, state=LicenceState.PENDING, limit=None)
    label = Text("续办", "Resuming")
    for one in output.progress(pending, label):
        try:
            granted = home.granting.resume(one.identifier, home.actor)
        except (RegistryError, RenderingError, StorageError) as error:
            failures += 1
            output.say(
                Text(f"{one.identifier}：{error.text.zh}", f"{one.identifier}: {error.text.en}")
            )
            continue
        output.records([_record(granted.licence, home.today())])
    finished = len(pending) - failures
    output.say(Text(f"续办完成：{finished} 份。", f"{finished} finished."))
    return EXIT_FAILURES if failures else 0


@licence.command("void")
@click.argument("identifier")
@click.option("--why", required=True, help="Why it will not be finished.")
@command_options
def void(home: Home, output: Output, identifier: str, why: str) -> None:
    """Give up a pending grant; its number stays accounted for. 作废未完成的颁发。"""
    with home.database.writing() as connection:
        home.reservations.void(connection, LicenceIdentifier(identifier), why, home.actor)
    output.say(Text("已作废。", "Void."))


def _change_command(change: Change, zh: str, en: str) -> click.Command:
    """Make `suspend`, `reinstate` and `cancel`, which differ in their reasons only."""
    reasons = sorted(TRANSITIONS[change].reasons)
    reason_option = click.option(
        "--reason", required=True, type=click.Choice(reasons), help="Why, as the law knows it."
    )

    @click.argument("identifier")
    @click.option("--basis", required=True, help="Legal basis.")
    @command_options
    def command(
        home: Home, output: Output, identifier: str, basis: str, reason: str | None = None
    ) -> None:
        with home.database.writing() as connection:
            changed = change_state(
                connection,
                LicenceIdentifier(identifier),
                change,
                reason=None if reason is None else Reason(reason),
                basis=basis,
                actor=home.actor,
                at=home.clock.now(),
            )
        if output.as_json:
            output.data(_record(changed, home.today()))
        else:
            output.say(Text(f"证照状态：{changed.state}。", f"The licence is {changed.state} now."))

    function = reason_option(command) if reasons else command
    return click.command(change.value, help=f"{en} {zh}")(function)


licence.add_command(_change_command(Change.SUSPEND, "暂扣。", "Suspend a licence."))
licence.add_command(_change_command(Change.REINSTATE, "恢复。", "Reinstate a suspended licence."))
licence.add_command(_change_command(Change.CANCEL, "注销、撤销、吊销。", "Cancel a licence."))


def _request(
    home: Home,
    type_name: str,
    data: Path,
    *,
    authority: str | None,
    basis: str | None,
    level: str,
) -> GrantRequest:
    row = read_json_record(data)
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, type_name)
    field = licence_type.photo_field
    photo_name = None if field is None else row.get(field.key) or row.get(field.label.zh)
    photo = None if not photo_name else load_photo(data.parent, photo_name)
    application = licence_type.check(row, photo, home.today(), data.name)
    return GrantRequest(
        application=application,
        actor=home.actor,
        basis=basis,
        authority_id=None if authority is None else AuthorityId(authority),
        level=PadesLevel(level),
    )


def _reason(text: str) -> Reason:
    try:
        return Reason(text.upper())
    except ValueError as error:
        raise UsageError(
            f"没有“{text}”这种事由。", f"“{text}” is not a reason that is known."
        ) from error


def _report(output: Output, granted: Licence, out: Path) -> None:
    if output.as_json:
        output.data({"identifier": granted.identifier, "number": granted.number, "path": str(out)})
    else:
        output.text(str(out))
        output.say(Text(f"证照 {granted.identifier}。", f"Licence {granted.identifier}."))


def _record(found: Licence, today: date) -> dict[str, object]:
    return {
        "identifier": found.identifier,
        "type": found.type_name.zh,
        "state": found.effective_state(today),
        "reason": found.reason,
        "granted_on": found.granted_on.isoformat(),
        "valid_until": None if found.valid_until is None else found.valid_until.isoformat(),
    }


COMMANDS = (licence,)
