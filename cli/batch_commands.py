"""`xinyin batch …`: many licences from one CSV or spreadsheet."""

from pathlib import Path

import click

from cli.batch_report import deliver, report_plan, report_problems, report_waiting
from cli.options import command_options, key_options
from cli.output import Output
from cli.wiring import Home
from core.errors import StorageError, UsageError
from core.ids import AuthorityId
from core.os_errors import cause_zh
from core.text import Text
from registry.batches import BatchOrder, ChangeDecision, is_undecided, run_batch
from registry.importing import Plan, plan, read_table
from registry.recognising import Recognised
from signing.pades import PadesLevel

EXIT_UNREADABLE = 3
EXIT_FAILURES = 20
_FILE = click.Path(path_type=Path)


@click.group("batch")
def batch() -> None:
    """Grant many licences from a CSV or .xlsx file. 批量颁发。"""


@batch.command("plan")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--data", type=_FILE, required=True, help="CSV or .xlsx, one licence a row.")
@command_options
def plan_(home: Home, output: Output, type_name: str, data: Path) -> int:
    """Check every row without granting any. 只检查，不颁发。

    Tells new rows from those granted before, whatever the file is called, and names the rows that
    differ from the licence they speak of: `batch run` wants a decision on these.

    \b
    Example:
      xinyin batch plan --type food-operation --data examples/data/food-operation.csv
    """
    checked = _plan(home, type_name, data)
    report_problems(output, checked)
    rows = home.recogniser.recognise_all(checked.applications)
    waiting = _waiting(rows, BatchOrder(name="", actor=home.actor))
    report_waiting(output, waiting)
    report_plan(output, checked, rows)
    return EXIT_UNREADABLE if checked.problems or waiting else 0


@batch.command("run")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--data", type=_FILE, required=True, help="CSV or .xlsx, one licence a row.")
@click.option("--out", type=_FILE, required=True, help="Directory for the sealed PDFs.")
@click.option("--authority", help="Authority, where several may grant the type.")
@click.option("--basis", help="Legal basis, for the audit.")
@click.option(
    "--name", help="Name of a batch that grants anew what was granted before and left force."
)
@click.option(
    "--on-error",
    type=click.Choice(["continue", "stop"]),
    default="stop",
    show_default=True,
    help="With bad or undecided rows: grant the other ones, or none.",
)
@click.option(
    "--changed",
    type=click.Choice([one.value for one in ChangeDecision]),
    help="What to do with a row that differs from the licence granted before; see batch plan.",
)
@click.option("--further", is_flag=True, help="Grant one more to holders that have one already.")
@click.option(
    "--level",
    type=click.Choice([level.value for level in PadesLevel]),
    default=PadesLevel.B_LT.value,
    show_default=True,
    help="PAdES level of the seals.",
)
@key_options
@command_options
def run(
    home: Home,
    output: Output,
    *,
    type_name: str,
    data: Path,
    out: Path,
    authority: str | None,
    basis: str | None,
    name: str | None,
    on_error: str,
    changed: str | None,
    further: bool,
    level: str,
) -> int:
    """Grant every row; running it again finishes what was cut short. 批量颁发。

    Rows granted before are recognised and handed out again, not granted again.

    \b
    Examples:
      xinyin batch run --type disability --data examples/data/disability.csv --out licences/
      xinyin batch run --type food-operation --data mended.csv --out licences/ \\
          --changed correct --basis "更正经营者名称"
    """
    order = BatchOrder(
        name=name or "",
        actor=home.actor,
        authority_id=None if authority is None else AuthorityId(authority),
        basis=basis,
        level=PadesLevel(level),
        changed=None if changed is None else ChangeDecision(changed),
        further=further,
    )
    _refuse_baseless(order)
    checked = _plan(home, type_name, data)
    report_problems(output, checked)
    rows = home.recogniser.recognise_all(checked.applications)
    waiting = _waiting(rows, order)
    if (checked.problems or waiting) and on_error == "stop":
        report_waiting(output, waiting)
        return EXIT_UNREADABLE
    _make_directory(out)
    label = Text("颁发", "Granting")
    failures = len(checked.problems)
    for outcome in run_batch(home.granting, output.progress(rows, label), order):
        failed = not deliver(output, outcome, out, home.today())
        failures += failed
        if failed and on_error == "stop":
            break
    return EXIT_FAILURES if failures else 0


def _waiting(rows: list[Recognised], order: BatchOrder) -> list[Recognised]:
    return [row for row in rows if is_undecided(row, order)]


def _refuse_baseless(order: BatchOrder) -> None:
    replacing = order.changed not in (None, ChangeDecision.SKIP)
    if replacing and not (order.basis or "").strip():
        raise UsageError(
            "更正、变更或延续须用 --basis 写明依据。",
            "Correcting, replacing or renewing needs the legal basis: --basis.",
        )


def _make_directory(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"无法建立目录“{out}”：{cause_zh(error)}。",
            f"Could not make the directory “{out}”: {error.strerror}.",
        ) from error


def _plan(home: Home, type_name: str, data: Path) -> Plan:
    with home.database.reading() as connection:
        licence_type = home.catalogue.find(connection, type_name)
    return plan(licence_type, read_table(data), today=home.today())


COMMANDS = (batch,)
