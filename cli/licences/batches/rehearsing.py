"""A dry run of a batch: everything but numbers, seals and records."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final

from cli.licences.batches import messages
from cli.licences.batches.planning import judge_sheet, waiting_of
from cli.licences.batches.report import report_problem, report_problems, report_waiting, took
from cli.licences.batches.running import EXIT_FAILURES, EXIT_UNREADABLE
from cli.licences.batches.runs import BatchRun
from cli.licences.batches.sampling import is_to_be_granted
from cli.shell.output import Output
from core.errors import XinyinError
from core.permits import Action
from core.text import Text
from home.wiring import Home
from registry.granting.recognising import RowKind
from registry.types.row_problems import FieldProblem

_DRAWING: Final = Text("试办", "Rehearsing")


def rehearse(home: Home, output: Output, run: BatchRun, data: bytes) -> int:
    """Judge the rows and draw every page; say what would be granted, and return the exit code."""
    order, began = run.order(home.permit(Action.GRANT)), home.clock.now()
    judged = judge_sheet(home, run.type_name, Path(run.data), run.choice, run.authority, data=data)
    report_problems(output, judged.checked)
    rows = home.recogniser.recognise_all(judged.checked.applications)
    waiting = waiting_of(rows, order)
    report_waiting(output, waiting)
    stands = {row.application.source for row in waiting}
    granted = [
        row for row in rows if is_to_be_granted(row, run) and row.application.source not in stands
    ]
    failed = len({one.source for one in judged.checked.problems})
    with closing(output.progress(granted, _DRAWING)) as shown:
        for row in shown:
            try:
                home.renderer.render(judged.pages.face(row.application))
            except XinyinError as error:
                problem = FieldProblem(row.application.source, "", error.text, error.code)
                report_problem(output, problem)
                failed += 1
    kinds = Counter(row.kind for row in rows)
    told = {
        "granted": len(granted) + len({p.source for p in judged.checked.problems}) - failed,
        "before": kinds[RowKind.GRANTED],
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
