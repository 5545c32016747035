"""Plans of what a table would grant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.model import Application
from registry.types.row_problems import FieldProblem


@dataclass(frozen=True, slots=True)
class RowRecord:
    """One row as it was read."""

    number: int
    """As the spreadsheet shows it."""
    values: Mapping[str, str]
    """By field key."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Grants that a table would make, and the problems in the way."""

    applications: Sequence[Application]
    problems: Sequence[FieldProblem]
    records: Sequence[RowRecord] = ()
    """Of the applications: by its own, each can be judged again."""
