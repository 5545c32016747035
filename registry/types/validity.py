"""Terms of licences: some years, long-term, or as the row says."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from registry.types import messages
from registry.types.cells.civil_dates import parse_date, years_later
from registry.types.definition import Definition, Unsound, refuse
from registry.types.row_problems import BadValueError

VALID_FROM: Final = "valid_from"
VALID_UNTIL: Final = "valid_until"
LONG_TERM: Final = "长期"


class ValidityKind(StrEnum):
    """Sources of the last day."""

    YEARS = "years"
    """So many years from the day of grant; the last day is the one before (Civil Code 202)."""
    LONG_TERM = "long_term"
    """No last day: 长期."""
    GIVEN = "given"
    """Entered with each application, in the columns 有效期起 (may be left out) and 有效期至."""


class ValidityRule(Definition):
    """The term of a type's licences, both ends included."""

    kind: ValidityKind = Field(alias="rule")
    """Where the last day comes from."""
    years: Annotated[int, Field(ge=1, le=100)] | None = None
    """The term (`years`), or the longest that may be given (`given`)."""
    long_term_allowed: bool = False
    """With `given`: 长期 may be written."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.kind is ValidityKind.YEARS and self.years is None:
            refuse([Unsound(("years",), messages.YEARS_NEEDED)])
        return self

    def first_day(self, row: Mapping[str, str], today: date) -> date:
        """Return the first day: as given, otherwise `today`. Raises `BadValueError`."""
        raw = row.get(VALID_FROM, "").strip()
        return parse_date(raw) if self.kind is ValidityKind.GIVEN and raw else today

    def last_day(self, row: Mapping[str, str], first: date, today: date) -> date | None:
        """Return the last day, None for long-term. Raises `BadValueError`."""
        if self.kind is ValidityKind.LONG_TERM:
            return None
        if self.kind is ValidityKind.YEARS:
            assert self.years is not None  # so it was defined
            return years_later(first, self.years)
        return self._given(row.get(VALID_UNTIL, "").strip(), first, today)

    def _given(self, raw: str, first: date, today: date) -> date | None:
        if not raw:
            raise BadValueError("missing", messages.REQUIRED_FIELD_EMPTY)
        if raw == LONG_TERM and self.long_term_allowed:
            return None
        last = parse_date(raw)
        if last < max(first, today):
            raise BadValueError("term_over", messages.TERM_ALREADY_OVER)
        if self.years is not None and last > years_later(first, self.years):
            raise BadValueError("term_too_long", messages.term_too_long(self.years))
        return last
