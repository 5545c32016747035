"""`xinyin licence take-over`: licences on paper recorded with their scans (入库)."""

import csv
import io
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from cli.licences import messages
from cli.licences.batches.report import place_of
from cli.shell.delivery import write_output
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.tally import Tally, Words
from core.errors import StorageError, UsageError, XinyinError
from core.files import open_regular
from core.ids import AuthorityId
from core.os_errors import cause_zh
from core.permits import Action, Permit
from core.text import Text
from core.web.problems import is_of_surroundings
from home.wiring import Home
from registry.accession.grades import Grade
from registry.accession.rows import list_accessions
from registry.accession.taking_over import PaperIntake
from registry.bodies.authorities import find_authority
from registry.importing.paper import PaperRow, PaperRules, judge_paper
from registry.importing.photo_archive import PhotoArchive
from registry.importing.photo_files import load_photo
from registry.importing.scans import MAX_SCAN_BYTES
from registry.importing.sheet_judging import read_table
from registry.types.row_problems import RowProblems
from signing.report import Structure
from signing.trust.anchors import TrustMaterial

EXIT_FAILURES = 20
_MAX_ARCHIVE = 512 * 1024 * 1024
_MAX_UNPACKED = 2 * 1024 * 1024 * 1024
_PATH = click.Path(path_type=Path, exists=True)
_COUNTED = Words(
    things=Text("行", "rows"),
    done=Text("已入库", "recorded"),
    go_on=Text(
        "再执行一次同样的命令即可接着办，已入库的不会重复登记。",
        "Run the same command again: it goes on from here and records nothing twice.",
    ),
    mend=Text(
        "改正以上各行后再执行一次，已入库的不会重复登记。",
        "Mend the rows named above and run it again: nothing is recorded twice.",
    ),
)
_HEADINGS = ("行 row", "结果 result", "代码 code", "说明 message")


@click.command("take-over")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--authority", required=True, help="Authority that granted them.")
@click.option("--data", type=_PATH, required=True, help="Sheet, CSV or .xlsx: a licence a row.")
@click.option("--scans", type=_PATH, required=True, help="Folder or .zip with the scans.")
@click.option(
    "--grade",
    type=click.Choice([one.value for one in Grade]),
    help="Grade of trust of rows that name none.",
)
@click.option("--basis", required=True, help="Why, for the audit.")
@click.option(
    "--results",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file for the result of each row; written anew.",
)
@click.option("--dry-run", is_flag=True, help="Check only; record nothing.")
@command_options
def take_over(
    home: Home,
    output: Output,
    *,
    type_name: str,
    authority: str,
    data: Path,
    scans: Path,
    grade: str | None,
    basis: str,
    results: Path | None,
    dry_run: bool,
) -> int:
    """Record licences on paper, with their scans. 纸质证照入库。

    Columns: the type's fields, and 证照编号, 颁发日期, 有效期起, 有效期至, 证照状态, 事由, 扫描件
    (a file's name), 可信等级. Grade A: made by the issuer; B: compared with the original by a
    clerk; C: only uploaded; D: declared by the holder. Numbers and states stay as they were. No
    answer claims a seal; of C and D it says that the original must be seen. Known by type,
    authority and number, so it may be run again.

    \b
    Exit codes: 0 done, 20 rows were refused.
    Example:
      xinyin licence take-over --type food-operation --authority qinglan-market --grade B \\
          --data old.xlsx --scans scans/ --basis "存量证照入库" --results results.csv
    """
    with home.database.reading() as connection:
        kind = home.catalogue.find(connection, type_name)
        body = find_authority(connection, AuthorityId(authority))
    if kind.is_document:
        raise UsageError(messages.NO_PAPER_DOCUMENTS)
    permit = home.permit(Action.TAKE_OVER, body.authority_id)
    rules = PaperRules(
        licence_type=kind,
        authority=body,
        grade=None if grade is None else Grade(grade),
        today=home.today(),
        scans=_scans(scans),
        structure_of=lambda pdf: _structure(home, pdf),
        pictures=home.pictures,
    )
    table = read_table(data)
    intake = PaperIntake(home.database, home.store, home.clock, secrets.token_bytes)
    total = len(table.rows) + len(table.problems)
    tally, told = Tally(_COUNTED, total), list[tuple[str, ...]]()
    try:
        with tally.told_at_the_end(output):
            for row in output.track(judge_paper(table, rules), total, messages.TAKING_IN):
                fault, result = _record(intake, row, permit, basis, dry_run=dry_run)
                tally.note(fault)
                told.append(_report(output, row, fault, result))
    finally:
        if results is not None:
            _write(results, told)
    output.say(messages.rows_recorded(len(told) - tally.failed, tally.failed))
    return EXIT_FAILURES if tally.failed else 0


