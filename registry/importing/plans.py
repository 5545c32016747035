"""Plans of what a table would grant."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.licences.printability import Printability
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

    applications: tuple[Application, ...]
    problems: tuple[FieldProblem, ...]
    records: tuple[RowRecord, ...] = ()
    """Of the applications: by its own, each can be judged again."""

    def printable(self, pages: Printability) -> "Plan":
        """Return the plan without the rows that no page can hold; they are problems too."""
        unfit = tuple(pages.problems(self.applications))
        rows = {one.source for one in unfit}
        pairs = zip(self.applications, self.records, strict=True)
        good = [pair for pair in pairs if pair[0].source not in rows]
        return Plan(
            tuple(application for application, _ in good),
            (*self.problems, *unfit),
            tuple(record for _, record in good),
        )
