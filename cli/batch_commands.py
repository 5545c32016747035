"""`xinyin batch …`: many licences from one CSV or spreadsheet."""

from pathlib import Path

import click

from cli.options import command_options, key_options
from cli.output import Output
from cli.wiring import Home
from core.errors import StorageError
from core.files import write_atomically
from core.ids import AuthorityId
from core.os_errors import cause_zh
from core.text import Text
from registry.batches import BatchOrder, RowOutcome, run_batch
from registry.importing import Plan, plan, read_table
from registry.model import LicenceState
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

    \b
    Example:
      xinyin batch plan --type food-operation --data examples/data/food-operation.csv
    """
    checked = _plan(home, type_name, data)
    _report_problems(output, checked)
    if output.as_json:
        output.data({"good": len(checked.applications), "problems": len(checked.problems)})
    else:
        output.say(
            Text(
                f"{len(checked.applications)} 行可颁发，{len(checked.problems)} 处问题。",
                f"{len(checked.applications)} rows can be granted; "
                f"{len(checked.problems)} problems.",
            )
        )
    return EXIT_UNREADABLE if checked.problems else 0


@batch.command("run")
@click.option("--type", "type_name", required=True, help="Licence type, short name or code.")
@click.option("--data", type=_FILE, required=True, help="CSV or .xlsx, one licence a row.")
@click.option("--out", type=_FILE, required=True, help="Directory for the sealed PDFs.")
@click.option("--authority", help="Authority, where several may grant the type.")
@click.option("--basis", help="Legal basis, for the audit.")
@click.option("--name", help="Name of the batch [default: name of the data file].")
@click.option(
    "--on-error",
    type=click.Choice(["continue", "stop"]),
    default="stop",
    show_default=True,
    help="With bad rows: grant the good ones, or none.",
)
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
    level: str,
) -> int:
    """Grant every row; running it again finishes what was cut short. 批量颁发。

    \b
    Example:
      xinyin batch run --type disability --data examples/data/disability.csv --out licences/
    """
    checked = _plan(home, type_name, data)
    _report_problems(output, checked)
    if checked.problems and on_error == "stop":
        return EXIT_UNREADABLE
    _make_directory(out)
    order = BatchOrder(
        name=name or data.name,
        actor=home.actor,
        authority_id=None if authority is None else AuthorityId(authority),
        basis=basis,
        level=PadesLevel(level),
    )
    label = Text("颁发", "Granting")
    failures = len(checked.problems)
    outcomes = run_batch(home.granting, output.progress(checked.applications, label), order)
    for outcome in outcomes:
        failed = not _deliver(output, outcome, out)
        failures += failed
        if failed and on_error == "stop":
            break
    return EXIT_FAILURES if failures else 0


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


def _report_problems(output: Output, checked: Plan) -> None:
    for problem in checked.problems:
        if output.as_json:
            output.data(
                {
                    "source": problem.source,
                    "field": problem.field,
                    "code": problem.code,
                    "message": problem.text.as_json(),
                }
            )
        else:
            where = " · ".join(part for part in (problem.source, problem.field) if part)
            output.say(Text(f"{where}：{problem.text.zh}", f"{where}: {problem.text.en}"))


def _deliver(output: Output, outcome: RowOutcome, out: Path) -> bool:
    """Write a granted licence's file and say so; tell an error. Returns whether all is well."""
    granted, error = outcome.granted, outcome.error
    path = out / "unwritten"
    if granted is not None and granted.licence.state is LicenceState.IN_FORCE:
        path = out / f"{granted.licence.identifier}.pdf"
        try:
            write_atomically(path, granted.pdf)
        except StorageError as failure:
            error = failure
    elif granted is not None:
        output.say(
            Text(
                f"{outcome.source}：早先已颁发，现为 {granted.licence.state}，未重新颁发。",
                f"{outcome.source}: granted earlier and {granted.licence.state} now; not again.",
            )
        )
        return True
    if error is not None:
        if output.as_json:
            output.data(
                {"source": outcome.source, "code": error.code, "message": error.text.as_json()}
            )
        else:
            output.say(
                Text(f"{outcome.source}：{error.text.zh}", f"{outcome.source}: {error.text.en}")
            )
        return False
    assert granted is not None
    if output.as_json:
        output.data(
            {
                "source": outcome.source,
                "identifier": granted.licence.identifier,
                "number": granted.licence.number,
                "path": str(path),
            }
        )
    else:
        output.text(str(path))
    return True


COMMANDS = (batch,)
