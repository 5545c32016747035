"""A dry run of a batch: everything but numbers, seals and records."""

from contextlib import closing
from pathlib import Path
from typing import IO, Final

from cli.licences.batches import messages
from cli.licences.batches.planning import judge_sheet, waiting_of
from cli.licences.batches.report import report_problem, report_problems, report_waiting, took
from cli.licences.batches.running import EXIT_FAILURES, EXIT_UNREADABLE
from cli.licences.batches.runs import BatchRun
from cli.licences.batches.sampling import is_to_be_granted
from cli.shell.output import Output
from core.errors import XinyinError
from core.permits import Action
from core.scratch import Scratch
from core.text import Text
from home.wiring import Home
from registry.granting.batches import is_undecided
from registry.granting.recognising import RowKind
from registry.types.row_problems import FieldProblem

_DRAWING: Final = Text("试办", "Rehearsing")


def rehearse(home: Home, output: Output, run: BatchRun, sheet: IO[bytes], scratch: Scratch) -> int:
    """Judge the rows and draw every page; say what would be granted, and return the exit code."""
    order, began = run.order(home.permit(Action.GRANT)), home.clock.now()
    path = Path(run.data)
    judged = judge_sheet(
        home, output, run.type_name, path, run.choice, run.authority, sheet, scratch
    )
    report_problems(output, judged.checked)
    waiting = waiting_of(judged, order)
    report_waiting(output, waiting)
    granted = judged.some(
        lambda row: (
            is_to_be_granted(row, run)
            and not is_undecided(row, order.changed, further=order.further)
        )
    )
    bad = failed = judged.bad
    with closing(output.progress(granted, _DRAWING)) as shown:
        for row in shown:
            try:
                home.renderer.render(judged.pages.face(row.application))
            except XinyinError as error:
                problem = FieldProblem(row.application.source, "", error.text, error.code)
                report_problem(output, problem)
                failed += 1
    told = {
        "granted": len(granted) + bad - failed,
        "before": judged.kinds[RowKind.GRANTED],
        "waiting": len(waiting),
        "failed": failed,
    }
    if output.as_json:
        output.data({"dry_run": True, **told})
    else:
        output.say(messages.rehearsed(**told, took=took(home.clock.now() - began)))
    if (failed or waiting) and run.on_error == "stop":
        return EXIT_UNREADABLE
    return EXIT_FAILURES if failed or waiting else 0
