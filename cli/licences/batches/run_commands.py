"""`xinyin batch resume`, `pause`, `cancel`, `show`, `list`: runs on record in the home."""

from dataclasses import replace
from pathlib import Path

import click

from cli.licences.batches import messages
from cli.licences.batches.running import MOST_JOBS, carry_out
from cli.licences.batches.runs import BatchRuns, Stop, refuse_other_sheet
from cli.shell.confirming import confirm, yes_option
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import Action
from home.wiring import Home
from registry.importing.sheets import copy_sheet

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    metavar="N",
    help="Processes that seal; by default as many as there are cores.",
)


@click.command("resume")
@click.argument("run_id", metavar="RUN")
@click.option("--agree", metavar="CODE", help="Code of the sample of pages that was agreed to.")
@click.option("--left-only", is_flag=True, help="Leave files that are there as they are.")
@jobs_option
@key_options
@command_options
def resume(
    home: Home,
    output: Output,
    *,
    run_id: str,
    agree: str | None,
    left_only: bool,
    jobs: int | None,
) -> int:
    """Go on with a run that was paused, cut off or left rows. 接着办理。

    With the same decisions. The sheet must be what it was; a mended one is run by batch run, which
    grants nothing twice. With --left-only, only rows that failed or were not tried, or
    whose file is missing, are looked at.

    \b
    Example:
      xinyin batch resume 20260701-093000-5f3a
    """
    home.permit(Action.GRANT)  # before it is told which runs there are
    run = BatchRuns(home.directory).find(run_id)
    if run.stopped == Stop.CANCELLED:
        raise UsageError(messages.cancelled_stays(run_id))
    with BatchRuns(home.directory).scratch() as scratch:
        sheet = copy_sheet(Path(run.data), scratch)
        refuse_other_sheet(run, sheet.sha256)
        run = replace(run, ended_at=None, stopped=None, stopped_by=None, agreed=agree or run.agreed)
        return carry_out(home, output, run, sheet.file, scratch, jobs=jobs, left_only=left_only)


@click.command("pause")
@click.argument("run_id", metavar="RUN")
@command_options
def pause(home: Home, output: Output, *, run_id: str) -> None:
    """Pause a run that is under way, from another terminal. 暂停批次。

    It ends after the rows in hand; batch resume goes on from there.

    \b
    Example:
      xinyin batch pause 20260701-093000-5f3a
    """
    permit = home.permit(Action.GRANT)
    runs = BatchRuns(home.directory)
    run = runs.find(run_id)
    if not runs.is_under_way(run):
        raise UsageError(messages.run_not_under_way(run_id))
    runs.ask(run_id, Stop.PAUSED, permit.actor.name)
    output.say(messages.pause_asked(run_id))


@click.command("cancel")
@click.argument("run_id", metavar="RUN")
@yes_option
@command_options
def cancel(home: Home, output: Output, *, run_id: str, yes: bool) -> None:
    """Cancel what is left of a run. 取消批次。

    What was granted stands. A run under way ends after the rows in hand.

    \b
    Example:
      xinyin batch cancel 20260701-093000-5f3a
    """
    permit = home.permit(Action.GRANT)
    runs = BatchRuns(home.directory)
    run = runs.find(run_id)
    if run.is_over or run.stopped == Stop.CANCELLED:
        raise UsageError(messages.run_over(run_id))
    confirm(output, messages.cancel_action(run_id), yes=yes)
    runs.ask(run_id, Stop.CANCELLED, permit.actor.name)
    under_way = runs.is_under_way(run)
    output.say(messages.cancel_asked(run_id) if under_way else messages.run_cancelled(run_id))


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
