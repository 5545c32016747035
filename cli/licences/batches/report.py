"""Report of a batch: problems, rows to be decided, and what became of each row."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from cli.licences.batches import messages
from cli.licences.batches.planning import JudgedSheet
from cli.licences.batches.results import RunLine
from cli.shell.delivery import write_output, write_outputs
from cli.shell.output import Output
from cli.shell.tally import Words
from core.errors import StorageError, XinyinError
from core.text import Text
from registry.granting.batches import RowOutcome, undecided
from registry.granting.granting import Granted
from registry.granting.recognising import RecognisedRow, RowKind
from registry.importing.plans import Plan
from registry.model import Licence, LicenceState
from registry.state_words import standing_on
from registry.types.row_problems import FieldProblem

COUNTED = Words(
    things=Text("行", "rows"),
    done=Text("已颁发", "granted"),
    go_on=Text(
        "再执行一次同样的命令（同一张表），即可接着办完，已颁发的不会重复颁发。",
        "Run the same command with the same sheet again: it goes on from here and grants nothing "
        "twice.",
    ),
    mend=Text(
        "改正以上各行后再执行一次，已颁发的不会重复颁发。",
        "Mend the rows named above and run it again: nothing is granted twice.",
    ),
    others=Text(
        "先办其余各行的，加 --on-error continue。",
        "To grant the other rows first, add --on-error continue.",
    ),
    meanwhile=Text(
        "检查时尚无此事，可能另有人在办理同一张表。稍后再执行一次，已颁发的不会重复颁发。",
        "That was not so when the sheet was checked: somebody else may be at the same rows. Run it "
        "again later; nothing is granted twice.",
    ),
    counts=False,
)
"""Words for counts of a batch's rows."""
_GRANTABLE = (RowKind.NEW, RowKind.PENDING)
MOST_NAMED: Final = 16
"""Rows granted before that are each named to a person."""
_KNOWN = (RowKind.GRANTED, RowKind.CLOSED)


def report_problems(output: Output, checked: Plan) -> None:
    """Name every row and field that is wrong."""
    for problem in checked.problems:
        report_problem(output, problem)


def report_problem(output: Output, problem: FieldProblem) -> None:
    """Name a row and field that is wrong."""
    if output.as_json:
        output.data(
            {
                "source": problem.source,
                "field": problem.field,
                "code": problem.code,
                "message": problem.text.as_json(),
            }
        )
        return
    place, field = place_of(problem.source), f" · {problem.field}" if problem.field else ""
    text = problem.text
    output.say(Text(f"{place.zh}{field}：{text.zh}", f"{place.en}{field}: {text.en}"))


def took(time: timedelta, rows: int = 0) -> Text:
    """Return a time as people say it, with the rate of so many rows."""
    whole, seconds = round(time.total_seconds()), time.total_seconds()
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        said = messages.hours(hours, minutes)
    elif minutes:
        said = messages.minutes(minutes, whole % 60)
    else:
        said = messages.seconds(f"{seconds:.1f}")
    return messages.at_rate(said, f"{rows / max(seconds, 0.001):.3g}") if rows else said


def place_of(source: str) -> Text:
    """Return a row's place, as people say it; JSON has `row 12`."""
    return Text(re.sub("^row ([0-9]+)$", r"第 \1 行", source), source)


def report_waiting(output: Output, rows: Sequence[RecognisedRow]) -> None:
    """Name every row that waits for a decision, with the licence it speaks of."""
    for row in rows:
        assert row.licence is not None
        text = undecided(row).text
        if output.as_json:
            output.data(
                {
                    "source": row.application.source,
                    "code": row.kind,
                    "identifier": row.licence.identifier,
                    "fields": list(row.fields),
                    "message": text.as_json(),
                }
            )
        else:
            place = place_of(row.application.source)
            output.say(Text(f"{place.zh}：{text.zh}", f"{place.en}: {text.en}"))


