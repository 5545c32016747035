"""`xinyin licence …`: granting one, and its life afterwards."""

import dataclasses
from pathlib import Path

import click

from cli.confirming import confirm, yes_option
from cli.delivery import refuse_unwritable, write_document
from cli.licence_records import RECORD_COMMANDS, find_target, record_of
from cli.options import command_options, key_options
from cli.output import Output
from cli.reading import read_json_record
from cli.reasons import ReasonType
from cli.request_keys import repeatable, request_key_option
from cli.wiring import Home
from core.errors import StorageError, UsageError
from core.ids import AuthorityId
from core.text import Text
from registry.documents import archive_copy, holders_copy
from registry.licences import (
    TRANSITIONS,
    Change,
    change_state,
    list_licences,
    list_revisions,
)
from registry.model import Licence, LicenceState, Reason, RegistryError
from registry.photo_files import load_photo
from registry.reservation import GrantRequest
from registry.state_words import words_of
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
@request_key_option
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
    request_key: str,
) -> None:
    """Grant one licence and write its sealed PDF. 颁发一份证照。

    Every grant carries a request key. Where the outcome is not known (exit code 5), the message
    says how to look and how to repeat it: with the same key nothing is granted twice.

    \b
    Example:
      xinyin licence issue --type food-operation --data holder.json --out licence.pdf
    """
    refuse_unwritable(out, force=force)
    request = _request(home, type_name, data, authority=authority, basis=basis, level=level)
    with repeatable(request_key):
        granted = home.granting.grant(dataclasses.replace(request, request_key=request_key))
    write_document(out, granted.pdf, granted.licence.identifier)
    _report(output, granted.licence, out)


@licence.command("replace")
@click.argument("licence_", metavar="LICENCE")
@click.option("--data", type=_FILE, required=True, help="JSON object of the new face fields.")
@click.option("--out", type=_OUT, required=True, help="Where to write the sealed PDF.")
@click.option(
    "--reason",
    type=ReasonType(TRANSITIONS[Change.REPLACE].reasons),
    required=True,
    help="Why, as the law knows it.",
)
@click.option("--basis", required=True, help="Legal basis.")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@request_key_option
@_LEVEL
@key_options
@command_options
def replace(
    home: Home,
    output: Output,
    *,
    licence_: str,
    data: Path,
    out: Path,
    reason: Reason,
    basis: str,
    force: bool,
    level: str,
    request_key: str,
) -> None:
    """Grant a new version under the same number; the old one leaves force. 换发新版本。

    LICENCE is an identifier, a printed number or a link. CORRECTED, CHANGED and REISSUED keep the
    term; only RENEWED begins a new one. The holder's code and what the number says must stay.

    \b
    Example:
      xinyin licence replace JY19901210000017 --data holder.json --out new.pdf \\
          --reason 变更 --basis "变更经营场所"
    """
    refuse_unwritable(out, force=force)
    old = find_target(home, licence_)
    base = _request(home, old.type_code, data, authority=old.authority_id, basis=basis, level=level)
    request = dataclasses.replace(
        base, replaces=old.identifier, reason=reason, request_key=request_key
    )
    with repeatable(request_key):
        granted = home.granting.grant(request)
    write_document(out, granted.pdf, granted.licence.identifier)
    _report(output, granted.licence, out)


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
    with home.database.reading() as connection:
        known = list_revisions(connection, found.identifier)
    if not known:
        raise UsageError(
            "该证照尚未颁发完成，没有文件。请先运行 xinyin licence resume。",
            "The licence has no document yet. Run xinyin licence resume first.",
        )
    copy_of = archive_copy if archive else holders_copy
    write_document(out, copy_of(home.store, known), found.identifier)
    _report(output, found, out)


@licence.command("resume")
@key_options
@command_options
def resume(home: Home, output: Output) -> int:
    """Finish grants that were cut short, under the numbers they took. 续办中断的颁发。

    \b
    Example:
      xinyin licence resume
    """
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
        output.records([record_of(granted.licence, home.today())])
    finished = len(pending) - failures
    output.say(Text(f"续办完成：{finished} 份。", f"{finished} finished."))
    return EXIT_FAILURES if failures else 0


@licence.command("void")
@click.argument("licence_", metavar="LICENCE")
@click.option("--why", required=True, help="Why it will not be finished.")
@yes_option
@command_options
def void(home: Home, output: Output, licence_: str, *, why: str, yes: bool) -> None:
    """Give up a pending grant; its number stays accounted for. 作废未完成的颁发。

    \b
    Example:
      xinyin licence void IDENTIFIER --why "申请已撤回" --yes
    """
    found = find_target(home, licence_)
    confirm(output, Text(f"将作废 {found.identifier}。", f"Void {found.identifier}."), yes=yes)
    with home.database.writing() as connection:
        home.reservations.void(connection, found.identifier, why, home.actor)
    output.say(Text("已作废。", "Void."))


_EXAMPLES = {
    Change.SUSPEND: 'JY19901210000017 --reason 暂扣 --basis "《食品安全法》第一百二十四条"',
    Change.REINSTATE: 'JY19901210000017 --basis "核查完毕"',
    Change.CANCEL: 'JY19901210000017 --reason 申请注销 --basis "持证主体申请" --yes',
}


def _change_command(change: Change, zh: str, en: str) -> click.Command:
    """Make `suspend`, `reinstate` and `cancel`, which differ in their reasons only."""
    reasons = TRANSITIONS[change].reasons
    reason_option = click.option(
        "--reason", required=True, type=ReasonType(reasons), help="Why, as the law knows it."
    )
    final = change is Change.CANCEL

    @click.argument("licence_", metavar="LICENCE")
    @click.option("--basis", required=True, help="Legal basis.")
    @command_options
    def command(
        home: Home,
        output: Output,
        licence_: str,
        *,
        basis: str,
        reason: Reason | None = None,
        yes: bool = True,
    ) -> None:
        found = find_target(home, licence_)
        named = f"{found.identifier}（{found.number}，{found.holders[0].name}）"
        confirm(output, Text(f"将注销证照 {named}。", f"Cancel licence {named}."), yes=yes)
        with home.database.writing() as connection:
            changed = change_state(
                connection,
                found.identifier,
                change,
                reason=reason,
                basis=basis,
                actor=home.actor,
                at=home.clock.now(),
            )
        if output.as_json:
            output.data(record_of(changed, home.today()))
            return
        word = words_of(changed.state, changed.reason).word
        output.say(
            Text(f"证照 {found.identifier}：{word.zh}。", f"Licence {found.identifier}: {word.en}.")
        )

    function = reason_option(command) if reasons else command
    function = yes_option(function) if final else function
    told = f"""{en} {zh}

    LICENCE is an identifier, a printed number or a link.

    \b
    Example:
      xinyin licence {change} {_EXAMPLES[change]}
    """
    return click.command(change.value, help=told)(function)


licence.add_command(_change_command(Change.SUSPEND, "暂扣。", "Suspend a licence."))
licence.add_command(_change_command(Change.REINSTATE, "恢复。", "Reinstate a suspended licence."))
licence.add_command(_change_command(Change.CANCEL, "注销、撤销、吊销。", "Cancel a licence."))
for _command in RECORD_COMMANDS:
    licence.add_command(_command)


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


def _report(output: Output, granted: Licence, out: Path) -> None:
    if output.as_json:
        output.data({"identifier": granted.identifier, "number": granted.number, "path": str(out)})
    else:
        output.text(str(out))
        output.say(Text(f"证照 {granted.identifier}。", f"Licence {granted.identifier}."))


COMMANDS = (licence,)
