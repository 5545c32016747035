"""A run of a batch: judged, granted row by row, and told in a file of its own."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from pathlib import Path
from typing import IO, Final

from cli.licences.batches import messages
from cli.licences.batches.agreeing import see_agreed
from cli.licences.batches.planning import judge_sheet, waiting_of
from cli.licences.batches.report import (
    COUNTED,
    deliver,
    place_of,
    report_problems,
    report_waiting,
    took,
    write_files,
)
from cli.licences.batches.results import Results, result_of_written, results_path
from cli.licences.batches.runs import BatchRun, BatchRuns, Stop
from cli.shell.delivery import make_directory
from cli.shell.output import Output
from cli.shell.tally import Tally
from core.errors import StorageError, UsageError
from core.files import write_atomically
from core.permits import Action
from core.processes import usable_cores
from core.scratch import Items, Scratch
from core.text import Text
from core.web.problems import is_of_surroundings, problem_of
from home.wiring import Home
from registry.desk.exports.tables import TableFormat
from registry.granting.batches import BatchOrder, RowOutcome, run_batch, run_groups
from registry.granting.groups.granting import MOST, GroupGranting
from registry.granting.recognising import RecognisedRow, RowKind

EXIT_UNREADABLE: Final = 3
EXIT_FAILURES: Final = 20
EXIT_INTERRUPTED: Final = 130
_GRANTING: Final = Text("颁发", "Granting")


MOST_JOBS: Final = 64
FEW: Final = 16
"""Rows below which each is granted alone."""


def carry_out(
    home: Home,
    output: Output,
    run: BatchRun,
    sheet: IO[bytes],
    scratch: Scratch,
    *,
    jobs: int | None = None,
    left_only: bool = False,
) -> int:
    """Grant the rows of a run, sealed by `jobs` processes, by default one a core; return the exit
    code.

    `left_only`: rows that were granted before are counted, and files that are there left as they
    are.
    Raises `UsageError`, `RunUnderWayError`.
    """
    out, path = Path(run.out), Path(run.data)
    if out.exists() and not out.is_dir():
        raise UsageError(messages.out_is_no_folder(out))
    order = run.order(home.permit(Action.GRANT))
    with BatchRuns(home.directory).under_way(run):
        judged = judge_sheet(
            home, output, run.type_name, path, run.choice, run.authority, sheet, scratch
        )
        checked, rows = judged.checked, judged.rows
        report_problems(output, checked)
        waiting = waiting_of(judged, order)
        if (checked.problems or waiting) and run.on_error == "stop":
            report_waiting(output, waiting)
            return EXIT_UNREADABLE
        run = see_agreed(home, output, judged, run)
        make_directory(out)
        before = judged.kinds[RowKind.GRANTED]
        if before and not output.as_json:
            output.say(messages.batch_granted_before(before=before, rows=len(rows)))
        results = Results(scratch, checked)
        if left_only:
            rows = _left(rows, out, results, scratch.items())
        return _grant_rows(home, output, run, rows, order, results, bad=judged.bad, jobs=jobs)


def _left(
    rows: Iterable[RecognisedRow], out: Path, results: Results, left: Items[RecognisedRow]
) -> Sequence[RecognisedRow]:
    """Return the rows whose files are not there yet."""
    for row in rows:
        written = result_of_written(row, out)
        if written is None:
            left.append(row)
        else:
            results.add_written(written)
    return left


def _grant_rows(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    run: BatchRun,
    rows: Sequence[RecognisedRow],
    order: BatchOrder,
    results: Results,
    *,
    bad: int,
    jobs: int | None,
) -> int:
    """Grant rows and tell what became of each; return the exit code."""
    runs, out, began = BatchRuns(home.directory), Path(run.out), home.clock.now()
    runs.keep(run)
    tally = Tally(COUNTED, len(rows) + bad, bad=bad)
    stops = StoppedRows(runs, run)
    granter = _Granter(home, output, run, order, results, tally, stops)
    try:
        with tally.told_at_the_end(output):
            if len(rows) < FEW:
                granter.grant_each(rows)
            else:
                with _open_groups(home, jobs) as groups:
                    granter.grant_groups(groups, rows)
    finally:
        _close(home, output, stops.run, out, results, tally=tally, began=began)
    fault = tally.surroundings
    if fault is not None:
        return problem_of(fault.code).exit_code
    if stops.run.stopped is not None:
        return EXIT_INTERRUPTED
    return EXIT_FAILURES if tally.failed else 0


@dataclass(slots=True)
class _Granter:
    """Grants the rows of a run, and notes what became of each."""

    home: Home
    output: Output
    run: BatchRun
    order: BatchOrder
    results: Results
    tally: Tally
    stops: "StoppedRows"
    stopped: bool = False

    def grant_each(self, rows: Sequence[RecognisedRow]) -> None:
        """Grant one after the other: few rows are not worth further processes."""
        with closing(self.output.progress(rows, _GRANTING)) as shown:
            taken = self.tally.taking(shown, lambda row: place_of(row.application.source))
            until = self.stops.until_asked(taken, self.tally)
            for outcome in run_batch(self.home.granting, until, self.order):
                self._deliver(outcome)
                if self.stopped:
                    break

    def grant_groups(self, groups: GroupGranting, rows: Sequence[RecognisedRow]) -> None:
        """Grant groups of rows; what was begun is done also where it is to stop."""
        # Thousands of paths would push all else off a terminal; the results have them.
        named = not self.output.is_read_by_people
        until = self.stops.until_asked(rows, self.tally)
        begun = takewhile(lambda _: not self.stopped, until)
        outcomes = run_groups(groups, begun, self.order)
        with closing(self.output.track(outcomes, len(rows), _GRANTING)) as shown:
            while some := list(islice(shown, MOST)):
                write_files(some, Path(self.run.out))
                for outcome in some:
                    if not self._is_told(outcome):
                        self._deliver(outcome, named=named)

    def _is_told(self, outcome: RowOutcome) -> bool:
        """Tell whether a row met the fault that was told of one before it: it was not tried."""
        error = outcome.error
        stopping = self.tally.surroundings is not None
        return stopping and error is not None and is_of_surroundings(error)

    def _deliver(self, outcome: RowOutcome, *, named: bool = True) -> None:
        told = self.tally.surroundings is not None
        out, today = Path(self.run.out), self.home.today()
        result, fault = deliver(self.output, outcome, out, today, told=told, named=named)
        self.results.add(result)
        self.tally.note(fault, done=result.is_unwritten)
        if fault is not None and (self.run.on_error == "stop" or is_of_surroundings(fault)):
            self.stopped = True


@contextmanager
def _open_groups(home: Home, jobs: int | None) -> Iterator[GroupGranting]:
    """Open the processes that seal; with one job this process seals."""
    jobs = jobs or usable_cores()
    if jobs == 1:
        yield home.open_groups()
        return
    from home.sealers import open_pool  # noqa: PLC0415  # with what it loads

    with open_pool(home, jobs) as pool:
        yield home.open_groups(pool)


class StoppedRows:
    """Rows of a run, until somebody pauses or cancels it from another process."""

    def __init__(self, runs: BatchRuns, run: BatchRun) -> None:
        self._runs = runs
        self.run = run
        """The run, and who stopped it."""

    def until_asked(self, rows: Iterable[RecognisedRow], tally: Tally) -> Iterator[RecognisedRow]:
        """Yield the rows; asked between any two, it yields no more."""
        for row in rows:
            asked = self._runs.asked(self.run.run_id)
            if asked is not None:
                self.run = self.run.stop(*asked)
                paused = asked[0] is Stop.PAUSED
                tally.stop(messages.go_on_with(self.run.run_id) if paused else messages.CANCELLED)
                return
            yield row


def _close(
    home: Home,
    output: Output,
    run: BatchRun,
    out: Path,
    results: Results,
    *,
    tally: Tally,
    began: datetime,
) -> None:
    """Put on record how a run ended, write its results and say what it came to."""
    now = home.clock.now()
    path = results_path(Path(run.data), run.run_id, out)
    told = not output.as_json and _is_written(path, results, output)
    ended = replace(
        run,
        ended_at=now.isoformat(timespec="seconds"),
        granted=results.granted,
        before=results.before,
        skipped=results.skipped,
        failed=tally.failed,
        untried=tally.untried,
        unwritten=results.unwritten,
        results=str(path.absolute()) if told else None,
    )
    if not output.as_json:
        output.say(
            messages.batch_closed(
                granted=ended.granted,
                before=ended.before,
                skipped=ended.skipped,
                failed=ended.failed,
                untried=ended.untried,
                took=took(now - began, ended.granted),
                run_id=ended.run_id,
                results=path if told else "–",
            )
        )
        if ended.unwritten:
            output.say(messages.files_unwritten(ended.unwritten, ended.run_id))
    try:
        BatchRuns(home.directory).keep(ended)
    except StorageError as error:  # what ended the run matters more
        output.say(error.text)


def _is_written(path: Path, results: Results, output: Output) -> bool:
    """Write the results; tell where the disk refuses: what was granted stands in the register."""
    try:
        written = results.write(TableFormat(path.suffix[1:]), output.language)
        write_atomically(path, written, mode=0o600)
    except StorageError as error:
        output.say(error.text)
        return False
    return True