def report_plan(output: Output, judged: JudgedSheet) -> None:
    """Say how many rows are what."""
    count = judged.kinds
    # Thousands that need nothing would hide those that do; they are counted below.
    many = count[RowKind.GRANTED] > MOST_NAMED and not output.as_json
    _tell_recognised(output, judged.some(lambda _: True, (RowKind.CLOSED,) if many else _KNOWN))
    good, problems = sum(count[kind] for kind in _GRANTABLE), len(judged.checked.problems)
    before, waiting = count[RowKind.GRANTED], count[RowKind.CHANGED] + count[RowKind.FURTHER]
    if output.as_json:
        kinds = (RowKind.GRANTED, RowKind.CHANGED, RowKind.FURTHER, RowKind.CLOSED)
        output.data({"good": good, "problems": problems} | {k.value: count[k] for k in kinds})
        return
    said = messages.sheet_counts(good=good, problems=problems)
    zh, en = said.zh, said.en
    if before or waiting or count[RowKind.CLOSED]:
        zh += f"；{before} 行早先已颁发，{count[RowKind.CLOSED]} 行已失效，{waiting} 行待决定"
        en += (
            f"; {before} granted before, {count[RowKind.CLOSED]} granted and out of force, "
            f"{waiting} to be decided"
        )
    output.say(Text(f"{zh}。", f"{en}."))


def _tell_recognised(output: Output, rows: Sequence[RecognisedRow]) -> None:
    """Name each row that was granted before, with its licence."""
    for row in rows:
        assert row.licence is not None
        source, identifier = row.application.source, row.licence.identifier
        if output.as_json:
            output.data({"source": source, "code": row.kind, "identifier": identifier})
        elif row.kind is RowKind.CLOSED:
            output.say(messages.row_out_of_force(place=place_of(source), identifier=identifier))
        else:
            output.say(messages.row_granted_before(place=place_of(source), identifier=identifier))


def deliver(
    output: Output,
    outcome: RowOutcome,
    out: Path,
    today: date,
    *,
    told: bool = False,
    named: bool = True,
) -> tuple[RunLine, XinyinError | None]:
    """Write a granted licence's file and say so; tell an error and return it.

    `told`: of a disk that takes no files it was told already. `named`: the file's path is printed.
    """
    granted, source = outcome.granted, outcome.source
    if granted is None:
        assert outcome.error is not None
        _tell_error(output, source, outcome.error)
        return RunLine(source, remark=outcome.error.text), outcome.error
    licence = granted.licence
    state = licence.effective_state(today)
    if outcome.skipped or (granted.repeated and state not in _HANDED_OUT):
        text = _left_alone(outcome, licence, today)
        output.say(text)
        return RunLine(
            source, skipped=True, identifier=licence.identifier, number=licence.number, remark=text
        ), None
    path = out / f"{licence.identifier}.pdf"
    result = RunLine(
        source,
        granted=True,
        repeated=granted.repeated,
        identifier=licence.identifier,
        number=licence.number,
        file=path.name,
    )
    try:
        if not _is_written(path, granted.pdf):
            write_output(path, granted.pdf)
    except StorageError as failure:
        if output.as_json or not told:
            _tell_error(output, source, failure)
        return replace(result, file="", remark=failure.text), failure
    if named:
        _tell_granted(output, source, granted, path)
    return result, None


def write_files(outcomes: Sequence[RowOutcome], out: Path) -> None:
    """Write the files of licences that were just granted, with one flush to disk; `deliver` tells
    of each, and writes what could not be written so.
    """
    made = [one.granted for one in outcomes if one.granted is not None and not one.granted.repeated]
    with suppress(StorageError):
        write_outputs([(out / f"{one.licence.identifier}.pdf", one.pdf) for one in made])


def _is_written(path: Path, pdf: bytes) -> bool:
    """Tell whether a file stands there whole: it is not written again."""
    try:
        return path.stat().st_size == len(pdf) and path.read_bytes() == pdf
    except OSError:
        return False


_HANDED_OUT = (LicenceState.IN_FORCE, LicenceState.PENDING)
"""Of those granted before: PENDING is not yet valid, by its first day."""


def _tell_granted(output: Output, source: str, granted: Granted, path: Path) -> None:
    if output.as_json:
        output.data(
            {
                "source": source,
                "identifier": granted.licence.identifier,
                "number": granted.licence.number,
                "path": str(path),
                "repeated": granted.repeated,
            }
        )
    else:
        output.text(str(path))


def _left_alone(outcome: RowOutcome, licence: Licence, today: date) -> Text:
    place = place_of(outcome.source)
    if outcome.skipped:
        return messages.differing_licence_kept(place=place, identifier=licence.identifier)
    return messages.licence_not_granted_again(
        place=place,
        identifier=licence.identifier,
        state_words=standing_on(licence, today),
        state=licence.effective_state(today),
    )


def _tell_error(output: Output, source: str, error: XinyinError) -> None:
    if output.as_json:
        output.data({"source": source, "code": error.code, "message": error.text.as_json()})
    else:
        place = place_of(source)
        output.say(Text(f"{place.zh}：{error.text.zh}", f"{place.en}: {error.text.en}"))
