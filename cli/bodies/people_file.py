"""Lists of people as an identity provider exports them: CSV, or JSON lines."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from cli.bodies import messages
from cli.shell.reading import read_text_file
from core.errors import UnreadableInputError

_WORDS = {"true": True, "1": True, "": True, "false": False, "0": False}
_MAX_SUBJECT = 255


def read_active(path: Path) -> frozenset[str]:
    """Return the subjects that a file names as active: column or member `sub`, and `active`.

    Without `active` somebody counts as active. Raises `UnreadableInputError` for a line that is
    none: who is missing from the list is to be disabled.
    """
    text = read_text_file(path)
    rows = _csv(path, text) if path.suffix.lower() == ".csv" else _json_lines(path, text)
    seen: dict[str, bool] = {}
    for number, row in rows:
        subject, active = row.get("sub"), row.get("active", True)
        if isinstance(active, str):
            active = _WORDS.get(active.strip().lower())
        fits = isinstance(subject, str) and 0 < len(subject) <= _MAX_SUBJECT
        if not fits or not isinstance(active, bool) or subject in seen:
            raise _wrong(path, number)
        seen[str(subject)] = active
    return frozenset(subject for subject, active in seen.items() if active)


def _csv(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():  # too many fields, or too few
                raise _wrong(path, reader.line_num)
            yield reader.line_num, row
    except csv.Error as error:
        raise _wrong(path, reader.line_num) from error


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _wrong(path, number) from error
        if not isinstance(row, dict):
            raise _wrong(path, number)
        yield number, row


def _wrong(path: Path, line: int) -> UnreadableInputError:
    return UnreadableInputError(messages.people_line_wrong(path=path, line=line))
