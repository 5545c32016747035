"""Agreement to a sample of a batch's pages before the seal's key is used."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from cli.licences.batches import messages
from cli.licences.batches.planning import JudgedSheet
from cli.licences.batches.runs import BatchRun
from cli.licences.batches.sampling import SHOWN, code_of, is_to_be_granted, write_samples
from cli.shell.delivery import make_directory
from cli.shell.output import Output
from core.errors import UsageError
from home.wiring import Home


def see_agreed(home: Home, output: Output, judged: JudgedSheet, run: BatchRun) -> BatchRun:
    """Return the run as it was agreed to; a few rows need no agreement to a sample.

    On a terminal the sample is written beside the folder of the licences, and taken away once it
    was answered. Raises `UsageError`.
    """
    if run.agreed is not None:
        if run.agreed.strip().lower() != code_of(judged, run):
            raise UsageError(messages.OTHER_SAMPLE)
        return run
    most = home.settings.issuing.unagreed_rows
    count = sum(is_to_be_granted(row, run) for row in judged.rows)
    if count <= most:
        return run
    code = code_of(judged, run)
    if output.as_json or not sys.stdin.isatty():
        raise UsageError(messages.sample_to_be_agreed(rows=count, most=most, code=code))
    with _folder_beside(Path(run.out)) as folder:
        write_samples(home, output, judged, run, folder, SHOWN)
        if not click.confirm(messages.AGREE.to(output.language), default=False, err=True):
            raise UsageError(messages.NOT_AGREED)
    return replace(run, agreed=code)


@contextmanager
def _folder_beside(out: Path) -> Iterator[Path]:
    make_directory(out.parent)
    # One of its own: a folder of any certain name may be there already, and hold what is kept.
    folder = Path(tempfile.mkdtemp(prefix=f"{out.name}-samples-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