def _record(
    intake: PaperIntake, row: PaperRow, permit: Permit, basis: str, *, dry_run: bool
) -> tuple[XinyinError | None, str]:
    if row.accession is None:
        return RowProblems(row.problems), "refused"
    try:
        if dry_run:
            return None, "new" if intake.check(row.accession) else "known"
        fresh = intake.take_over(row.accession, row.scan, permit, basis)
    except XinyinError as error:
        if is_of_surroundings(error):
            raise
        return error, "refused"
    return None, "recorded" if fresh else "known"


def _report(
    output: Output, row: PaperRow, fault: XinyinError | None, result: str
) -> tuple[str, ...]:
    place = place_of(f"row {row.number}")
    codes = [one.code for one in row.problems] or ([] if fault is None else [fault.code])
    said = None if fault is None else fault.text
    if output.as_json:
        output.data(
            {
                "row": row.number,
                "result": result,
                "codes": codes,
                "message": None if said is None else said.as_json(),
            }
        )
    elif said is not None:
        output.say(Text(f"{place.zh}：{said.zh}", f"{place.en}: {said.en}"))
    message = "" if said is None else said.to(output.language)
    return str(row.number), result, " ".join(codes), message


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([_HEADINGS, *rows])
    write_output(path, out.getvalue().encode("utf-8-sig"))


def _structure(home: Home, pdf: bytes) -> Structure:
    return home.sandbox.validate(pdf, TrustMaterial(()), home.clock.now()).structure


def _scans(path: Path) -> Callable[[str], bytes]:
    if path.is_dir():
        return partial(load_photo, path, limit=MAX_SCAN_BYTES)
    try:
        with open_regular(path) as file:
            data = file.read(_MAX_ARCHIVE + 1)
    except OSError as error:
        raise StorageError(
            messages.scans_unreadable(path.name, cause_zh(error), error.strerror or "")
        ) from error
    if len(data) > _MAX_ARCHIVE:
        raise UsageError(messages.scans_too_large(_MAX_ARCHIVE >> 20))
    return partial(PhotoArchive(data).load, limit=MAX_SCAN_BYTES, whole=_MAX_UNPACKED)


@click.command("taken-over")
@click.argument("number", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most."
)
@command_options
def taken_over(home: Home, output: Output, *, number: str | None, limit: int) -> None:
    """List licences taken over, the newest first. 列出接收入库的证照。

    \b
    Example:
      xinyin licence taken-over JY19901210000017
    """
    with home.database.reading() as connection:
        found = list_accessions(connection, number=number, limit=limit + 1)
    today = home.today()
    output.records(
        [
            {
                "number": one.number,
                "type": one.type_name.to(output.language),
                "authority": one.authority_name,
                "grade": one.grade,
                "state": one.effective_state(today),
                "origin": one.origin,
                "taken_at": one.taken_at.isoformat(timespec="seconds"),
                "identifier": one.identifier,
                "replaced_by": one.replaced_by,
            }
            for one in found[:limit]
        ]
    )
    if len(found) > limit:
        output.say(messages.licence_list_truncated(limit))


PAPER_COMMANDS = (take_over, taken_over)
