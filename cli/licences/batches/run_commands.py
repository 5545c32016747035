"""`xinyin batch resume`, `show`, `list`: runs of batches on record in the home."""

from dataclasses import replace
from pathlib import Path

import click

from cli.licences.batches import messages
from cli.licences.batches.running import MOST_JOBS, carry_out
from cli.licences.batches.runs import BatchRuns, refuse_other_sheet
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.permits import Action
from home.wiring import Home
from registry.importing.sheets import read_limited

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    metavar="N",
    help="Processes that seal; by default as many as there are cores.",
)


@click.command("resume")
@click.argument("run_id", metavar="RUN")
@jobs_option
@key_options
@command_options
def resume(home: Home, output: Output, *, run_id: str, jobs: int | None) -> int:
    """Go on with a run that was cut off or left rows, with the same decisions. 接着办理。

    The sheet must be what it was; a mended one is run by batch run, which grants nothing twice.

    \b
    Example:
      xinyin batch resume 20260701-093000-5f3a
    """
    home.permit(Action.GRANT)  # before it is told which runs there are
    run = BatchRuns(home.directory).find(run_id)
    data = read_limited(Path(run.data))
    refuse_other_sheet(run, data)
    return carry_out(home, output, replace(run, ended_at=None), data, Path(run.out), jobs=jobs)


@click.command("show")
@click.argument("run_id", metavar="RUN")
@command_options
def show(home: Home, output: Output, *, run_id: str) -> int:
    """Show a run: its sheet, its settings, and what became of it. 查看批次。

    Rows that were granted stand in the register, whatever became of the run.

    \b
    Example:
      xinyin batch show 20260701-093000-5f3a
    """
    told = BatchRuns(home.directory).find(run_id).facts()
    said = {key: value for key, value in told.items() if value not in (None, False)}
    output.facts(told if output.as_json else said)
    return 0


@click.command("list")
@command_options
def list_(home: Home, output: Output) -> int:
    """List runs of batches, the newest first. 列出批次。

    Batches at a server are its jobs: xinyin job list.

    \b
    Example:
      xinyin batch list
    """
    runs = BatchRuns(home.directory).all()
    output.records([one.line() for one in runs])
    if not runs and not output.as_json:
        output.say(messages.NO_RUNS)
    return 0
