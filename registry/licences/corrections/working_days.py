"""Working days: Monday to Friday but for public holidays, and weekends worked in their place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_SATURDAY: Final = 5
MOST: Final = 366


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Calendar of working days; civil dates, of which no time zone asks."""

    holidays: frozenset[date] = frozenset()
    """Days off that are none by their weekday (国务院办公厅's yearly notice)."""
    worked: frozenset[date] = frozenset()
    """Saturdays and Sundays that are worked (调休)."""

    @classmethod
    def of(cls, holidays: Iterable[date], worked: Iterable[date]) -> "WorkingDays":
        """Return the calendar of some settings."""
        return cls(frozenset(holidays), frozenset(worked))

    def is_one(self, day: date) -> bool:
        """Tell whether a day is worked; one that is named twice is."""
        if day in self.worked:
            return True
        return day not in self.holidays and day.weekday() < _SATURDAY

    def after(self, day: date, count: int) -> date:
        """Return the last of so many working days that follow a day.

        The day itself does not count (民法典 art. 201).
        """
        assert 1 <= count <= MOST
        left = count
        while left:
            day += timedelta(days=1)
            left -= self.is_one(day)
        return day
