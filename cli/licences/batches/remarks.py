"""The copy of a sheet with a column of remarks, as `batch plan --remarks` writes it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from cli.licences.batches import messages
from cli.shell.delivery import refuse_unwritable, write_output
from cli.shell.output import Output
from core.errors import UsageError
from core.text import Language, Text
from registry.granting.batches import undecided
from registry.granting.recognising import RecognisedRow
from registry.importing.messages import REMARKS
from registry.importing.plans import Plan
from registry.importing.remarks import with_remarks
from registry.importing.sheet_choice import SheetChoice

Remark = tuple[str, str, Text]
"""Place of a row as messages name it (`row 12`), the field, and what is to be mended."""


def remarks_of(checked: Plan, waiting: Sequence[RecognisedRow]) -> list[Remark]:
    """List all that is to be mended or decided in a sheet."""
    found: list[Remark] = [(one.source, one.field, one.text) for one in checked.problems]
    return found + [(one.application.source, "", undecided(one).text) for one in waiting]


def refuse_unfit_copy(data: Path, out: Path, *, force: bool) -> None:
    """Refuse a copy in another form than the sheet's, and in its place. Raises `UsageError`."""
    if out.suffix.lower() != data.suffix.lower():
        raise UsageError(messages.remarks_in_other_form(data.suffix))
    if out.exists() and data.exists() and out.samefile(data):
        raise UsageError(messages.REMARKS_OVER_SHEET)
    refuse_unwritable(out, force=force)


def write_remarks(
    output: Output, sheet: tuple[Path, bytes], choice: SheetChoice, out: Path, said: list[Remark]
) -> None:
    """Write the copy, for its owner alone; nothing where there is nothing to say.

    Raises `BadTableError`, `StorageError`.
    """
    if not said:
        output.say(messages.NO_REMARKS)
        return
    path, data = sheet
    by_row = _by_row(said, output.language)
    heading = REMARKS.to(output.language)
    write_output(out, with_remarks(path, data, choice, by_row, heading))
    output.say(messages.remarks_written(rows=len(by_row), path=out))


def _by_row(said: Iterable[Remark], language: Language) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    colon, semicolon = ("：", "；") if language == "zh" else (": ", "; ")
    for source, field, text in said:
        number = source.removeprefix("row ")
        row = int(number) if number.isdecimal() else 1
        words = text.to(language)
        found.setdefault(row, []).append(f"{field}{colon}{words}" if field else words)
    return {row: semicolon.join(words) for row, words in found.items()}
