"""Problems of a row: all of them at once, each naming row, field and remedy.

The sentences never repeat what the row says: they may be logged, and rows hold personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.text import Text
from registry.model import RegistryError


class BadValueError(RegistryError):
    """A single value cannot stand; `flaw` is the stable code of what is wrong with it."""

    code = "bad_value"

    def __init__(self, flaw: str, text: Text) -> None:
        super().__init__(text, flaw=flaw)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing to put right before a row can be granted."""

    source: str
    """Where it stands, as the reader sees it: `row 12`; empty for the whole table."""
    field: str
    """The field's Chinese label, or the column as it is headed; empty for the whole row."""
    text: Text
    code: str
    """Stable: `missing`, `wrong_check`, `mangled_number`, …"""


class RowProblems(RegistryError):  # noqa: N818  # the agreed name: it holds problems, plural
    """A row that cannot be granted, with all that is wrong with it."""

    code = "bad_row"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(
            Text(
                "；".join(f"{one.field}：{one.text.zh}" for one in problems),
                " ".join(f"{one.field}: {one.text.en}" for one in problems),
            ),
            problems=len(problems),
        )
        self.problems = tuple(problems)
