"""Dates as people in China write them; civil dates, no instants."""

import re
from calendar import monthrange
from datetime import date
from typing import Final

from registry.types.cells import messages
from registry.types.cells.cleaning import clean_number
from registry.types.row_problems import BadValueError

_FORMS: Final = re.compile(
    r"(?P<y>[0-9]{4})(?:"
    r"(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"|\s*年\s*(?P<m2>[0-9]{1,2})\s*月\s*(?P<d2>[0-9]{1,2})\s*日"
    r"|(?P<m3>[0-9]{2})(?P<d3>[0-9]{2}))"
)
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_MIDNIGHT: Final = re.compile(r"[ T]00?:00(?::00)?$")
_MONTH: Final = re.compile(r"([0-9]{4})(?:[-/.]|\s*年\s*)([0-9]{1,2})\s*月?")
_YEARS: Final = range(1850, 2200)
"""No licence speaks of a date outside; a year beyond is a slip of the hand."""


def parse_date(raw: str) -> date:
    """Read 2026-01-01, 2026/1/1, 2026.1.1, 2026年1月1日 or 20260101, full-width digits too.

    Midnight behind it, as spreadsheets add, is dropped. Two-digit years and other orders are
    refused, not guessed. Raises `BadValueError`: `serial_date`, `bad_date`, `no_such_date`.
    """
    text = _MIDNIGHT.sub("", clean_number(raw))
    match = _FORMS.fullmatch(text)
    if match is None:
        raise _serial_date() if _SERIAL.fullmatch(text) else _bad_date()
    month = match["m"] or match["m2"] or match["m3"]
    day = match["d"] or match["d2"] or match["d3"]
    try:
        found = date(int(match["y"]), int(month), int(day))
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise BadValueError("no_such_date", messages.NO_SUCH_DAY)
    return found


def parse_month(raw: str) -> date:
    """Read 1940-09, 1940/9, 1940.9 or 1940年9月 as the month's first day; a whole date as itself.

    Raises as `parse_date` does.
    """
    match = _MONTH.fullmatch(clean_number(raw))
    return parse_date(f"{match[1]}-{match[2]}-1" if match else raw)


def years_later(start: date, years: int) -> date:
    """Return the last day of a term of `years` that begins on `start`, that day included.

    It is the day before the corresponding one; where that month has no such day (29 February),
    the month's last day (Civil Code art. 202).
    """
    year = start.year + years
    if start.day > monthrange(year, start.month)[1]:
        return date(year, start.month, monthrange(year, start.month)[1])
    return date.fromordinal(start.replace(year=year).toordinal() - 1)


def chinese_date(day: date) -> str:
    """Return 2026年1月1日, as a licence's face has it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _serial_date() -> BadValueError:
    return BadValueError("serial_date", messages.SPREADSHEET_DATE_NUMBER)


def _bad_date() -> BadValueError:
    return BadValueError("bad_date", messages.DATE_UNREADABLE)
