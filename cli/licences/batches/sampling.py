"""Samples of a batch's pages, and the code that stands for all that is agreed to with them."""

from pathlib import Path
from typing import Final

from cli.licences.batches import messages
from cli.licences.batches.planning import JudgedSheet
from cli.licences.batches.report import place_of
from cli.licences.batches.runs import BatchRun
from cli.shell.delivery import make_directory, write_output
from cli.shell.output import Output
from home.wiring import Home
from registry.granting.batches import ChangeDecision
from registry.granting.recognising import RecognisedRow, RowKind
from registry.licences.sampling import batch_code, choose_samples

_LEFT_ALONE: Final = (RowKind.GRANTED, RowKind.CLOSED)
SHOWN: Final = 8
"""Pages of a sample, where nobody asked for more."""


def code_of(judged: JudgedSheet, run: BatchRun) -> str:
    """Return the code of a run: of its rows, their type and its settings."""
    pages = judged.pages
    applications = judged.checked.applications
    body = pages.authority.authority_id
    return batch_code(pages.licence_type, body, applications, run.settings)


def write_samples(  # noqa: PLR0917 (each of another type)
    home: Home,
    output: Output,
    judged: JudgedSheet,
    run: BatchRun,
    out: Path,
    count: int,
) -> None:
    """Write pages of a sheet as they will look, and say the code that is agreed to."""
    make_directory(out)
    code, seed = code_of(judged, run), run.sha256
    asked = judged.scratch.items()
    asked.extend(one.application for one in judged.rows if is_to_be_granted(one, run))
    for one in choose_samples(asked, count, seed, home.renderer.is_rare):
        pdf = home.renderer.render(judged.pages.preview(one.application)).pdf
        source = one.application.source
        path = out / f"sample-{source.replace(' ', '-')}.pdf"
        write_output(path, pdf)
        if output.as_json:
            output.data({"source": source, "path": str(path), "why": one.why.as_json()})
        else:
            output.text(str(path))
            output.say(messages.sample_of_row(place=place_of(source), why=one.why))
    if output.as_json:
        output.data({"code": code, "rows": len(asked)})
    else:
        output.say(messages.agree_with(code=code, rows=len(asked)))


def is_to_be_granted(row: RecognisedRow, run: BatchRun) -> bool:
    """Tell whether a row leads to a seal, as it stands and by what was decided."""
    if row.kind is RowKind.CLOSED and run.name:
        return True
    if row.kind is RowKind.CHANGED:
        return run.changed not in (None, ChangeDecision.SKIP)
    return row.kind not in _LEFT_ALONE
